//! Names of fields in queries.

use crate::codes::drupal::ErrorCode;
use crate::error::{Error, bounded};
use std::fmt;

/// A field, or the names on the way to it: `title`, `field_port.name`.
#[derive(Clone, Copy)]
pub(super) struct FieldPath<'a>(&'a str);

impl<'a> FieldPath<'a> {
    /// Checks a path.
    pub(super) fn parse(path: &'a str) -> Result<Self, Error> {
        let segments = path.split('.').all(is_name);
        let code = if path.contains('.') { ErrorCode::InvalidNestedKey } else { ErrorCode::InvalidKeyName };
        if segments {
            Ok(Self(path))
        } else {
            Err(refuse(path, "is not a field, nor the dotted path to one").with_code(code))
        }
    }

    /// Checks the name of a field.
    pub(super) fn field(name: &'a str) -> Result<Self, Error> {
        if is_name(name) {
            Ok(Self(name))
        } else {
            Err(refuse(name, "is not the name of a field").with_code(ErrorCode::InvalidKeyName))
        }
    }
}

/// Drupal's own names have letters, digits and underscores; modules that rename fields add hyphens.
fn is_name(name: &str) -> bool {
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    !name.is_empty() && !name.starts_with('-') && name.chars().all(in_name)
}

fn refuse(name: &str, what: &str) -> Error {
    let shown = bounded(format_args!("{name:?}"), 100);
    Error::invalid_request(format!("{shown} {what}; use letters, digits, '_' and '-'"))
}

impl fmt::Display for FieldPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for path in ["title", "field_port.name", "field_aka.0", "field_crew.meta.drupal_internal__target_id", "a-b"] {
            assert_eq!(FieldPath::parse(path).unwrap().to_string(), path);
        }
        for path in ["", ".", "a.", ".a", "a..b", "a b", "a,b", "a[b]", "a&b", "-a", "é"] {
            let code = if path.contains('.') { ErrorCode::InvalidNestedKey } else { ErrorCode::InvalidKeyName };
            assert_eq!(FieldPath::parse(path).err().unwrap().code_as(), Some(code), "{path}");
        }
        assert!(
            FieldPath::field("a.b").is_err() && FieldPath::field("a/b").is_err() && FieldPath::field("a_b").is_ok()
        );
    }
}
