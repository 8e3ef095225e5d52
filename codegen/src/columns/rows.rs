//! The rows of a table of codes.

use super::shape::{self, Written};
use super::{Columns, Form, prose};
use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, Entry};
use crate::exact::{self, Rows};
use crate::excerpt::quoted;
use crate::grid::{Cell, Grid, GridRow};
use crate::identifier;
use crate::names::unquoted;
use crate::number::{number, split_range};
use crate::source::Located;
use crate::vocabulary::Key;
use std::borrow::Cow;

/// Adds the rows of a table to a draft.
pub(super) fn add(draft: &mut Draft, grid: Grid, columns: &Columns, diagnostics: &mut Vec<Diagnostic>) {
    let is_text = columns.form == Form::Text;
    // Such as `Class 4`, in one cell over all columns: the group of the rows below it.
    let mut line = None;
    exact::add(draft, grid, &columns.keys, diagnostics, &mut |rows, row, group| {
        if columns.is_plain {
            return rows.row(row, group, is_text);
        }
        let table = Table { rows, columns };
        match table.line(&row) {
            Some(cell) => {
                // What is in a later column belongs to the row above.
                let is_first = row.cells.first().is_some_and(|first| first.all.range == cell.all.range);
                line = if is_first && prose::is_title(cell.text()) { Some(cell.all.clone()) } else { line.take() };
                let why = "it is a line between the rows".to_owned();
                table.rows.draft.account.left_out.push((row.range, why));
            }
            None => table.row(row, line.clone().or(group)),
        }
    });
}

struct Table<'a, 'r> {
    rows: &'a mut Rows<'r>,
    columns: &'a Columns,
}

impl Table<'_, '_> {
    fn row(mut self, mut row: GridRow, group: Option<Located>) {
        if row.cells.iter().all(|cell| cell.text().is_empty()) && !self.columns.is_exact {
            return;
        }
        if self.is_unassigned(&row) {
            return self.rows.draft.account.left_out.push((row.range, "it says nothing about its value".to_owned()));
        }
        self.rows.cells_beyond_the_header(&mut row);
        let mut entry = Entry::new(row.range, group);
        // As much as the cells took: the next row finds the memory that this one frees.
        entry.words.reserve(row.cells.len() + usize::from(self.columns.value_is_name));
        let mut value = None;
        for (key, cell) in self.columns.keys.iter().zip(row.cells) {
            match key {
                Some(Key::Value) => value = Some(cell),
                Some(key) if !cell.text().is_empty() => self.word(&mut entry, *key, cell),
                _ => {}
            }
        }
        let value = value.unwrap_or_else(|| Cell::new("", entry.range.clone()));
        if value.text().is_empty() && entry.get(Key::Name).is_some() && entry.get(Key::Meaning).is_some() {
            // Perhaps the value of the row above: that is for a person to say.
            self.rows.draft.rows.push(entry);
            return;
        }
        match self.values(&value) {
            Ok(Written { value: first, more, beside }) => {
                // `2 (note: the shell uses it too)` has a note, which is no name.
                let is_note = prose::is_note(beside) && entry.get(Key::Meaning).is_some();
                let is_note = is_note || self.is_foreign(&mut entry, beside);
                if !beside.is_empty() && !is_note && entry.get(Key::Name).is_none() {
                    let name = Located { text: beside.into(), range: value.all.range.clone() };
                    entry.words.push((Key::Name, name));
                }
                // Codes that share a row share its name: their values tell them apart.
                let named = |text: &str| {
                    let mut entry = entry.clone();
                    let names = entry.words.iter_mut().filter(|(key, _)| *key == Key::Name);
                    names.for_each(|(_, name)| {
                        name.text = format!("{} {}", name.text, text.trim_start_matches("0x")).into()
                    });
                    entry
                };
                if more.is_empty() {
                    self.one_value(entry, &value.all, first);
                } else {
                    for text in std::iter::once(first).chain(more) {
                        self.one_value(named(&text), &value.all, text);
                    }
                }
            }
            Err(why) => self.rows.draft.account.left_out.push((entry.range, why)),
        }
    }

