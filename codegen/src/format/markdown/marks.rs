//! Marks of footnotes in cells: `[^1]`, `¹`, `<sup>1</sup>`, `†`. They belong to the page, not to the text.

const SUPERSCRIPTS: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const DAGGERS: [char; 2] = ['†', '‡'];

pub(super) fn is_mark(c: char) -> bool {
    DAGGERS.contains(&c) || SUPERSCRIPTS.contains(c)
}

/// Returns what stands for a text between `<sup>` and `</sup>`: superscript digits for digits, nothing for another mark.
/// `None` if it is neither.
pub(super) fn superscript(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(['[', ']', '(', ')']);
    if text.chars().all(|c| c == '*' || DAGGERS.contains(&c)) {
        return Some(String::new());
    }
    text.chars().map(|c| SUPERSCRIPTS.chars().nth(c.to_digit(10)? as usize)).collect()
}

/// Is there any mark?
pub(super) fn has_marks(text: &str) -> bool {
    !text.is_ascii() && text.contains(is_mark)
}

/// Removes marks. In prose a superscript behind a letter or a digit is no mark, but an exponent: `m²`, `10⁹`.
pub(super) fn without_marks(text: &str, is_prose: bool) -> String {
    let mut kept = String::with_capacity(text.len());
    for c in text.chars() {
        let is_exponent = is_prose && SUPERSCRIPTS.contains(c) && kept.ends_with(char::is_alphanumeric);
        if !is_mark(c) || is_exponent {
            kept.push(c);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_from_exponents() {
        for (text, name, prose) in [
            ("NotFound¹", "NotFound", "NotFound¹"),
            ("Lost.¹²", "Lost.", "Lost."),
            ("Lost†", "Lost", "Lost"),
            ("10⁻⁹ and 10¹² m²", "10⁻ and 10 m", "10⁻ and 10¹² m²"),
        ] {
            assert_eq!(without_marks(text, false), name);
            assert_eq!(without_marks(text, true), prose);
        }
    }

    #[test]
    fn superscripts_are_read() {
        for (text, expected) in [("12", Some("¹²")), ("[3]", Some("³")), ("*", Some("")), ("th", None), ("", Some(""))]
        {
            assert_eq!(superscript(text).as_deref(), expected, "{text}");
        }
    }
}
