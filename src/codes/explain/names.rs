//! Comparison of names in different styles, and of misspelt names.

use alloc::vec::Vec;

/// Returns the letters and digits of a name, in lower case: `KeyNotExist`, `KEY_NOT_EXIST` and `key not exist` are the same.
pub(super) fn folded(name: &str) -> impl Iterator<Item = char> + Clone + '_ {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}

/// Are these two the same name?
pub(super) fn are_same(one: &str, other: &str) -> bool {
    folded(one).eq(folded(other))
}

/// A name that was asked for, ready to be compared with many.
pub(super) struct Sought(Vec<char>);

impl Sought {
    pub(super) fn new(name: &str) -> Self {
        Self(folded(name).collect())
    }

    /// Returns how many letters must be changed, added, removed or swapped with their neighbours to get from one name to the
    /// other; `None` if the two have little in common.
    pub(super) fn distance(&self, name: &str) -> Option<usize> {
        let name: Vec<char> = folded(name).collect();
        let limit = match self.0.len() {
            0..=2 => return None,
            3..=5 => 1,
            length => length / 3,
        };
        if name.len().abs_diff(self.0.len()) > limit {
            return None;
        }
        Some(edits(&self.0, &name)).filter(|distance| *distance <= limit)
    }
}

/// Returns the optimal string alignment distance.
fn edits(one: &[char], other: &[char]) -> usize {
    // The last three rows of the matrix of distances between beginnings.
    let mut before = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = Vec::with_capacity(last.len());
        row.push(i + 1);
        for (j, b) in other.iter().enumerate() {
            let changed = last[j] + usize::from(a != b);
            let mut least = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                let before: &Vec<usize> = &before;
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = core::mem::replace(&mut last, row);
    }
    last[other.len()]
}

/// Does a word consist of several words, such as `KeyNotExist` or `INVALID_JSON`? Then it is not an ordinary word.
pub(super) fn is_compound(word: &str) -> bool {
    let inner_underscore = word.trim_matches('_').contains('_');
    let mut humps = usize::from(word.starts_with(char::is_lowercase));
    let mut after_lower = true;
    for c in word.chars() {
        humps += usize::from(c.is_uppercase() && after_lower);
        after_lower = c.is_lowercase();
    }
    inner_underscore || (humps >= 2 && word.contains(char::is_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_in_every_style() {
        for name in ["KEY_NOT_EXIST", "key not exist", "key-not-exist", "keynotexist"] {
            assert!(are_same("KeyNotExist", name), "{name}");
        }
        assert!(!are_same("KeyNotExist", "KeyExist"));
    }

    #[test]
    fn small_slips_are_near() {
        for (name, distance) in [
            ("KeyNotExist", Some(0)),
            ("KeyNotExst", Some(1)),
            ("KeyNtoExist", Some(1)),
            ("KeyNotExists", Some(1)),
            ("KyNotExits", Some(2)),
            ("Loading", None),
            ("KeyNotExistAndSomeMore", None),
        ] {
            assert_eq!(Sought::new("KeyNotExist").distance(name), distance, "{name}");
        }
        assert_eq!(Sought::new("ok").distance("Ok"), None, "too short to be misspelt");
    }

    #[test]
    fn compound_names_are_told_from_words() {
        for word in ["KeyNotExist", "INVALID_JSON", "JsonInvalid", "invalid_json", "InvalidAPIKey", "keySet"] {
            assert!(is_compound(word), "{word}");
        }
        for word in ["Ok", "TIMEOUT", "Duplicate", "error", "_x", "GET"] {
            assert!(!is_compound(word), "{word}");
        }
    }
}
