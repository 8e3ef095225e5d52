//! The single failures that an error answer over HTTP reports.

use super::bounded::{STORED, bounded};
use super::redaction::Masked;
use super::{Cause, Error, HttpFailure};
use crate::codes::{AnyCode, Code};
use std::fmt;

/// One failure that an error answer reports: a text, and where it belongs.
///
/// Each text is cut after 1,024 bytes: the server determines it.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Detail {
    /// What is wrong, in the server's words. May be empty.
    pub text: String,
    /// The place in the request's document, as the server wrote it: a JSON pointer (`/data/attributes/title`).
    pub pointer: Option<String>,
    /// The name of the field.
    pub field: Option<String>,
    /// The server's own code, as text.
    pub label: Option<String>,
    /// The code in the service's table. The service sets it.
    pub code: Option<AnyCode>,
}

impl Detail {
    /// Makes a detail with a text and nothing else.
    pub fn new(text: impl fmt::Display) -> Self {
        Self { text: bounded(text, STORED), ..Self::default() }
    }

    /// Sets the pointer, and the field that it leads to, unless a field is set.
    ///
    /// That is the member below `attributes` or `relationships`, or else the last name in the pointer which is neither a
    /// number nor `value`.
    #[must_use]
    pub fn with_pointer(mut self, pointer: &str) -> Self {
        self.field = self.field.or_else(|| field(pointer).map(|name| bounded(name, STORED)));
        self.pointer = Some(bounded(pointer, STORED));
        self
    }

    /// Sets the name of the field.
    #[must_use]
    pub fn with_field(mut self, name: impl fmt::Display) -> Self {
        self.field = Some(bounded(name, STORED));
        self
    }

    /// Sets the server's own code, as text.
    #[must_use]
    pub fn with_label(mut self, label: impl fmt::Display) -> Self {
        self.label = Some(bounded(label, STORED));
        self
    }

    /// Sets the code in the service's table.
    #[must_use]
    pub fn with_code<C: Code>(self, code: C) -> Self {
        self.with_any_code(AnyCode::of(code))
    }

    /// Sets the code, of any table.
    #[must_use]
    pub fn with_any_code(mut self, code: AnyCode) -> Self {
        self.code = Some(code);
        self
    }
}

impl fmt::Debug for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, pointer, field, label, code } = self;
        f.debug_struct("Detail")
            .field("text", &Masked(text))
            .field("pointer", &pointer.as_deref().map(Masked))
            .field("field", &field.as_deref().map(Masked))
            .field("label", &label.as_deref().map(Masked))
            .field("code", code)
            .finish()
    }
}

/// Returns the name of the field that a pointer leads to.
fn field(pointer: &str) -> Option<String> {
    let names = pointer.trim_start_matches('#').split('/').filter(|name| !name.is_empty());
    let names: Vec<String> = names.map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
    let is_name = |name: &&String| !name.bytes().all(|byte| byte.is_ascii_digit()) && *name != "value";
    match &names[..] {
        [data, members, name, ..] if data == "data" && (members == "attributes" || members == "relationships") => {
            Some(name.clone())
        }
        [data] if data == "data" => None,
        names => names.iter().rev().find(is_name).cloned(),
    }
}

impl Error {
    /// Returns the failed HTTP response, if there was one.
    pub fn http_failure(&self) -> Option<&HttpFailure> {
        match self.cause() {
            Cause::Http(failure) => Some(failure),
            _ => None,
        }
    }

    /// Returns the failed HTTP response for changes: a service sets the codes of its details.
    pub fn http_failure_mut(&mut self) -> Option<&mut HttpFailure> {
        match &mut self.0.cause {
            Cause::Http(failure) => Some(failure),
            _ => None,
        }
    }

    /// Returns the single failures that an error answer over HTTP reports. Empty for other errors.
    ///
    /// ```
    /// use statuswire::error::{Cause, Delivery, Detail, Error, HttpFailure};
    /// use statuswire::reexport::http::StatusCode;
    ///
    /// let detail = Detail::new("The title is missing.").with_pointer("/data/attributes/title");
    /// let failure = HttpFailure::new(StatusCode::UNPROCESSABLE_ENTITY, "").with_details(vec![detail]);
    /// let error = Error::new(Cause::Http(failure.into()), Delivery::Answered);
    /// let texts: Vec<_> = error.details_of("title").map(|detail| &*detail.text).collect();
    /// assert_eq!(texts, ["The title is missing."]);
    /// ```
    pub fn details(&self) -> &[Detail] {
        self.http_failure().map_or(&[], |failure| &failure.details)
    }

    /// Returns the failures of one field of the request, by its name.
    pub fn details_of<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a Detail> {
        self.details().iter().filter(move |detail| detail.field.as_deref() == Some(field))
    }

    /// Returns each [detail](Self::details) that has a code as an error of its own, with the same status, `Retry-After`,
    /// delivery and context. Kind and recovery are those of its code. Empty if no detail has a code.
    pub fn children(&self) -> Vec<Self> {
        let Some(failure) = self.http_failure() else { return Vec::new() };
        let child = |detail: &Detail| {
            let code = detail.code?;
            let mut failure = failure.clone();
            failure.details = vec![detail.clone()];
            Some(self.clone().with_cause(Cause::Http(failure.into())).with_any_code(code))
        };
        failure.details.iter().filter_map(child).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_to_a_field() {
        for (pointer, name) in [
            ("/data/attributes/title", Some("title")),
            ("/data/attributes/field_aka/1/value", Some("field_aka")),
            ("/data/attributes/0", Some("0")),
            ("/data/relationships/uid/data", Some("uid")),
            ("/data", None),
            ("#/profile/color", Some("color")),
            ("/items/3/a~1b~0c", Some("a/b~c")),
            ("/7/value", None),
            ("", None),
            ("/", None),
        ] {
            assert_eq!(field(pointer).as_deref(), name, "{pointer}");
        }
    }
}
