//! Paths to places in JSON: `$["user:1"].scores[3]`.

use crate::error::bounded;
use serde_path_to_error::Segment;

/// Maximum bytes of a name in a path. A peer may send names of any length.
const NAME: usize = 200;

/// Returns the step to a member: `.name`, or `["a name"]` if the name is not an identifier.
pub(super) fn member(name: &str) -> String {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.len() <= NAME && name.starts_with(|c: char| part(c) && !c.is_ascii_digit()) && name.chars().all(part) {
        format!(".{name}")
    } else {
        key(name)
    }
}

/// Returns the step to a key of the user's, which is always quoted: `["user:1"]`.
pub(super) fn key(name: &str) -> String {
    format!("[{}]", serde_json::Value::from(bounded(name, NAME)))
}

/// Returns the steps that serde took, as far as they are known.
pub(super) fn steps<'a>(segments: impl IntoIterator<Item = &'a Segment>) -> String {
    let step = |segment: &Segment| match segment {
        Segment::Seq { index } => Some(format!("[{index}]")),
        Segment::Map { key } | Segment::Enum { variant: key } => Some(member(key)),
        Segment::Unknown => None,
    };
    segments.into_iter().map_while(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_identifiers_are_quoted() {
        for (name, step) in [("a", ".a"), ("_b1", "._b1"), ("x y", r#"["x y"]"#), ("1a", r#"["1a"]"#), ("", r#"[""]"#)]
        {
            assert_eq!(member(name), step);
        }
        assert_eq!(key("a"), r#"["a"]"#);
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(member(&"\"".repeat(1000)), format!("[\"{}…\"]", "\\\"".repeat(NAME)));
        assert_eq!(member(&"a".repeat(1000)), format!("[\"{}…\"]", "a".repeat(NAME)));
    }
}
