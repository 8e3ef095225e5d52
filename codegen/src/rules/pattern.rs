//! Patterns of texts, of paths and of statuses.

use std::ops::RangeInclusive;

/// What is wrong with a word, and what to do.
pub(super) type Flaw = (String, &'static str);

/// A pattern of a text. It is found anywhere in a text, in any case of ASCII letters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pattern {
    /// As the file has it.
    pub text: String,
    /// What stands between its `...`; of each, the literals between its `*`.
    pub runs: Vec<Vec<String>>,
}

impl Pattern {
    pub(super) fn new(text: &str) -> Result<Self, Flaw> {
        let runs: Vec<Vec<_>> =
            text.split("...").map(|run| run.split('*').map(str::to_owned).collect::<Vec<_>>()).collect();
        if text.trim().is_empty() {
            return Err((
                "the pattern is empty".to_owned(),
                "write the text to look for, or leave the key out: then any text fits",
            ));
        }
        if runs.iter().flatten().any(String::is_empty) {
            return Err((
                "a gap of the pattern has no text next to it".to_owned(),
                "put text on both sides of each `...` and `*`; a pattern is found anywhere in a text, so none is needed at its ends",
            ));
        }
        Ok(Self { text: text.to_owned(), runs })
    }

    /// Is every text that the other pattern fits one that this pattern fits too? `false` if that is not obvious.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let one = self.text.to_ascii_lowercase();
        match self.runs.as_slice() {
            [run] if run.len() == 1 => {
                other.runs.iter().flatten().any(|literal| literal.to_ascii_lowercase().contains(&one))
            }
            _ => one == other.text.to_ascii_lowercase(),
        }
    }
}

/// Checks the pattern of a path.
pub(super) fn path(pattern: &str) -> Result<(), Flaw> {
    let segments = pattern.strip_prefix('/').or_else(|| pattern.starts_with("**").then_some(pattern));
    let Some(segments) = segments else {
        let what = "the pattern of a path starts neither with `/` nor with `**`".to_owned();
        return Err((what, "write the whole path; `**` stands for any number of segments"));
    };
    if pattern.contains(['?', '#']) {
        return Err((
            "the pattern of a path has a query or a fragment".to_owned(),
            "leave it out: only the path is compared",
        ));
    }
    for segment in segments.split('/') {
        if segment.is_empty() {
            let what = "a segment of the path is empty".to_owned();
            return Err((what, "write one `/` between segments, and none at the end"));
        }
        if segment.contains('*') && segment != "*" && segment != "**" {
            let what = format!("the segment `{segment}` mixes `*` with text");
            return Err((what, "`*` stands for a whole segment, and `**` for any number of them"));
        }
    }
    Ok(())
}

/// Is every path that the other pattern fits one that this pattern fits too? `false` if that is not obvious.
pub(super) fn path_covers(one: &str, other: &str) -> bool {
    let is_covered = |(one, other): (&str, &str)| one == other || one == "*" && other != "**";
    one == other
        || one.split('/').count() == other.split('/').count() && one.split('/').zip(other.split('/')).all(is_covered)
}

/// Reads `404`, `5xx` or `500-599`.
pub(super) fn status(word: &str) -> Result<RangeInclusive<u16>, Flaw> {
    let number = |digits: &str| digits.parse::<u16>().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let range = match (word.strip_suffix("xx"), word.split_once('-')) {
        (Some(hundreds), _) => {
            number(hundreds).filter(|hundreds| *hundreds < 10).map(|first| first * 100..=first * 100 + 99)
        }
        (None, Some((first, last))) => number(first.trim()).zip(number(last.trim())).map(|(first, last)| first..=last),
        (None, None) => number(word).map(|status| status..=status),
    };
    match range {
        Some(range) if range.is_empty() => {
            Err((format!("the range `{word}` ends before it starts"), "write the smaller status first"))
        }
        Some(range) if *range.start() >= 100 && *range.end() <= 599 => Ok(range),
        Some(_) => Err((format!("`{word}` is outside of 100 to 599"), "use statuses that HTTP has")),
        None => Err((
            format!("`{word}` is no status"),
            "write a number such as 404, or a text such as \"4xx\" or \"500-503\"",
        )),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn gaps_split_a_pattern() {
        let pattern = Pattern::new("Invalid filtering...the path `*.*`").unwrap();
        let runs: Vec<Vec<_>> = vec![vec!["Invalid filtering"], vec!["the path `", ".", "`"]];
        assert_eq!(pattern.runs, runs);
        for wrong in ["", "  ", "...x", "x*", "a...*b", "a**b", "a......b"] {
            assert!(Pattern::new(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn statuses_are_read() {
        for (word, range) in [("404", 404..=404), ("5xx", 500..=599), ("500-503", 500..=503), ("500 - 503", 500..=503)]
        {
            assert_eq!(status(word), Ok(range), "{word}");
        }
        for wrong in ["", "99", "600", "6xx", "0xx", "55xx", "503-500", "4x", "+404", "404.0", "1-", "99999"] {
            assert!(status(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pattern_covers_a_longer_one() {
        for (one, other, expected) in [
            ("already taken", "The user...is already taken", true),
            ("ALREADY", "already taken", true),
            ("The user...taken", "The user...taken", true),
            ("The user...taken", "The user name...is taken", false),
            ("is already taken", "already taken", false),
            ("a*b", "a*b", true),
        ] {
            let [one, other] = [one, other].map(|text| Pattern::new(text).unwrap());
            assert_eq!(one.covers(&other), expected, "{} {}", one.text, other.text);
        }
        for (one, other, expected) in [
            ("/a/*", "/a/b", true),
            ("/a/*", "/a/*", true),
            ("/a/*", "/a/**", false),
            ("/a/**", "/a/**", true),
            ("/a/b", "/a/*", false),
            ("/a/*", "/a/b/c", false),
        ] {
            assert_eq!(path_covers(one, other), expected, "{one} {other}");
        }
    }
}
