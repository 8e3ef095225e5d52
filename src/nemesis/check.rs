//! What JSON text may say and NemesisDB would change silently.

use super::path;
use std::borrow::Cow;
use std::fmt;

/// The levels of arrays and objects that a message may have. Observed on a running server 0.9, which answers one level
/// more with `JsonInvalid`.
pub(super) const MAX_LEVELS: usize = 1024;

/// Something that the server would refuse or change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The path from the checked text to the place, without `$`.
    pub(super) path: String,
    /// What is wrong there.
    pub(super) reason: String,
}

/// Finds something in JSON text that the server would not keep as it is. The text must be valid JSON, and may have `levels`
/// of arrays and objects.
///
/// Observed on a running server 0.9: an integer beyond 64 bits comes back as a string, other numbers as the nearest double,
/// `1e400` as null, `1e-400` as zero, a lone low surrogate as an empty string; of two members with one name the first
/// stays. Zero loses its sign, which is allowed here: both zeros are equal. A server 0.2.3 turns such an integer into the
/// nearest double, keeps the last of two members, and refuses `1e400` and lone surrogates.
pub(super) fn check(text: &str, levels: usize) -> Result<(), Fault> {
    let bytes = text.as_bytes();
    let mut open = Open::default();
    let mut at = 0;
    // One pass, and not recursive: a message may have more levels than a thread has stack for.
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at += 1;
        match byte {
            b'{' | b'[' if open.levels == levels => {
                let reason = format!("nested deeper than {MAX_LEVELS} levels, the message's own included");
                return Err(open.fault(reason));
            }
            b'{' => open.enter(None),
            b'[' => open.enter(Some(0)),
            b'}' | b']' => open.leave()?,
            b',' => open.next(),
            b'"' => {
                at = string_end(bytes, at);
                open.string(&text[start..at])?;
            }
            b'-' | b'0'..=b'9' => {
                let is_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
                at += bytes[at..].iter().take_while(|byte| is_number(byte)).count();
                let number = &text[start..at];
                if let Some(change) = change_of_number(number) {
                    return Err(open.fault(format!("the number {} {change}", Short(number))));
                }
            }
            // White space, colons, `true`, `false`, `null`.
            _ => {}
        }
    }
    Ok(())
}

/// The arrays and objects around the place that is read.
#[derive(Default)]
struct Open<'a> {
    /// Each of them, followed by the names of its members so far. One list, since most values take one allocation then.
    steps: Vec<Step<'a>>,
    /// The position of the innermost one in the list.
    inner: usize,
    levels: usize,
    /// The next string is a member's name.
    before_name: bool,
}

enum Step<'a> {
    /// An array with the index of its present item, or an object; and where the one around it is in the list.
    Into {
        index: Option<u64>,
        outer: usize,
    },
    Member(Cow<'a, str>),
}

impl<'a> Open<'a> {
    fn enter(&mut self, index: Option<u64>) {
        let outer = std::mem::replace(&mut self.inner, self.steps.len());
        self.steps.push(Step::Into { index, outer });
        self.levels += 1;
        self.before_name = index.is_none();
    }

    /// Leaves an array or an object. Refuses an object in which a name is given twice.
    fn leave(&mut self) -> Result<(), Fault> {
        let Some(Step::Into { outer, .. }) = self.steps.get(self.inner) else { return Ok(()) };
        let outer = *outer;
        let members = &mut self.steps[self.inner + 1..];
        members.sort_unstable_by(|a, b| a.name().cmp(b.name()));
        if let Some([member, _]) = members.windows(2).find(|pair| pair[0].name() == pair[1].name()) {
            let reason = twice(member.name());
            return Err(self.fault_of_inner(reason));
        }
        self.steps.truncate(self.inner);
        self.inner = outer;
        self.levels -= 1;
        Ok(())
    }

    /// Goes on behind a comma.
    fn next(&mut self) {
        match self.steps.get_mut(self.inner) {
            Some(Step::Into { index: Some(index), .. }) => *index += 1,
            _ => self.before_name = true,
        }
    }

