//! The rows of a table of codes.

use super::shape::{self, Written};
use super::{Columns, Form, prose};
use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, Entry};
use crate::excerpt::{self, quoted};
use crate::grid::{Cell, Grid, GridRow, Marked};
use crate::identifier::{LONGEST_NAME, is_too_long};
use crate::names::unquoted;
use crate::number::{number, split_range};
use crate::source::Located;
use crate::vocabulary::Key;

use std::borrow::Cow;
use std::sync::Arc;

/// Adds the rows of a table to a draft.
pub(super) fn add(draft: &mut Draft, grid: Grid, columns: &Columns, diagnostics: &mut Vec<Diagnostic>) {
    let headings: Vec<_> = grid.headings.into_iter().filter(|heading| !heading.text.is_empty()).collect();
    let mut group = headings.last().cloned();
    let mut table = Table { draft, columns, width: grid.header.len(), diagnostics };
    if let Some(group) = group.as_mut().filter(|_| !grid.rows.is_empty()) {
        table.cut_heading(group);
    }
    let path: Arc<[String]> =
        headings.iter().chain(&grid.label).map(|heading| quoted(&heading.text).into_owned()).collect();
    for row in grid.rows {
        let first = table.draft.rows.len();
        table.row(row, group.clone());
        table.draft.rows[first..].iter_mut().for_each(|row| row.headings = Some(Arc::clone(&path)));
    }
}

struct Table<'a> {
    draft: &'a mut Draft,
    columns: &'a Columns,
    width: usize,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Table<'_> {
    /// Reports a heading that is too long to be repeated in each of its rows, once.
    fn cut_heading(&mut self, group: &mut Located) {
        if !is_too_long(&group.text) {
            return;
        }
        let cut = quoted(&group.text).into_owned();
        self.diagnostics.push(Diagnostic::at(
            &self.draft.source,
            group.range.clone(),
            format!("the heading `{cut}` is too long for a group"),
            format!("use at most {LONGEST_NAME} characters"),
        ));
        group.text = cut.into();
    }

    fn row(&mut self, mut row: GridRow, group: Option<Located>) {
        if row.cells.iter().all(|cell| cell.text().is_empty()) && !self.columns.is_exact {
            return;
        }
        if self.is_unassigned(&row) {
            return self.draft.account.left_out.push((row.range, "it says nothing about its value".to_owned()));
        }
        if self.is_line(&row) {
            return self.draft.account.left_out.push((row.range, "it is a line between the rows".to_owned()));
        }
        self.cells_beyond_the_header(&mut row);
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
            self.draft.rows.push(entry);
            return;
        }
        match self.values(&value) {
            Ok(Written { value: first, more, beside }) => {
                // `2 (note: the shell uses it too)` has a note, which is no name.
                let is_note = prose::is_note(beside) && entry.get(Key::Meaning).is_some();
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
            Err(why) => self.draft.account.left_out.push((entry.range, why)),
        }
    }

    /// Has it a number and nothing else? A page lists what is free too.
    fn is_unassigned(&self, row: &GridRow) -> bool {
        let mut cells = self.columns.keys.iter().zip(&row.cells).filter(|(_, cell)| !prose::is_nothing(cell.text()));
        let (Some((Some(Key::Value), cell)), None) = (cells.next(), cells.next()) else { return false };
        let is_number = || shape::number(cell.text(), true).is_some_and(|written| written.beside.is_empty());
        self.width > 1 && !self.columns.is_exact && self.columns.form != Form::Text && is_number()
    }

    /// Is it a line between the rows, such as `Class 4`, in one cell over all columns?
    fn is_line(&self, row: &GridRow) -> bool {
        let mut filled = row.cells.iter().filter(|cell| !cell.text().is_empty());
        let (Some(cell), None) = (filled.next(), filled.next()) else { return false };
        let is_number = cell.text().starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '−' | '"' | '\''));
        // `OK (0)` is a code, `Class 4` is not.
        let is_code = || shape::number(cell.text(), false).is_some_and(|written| shape::is_coded(written.beside));
        self.width > 1 && !self.columns.is_exact && self.columns.form != Form::Text && !is_number && !is_code()
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
        self.draft.rows.push(entry);
    }

    /// Joins cells behind the last column to it, if that holds sentences; reports them otherwise.
    fn cells_beyond_the_header(&mut self, row: &mut GridRow) {
        let count = row.cells.len();
        if count <= self.width {
            return;
        }
        let more = row.cells.split_off(self.width);
        let last = row.cells.last_mut().filter(|_| self.columns.keys.last() == Some(&Some(Key::Meaning)));
        if let Some(last) = last {
            for cell in more.into_iter().filter(|cell| !cell.text().is_empty()) {
                last.all.text = format!("{} | {}", last.all.text, cell.text()).into();
                last.all.range.end = cell.all.range.end;
                last.marked.iter_mut().for_each(|marked| marked.prose = None);
            }
        } else if more.iter().any(|cell| !cell.text().is_empty()) {
            let extension = self.draft.source.path().extension().and_then(|extension| extension.to_str());
            let way_out = match extension {
                Some("csv") => "put a cell with a comma between quotation marks",
                Some("tsv") => "put a cell with a tab between quotation marks",
                _ => "write a `|` inside a cell as `\\|`",
            };
            self.diagnostics.push(Diagnostic::at(
                &self.draft.source,
                row.range.clone(),
                format!("the row has {count} cells under a header of {}", self.width),
                format!("{way_out}, or add the missing column to the header"),
            ));
        }
    }

    fn word(&mut self, entry: &mut Entry, key: Key, mut cell: Cell) {
        let is_exact = self.columns.is_exact;
        if !is_exact && key != Key::Meaning && prose::is_nothing(cell.text()) {
            return;
        }
        match key {
            Key::Group => entry.group = Some(cell.all),
            Key::Reasons => entry.words.extend(self.reasons(cell).into_iter().map(|reason| (Key::Reasons, reason))),
            Key::Meaning => {
                entry.links.extend(cell.marked.iter_mut().flat_map(|marked| std::mem::take(&mut marked.links)));
                entry.words.push((key, cell.into_prose()));
            }
            Key::Deprecated => {
                let why = cell.into_prose();
                if is_exact || !matches!(why.text.to_ascii_lowercase().as_str(), "no" | "false") {
                    entry.words.push((key, why));
                }
            }
            Key::Http if !is_exact => {
                let status = shape::number(cell.text(), false).map(|written| written.value.into());
                entry.words.extend(status.map(|text| (key, Located { text, range: cell.all.range })));
            }
            Key::Name if !is_exact => {
                entry.words.push((key, Located { text: unquoted(cell.text()).into(), range: cell.all.range }));
            }
            key => entry.add(key, cell.all),
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
        let is_pinned = self.draft.head.get(Key::Repr).is_some();
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

    /// Returns each text between backticks; without any, the whole cell.
    fn reasons(&mut self, cell: Cell) -> Vec<Located> {
        let Some(Marked { quoted, plain, .. }) = cell.marked.as_deref().filter(|marked| !marked.quoted.is_empty())
        else {
            return vec![cell.into_prose()];
        };
        for plain in plain {
            self.diagnostics.push(Diagnostic::at(
                &self.draft.source,
                plain.range.clone(),
                format!("`{}` is outside the backticks around the reasons", excerpt::quoted(&plain.text)),
                "put each reason between backticks, with commas between them and nothing else",
            ));
        }
        quoted.clone()
    }
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
