//! Kind, outcome, recovery, origin and HTTP status: of a row, else of its group, else of its table, else the usual ones.

use super::Checker;
use crate::draft::{Draft, Entry};
use crate::excerpt::quoted;
use crate::hash::{Map, Set};
use crate::source::Located;
use crate::table::Classification;
use crate::vocabulary::{Key, Kind, Origin, Outcome, Recovery, Vocabulary, all_words};

/// The defaults of a table and of its groups.
pub(super) struct Defaults<'d> {
    table: &'d Entry,
    groups: Map<&'d str, &'d Entry>,
}

impl<'d> Defaults<'d> {
    pub(super) fn check(checker: &mut Checker<'_>, draft: &'d Draft) -> Self {
        let rows = if draft.groups.is_empty() { &[][..] } else { &draft.rows };
        let used: Set<_> = rows.iter().filter_map(|row| Some(row.group.as_ref()?.text.as_str())).collect();
        checker.words(&draft.defaults);
        let mut groups = Map::default();
        for entry in &draft.groups {
            let Some(group) = &entry.group else { continue };
            if !used.contains(group.text.as_str()) && !draft.has_unread_rows {
                checker.report(
                    &group.range,
                    format!("no codes stand under a heading `{}`", quoted(&group.text)),
                    "spell the group as its heading, or remove its defaults",
                );
            }
            checker.words(entry);
            groups.insert(group.text.as_str(), entry);
        }
        Self { table: &draft.defaults, groups }
    }

    /// Does the row have a kind?
    pub(super) fn classify(&self, row: &Entry) -> bool {
        self.find(row, Key::Kind).is_some()
    }

    /// Returns the word that holds for a row: its own, else its group's, else its table's.
    fn find<'r>(&self, row: &'r Entry, key: Key) -> Option<&'r Located>
    where
        'd: 'r,
    {
        let group = || self.groups.get(row.group.as_ref()?.text.as_str())?.get(key);
        row.get(key).or_else(group).or_else(|| self.table.get(key))
    }
}

impl Checker<'_> {
    /// Returns the classification of a row, a neutral one if a word of it is not understood.
    pub(super) fn classification(&mut self, row: &Entry, defaults: &Defaults<'_>) -> Classification {
        self.words(row);
        if self.is_strict && !defaults.classify(row) {
            self.report(
                &row.range,
                "the row has no kind, and no default gives it one",
                "fill its column `Kind`, or put `kind = \"...\"` under `[default]` or its `[group.\"...\"]`",
            );
        }
        match resolve(row, defaults) {
            Some(classification) => {
                self.contradictions(row, &classification);
                classification
            }
            None => Classification {
                kind: Kind::Unknown,
                outcome: Outcome::Error,
                recovery: Recovery::AskOperator,
                origin: Origin::Server,
                http: None,
            },
        }
    }

    /// Reports words that contradict each other. The caret stands under the row's own word, if it has one, else under the
    /// row.
    fn contradictions(&mut self, row: &Entry, classification: &Classification) {
        let Classification { kind, outcome, recovery, .. } = classification;
        let place = |one, other| row.get(one).or(row.get(other)).map_or(&row.range, |word| &word.range);
        let fits = match outcome {
            Outcome::Success | Outcome::Progress => *kind == Kind::Ok,
            Outcome::Warning => true,
            Outcome::Error => *kind != Kind::Ok,
        };
        if !fits {
            self.report(
                place(Key::Outcome, Key::Kind),
                format!("the outcome `{outcome}` does not go with the kind `{kind}`"),
                "success and progress have the kind `OK`, an error has any other, a warning may have either",
            );
        }
        if *outcome == Outcome::Success && *recovery != Recovery::Nothing {
            self.report(
                place(Key::Recovery, Key::Outcome),
                format!("the recovery `{recovery}` does not go with the outcome `{outcome}`"),
                "nothing needs to be recovered from after a success: write `nothing` into its column `Recovery`",
            );
        }
    }

    /// Reports the words of a classification that are not understood.
    fn words(&mut self, entry: &Entry) {
        for (key, word) in &entry.words {
            match key {
                Key::Kind => self.word::<Kind>(*key, word),
                Key::Outcome => self.word::<Outcome>(*key, word),
                Key::Recovery => self.word::<Recovery>(*key, word),
                Key::Origin => self.word::<Origin>(*key, word),
                Key::Http if http(&word.text).is_none() => self.report(
                    &word.range,
                    format!("`{}` is no HTTP status", quoted(&word.text)),
                    "give a number from 100 to 599, or leave it out: then the kind gives one",
                ),
                _ => {}
            }
        }
    }

    fn word<T: Vocabulary>(&mut self, key: Key, word: &Located) {
        if T::from_word(&word.text).is_none() {
            self.report(
                &word.range,
                format!("the {key} `{}` is not known", quoted(&word.text)),
                format!("use one of {}", all_words::<T>()),
            );
        }
    }
}

/// Returns what the words of all levels say together; `None` if a word is not understood.
///
/// The kind of a row that has none is `UNKNOWN`. Only an outcome that says so makes it `OK`.
fn resolve(row: &Entry, defaults: &Defaults<'_>) -> Option<Classification> {
    let find = |key| defaults.find(row, key);
    let outcome = find(Key::Outcome).map(|word| Outcome::from_word(&word.text));
    let kind = match (find(Key::Kind), outcome) {
        (Some(word), _) => Kind::from_word(&word.text)?,
        (None, Some(Some(Outcome::Success | Outcome::Progress))) => Kind::Ok,
        (None, _) => Kind::Unknown,
    };
    Some(Classification {
        kind,
        outcome: outcome.unwrap_or_else(|| Some(kind.usual_outcome()))?,
        recovery: find(Key::Recovery).map_or(Some(kind.usual_recovery()), |word| Recovery::from_word(&word.text))?,
        origin: find(Key::Origin).map_or(Some(Origin::Server), |word| Origin::from_word(&word.text))?,
        http: match find(Key::Http) {
            Some(word) => Some(http(&word.text)?),
            None => None,
        },
    })
}

fn http(text: &str) -> Option<u16> {
    text.parse().ok().filter(|status| (100..=599).contains(status))
}
