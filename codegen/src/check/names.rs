//! Names and aliases: each must make an identifier, and each spelling and identifier must lead to one row.

use super::{Checker, FIX};
use crate::draft::Entry;
use crate::excerpt::quoted;
use crate::hash::{self, Map, Set};
use crate::identifier;
use crate::source::Located;
use crate::table::Alias;
use crate::text::Text;
use crate::vocabulary::Key;

/// The names of generated items.
const RESERVED: [&str; 2] = ["ALL", "Unlisted"];

/// The words that pages put in place of names.
const PLACEHOLDERS: [&str; 7] = ["reserved", "unassigned", "unused", "undefined", "deprecated", "obsolete", "private"];

/// Is it a text for people, which several codes may share, and not an identifier?
fn is_title(name: &str) -> bool {
    let word = name.trim_matches(['(', ')']);
    name.trim().contains(' ') || PLACEHOLDERS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// May the identifier of another name be spelled like this? It has underscores only before its first digit, between digits,
/// and at its end, and no small letter at its start.
fn may_be_identifier(spelling: &str) -> bool {
    let text = spelling.as_bytes();
    let is_digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    let is_kept = |(at, byte): (usize, &u8)| match byte {
        b'_' => at == 0 || at + 1 == text.len() || is_digit(at - 1) && is_digit(at + 1),
        b'a'..=b'z' => at > 0,
        byte => byte.is_ascii_alphanumeric(),
    };
    text.iter().enumerate().all(is_kept)
}

/// The names of a table so far.
///
/// Each key is looked for when it is taken, or all are compared at the end: a map for the keys of a large table would compete
/// with its rows for the fast memory of the processor.
#[derive(Default)]
pub(super) struct Names<'d> {
    /// Every identifier, and every spelling that may be one, row by row. Of other spellings two are equal only if their
    /// identifiers are.
    keys: Vec<Text>,
    /// The names that took them.
    owners: Vec<&'d Located>,
    /// Where each stands, by its hash, or by the next number that is free.
    places: Map<u32, u32>,
    /// The hashes of the keys, while these are not looked for.
    postponed: Option<Vec<u64>>,
    /// A key that was not looked for is the same as one before it.
    has_repetition: bool,
    /// Where the keys of the row begin.
    row: usize,
}

impl<'d> Names<'d> {
    /// Makes names that are compared at the end, when [`are_distinct`](Self::are_distinct) must be asked.
    pub(super) fn postponed(rows: &[Entry]) -> Self {
        let have_aliases = rows.iter().take(64).any(|row| row.all(Key::Aliases).next().is_some());
        // A growing list would be copied.
        let keys = if have_aliases { 2 * rows.len() } else { rows.len() };
        Self {
            keys: Vec::with_capacity(keys),
            owners: Vec::with_capacity(keys),
            postponed: Some(Vec::with_capacity(keys)),
            ..Self::default()
        }
    }

    /// Does each key belong to one row? If not, or if two keys have one hash, the rows must be read again with names that are
    /// looked for: those report what is repeated.
    pub(super) fn are_distinct(&mut self) -> bool {
        let mut hashes = self.postponed.take().unwrap_or_default();
        hashes.sort_unstable();
        !self.has_repetition && hashes.windows(2).all(|pair| pair[0] != pair[1])
    }

    /// Takes the name and the aliases of a row; returns the name's identifier and the aliases with theirs. The value is that
    /// of the row; `None` for a range, which makes no variant.
    pub(super) fn register(
        &mut self,
        checker: &mut Checker<'_>,
        row: &'d Entry,
        name: &'d Located,
        value: Option<&Located>,
    ) -> (Text, Vec<Alias>) {
        self.row = self.keys.len();
        let variant = match self.shared(name, value) {
            Some(identifier) => identifier,
            None => self.register_name(checker, name).unwrap_or_default(),
        };
        let mut aliases = Vec::with_capacity(row.all(Key::Aliases).count());
        let mut spellings = Set::default();
        for alias in row.all(Key::Aliases) {
            if alias.text == name.text || !spellings.insert(&alias.text) {
                checker.report(
                    &alias.range,
                    format!("the alias `{}` repeats another name of its row", quoted(&alias.text)),
                    "remove it: the code is found by that name already",
                );
                continue;
            }
            // An alias with the identifier of its variant has no constant: only the lookup by name knows it.
            let identifier = self.register_name(checker, alias).filter(|identifier| *identifier != variant);
            aliases.push(Alias { name: alias.text.clone(), identifier });
        }
        (variant, aliases)
    }

    /// Returns the identifier of a row with the title of an earlier one, such as `Reserved`: it has the value at its end.
    fn shared(&mut self, name: &'d Located, value: Option<&Located>) -> Option<Text> {
        if !is_title(&name.text) {
            return None;
        }
        let identifier = identifier::variant(&name.text)?;
        self.look_for_all();
        self.clash(&name.text).or_else(|| self.clash(&identifier))?;
        let Some(value) = value else { return Some(identifier) };
        let own = identifier::variant(&format!("{} {}", name.text, value.text.replace('-', " minus ")))?;
        if self.clash(&own).is_some() {
            return None;
        }
        self.take(&own, name);
        Some(own)
    }

