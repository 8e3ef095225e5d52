//! Which part of a file a response contains.

/// A `Content-Range` header of bytes (RFC 9110, 14.4).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ContentRange {
    pub(super) first: u64,
    /// The length of the whole file, if the server knows it.
    pub(super) whole: Option<u64>,
}

impl ContentRange {
    /// Reads the header; `None` if it is invalid or says that the range cannot be satisfied.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let (unit, range) = value.trim().split_once(' ')?;
        let (part, whole) = range.trim().split_once('/')?;
        let (first, last) = part.split_once('-')?;
        let (first, last) = (number(first)?, number(last)?);
        let whole = if whole == "*" { None } else { Some(number(whole)?) };
        let valid = first <= last && whole.is_none_or(|whole| last < whole);
        (valid && unit.eq_ignore_ascii_case("bytes")).then_some(Self { first, whole })
    }
}

/// Reads a number of digits only: Rust's parser accepts a sign.
fn number(digits: &str) -> Option<u64> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        for (value, first, whole) in [
            ("bytes 5-9/10", 5, Some(10)),
            ("Bytes 0-0/1", 0, Some(1)),
            ("bytes 5-9/*", 5, None),
            (" bytes  0-18446744073709551614/18446744073709551615", 0, Some(u64::MAX)),
        ] {
            assert_eq!(ContentRange::parse(value), Some(ContentRange { first, whole }), "{value}");
        }
    }

    #[test]
    fn what_is_no_range_is_none() {
        for value in [
            "",
            "bytes",
            "bytes */10",
            "bytes 5-9",
            "bytes 5/10",
            "bytes 9-5/10",
            "bytes 5-10/10",
            "bytes +5-9/10",
            "bytes -/10",
            "bytes 5-9/ten",
            "lines 5-9/10",
            "bytes 5-99999999999999999999/*",
        ] {
            assert_eq!(ContentRange::parse(value), None, "{value}");
        }
    }
}
