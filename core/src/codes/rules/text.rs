//! Patterns of texts.

use crate::codes::template::{find, starts_with};

/// What stands between the `...` of a pattern; of each, the literals between its `*`. The generator refuses empty literals.
pub(in crate::codes) type Pattern = &'static [&'static [&'static str]];

/// How many bytes a `*` stands for at most. Without a limit, each start in a long text could cost a walk through its rest.
const LONGEST: usize = 256;

/// Is the pattern somewhere in a text? The case of ASCII letters makes no difference. `...` stands for any text, and `*` for
/// text without quotation marks.
pub(super) fn is_in(pattern: &[&[&str]], text: &str) -> bool {
    // If a run fits at several places, the first one leaves most for the rest.
    pattern.iter().try_fold(text, |rest, run| behind(run, rest)).is_some()
}

/// Returns what stands behind the first place where all literals of a run fit.
fn behind<'t>(run: &[&str], text: &'t str) -> Option<&'t str> {
    let (first, others) = run.split_first()?;
    let mut rest = text;
    while let Some(at) = find(rest, first) {
        rest = &rest[at..];
        let end = others.iter().try_fold(&rest[first.len()..], |rest, literal| {
            let at = within_quotes(rest, literal)?;
            Some(&rest[at + literal.len()..])
        });
        if end.is_some() {
            return end;
        }
        rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
    }
    None
}

/// Returns where a literal starts for the first time, with no quotation mark before it.
fn within_quotes(text: &str, literal: &str) -> Option<usize> {
    for (at, c) in text.char_indices().take_while(|(at, _)| *at <= LONGEST) {
        if starts_with(&text[at..], literal) {
            return Some(at);
        }
        if matches!(c, '"' | '\'' | '`') {
            break;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::is_in;
    use proptest::prelude::*;

    #[test]
    fn a_text_is_found_anywhere_and_in_any_case() {
        for (pattern, text, expected) in [
            (&[&["syntax error"][..]][..], "400: Syntax Error.", true),
            (&[&["syntax error"]], "syntax  error", false),
            (&[&["Größe"]], "Die größe", true),
            (&[&["Größe"]], "Die GRÖSSE", false),
            (&[&["é"]], "É", false),
            (&[&["ü x"]], "日本ü X", true),
            (&[&["The user ", " is taken"]], "the user odo IS taken", true),
            (&[&["The user ", " is taken"]], "The user 'odo' is taken", false),
            (&[&["The user "], &[" is taken"]], "The user 'odo' is taken", true),
            (&[&["The user "], &[" is taken"]], "x is taken. The user y", false),
            (&[&["a"], &["a"]], "a", false),
            (&[&["a"], &["a"]], "aa", true),
            (&[&["ab"], &["b"]], "ab", false),
            (&[&["path `", ".", "`"]], "the path `a.b`.", true),
            (&[&["path `", ".", "`"]], "the path `a`, is incomplete. See `x`.", false),
            (&[&["path `", ".", "`"]], "the path `a`, or the path `b.c`", true),
            (&[&["a", "b`", "c"]], "a b c, a-b`-c", true),
            (&[&["a", "b", "c"], &["d"]], "a-a-b-c-e-d", true),
            (&[&["a", "b"]], "a'b", false),
            (&[&["a", "'b"]], "a 'b", true),
            (&[&["x"]], "", false),
        ] {
            assert_eq!(is_in(pattern, text), expected, "{pattern:?} {text}");
        }
    }

    #[test]
    fn a_star_is_limited() {
        let text = |length| format!("a{}b", "é".repeat(length));
        assert!(is_in(&[&["a", "b"]], &text(128)));
        assert!(!is_in(&[&["a", "b"]], &text(129)));
        assert!(is_in(&[&["a"], &["b"]], &text(129)));
    }

    proptest! {
        #[test]
        fn any_text_is_searched(
            pattern in prop::collection::vec(prop::collection::vec("[a-cé`日]{1,2}", 1..3), 1..3),
            text in "[a-cA-Cé`日 ]{0,40}",
        ) {
            let runs: Vec<Vec<&str>> = pattern.iter().map(|run| run.iter().map(String::as_str).collect()).collect();
            let runs: Vec<&[&str]> = runs.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(is_in(&runs, &text), is_in_by_all_ways(&runs, &text));
        }
    }

    /// Tries all places of all literals.
    fn is_in_by_all_ways(pattern: &[&[&str]], text: &str) -> bool {
        fn literals(run: &[&str], rest_of_pattern: &[&[&str]], text: &str, is_first: bool) -> bool {
            let Some((literal, others)) = run.split_first() else {
                return rest_of_pattern.split_first().is_none_or(|(run, rest)| literals(run, rest, text, true));
            };
            (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| {
                (is_first || !text[..at].contains(['"', '\'', '`']))
                    && text[at..].get(..literal.len()).is_some_and(|start| start.eq_ignore_ascii_case(literal))
                    && literals(others, rest_of_pattern, &text[at + literal.len()..], false)
            })
        }
        pattern.split_first().is_none_or(|(run, rest)| literals(run, rest, text, true))
    }
}
