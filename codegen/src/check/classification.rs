//! Kind, outcome, recovery, origin and HTTP status: of a row, else of its group, else of its table, else the usual ones.

use super::Checker;
use crate::draft::{Draft, FactKey, FactsDraft, RowDraft};
use crate::source::Located;
use crate::vocabulary::{Kind, Origin, Outcome, Recovery};
use std::collections::{HashMap, HashSet};

/// A fact at one level.
#[derive(Clone, Copy, Default)]
enum Stated<T> {
    #[default]
    Nothing,
    /// Something that is not understood; it was reported where it stands.
    Wrong,
    Is(T),
}

impl<T> Stated<T> {
    fn or(self, default: Self) -> Self {
        if matches!(self, Self::Nothing) { default } else { self }
    }

    /// The fact, or the usual one; `None` if a diagnostic was reported.
    fn or_usual(self, usual: T) -> Option<T> {
        match self {
            Self::Nothing => Some(usual),
            Self::Wrong => None,
            Self::Is(fact) => Some(fact),
        }
    }
}

/// The classification of a row when all levels were looked at.
pub(super) struct Classification {
    pub(super) kind: Kind,
    pub(super) outcome: Outcome,
    pub(super) recovery: Recovery,
    pub(super) origin: Origin,
    pub(super) http: Option<u16>,
}

/// The classification of one level.
#[derive(Clone, Copy, Default)]
struct Level {
    kind: Stated<Kind>,
    outcome: Stated<Outcome>,
    recovery: Stated<Recovery>,
    origin: Stated<Origin>,
    http: Stated<u16>,
}

impl Level {
    fn or(self, default: Self) -> Self {
        Self {
            kind: self.kind.or(default.kind),
            outcome: self.outcome.or(default.outcome),
            recovery: self.recovery.or(default.recovery),
            origin: self.origin.or(default.origin),
            http: self.http.or(default.http),
        }
    }
}

/// The defaults of a table and of its groups.
pub(super) struct Defaults {
    table: Level,
    groups: HashMap<String, Level>,
}

impl Defaults {
    pub(super) fn check(checker: &mut Checker<'_>, draft: &Draft) -> Self {
        let used: HashSet<_> = draft.rows.iter().filter_map(|row| Some(row.group.as_ref()?.text.as_str())).collect();
        let table = checker.level(&draft.defaults);
        let mut groups = HashMap::new();
        for group in &draft.groups {
            if !used.contains(group.name.text.as_str()) && !draft.has_unread_rows {
                checker.diagnostic(
                    &group.name,
                    format!("no codes stand under a heading `{}`", group.name.text),
                    "spell the group as its heading, or remove its defaults",
                );
            }
            groups.insert(group.name.text.clone(), checker.level(&group.defaults).or(table));
        }
        Self { table, groups }
    }

    fn of(&self, group: Option<&Located>) -> Level {
        group.and_then(|group| self.groups.get(&group.text)).copied().unwrap_or(self.table)
    }
}

impl Checker<'_> {
    /// The classification of a row; `None` if a diagnostic was reported.
    pub(super) fn classification(&mut self, row: &RowDraft, defaults: &Defaults) -> Option<Classification> {
        let level = self.level(&row.classification).or(defaults.of(row.group.as_ref()));
        let kind = match level.kind {
            Stated::Is(kind) => kind,
            Stated::Wrong => return None,
            Stated::Nothing => {
                self.diagnostic(
                    &row.whole(),
                    "the row has no kind, and no default gives it one".to_owned(),
                    "fill its column `Kind`, or put `kind = \"...\"` under `[default]` or its `[group.\"...\"]`",
                );
                return None;
            }
        };
        let classification = Classification {
            kind,
            outcome: level.outcome.or_usual(kind.usual_outcome())?,
            recovery: level.recovery.or_usual(kind.usual_recovery())?,
            origin: level.origin.or_usual(Origin::Server)?,
            http: match level.http {
                Stated::Is(http) => Some(http),
                Stated::Nothing => None,
                Stated::Wrong => return None,
            },
        };
        self.contradictions(row, &classification);
        Some(classification)
    }

    /// Classification that cannot hold together. The caret stands under the row's own word, if it has one, else under the row.
    fn contradictions(&mut self, row: &RowDraft, classification: &Classification) {
        let Classification { kind, outcome, recovery, .. } = classification;
        let fits = match outcome {
            Outcome::Success | Outcome::Progress => *kind == Kind::Ok,
            Outcome::Warning => true,
            Outcome::Error => *kind != Kind::Ok,
        };
        if !fits {
            let at = row
                .classification
                .outcome
                .as_ref()
                .or(row.classification.kind.as_ref())
                .cloned()
                .unwrap_or_else(|| row.whole());
            self.diagnostic(
                &at,
                format!("the outcome `{outcome}` does not go with the kind `{kind}`"),
                "success and progress have the kind `OK`, an error has any other, a warning may have either",
            );
        }
        if *outcome == Outcome::Success && *recovery != Recovery::Nothing {
            let at = row
                .classification
                .recovery
                .as_ref()
                .or(row.classification.outcome.as_ref())
                .cloned()
                .unwrap_or_else(|| row.whole());
            self.diagnostic(
                &at,
                format!("the recovery `{recovery}` does not go with the outcome `{outcome}`"),
                "nothing needs to be recovered from after a success: write `nothing` into its column `Recovery`",
            );
        }
    }

    fn level(&mut self, draft: &FactsDraft) -> Level {
        let mut level = Level::default();
        for (key, word) in draft.by_key() {
            let Some(word) = word else { continue };
            match key {
                FactKey::Kind => level.kind = self.word(word, "kind", Kind::from_word, Kind::ALL),
                FactKey::Outcome => level.outcome = self.word(word, "outcome", Outcome::from_word, Outcome::ALL),
                FactKey::Recovery => level.recovery = self.word(word, "recovery", Recovery::from_word, Recovery::ALL),
                FactKey::Origin => level.origin = self.word(word, "origin", Origin::from_word, Origin::ALL),
                FactKey::Http => level.http = self.http(word),
            }
        }
        level
    }

    fn word<T: std::fmt::Display>(
        &mut self,
        word: &Located,
        what: &str,
        from_word: fn(&str) -> Option<T>,
        all: &[T],
    ) -> Stated<T> {
        if let Some(fact) = from_word(&word.text) {
            return Stated::Is(fact);
        }
        let all: Vec<_> = all.iter().map(ToString::to_string).collect();
        self.diagnostic(
            word,
            format!("the {what} `{}` is not known", word.text),
            format!("use one of {}", all.join(", ")),
        );
        Stated::Wrong
    }

    fn http(&mut self, word: &Located) -> Stated<u16> {
        if let Some(status) = word.text.parse().ok().filter(|status| (100..=599).contains(status)) {
            return Stated::Is(status);
        }
        self.diagnostic(
            word,
            format!("`{}` is no HTTP status", word.text),
            "give a number from 100 to 599, or leave it out: then the kind gives one",
        );
        Stated::Wrong
    }
}

impl RowDraft {
    /// The row as something to point at.
    pub(super) fn whole(&self) -> Located {
        Located { text: String::new(), range: self.range.clone() }
    }
}
