//! The type of the values of a table that does not say it.

use crate::draft::Entry;
use crate::number::{number, split_range};
use crate::repr::Repr;
use crate::vocabulary::Key;

/// Returns the smallest of `u16`, `u32`, `i32`, `i64` and `u64` that holds all values; or text, if that is how they are
/// written: hexadecimal digits of one width behind `0x`, decimal digits with zeros in front, or other text.
///
/// A value that is wrong does not count: it is reported where it stands.
pub(super) fn repr(rows: &[Entry]) -> Repr {
    let values: Vec<_> =
        rows.iter().filter_map(|row| row.get(Key::Value)).flat_map(|value| ends(&value.text)).collect();
    let numbers: Vec<_> = values.iter().filter_map(|value| number(value)).collect();
    if numbers.len() * 2 < values.len() || rows.iter().any(|row| row.is_text) {
        return text(&values);
    }
    let widths = || values.iter().map(|value| value.strip_prefix("0x").map(str::len));
    // Digits of one width, except single ones: those of a number without zeros in front look alike.
    if let Some(Some(width @ 2..)) = widths().next()
        && widths().all(|other| other == Some(width))
        && let Some(repr) = u32::try_from(width).ok().and_then(Repr::hex)
    {
        return repr;
    }
    let padded =
        values.iter().filter(|value| value.len() > 1 && value.starts_with('0') && !value.starts_with("0x")).count();
    let are_digits = || values.iter().all(|value| value.bytes().all(|byte| byte.is_ascii_digit()));
    let are_as_long = || values.iter().all(|value| value.len() == values[0].len() && !value.starts_with('-'));
    // Of values of several lengths, a single one with a zero in front is no rule.
    if padded > 0 && (are_as_long() || padded > 1 && are_digits()) {
        return text(&values);
    }
    let fits = |repr: &Repr| numbers.iter().all(|number| (repr.range().0..=repr.range().1).contains(number));
    [Repr::U16, Repr::U32, Repr::I32, Repr::I64, Repr::U64].into_iter().find(fits).unwrap_or(Repr::I64)
}

/// Returns a value, or both ends of a range.
fn ends(value: &str) -> impl Iterator<Item = &str> {
    let ends = split_range(value);
    let (first, last) = match ends.filter(|(first, last)| number(first).is_some() && number(last).is_some()) {
        Some((first, last)) => (first, Some(last)),
        None => (value, None),
    };
    std::iter::once(first).chain(last)
}

fn text(values: &[&str]) -> Repr {
    let longest = values.iter().map(|value| value.len()).max().and_then(|longest| u32::try_from(longest).ok());
    Repr::Ascii(longest.unwrap_or(1).clamp(1, Repr::LONGEST_TEXT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Located;

    #[test]
    fn the_values_tell_the_repr() {
        for (values, repr) in [
            (&["0", "65535"][..], "u16"),
            (&["0", "65536"], "u32"),
            (&["-1", "5"], "i32"),
            (&["0", "4294967296"], "i64"),
            (&["-3000000000"], "i64"),
            (&["18446744073709551615"], "u64"),
            (&["0x0B", "0x10"], "hex2"),
            (&["0xB", "0x10"], "u16"),
            (&["0x0", "0xd"], "u16"),
            (&["0x80004005"], "hex8"),
            (&["0xC0000000000000000"], "i64"),
            (&["00", "05", "54"], "ascii(2)"),
            (&["0", "5"], "u16"),
            (&["1", "012"], "u16"),
            (&["00", "05", "5003"], "ascii(4)"),
            (&["42P01", "00000"], "ascii(5)"),
            (&["invalid_request", "x"], "ascii(15)"),
            (&["100-199", "200"], "u16"),
            (&["100", "x1", "200"], "u16"),
            (&[], "u16"),
        ] {
            let row = |value: &&str| {
                let mut row = Entry::new(Located::NOWHERE, None);
                row.words.push((Key::Value, Located::new(*value)));
                row
            };
            let rows: Vec<_> = values.iter().map(row).collect();
            assert_eq!(super::repr(&rows).to_string(), repr, "{values:?}");
        }
    }
}
