//! Reads a table of JSON: an array of objects, an object with a member for each code, or either under one member.

use super::Page;
use crate::diagnostic::Diagnostic;
use crate::grid::{Cell, Grid, GridRow};
use crate::source::Source;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::ops::Range;

/// How many objects may be around the codes.
const DEPTH: usize = 4;

/// Reads a file that ends at a byte offset of the source.
pub(super) fn read(source: &Source, end: usize, diagnostics: &mut Vec<Diagnostic>) -> Option<Page> {
    let text = &source.text()[..end];
    let top = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let reader = Reader { source };
    match serde_json::from_str::<&RawValue>(&text[top..]) {
        Ok(value) => Some(Page { settings: None, grids: reader.tables(value.get(), 0) }),
        Err(error) => {
            let at = offset(&text[top..], error.line(), error.column()) + top;
            diagnostics.push(Diagnostic::at(
                source,
                at..at,
                format!("the file is not valid JSON: {}", message(&error)),
                "write it as an array of objects: `[{ \"value\": 1, \"name\": \"Ok\" }]`",
            ));
            None
        }
    }
}

/// Returns what an error says, without the place at its end.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what).to_owned()
}

/// Returns the offset of a line and a column, which counts bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (start + column.saturating_sub(1)).min(text.len())
}

struct Reader<'s> {
    source: &'s Source,
}

