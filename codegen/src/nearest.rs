//! The known word that was probably meant.

/// Returns the word that differs least from what was written; `None` if all differ much.
pub(crate) fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    known
        .map(|word| (differences(&written, &word.to_lowercase()), word))
        .min_by_key(|(differences, _)| *differences)
        .filter(|(differences, word)| *differences <= word.chars().count() / 3)
        .map(|(_, word)| word)
}

/// Counts the characters to insert, to remove and to replace.
fn differences(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (at, c) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, d) in other.chars().enumerate() {
            let replaced = diagonal + usize::from(c != d);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.chars().count()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_word_that_was_meant_is_found() {
        for (written, expected) in [
            ("OBJECT_NOTFOUND", Some("OBJECT_NOT_FOUND")),
            ("timeuot", Some("TIMEOUT")),
            ("TIMEOUT", Some("TIMEOUT")),
            ("ELSE", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, ["OBJECT_NOT_FOUND", "TIMEOUT"].into_iter()), expected, "{written}");
        }
    }
}
