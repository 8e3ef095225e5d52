//! Which part of a file a response contains.

/// A `Content-Range` header of bytes (RFC 9110, 14.4).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ContentRange {
    pub(super) first: u64,
    /// The last byte, at least `first`.
    pub(super) last: u64,
    /// The length of the whole file, if the server knows it.
    pub(super) whole: Option<u64>,
}

impl ContentRange {
    /// Reads the header; `None` if it is invalid or says that the range cannot be satisfied.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let (part, whole) = bytes(value)?;
        let (first, last) = part.split_once('-')?;
        let (first, last) = (number(first)?, number(last)?);
        let whole = if whole == "*" { None } else { Some(number(whole)?) };
        let valid = first <= last && whole.is_none_or(|whole| last < whole);
        valid.then_some(Self { first, last, whole })
    }

    /// Returns the length of the part; `None` if it exceeds `u64`.
    pub(super) fn length(&self) -> Option<u64> {
        (self.last - self.first).checked_add(1)
    }
}

/// Reads the length of the file from the header of a response whose range cannot be satisfied (`bytes */100`).
pub(super) fn unsatisfied(value: &str) -> Option<u64> {
    match bytes(value)? {
        ("*", whole) => number(whole),
        _ => None,
    }
}

/// Splits the header into part and whole; `None` for another unit than bytes.
fn bytes(value: &str) -> Option<(&str, &str)> {
    let (unit, range) = value.trim().split_once(' ')?;
    range.trim().split_once('/').filter(|_| unit.eq_ignore_ascii_case("bytes"))
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
        for (value, first, last, whole) in [
            ("bytes 5-9/10", 5, 9, Some(10)),
            ("Bytes 0-0/1", 0, 0, Some(1)),
            ("bytes 5-9/*", 5, 9, None),
            (" bytes  0-18446744073709551614/18446744073709551615", 0, u64::MAX - 1, Some(u64::MAX)),
        ] {
            assert_eq!(ContentRange::parse(value), Some(ContentRange { first, last, whole }), "{value}");
        }
        assert_eq!(ContentRange::parse("bytes 5-9/*").unwrap().length(), Some(5));
        assert_eq!(ContentRange::parse("bytes 0-18446744073709551615/*").unwrap().length(), None);
    }

    #[test]
    fn the_length_of_a_file_without_such_a_range_is_read() {
        assert_eq!(unsatisfied("bytes */10"), Some(10));
        for value in ["bytes */*", "bytes 5-9/10", "lines */10", "bytes */-1", "bytes */99999999999999999999", ""] {
            assert_eq!(unsatisfied(value), None, "{value}");
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
            "bytes 0-4/10, bytes 5-9/10",
            "bytes 5 - 9/10",
            "bytes -5-9/10",
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
