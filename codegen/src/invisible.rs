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

/// Returns the first character of a text that a reader does not see.
pub(crate) fn hidden(text: &str) -> Option<char> {
    if text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return None;
    }
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        // `1`, the selector, and the frame of a key.
        let is_key = c == '\u{fe0f}' && chars.peek() == Some(&'\u{20e3}');
        if is_invisible(c) && !is_key && !is_of_symbol(before, c) {
            return Some(c);
        }
        before = Some(c);
    }
    None
}

/// Returns a text without what has no width and moves nothing: pages have it where a long name may be broken.
#[cfg(feature = "pages")]
pub(crate) fn without_zero_width(text: &str) -> String {
    let mut before = None;
    let is_seen = |c: &char| {
        let c = *c;
        let has_no_width = matches!(
            c,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        );
        let stays = !has_no_width || is_of_symbol(before, c);
        if stays {
            before = Some(c);
        }
        stays
    };
    text.chars().filter(is_seen).collect()
}

/// Is it a part of the picture that a symbol makes with the marks behind it?
fn is_of_symbol(before: Option<char>, c: char) -> bool {
    let is_symbol = |c: char| !c.is_ascii() && !c.is_alphanumeric() && (!is_invisible(c) || c == '\u{fe0f}');
    matches!(c, '\u{fe0e}' | '\u{fe0f}' | '\u{200d}') && before.is_some_and(is_symbol)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn symbols_are_seen_whole() {
        for text in ["⚠️ Errors", "1️⃣", "👩‍💻", "❤️‍🔥", "plain", "Ünïcode"] {
            assert_eq!(hidden(text), None, "{text}");
        }
        for (text, c) in [("te\u{fe0f}xt", '\u{fe0f}'), ("a\u{200b}b", '\u{200b}'), ("a\u{200d}b", '\u{200d}')] {
            assert_eq!(hidden(text), Some(c));
        }
    }

    #[test]
    #[cfg(feature = "pages")]
    fn what_has_no_width_is_removed() {
        for (text, left) in [
            ("LONG_\u{200b}NAME\u{ad}\u{feff}", "LONG_NAME"),
            ("⚠️ te\u{fe0f}xt", "⚠️ text"),
            ("a\u{202e}b\u{200b}", "a\u{202e}b"),
            ("", ""),
        ] {
            assert_eq!(without_zero_width(text), left);
        }
    }

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
