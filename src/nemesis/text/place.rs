//! Where in a JSON text something is: `$["user:1"].scores[3]`.

use super::token::{Token, tokens};
use std::fmt::{self, Write};

/// One step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// To the member of an object.
    Member(String),
    /// To an element of an array, counted from 0.
    Element(usize),
}

/// The steps to the place at which `before`, the beginning of a JSON text, ends: to the value that follows or that has
/// just been completed.
pub(crate) fn steps(before: &str) -> Vec<Step> {
    let mut levels: Vec<Level> = Vec::new();
    for (_, token) in tokens(before) {
        match (token, levels.last_mut()) {
            (Token::Open(b'{'), _) => levels.push(Level::Object { member: None, name_follows: true }),
            (Token::Open(_), _) => levels.push(Level::Array { index: 0 }),
            (Token::Close, _) => drop(levels.pop()),
            (Token::Comma, Some(Level::Array { index })) => *index += 1,
            (Token::Comma, Some(level)) => *level = Level::Object { member: None, name_follows: true },
            (Token::String(name), Some(Level::Object { member, name_follows: name_follows @ true })) => {
                *member = Some(serde_json::from_str(name).unwrap_or_else(|_| name.trim_matches('"').to_owned()));
                *name_follows = false;
            }
            _ => {}
        }
    }
    let step = |level| match level {
        Level::Object { member, .. } => member.map(Step::Member),
        Level::Array { index } => Some(Step::Element(index)),
    };
    levels.into_iter().filter_map(step).collect()
}

/// A container that is still open.
enum Level {
    Object { member: Option<String>, name_follows: bool },
    Array { index: usize },
}

/// Writes steps as a path; `$` is where they begin.
pub(crate) fn path(steps: &[Step]) -> String {
    let mut path = String::from("$");
    for step in steps {
        // Writing to a string cannot fail.
        let _ = write!(path, "{step}");
    }
    path
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(name) if is_identifier(name) => write!(f, ".{name}"),
            Self::Member(name) => write!(f, "[{}]", serde_json::Value::from(name.as_str())),
            Self::Element(index) => write!(f, "[{index}]"),
        }
    }
}

fn is_identifier(name: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.starts_with(|c: char| part(c) && !c.is_ascii_digit()) && name.chars().all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_where_a_text_breaks_off() {
        let cases = [
            ("", "$"),
            ("{", "$"),
            (r#"{"a""#, "$.a"),
            (r#"{"a":[1,2,{"x y":"#, r#"$.a[2]["x y"]"#),
            (r#"{"a":[1,2],"b":{"c":1},"d":"#, "$.d"),
            (r#"{"a":1,"#, "$"),
            (r#"[[],{},["#, "$[2][0]"),
            (r#"{"a\u0062":[{"c":"x,}{"}"#, "$.ab[0]"),
            (r#"{"1a":"#, r#"$["1a"]"#),
        ];
        for (before, expected) in cases {
            assert_eq!(path(&steps(before)), expected, "{before}");
        }
    }
}