/// The members of an object, in their order.
struct Members<'t>(Vec<(String, &'t RawValue)>);

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
                    members.push((key, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

fn members(text: &str) -> Option<Vec<(String, &RawValue)>> {
    text.starts_with('{').then(|| serde_json::from_str::<Members<'_>>(text).ok()).flatten().map(|members| members.0)
}

fn items(text: &str) -> Option<Vec<&RawValue>> {
    text.starts_with('[').then(|| serde_json::from_str(text).ok()).flatten()
}

impl Reader<'_> {
    /// Returns the tables in a value.
    fn tables(&self, text: &str, depth: usize) -> Vec<Grid> {
        if let Some(items) = items(text) {
            return vec![self.array(text, &items)];
        }
        let Some(members) = members(text) else { return Vec::new() };
        let is_container = |value: &RawValue| value.get().starts_with(['{', '[']);
        let holds_codes =
            |text: &str| items(text).is_some_and(|items| items.iter().any(|item| item.get().starts_with('{')));
        let inner: Vec<_> = members.iter().filter(|(_, value)| is_container(value)).collect();
        // Around the codes there are few members, and among those one with codes.
        let is_around = inner.iter().any(|(_, value)| holds_codes(value.get()))
            || inner.len() == 1
                && self::members(inner[0].1.get()).is_some_and(|inner| {
                    inner.iter().any(|(_, value)| is_container(value))
                        || members.len() == 1 && inner.len() > 1 && inner.iter().all(|(key, _)| !is_word_of_a_row(key))
                });
        if is_around && depth < DEPTH {
            return inner.into_iter().flat_map(|(_, value)| self.tables(value.get(), depth + 1)).collect();
        }
        vec![self.object(text, &members)]
    }

    /// Reads an object for each code.
    fn array(&self, text: &str, items: &[&RawValue]) -> Grid {
        let mut grid = Grid::of_keys(self.start(text));
        for item in items {
            let Some(members) = members(item.get()) else { continue };
            let mut row = GridRow { range: self.range(item.get()), cells: Vec::new() };
            self.cells(&mut grid, &mut row, &members);
            grid.rows.push(row);
        }
        grid
    }

    /// Reads a member for each code: its key is the value or the name.
    fn object(&self, text: &str, members: &[(String, &RawValue)]) -> Grid {
        let mut grid = Grid::of_keys(self.start(text));
        let is_code = |key: &str| {
            let key = key.trim();
            !key.is_empty() && key.trim_start_matches(['-', '+']).starts_with(|c: char| c.is_ascii_digit())
        };
        let codes = members.iter().filter(|(key, _)| is_code(key)).count();
        let keyed_by_value = codes * 2 > members.len();
        let (key_is, scalar_is) = if keyed_by_value { ("code", "message") } else { ("name", "code") };
        let has_code = |value: &RawValue| {
            self::members(value.get()).is_some_and(|members| members.iter().any(|(key, _)| is_word_of_a_value(key)))
        };
        // `{ "invalid_request": "The request is wrong." }`: the key is a code that is text.
        let is_text = !keyed_by_value && !members.iter().any(|(_, value)| has_code(value) || is_number(value.get()));
        let (key_is, scalar_is) = if is_text { ("code", "description") } else { (key_is, scalar_is) };
        for (key, value) in members {
            let range = self.range(value.get());
            let mut row = GridRow { range: range.clone(), cells: Vec::new() };
            // The key stands in front of the value.
            let cell = Cell::new(key.as_str(), self.key(&range, key));
            match self::members(value.get()) {
                Some(inner) => {
                    grid.set(&mut row, key_is, range, cell);
                    let inner: Vec<_> = inner.into_iter().filter(|(key, _)| key != key_is).collect();
                    self.cells(&mut grid, &mut row, &inner);
                }
                None => {
                    grid.set(&mut row, key_is, range.clone(), cell);
                    if let Some(cell) = self.cell(value.get()) {
                        grid.set(&mut row, scalar_is, range, cell);
                    }
                }
            }
            grid.rows.push(row);
        }
        grid
    }

    fn cells(&self, grid: &mut Grid, row: &mut GridRow, members: &[(String, &RawValue)]) {
        for (key, value) in members {
            if let Some(cell) = self.cell(value.get()) {
                let range = cell.all.range.clone();
                grid.set(row, key, range, cell);
            }
        }
    }

    /// Returns the text of a value; `None` for an object and for null.
    fn cell(&self, text: &str) -> Option<Cell> {
        let range = self.range(text);
        if let Some(items) = items(text) {
            let items = items.into_iter().filter_map(|item| self.cell(item.get())).map(|cell| cell.all).collect();
            return Some(Cell::of_items(items, range));
        }
        if text.starts_with('{') || text == "null" {
            return None;
        }
        let plain = if text.starts_with('"') { serde_json::from_str::<String>(text).ok()? } else { text.to_owned() };
        Some(Cell::new(plain.split_whitespace().collect::<Vec<_>>().join(" "), range))
    }

    /// Returns the range of a piece of the source's text.
    fn range(&self, piece: &str) -> Range<usize> {
        let start = (piece.as_ptr() as usize).saturating_sub(self.source.text().as_ptr() as usize);
        start..start + piece.len()
    }

    fn start(&self, piece: &str) -> Range<usize> {
        let start = self.range(piece).start;
        start..start + 1
    }

    /// Returns the range of the key in front of a value.
    fn key(&self, value: &Range<usize>, key: &str) -> Range<usize> {
        let written = format!("\"{key}\"");
        let text = self.source.text();
        // A key with escapes is not found: its value stands for it.
        let mut from = value.start.saturating_sub(written.len() + 64);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        let found = text[from..value.start].rfind(&written).map(|at| from + at + 1);
        found.map_or(value.clone(), |start| start..start + key.len())
    }
}

fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        || text.trim_matches('"').parse::<i64>().is_ok()
        || text.trim_matches('"').starts_with("0x")
}

/// Is it the key of a value in a row?
fn is_word_of_a_value(key: &str) -> bool {
    matches!(
        key.to_ascii_lowercase().as_str(),
        "value" | "code" | "number" | "id" | "errno" | "status" | "error_code" | "errorcode" | "status_code" | "num"
    )
}

/// Is it a key that objects have which are rows?
fn is_word_of_a_row(key: &str) -> bool {
    is_word_of_a_value(key)
        || matches!(key.to_ascii_lowercase().as_str(), "name" | "meaning" | "description" | "message")
}
