//! The members of a reply.

use crate::json::for_each_member;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// More than any known reply has.
const KEPT: usize = 6;

/// The members of a JSON object, undecoded. The first ones are found in one pass; further ones are looked for when they
/// are asked for, because a list of the millions that a large message can hold would take many times its memory.
#[derive(Default)]
pub(super) struct Fields<'a> {
    first: [Option<(Cow<'a, str>, &'a RawValue)>; KEPT],
    /// The whole object, if it has more members.
    whole: Option<&'a RawValue>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(object: &'a RawValue) -> serde_json::Result<Self> {
        let mut fields = Self::default();
        let mut free = fields.first.iter_mut();
        for_each_member(object.get(), |name, value| match free.next() {
            Some(place) => *place = Some((name, value)),
            None => fields.whole = Some(object),
        })?;
        Ok(fields)
    }

    /// Returns the value of the first member named `name`.
    pub(super) fn get(&self, name: &str) -> Option<&'a RawValue> {
        let first = self.first.iter().flatten().find(|(known, _)| known == name).map(|(_, value)| *value);
        let Some(whole) = self.whole.filter(|_| first.is_none()) else { return first };
        let mut found = None;
        for_each_member(whole.get(), |known, value| {
            if known == name {
                found.get_or_insert(value);
            }
        })
        .ok()?;
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_however_many_there_are() {
        for count in [1, KEPT, KEPT + 1, 1000] {
            let members: Vec<_> =
                (0..count).map(|n| format!("\"a{n}\": {n}")).chain(["\"z\":[1]".to_owned()]).collect();
            let text = format!("{{{},\"z\":2}}", members.join(","));
            let fields = Fields::of(serde_json::from_str(&text).unwrap()).unwrap();
            assert_eq!(fields.get("z").map(RawValue::get), Some("[1]"), "{count}");
            assert!(fields.get(&format!("a{}", count - 1)).is_some());
            assert!(fields.get("none").is_none());
        }
    }

    #[test]
    fn what_is_no_object() {
        assert!(Fields::of(serde_json::from_str("[1]").unwrap()).is_err());
    }
}
