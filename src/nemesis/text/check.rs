//! What JSON text may say and NemesisDB would change without a word.

use super::token::{Token, tokens};
use std::borrow::Cow;
use std::fmt;

/// Levels of arrays and objects that a whole message may have: observed on a running server 0.9, which answers one
/// level more with `JsonInvalid`.
const MAX_DEPTH: usize = 1024;

/// Something in a text that the server would refuse or change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The byte at which it begins.
    pub(crate) at: usize,
    /// What it is, and what to do.
    pub(crate) reason: String,
}

/// Finds the first thing in a message that the server would not keep as it is. The text must be well-formed JSON.
///
/// Observed on a running server 0.9: an integer beyond 64 bits comes back as a string, `1e400` as null, `1e-400` as
/// zero, a lone low surrogate as an empty string; of two members with one name the first stays. Zero loses its sign,
/// which is no fault here: both zeros are equal.
pub(crate) fn check(message: &str) -> Result<(), Fault> {
    let mut open: Vec<Level> = Vec::new();
    let mut names: Vec<(Cow<'_, str>, usize)> = Vec::new();
    for (at, token) in tokens(message) {
        let fault = |reason: String| Err(Fault { at, reason });
        match token {
            Token::Open(_) if open.len() == MAX_DEPTH => {
                return fault(format!("nested deeper than {MAX_DEPTH} levels, the message's own included"));
            }
            Token::Open(bracket) => {
                open.push(Level { is_object: bracket == b'{', first_name: names.len(), name_follows: bracket == b'{' });
            }
            Token::Close => {
                if let Some(level) = open.pop() {
                    no_name_twice(&mut names[level.first_name..])?;
                    names.truncate(level.first_name);
                }
            }
            Token::Comma => {
                if let Some(level) = open.last_mut() {
                    level.name_follows = level.is_object;
                }
            }
            Token::Colon => {}
            Token::String(quoted) => {
                let Some(text) = unescaped(quoted) else {
                    return fault("half of a surrogate pair, which the server turns into nothing".to_owned());
                };
                if let Some(level) = open.last_mut().filter(|level| level.name_follows) {
                    level.name_follows = false;
                    names.push((text, at));
                }
            }
            Token::Scalar(scalar) => {
                if let Some(change) = change_of_number(scalar) {
                    return fault(format!("the number {} {change}", Short(scalar)));
                }
            }
        }
    }
    Ok(())
}

/// An array or object that is still open.
struct Level {
    is_object: bool,
    /// Index of its first member's name.
    first_name: usize,
    name_follows: bool,
}

/// The text of a string token; `None` if it holds half of a surrogate pair.
fn unescaped(quoted: &str) -> Option<Cow<'_, str>> {
    if quoted.contains('\\') {
        serde_json::from_str(quoted).ok().map(Cow::Owned)
    } else {
        quoted.get(1..quoted.len() - 1).map(Cow::Borrowed)
    }
}

fn no_name_twice(names: &mut [(Cow<'_, str>, usize)]) -> Result<(), Fault> {
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some([_, (name, at)]) => {
            let reason = format!("{} is there twice, and the server keeps the first silently", Short(name));
            Err(Fault { at: *at, reason })
        }
        _ => Ok(()),
    }
}

/// What the server would do to a number, if it does not keep it. Words are no numbers.
fn change_of_number(text: &str) -> Option<&'static str> {
    if !text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        return None;
    }
    if !text.contains(['.', 'e', 'E']) {
        let kept = text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok();
        return (!kept).then_some(INTEGER_BEYOND);
    }
    // Whatever is written as a number is one to Rust, too: too large is infinite, too small is zero.
    let value: f64 = text.parse().unwrap_or(f64::INFINITY);
    let digits = text.split(['e', 'E']).next().unwrap_or(text);
    if value.is_infinite() {
        Some("is beyond the range of a double, and the server turns it into null")
    } else if value == 0.0 && digits.contains(|c: char| ('1'..='9').contains(&c)) {
        Some("is too small for a double, and the server turns it into zero")
    } else {
        None
    }
}

/// Why an integer is refused.
pub(crate) const INTEGER_BEYOND: &str = "is beyond -2^63..2^64-1, and the server turns it into a string";

/// A text in quotes, or its beginning if it is long.
struct Short<'a>(&'a str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(40) {
            Some((end, _)) => write!(f, "{:?}...", &self.0[..end]),
            None => write!(f, "{:?}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn fault(text: &str) -> Fault {
        check(text).expect_err(text)
    }

    #[test]
    fn what_the_server_keeps_passes() {
        for text in [
            "null",
            r#"{"a":{"a":[{"a":1},{"a":2}]},"b":{"a":1}}"#,
            "[-9223372036854775808,18446744073709551615,0,-0,-0.0,0e5,0.0e-999]",
            "[1e308,5e-324,0.1234567890123456789012345,1.0E+2]",
            r#"["\ud83d\ude00","\\ud800","\"","\u0000"]"#,
            "[]",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn numbers_out_of_range() {
        assert_eq!(fault(r#"{"a":18446744073709551616}"#).at, 5);
        assert!(fault("[-9223372036854775809]").reason.contains("2^64"));
        assert!(fault("[1,1e400]").reason.contains("null"));
        assert!(fault("[-1e400]").reason.contains("null"));
        assert!(fault("[1e-400]").reason.contains("zero"));
    }

    #[test]
    fn a_member_twice_also_when_escaped() {
        assert_eq!(fault(r#"{"a":1,"b":2,"a":3}"#).at, 13);
        assert_eq!(fault(r#"[{"a":1,"\u0061":3}]"#).at, 8);
        assert!(fault(r#"{"x":{"k":1,"k":1}}"#).reason.contains(r#""k" is there twice"#));
    }

    #[test]
    fn half_of_a_surrogate_pair() {
        assert_eq!(fault(r#"["a","\udc00"]"#).at, 5);
        assert_eq!(fault(r#"{"\ud800x":1}"#).at, 1);
    }

    #[test]
    fn nesting() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(check(&nested(1024)), Ok(()));
        assert_eq!(fault(&nested(1025)).at, 1024);
    }

    #[test]
    fn long_offenders_are_cut() {
        assert!(fault(&format!("[1{}]", "0".repeat(500))).reason.len() < 150);
    }
}