    /// Takes a text that makes no name for the start of the meaning; returns whether it did.
    fn is_foreign(&self, entry: &mut Entry, beside: &str) -> bool {
        let meaning = entry.words.iter_mut().find(|(key, _)| *key == Key::Meaning).filter(|_| !self.columns.is_exact);
        let Some((_, meaning)) = meaning.filter(|_| !beside.is_empty() && identifier::variant(beside).is_none()) else {
            return false;
        };
        meaning.text = format!("{beside}: {}", meaning.text).into();
        true
    }

    /// Has it a number and nothing else? A page lists what is free too.
    fn is_unassigned(&self, row: &GridRow) -> bool {
        let mut cells = self.columns.keys.iter().zip(&row.cells).filter(|(_, cell)| !prose::is_nothing(cell.text()));
        let (Some((Some(Key::Value), cell)), None) = (cells.next(), cells.next()) else { return false };
        let is_number = || shape::number(cell.text(), true).is_some_and(|written| written.beside.is_empty());
        self.columns.keys.len() > 1 && !self.columns.is_exact && self.columns.form != Form::Text && is_number()
    }

    /// Returns the cell of a line between the rows, such as `Class 4`, in one cell over all columns.
    fn line<'c>(&self, row: &'c GridRow) -> Option<&'c Cell> {
        let mut filled = row.cells.iter().filter(|cell| !cell.text().is_empty());
        let (Some(cell), None) = (filled.next(), filled.next()) else { return None };
        let text = cell.text();
        let is_number = || text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '−' | '"' | '\''));
        // `OK (0)` is a code; `Class 4` and `Faults (40-49)` are not.
        let is_one = |written: Written<'_>| split_range(&written.value).is_none() && shape::is_coded(written.beside);
        let is_line = match self.columns.form {
            Form::Text => row.cells.len() > 2 && text.contains(' ') && shape::texts(text).is_none(),
            Form::Number { .. } => !is_number() && !shape::number(text, false).is_some_and(is_one),
        };
        (self.columns.keys.len() > 1 && !self.columns.is_exact && is_line).then_some(cell)
    }

    /// Adds a row of one of the values in its cell.
    fn one_value(&mut self, mut entry: Entry, cell: &Located, text: Cow<'_, str>) {
        if self.columns.value_is_name && text.contains(|c: char| c.is_ascii_alphabetic()) {
            entry.words.push((Key::Name, Located { text: text.as_ref().into(), range: cell.range.clone() }));
        }
        self.name_without_value(&mut entry, &text);
        entry.is_text = self.columns.form == Form::Text;
        if !text.is_empty() {
            entry.words.insert(0, (Key::Value, Located { text: text.into(), range: cell.range.clone() }));
        }
        self.rows.draft.rows.push(entry);
    }

    fn word(&mut self, entry: &mut Entry, key: Key, cell: Cell) {
        let is_exact = self.columns.is_exact;
        if !is_exact && key != Key::Meaning && prose::is_nothing(cell.text()) {
            return;
        }
        match key {
            Key::Deprecated if !is_exact && matches!(cell.text().to_ascii_lowercase().as_str(), "no" | "false") => {}
            Key::Http if !is_exact => {
                let status = shape::number(cell.text(), false).map(|written| written.value.into());
                entry.words.extend(status.map(|text| (key, Located { text, range: cell.all.range })));
            }
            Key::Name if !is_exact => {
                let text = without_escaped_marks(unquoted(cell.text()));
                entry.words.push((key, Located { text: text.into(), range: cell.all.range }));
            }
            key => self.rows.word(entry, key, cell),
        }
    }

    /// Returns the values of a row and the text next to them; an empty value is reported when the row is checked. The error
    /// says why the row is no code.
    fn values<'c>(&self, cell: &'c Cell) -> Result<Written<'c>, String> {
        let text = cell.text();
        if text.is_empty() && !self.columns.is_exact {
            return Err("the row has no value".to_owned());
        }
        let as_it_is = || Written::one(Cow::Borrowed(text), "");
        if self.columns.form == Form::Text {
            let is_nothing = (prose::is_nothing(text) || prose::is_truth(text)) && !self.columns.is_exact;
            if !self.columns.is_exact && shape::is_several_texts(text) {
                return Err(format!("`{}` stands for several codes", quoted(text)));
            }
            if is_nothing {
                return Err(format!("`{}` is no code", quoted(text)));
            }
            if self.columns.is_exact {
                return Ok(as_it_is());
            }
            let mut codes = match shape::texts(text) {
                Some(codes) => codes.into_iter(),
                // A code and more: that is for a person to say.
                None if shape::begins_with_code(text) || !text.contains(' ') => return Ok(as_it_is()),
                None => return Err(format!("`{}` is no code", quoted(text))),
            };
            let first = codes.next().map_or(Cow::Borrowed(text), Cow::Borrowed);
            // A note is a name only if it looks like one, behind a code that does not.
            let is_name = |(code, note): &(&str, &str)| {
                shape::is_fixed(code) && shape::is_identifier(note) && shape::is_coded(note)
            };
            let beside = shape::with_note(text).filter(is_name).map_or("", |(_, note)| note);
            return Ok(Written { more: codes.map(Cow::Borrowed).collect(), ..Written::one(first, beside) });
        }
        let is_hex = self.columns.form == Form::Number { is_hex: true };
        let is_pinned = self.rows.draft.head.get(Key::Repr).is_some();
        match shape::number(text, is_hex) {
            Some(Written { value, more, beside }) => {
                let upwards = |value| if self.columns.is_exact { value } else { upwards(value) };
                let spelled = |value| if is_hex && !is_pinned { marked(&upwards(value)) } else { upwards(value) };
                Ok(Written { value: spelled(value), more: more.into_iter().map(spelled).collect(), beside })
            }
            // A word in a column of numbers: `other`, `default`.
            None if !self.columns.is_exact && !shape::may_be_number(text) => {
                Err(format!("`{}` is no code", quoted(text)))
            }
            None => Ok(as_it_is()),
        }
    }

    /// Removes the value that a page repeats behind a name: `NOT_FOUND (5)`.
    fn name_without_value(&self, entry: &mut Entry, value: &str) {
        if self.columns.is_exact {
            return;
        }
        for (_, name) in entry.words.iter_mut().filter(|(key, _)| *key == Key::Name) {
            let open = name.text.strip_suffix(')').and_then(|text| text.rfind('('));
            if let Some(open) = open.filter(|open| *open > 0)
                && shape::number(&name.text[open + 1..name.text.len() - 1], false)
                    .is_some_and(|written| written.value == value && written.more.is_empty())
            {
                name.text = name.text[..open].trim_end().into();
            }
        }
    }
}

/// Returns a name without the marks of bold text that an editor escaped around it: `\*\*\*\*Busy\*\*\*\*`.
fn without_escaped_marks(name: &str) -> &str {
    let from = if name.starts_with("**") { name.trim_start_matches('*') } else { name };
    let whole = if from.ends_with("**") { from.trim_end_matches('*') } else { from };
    if whole.is_empty() { name } else { whole.trim() }
}

/// Turns a range around that a page writes downwards: `-32000 to -32099`.
fn upwards(value: Cow<'_, str>) -> Cow<'_, str> {
    let ends = split_range(&value);
    match ends.and_then(|(first, last)| Some((number(first)?, number(last)?, first, last))) {
        Some((one, other, first, last)) if one > other => Cow::Owned(format!("{last}-{first}")),
        _ => value,
    }
}

/// Marks the digits of a value, or of both ends of a range, as hexadecimal.
fn marked<'t>(value: &str) -> Cow<'t, str> {
    let mark = |digits: &str| if digits.starts_with("0x") { digits.to_owned() } else { format!("0x{digits}") };
    Cow::Owned(value.split('-').map(mark).collect::<Vec<_>>().join("-"))
}
