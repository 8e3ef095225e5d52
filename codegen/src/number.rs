//! Integers and ranges, as tables write them.

/// Reads an integer in decimal digits, or in hexadecimal digits behind `0x`.
pub(crate) fn number(text: &str) -> Option<i128> {
    let (digits, sign) = text.strip_prefix('-').map_or((text, 1), |digits| (digits, -1));
    let hex = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let (digits, radix) = hex.map_or((digits, 10), |hex| (hex, 16));
    let is_number = digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_number { Some(sign * i128::from_str_radix(digits, radix).ok()?) } else { None }
}

/// Reads an integer; `Some(None)` for one that has too many digits. `None` for other text.
pub(crate) fn integer(text: &str) -> Option<Option<i128>> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let hex = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let is_integer = match hex {
        Some(hex) => !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()),
    };
    is_integer.then(|| number(text))
}

/// Returns the two ends of a range; `None` for a single value. A `-` at the start is a sign.
pub(crate) fn split_range(text: &str) -> Option<(&str, &str)> {
    let at = text.char_indices().skip(1).find(|(_, c)| *c == '-')?.0;
    let (first, last) = (text[..at].trim_end(), text[at + 1..].trim_start());
    (!first.is_empty() && !last.is_empty()).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::split_range;

    #[test]
    fn a_minus_in_front_is_a_sign() {
        for (text, ends) in [
            ("5", None),
            ("-5", None),
            ("", None),
            ("-", None),
            ("5-", None),
            ("3000-3999", Some(("3000", "3999"))),
            ("3000 - 3999", Some(("3000", "3999"))),
            ("-5--1", Some(("-5", "-1"))),
            ("0a-ff", Some(("0a", "ff"))),
        ] {
            assert_eq!(split_range(text), ends, "{text}");
        }
    }
}