    fn register_name(&mut self, checker: &mut Checker<'_>, name: &'d Located) -> Option<Text> {
        if !checker.is_legible(name) || !checker.is_short(name) {
            return None;
        }
        let Some(identifier) = identifier::variant(&name.text) else {
            let value = checker.quoted_word(Key::Value);
            checker.report(
                &name.range,
                format!("the name `{}` makes no identifier", quoted(&name.text)),
                format!("use Latin letters, digits, spaces, `-` and `_`, with at least one letter; to leave the page as it is, name the row by its value in {FIX}: `[rename]` with `{value} = \"Name\"`"),
            );
            return None;
        };
        if RESERVED.contains(&identifier.as_str()) {
            checker.report(
                &name.range,
                format!(
                    "the name `{}` is reserved: generated code has a `{identifier}` of its own",
                    quoted(&name.text)
                ),
                "use a longer name, such as `CodeUnlisted`",
            );
            return None;
        }
        let spelling = Some(&name.text).filter(|text| **text != identifier && may_be_identifier(text));
        let mut taken = |key: &Text| self.take(key, name).map(|first| (key.clone(), first));
        if let Some((key, first)) = spelling.and_then(&mut taken).or_else(|| taken(&identifier)) {
            let what = if first.text == name.text {
                let line = checker.line(", first in ", first, "");
                format!("the name `{}` is given twice{line}", quoted(&name.text))
            } else {
                let line = checker.line(" (", first, ")");
                let (one, other) = (quoted(&first.text), quoted(&name.text));
                format!("the names `{one}`{line} and `{other}` both become `{}`", quoted(&key))
            };
            let value = checker.quoted_word(Key::Value);
            checker.report(&name.range, what, format!("a name or alias must lead to one row: rename one of the two; to leave the page as it is, do so by its value in {FIX}: `[rename]` with `{value} = \"Name\"`"));
            return None;
        }
        Some(identifier)
    }

    /// Takes a spelling or identifier for the row; returns the name of another row that owns it.
    fn take(&mut self, key: &Text, name: &'d Located) -> Option<&'d Located> {
        if let Some(hashes) = &mut self.postponed {
            // The usual repetition: an alias is the name in another spelling.
            if self.keys.get(self.row) == Some(key) {
                return None;
            }
            hashes.push(hash::of(key));
        } else {
            match self.find(key) {
                Ok(place) => return self.other(place),
                Err(free) => self.places.insert(free, self.keys.len() as u32),
            };
        }
        self.keys.push(key.clone());
        self.owners.push(name);
        None
    }

    /// Looks for the keys that were postponed, and for each key from now on: the name of this row depends on them.
    fn look_for_all(&mut self) {
        if self.postponed.take().is_none() {
            return;
        }
        for place in 0..self.keys.len() {
            match self.find(&self.keys[place]) {
                Ok(_) => self.has_repetition = true,
                Err(free) => _ = self.places.insert(free, place as u32),
            }
        }
    }

    /// Returns the name of another row that owns a spelling or identifier.
    fn clash(&self, key: &str) -> Option<&'d Located> {
        self.find(key).ok().and_then(|place| self.other(place))
    }

    /// Finds the place of a spelling or identifier; the error is the number that is free for it.
    fn find(&self, key: &str) -> Result<usize, u32> {
        let mut number = hash::of(key) as u32;
        while let Some(place) = self.places.get(&number) {
            let place = *place as usize;
            if self.keys[place] == *key {
                return Ok(place);
            }
            number = number.wrapping_add(1);
        }
        Err(number)
    }

    /// Returns the name that owns the key at a place, if it stands in another row.
    fn other(&self, place: usize) -> Option<&'d Located> {
        (place < self.row).then(|| self.owners[place])
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_with_one_hash_are_told_apart() {
        let mut seen = Map::default();
        let pair = (0..).find_map(|number| {
            let name = format!("Name{number}");
            Some([seen.insert(hash::of(&name) as u32, name.clone())?, name])
        });
        let words = pair.unwrap().map(Located::new);
        let mut names = Names::default();
        for word in &words {
            names.row = names.keys.len();
            assert_eq!(names.take(&word.text, word), None, "{word:?}");
        }
        names.row = names.keys.len();
        for word in &words {
            assert_eq!(names.clash(&word.text), Some(word));
        }
    }

    #[test]
    fn a_spelling_that_is_no_identifier_is_told_from_one() {
        for name in ["a b", "E_1_2", "2FA", "self", "JSONInvalid", "AB", "x1", "NOT_FOUND"] {
            let identifier = identifier::variant(name).unwrap();
            assert!(may_be_identifier(&identifier), "{identifier}");
        }
        for name in ["NOT_FOUND", "E_1", "not-found", "a b", "notFound", "é"] {
            assert!(!may_be_identifier(name), "{name}");
        }
    }
}
