//! A table as a file states it: every word with its place, nothing checked yet. This is what a reader of any file format makes.

use crate::source::{Located, Source};
use std::ops::Range;

/// A table before it is checked.
///
/// Keys and cells that a file leaves out or empty are `None`: whether they may be missing is for
/// [`check`](crate::check) to say.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The text that all places are in.
    pub source: Source,
    /// The part of the text that describes the table as a whole: missing keys are reported there.
    pub head: Range<usize>,
    /// The name, which also names the module.
    pub name: Option<Located>,
    /// The name of the service for people.
    pub title: Option<Located>,
    /// The type on the wire.
    pub repr: Option<Located>,
    /// Where the table was read.
    pub provenance: Option<Located>,
    /// Which revision or date of that.
    pub revision: Option<Located>,
    /// What the generations of one service's table have in common: a name.
    pub family: Option<Located>,
    /// The members of a JSON object that carry the code.
    pub members: Vec<Located>,
    /// The parts of a composed code, from its first digit on.
    pub parts: Vec<PartDraft>,
    /// What holds for every row that says nothing else.
    pub defaults: FactsDraft,
    /// What holds for the rows of one group that say nothing else.
    pub groups: Vec<GroupDraft>,
    /// The rows, in the order of the file.
    pub rows: Vec<RowDraft>,
    /// There are more rows, which the reader could not read and reported: a draft without rows is then not called empty.
    pub has_unread_rows: bool,
}

impl Draft {
    /// A draft that says nothing yet.
    #[must_use]
    pub fn empty(source: Source, head: Range<usize>) -> Self {
        Self {
            source,
            head,
            name: None,
            title: None,
            repr: None,
            provenance: None,
            revision: None,
            family: None,
            members: Vec::new(),
            parts: Vec::new(),
            defaults: FactsDraft::default(),
            groups: Vec::new(),
            rows: Vec::new(),
            has_unread_rows: false,
        }
    }
}

/// One part of a composed code. Its rows are those of the group that is called like it, whatever the case.
#[derive(Clone, Debug)]
pub struct PartDraft {
    /// Where the part is described: what it leaves out is reported there.
    pub range: Range<usize>,
    /// The name, which also names the field.
    pub name: Option<Located>,
    /// How many digits it takes.
    pub digits: Option<Located>,
}

/// The defaults of one group.
#[derive(Clone, Debug)]
pub struct GroupDraft {
    /// The group.
    pub name: Located,
    /// Its defaults.
    pub defaults: FactsDraft,
}

/// One code.
#[derive(Clone, Debug)]
pub struct RowDraft {
    /// Where the row stands: what it leaves out is reported there.
    pub range: Range<usize>,
    /// The group; `None` before the first heading.
    pub group: Option<Located>,
    /// The value, as digits; or two with `-` between them for a range.
    pub value: Option<Located>,
    /// The name in the service's spelling.
    pub name: Option<Located>,
    /// What it means.
    pub meaning: Option<Located>,
    /// What it means to a caller.
    pub classification: FactsDraft,
    /// Other names of the same code.
    pub aliases: Vec<Located>,
    /// The reasons that come with it, as templates.
    pub reasons: Vec<Located>,
    /// The commands that answer with it.
    pub commands: Vec<Located>,
    /// The version of the service that brought it.
    pub since: Option<Located>,
    /// Why, or since when, it should not be used.
    pub deprecated: Option<Located>,
}

impl RowDraft {
    /// A row that says nothing yet.
    #[must_use]
    pub fn empty(range: Range<usize>, group: Option<Located>) -> Self {
        Self {
            range,
            group,
            value: None,
            name: None,
            meaning: None,
            classification: FactsDraft::default(),
            aliases: Vec::new(),
            reasons: Vec::new(),
            commands: Vec::new(),
            since: None,
            deprecated: None,
        }
    }
}

/// The classification that a row, a group or a table may state.
#[derive(Clone, Debug, Default)]
pub struct FactsDraft {
    /// The kind, in the spelling of google.rpc.
    pub kind: Option<Located>,
    /// The outcome.
    pub outcome: Option<Located>,
    /// The recovery.
    pub recovery: Option<Located>,
    /// The origin.
    pub origin: Option<Located>,
    /// The HTTP status, if another one than the kind's.
    pub http: Option<Located>,
}

impl FactsDraft {
    /// The classification by their keys.
    pub(crate) fn by_key(&self) -> [(FactKey, &Option<Located>); 5] {
        FactKey::ALL.map(|key| (key, key.of(self)))
    }
}

/// The name of a fact, which is the same in a column's header and in the front matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FactKey {
    Kind,
    Outcome,
    Recovery,
    Origin,
    Http,
}

impl FactKey {
    pub(crate) const ALL: [Self; 5] = [Self::Kind, Self::Outcome, Self::Recovery, Self::Origin, Self::Http];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Outcome => "outcome",
            Self::Recovery => "recovery",
            Self::Origin => "origin",
            Self::Http => "http",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.word() == word)
    }

    pub(crate) const fn of(self, classification: &FactsDraft) -> &Option<Located> {
        match self {
            Self::Kind => &classification.kind,
            Self::Outcome => &classification.outcome,
            Self::Recovery => &classification.recovery,
            Self::Origin => &classification.origin,
            Self::Http => &classification.http,
        }
    }

    pub(crate) const fn of_mut(self, classification: &mut FactsDraft) -> &mut Option<Located> {
        match self {
            Self::Kind => &mut classification.kind,
            Self::Outcome => &mut classification.outcome,
            Self::Recovery => &mut classification.recovery,
            Self::Origin => &mut classification.origin,
            Self::Http => &mut classification.http,
        }
    }
}