    /// Reads a string, given with its quotes.
    fn string(&mut self, text: &'a str) -> Result<(), Fault> {
        let is_name = std::mem::take(&mut self.before_name);
        let content = match text.contains('\\') {
            false => Cow::Borrowed(text.trim_matches('"')),
            true => match serde_json::from_str(text) {
                Ok(content) => Cow::Owned(content),
                Err(error) => {
                    let reason = format!(
                        "half of a surrogate pair, and the server refuses or empties a string that has one ({error})"
                    );
                    return Err(if is_name { self.fault_of_inner(reason) } else { self.fault(reason) });
                }
            },
        };
        if is_name {
            self.steps.push(Step::Member(content));
        }
        Ok(())
    }

    /// Makes a fault of the value that is read.
    fn fault(&self, reason: String) -> Fault {
        Fault { path: path_of(&self.steps), reason }
    }

    /// Makes a fault of the innermost array or object.
    fn fault_of_inner(&self, reason: String) -> Fault {
        Fault { path: path_of(&self.steps[..self.inner]), reason }
    }
}

impl Step<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Member(name) => name,
            Self::Into { .. } => "",
        }
    }
}

/// Returns the path to the last member, or item, of each array and object.
fn path_of(steps: &[Step<'_>]) -> String {
    let is_last = |at: usize| !matches!(steps.get(at + 1), Some(Step::Member(_)));
    let step = |(at, step): (usize, &Step<'_>)| match step {
        Step::Into { index: Some(index), .. } => format!("[{index}]"),
        Step::Member(name) if is_last(at) => path::member(name),
        Step::Into { index: None, .. } | Step::Member(_) => String::new(),
    };
    steps.iter().enumerate().map(step).collect()
}

/// Returns the end of a string whose content begins at `from`.
fn string_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(length) = bytes[at..].iter().position(|byte| matches!(byte, b'"' | b'\\')) {
        at += length;
        if bytes[at] == b'"' {
            return at + 1;
        }
        // What is escaped may be a quote.
        at = bytes.len().min(at + 2);
    }
    bytes.len()
}

/// Says that a name is given twice in one object.
pub(super) fn twice(name: &str) -> String {
    format!("{} is there twice, and the server keeps only one of them, silently", Short(name))
}

/// Says what the server would do to a number, if it does not keep it.
fn change_of_number(text: &str) -> Option<&'static str> {
    if !text.contains(['.', 'e', 'E']) {
        let kept = text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok();
        return (!kept).then_some("is beyond -2^63..2^64-1, and the server turns it into a string or a float");
    }
    // Rust parses every JSON number: one that is too large is infinite, one that is too small is zero.
    let value: f64 = text.parse().unwrap_or(f64::INFINITY);
    if text.len() <= f64::DIGITS as usize && value.is_normal() {
        return None;
    }
    let digits = significant_digits(text);
    if value.is_infinite() {
        Some("is beyond the range of a double, and the server refuses it or stores null")
    } else if value == 0.0 && !digits.is_empty() {
        Some("is too small for a double, and the server turns it into zero")
    } else if !holds(value, &digits) {
        Some("has more digits than a double holds, and the server changes the last ones; store it as a string")
    } else {
        None
    }
}

/// Returns the digits without sign, point, exponent, and zeros at both ends.
fn significant_digits(text: &str) -> Vec<u8> {
    let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
    let digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    let start = digits.iter().position(|digit| *digit != b'0').unwrap_or(digits.len());
    let end = digits.iter().rposition(|digit| *digit != b'0').map_or(start, |last| last + 1);
    digits[start..end].to_vec()
}

/// Returns whether the double still shows these digits of the text that it was read from.
fn holds(value: f64, digits: &[u8]) -> bool {
    // Every text of so few digits survives, except near zero, where doubles have fewer digits.
    if digits.len() <= f64::DIGITS as usize && value.is_normal() {
        return true;
    }
    // No double has more digits than this.
    const MOST: usize = 767;
    let rounded = digits.len() <= MOST
        && significant_digits(&format!("{value:.after$e}", after = digits.len().saturating_sub(1))) == digits;
    rounded || significant_digits(&format!("{value:e}")) == digits
}

