//! The result of a search.

use crate::codes::{AnyCode, CodeInfo, RangeInfo, Reading, TableInfo, Value};
use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// The codes in a text. `Display` describes them in full, for people.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Explanation<'t> {
    /// The codes, each once. Empty if the text names none.
    pub matches: Vec<Match<'t>>,
    /// What the caller should know in addition.
    pub remarks: Vec<Remark>,
    /// The names that resemble the text most, the best one first, if there are no matches.
    pub nearest: Vec<Nearest>,
    /// Where each subject stands among the matches, during the search: a text may name very many.
    places: BTreeMap<Identity, usize>,
}

/// What two subjects have in common only if they are the same: the address of the table and the value, or the address of
/// the range.
type Identity = (usize, Option<Value>);

/// One code in the text. `Display` names it in one line.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Match<'t> {
    /// What it is.
    pub subject: Subject,
    /// How it was found.
    pub how: How,
    /// The piece of the text that led to it. A piece of JSON is unescaped, so it may differ from the text.
    pub text: Cow<'t, str>,
    /// The reason in the text, if it fits a template of the code.
    pub reading: Option<Reading<'t>>,
}

/// A code, or a range that was found by its name.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Subject {
    /// A code: listed, composed, or in a range.
    Code(AnyCode),
    /// A range as a whole.
    Range(&'static RangeInfo),
}

impl Subject {
    /// Returns the row; `None` for a composed code of which only the parts have rows, and for an unlisted value. A value in a
    /// range has the range's row.
    #[must_use]
    pub fn row(&self) -> Option<&'static CodeInfo> {
        match self {
            Self::Code(code) => code.info().or_else(|| code.range().map(|range| &range.row)),
            Self::Range(range) => Some(&range.row),
        }
    }

    fn identity(&self) -> Identity {
        match self {
            Self::Code(code) => (core::ptr::from_ref(code.table()).addr(), Some(code.value())),
            Self::Range(range) => (core::ptr::from_ref(*range).addr(), None),
        }
    }
}

/// In one line.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => match (code.info(), code.range()) {
                (None, Some(range)) => {
                    write!(f, "{} {} in {range} {}", code.table().name, code.value(), range.row.name)
                }
                _ => code.fmt(f),
            },
            Self::Range(range) => write!(f, "{} {range} {}", range.row.table.name, range.row.name),
        }
    }
}

/// How a code was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum How {
    /// By its number or digits.
    Value,
    /// By a name or an alias.
    Name,
    /// By the value of a JSON member.
    Member,
    /// By a reason that fits a template of its row.
    Reason,
    /// By the name of its table.
    Table,
}

/// What the caller should know in addition to the matches. `Display` writes a sentence.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Remark {
    /// Tables of several generations of one service give this value different meanings.
    GenerationsDiffer(Vec<AnyCode>),
    /// The table does not list the value that the text asks for.
    NotListed(&'static TableInfo, Value),
    /// The text asks for something that cannot be a code of the table.
    NotInTable(&'static TableInfo),
    /// No table lists this number.
    InNoTable(String),
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GenerationsDiffer(codes) => {
                let Some(first) = codes.first() else { return Ok(()) };
                write!(f, "{} means different things in generations of the same service: ", first.value())?;
                for (at, code) in codes.iter().enumerate() {
                    write!(f, "{}{} in {}", if at == 0 { "" } else { ", " }, code.label(), code.table().name)?;
                }
                f.write_str("; find out which generation the server is of")
            }
            Self::NotListed(table, value) => write!(
                f,
                "the table {} does not list {value}: the server may be newer than the table ({}, revision {})",
                table.name, table.source, table.revision
            ),
            Self::NotInTable(table) => write!(f, "the table {} has no code or name like this", table.name),
            Self::InNoTable(number) => write!(f, "no table lists {number}"),
        }
    }
}

/// A name that resembles the text.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Nearest {
    /// The name.
    pub name: &'static str,
    /// What has this name: rows of one or more tables, or tables.
    pub places: Vec<String>,
}

impl<'t> Explanation<'t> {
    /// Adds a match, unless the code is there already; then only a reading that the other one lacks is added.
    pub(super) fn add(&mut self, found: Match<'t>) {
        let place = *self.places.entry(found.subject.identity()).or_insert(self.matches.len());
        match self.matches.get_mut(place) {
            Some(known) => known.reading = known.reading.or(found.reading),
            None => self.matches.push(found),
        }
    }

    pub(super) fn add_all(
        &mut self,
        subjects: impl IntoIterator<Item = Subject>,
        how: How,
        text: impl Into<Cow<'t, str>>,
    ) {
        let text = text.into();
        for subject in subjects {
            self.add(Match { subject, how, text: text.clone(), reading: None });
        }
    }

    /// Ends the search for matches.
    pub(super) fn finish(&mut self) {
        self.places.clear();
        self.compare_generations();
    }

    /// Remarks on values to which generations of one service give different meanings.
    fn compare_generations(&mut self) {
        let mut places = BTreeMap::new();
        let mut all_twins: Vec<Vec<AnyCode>> = Vec::new();
        for (family, code) in self.matches.iter().filter_map(Match::generation) {
            let place = *places.entry((family, code.value())).or_insert(all_twins.len());
            match all_twins.get_mut(place) {
                Some(twins) => twins.push(code),
                None => all_twins.push(Vec::from([code])),
            }
        }
        all_twins.retain(|twins| twins.iter().any(|twin| !means_the_same(&twins[0], twin)));
        self.remarks.extend(all_twins.into_iter().map(Remark::GenerationsDiffer));
    }
}

fn means_the_same(one: &AnyCode, other: &AnyCode) -> bool {
    match (one.info(), other.info()) {
        (Some(row), Some(twin)) => {
            one.outcome() == other.outcome() && (row.is_called(twin.name) || twin.is_called(row.name))
        }
        _ => true,
    }
}

impl Match<'_> {
    /// Returns the family and the code, if it is a listed code of a service that has several tables.
    fn generation(&self) -> Option<(&'static str, AnyCode)> {
        match self.subject {
            Subject::Code(code) if code.info().is_some() => Some((code.table().family?, code)),
            _ => None,
        }
    }
}

impl fmt::Display for Match<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.subject.fmt(f)
    }
}

/// Writes paragraphs with an empty line between them, without a line end at the end.
impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for found in &self.matches {
            f.write_str(separator)?;
            separator = "\n\n";
            match &found.subject {
                Subject::Code(code) => write!(f, "{}", code.describe())?,
                Subject::Range(range) => write!(f, "{}", range.describe())?,
            }
            if let Some(reading) = &found.reading {
                write!(f, "\n  here: \"{}\"", reading.text())?;
                let mut result = Ok(());
                reading.for_each(|name, field| result = result.and_then(|()| write!(f, ", {name} = {field}")));
                result?;
            }
        }
        for remark in &self.remarks {
            write!(f, "{separator}{remark}")?;
            separator = "\n";
        }
        if self.matches.is_empty() && self.remarks.is_empty() {
            f.write_str("no code was found in this text")?;
        }
        for (at, near) in self.nearest.iter().enumerate() {
            write!(f, "{}{} ({})", if at == 0 { "\ndid you mean: " } else { ", " }, near.name, near.places.join(", "))?;
        }
        Ok(())
    }
}
