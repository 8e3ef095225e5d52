//! Characters that a reader does not see.

/// The general category Cf (format), the property Default_Ignorable_Code_Point, and the separators of lines and paragraphs,
/// in Unicode 16.0.
const RANGES: [(char, char); 25] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Is it a control character, or one that has no shape of its own, or that changes the text around it? These make a line
/// look different from what it says.
pub(crate) fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_control();
    }
    let after = RANGES.partition_point(|(first, _)| *first <= c);
    c.is_control() || after.checked_sub(1).is_some_and(|at| c <= RANGES[at].1)
}

#[cfg(test)]
mod tests {
    use super::is_invisible;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// The classes are those of the tables that come with the regular expressions.
        #[test]
        fn the_classes_of_unicode_are_invisible(c in "[\\p{Cc}\\p{Cf}\\p{Default_Ignorable_Code_Point}\\p{Zl}\\p{Zp}]") {
            prop_assert!(c.chars().all(is_invisible), "{c:?}");
        }

        #[test]
        fn everything_else_is_visible(c in "[^\\p{C}\\p{Default_Ignorable_Code_Point}\\p{Zl}\\p{Zp}]") {
            prop_assert!(!c.chars().any(is_invisible), "{c:?}");
        }
    }
}