/// Shows a text in quotes, or its beginning if it is long.
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
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    #[track_caller]
    fn fault(text: &str) -> Fault {
        serde_json::from_str::<&RawValue>(text).expect(text);
        check(text, MAX_LEVELS).expect_err(text)
    }

    #[test]
    fn what_the_server_keeps_passes() {
        for text in [
            "null",
            r#"{"a":{"a":[{"a":1},{"a":2}]},"b":{"a":1}}"#,
            "[-9223372036854775808,18446744073709551615,0,-0,-0.0,0e5,0.0e-999]",
            "[1e308,5e-324,0.12345678901234566,1.0E+2,0.1000000000000000055511151231257827,-2.50000000000000000000]",
            // As `%.17g` writes it.
            "[0.10000000000000001]",
            "[9007199254740992.0,9007199254740994e0,1.7976931348623157e308,2.2250738585072014e-308,0.30000000000000004]",
            r#"["\ud83d\ude00","\\ud800","\"","\u0000"]"#,
            "[]",
        ] {
            assert_eq!(check(text, MAX_LEVELS), Ok(()), "{text}");
        }
    }

    #[test]
    fn numbers_out_of_range() {
        assert_eq!(fault(r#"{"a":18446744073709551616}"#).path, ".a");
        assert!(fault("[-9223372036854775809]").reason.contains("2^64"));
        assert!(fault("[1,1e400]").reason.contains("null"));
        assert!(fault("[-1e400]").reason.contains("null"));
        assert!(fault("[1e-400]").reason.contains("zero"));
    }

    #[test]
    fn decimals_that_a_double_does_not_hold() {
        for number in [
            "0.1234567890123456789012345678",
            "9007199254740993.0",
            "-9007199254740993.0",
            "9007199254740993e0",
            "12345678901234567.0",
            "1234567890.12345678901",
            "0.12345678901234567",
            "3e-324",
            "1.23456789e-320",
            "12345678901234567890e-5",
        ] {
            assert!(fault(number).reason.contains("more digits than a double holds"), "{number}");
            assert_eq!(fault(&format!("{{\"a\":[{number}]}}")).path, ".a[0]");
        }
        let long = format!("0.{}", "3".repeat(100_000));
        assert!(fault(&long).reason.contains("more digits"));
    }

    #[test]
    fn a_member_twice_also_when_escaped() {
        assert_eq!(fault(r#"{"a":1,"b":2,"a":3}"#).path, "");
        assert_eq!(fault(r#"[{"a":1,"\u0061":3}]"#).path, "[0]");
        assert!(fault(r#"{"x":{"k":1,"k":1}}"#).reason.contains(r#""k" is there twice"#));
    }

    #[test]
    fn half_of_a_surrogate_pair() {
        assert_eq!(fault(r#"["a","\udc00"]"#).path, "[1]");
        assert!(fault(r#"{"a":{"\ud800x":1}}"#).reason.contains("half of a surrogate pair"));
    }

    #[test]
    fn the_path_to_a_fault() {
        assert_eq!(fault(r#" {"a" : [1, 2, {"x y" : 1e999}]}"#.trim()).path, r#".a[2]["x y"]"#);
    }

    #[test]
    fn nesting() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(check(&nested(MAX_LEVELS), MAX_LEVELS), Ok(()));
        assert_eq!(fault(&nested(MAX_LEVELS + 1)).path, "[0]".repeat(MAX_LEVELS));
    }

    #[test]
    fn long_texts_are_cut_in_reasons() {
        assert!(fault(&format!("[1{}]", "0".repeat(500))).reason.len() < 150);
    }

    proptest! {
        #[test]
        fn every_double_passes_as_other_languages_write_it(value in proptest::num::f64::ANY) {
            prop_assume!(value.is_finite());
            for text in [format!("{value:e}"), format!("{value:.16e}"), format!("{value:.1}e0")] {
                let kept = text.parse() == Ok(value);
                prop_assert!(!kept || check(&text, MAX_LEVELS).is_ok(), "{}", text);
            }
        }

        #[test]
        fn text_that_is_no_json_does_no_harm(text in r#"([\[\]{}":,\\ue0-9\-\. nté]|\PC)*"#) {
            let _ = check(&text, MAX_LEVELS);
        }

        #[test]
        fn what_serde_json_writes_passes(numbers: (i64, u64, f32, f64), text: String) {
            prop_assume!(numbers.2.is_finite() && numbers.3.is_finite());
            let json = serde_json::json!({ &text: [numbers, text], "other": { &text: null } });
            prop_assert_eq!(check(&json.to_string(), MAX_LEVELS), Ok(()));
        }
    }
}
