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

/// Returns where a reference to a footnote that the text ends with starts: `[^1]`.
pub(super) fn reference(text: &str) -> Option<usize> {
    let text = text.strip_suffix(']')?;
    let before = text.trim_end_matches(|c: char| c.is_ascii_digit());
    if before.len() == text.len() {
        return None;
    }
    before.strip_suffix("[^").map(str::len)
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

    #[test]
    fn references_end_a_text() {
        assert_eq!(reference("Lost[^12]"), Some(4));
        for text in ["Lost", "[^a-z]", "[^1] lost", "[^]", "x]"] {
            assert_eq!(reference(text), None, "{text}");
        }
    }
}
