//! Corrections of rows: `[rename]`, `[drop]`, `[override]`. A vendor's page stays as it is.

use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, Fixes};
use crate::excerpt::quoted;
use crate::hash::{Map, Set};
use crate::number::number;
use crate::source::Located;
use crate::text::Text;
use crate::vocabulary::Key;
use std::borrow::Cow;

/// Applies the corrections of a draft. Each names its row by the name or the value that the page gives it, or by its meaning
/// if the page gives it no name; `[drop]` also takes a heading, for all rows under it.
pub(crate) fn apply(draft: &mut Draft, diagnostics: &mut Vec<Diagnostic>) {
    let Fixes { rename, drop, overrides } = std::mem::take(&mut draft.fixes);
    if rename.is_empty() && drop.is_empty() && overrides.is_empty() {
        return;
    }
    let rows = Rows::of(draft);
    let mut find = |key: &Located| {
        rows.find(draft, key).unwrap_or_else(|(what, help)| {
            diagnostics.push(Diagnostic::at(&draft.source, key.range.clone(), what, help));
            Vec::new()
        })
    };
    let rename: Vec<_> = rename.into_iter().map(|(key, name)| (find(&key), name)).collect();
    let drop: Set<_> = drop.iter().flat_map(|(key, _)| rows.under(key).unwrap_or_else(|| find(key))).collect();
    let overrides: Vec<_> = overrides
        .into_iter()
        .map(|entry| (entry.group.as_ref().map(&mut find).unwrap_or_default(), entry.words))
        .collect();
    for (rows, name) in rename {
        rows.into_iter().for_each(|row| set(draft, row, Key::Name, vec![name.clone()]));
    }
    for (rows, words) in overrides {
        let keys: Vec<_> = words.iter().map(|(key, _)| *key).collect();
        for (at, key) in keys.iter().enumerate().filter(|(at, key)| !keys[..*at].contains(key)) {
            let words: Vec<_> =
                words[at..].iter().filter(|(other, _)| other == key).map(|(_, word)| word.clone()).collect();
            rows.iter().for_each(|row| set(draft, *row, *key, words.clone()));
        }
    }
    let mut at = 0;
    draft.rows.retain(|_| {
        at += 1;
        !drop.contains(&(at - 1))
    });
}

/// Replaces the words of a key in a row.
fn set(draft: &mut Draft, row: usize, key: Key, words: Vec<Located>) {
    let row = &mut draft.rows[row];
    row.is_named &= key != Key::Name;
    row.is_named_by_value &= key != Key::Name;
    row.words.retain(|(known, _)| *known != key);
    row.words.extend(words.into_iter().map(|word| (key, word)));
}

/// The rows of a draft by what the page calls them.
struct Rows {
    by_name: Map<Text, Vec<usize>>,
    by_value: Map<Text, Vec<usize>>,
    by_heading: Map<Text, Vec<usize>>,
}

impl Rows {
    fn of(draft: &Draft) -> Self {
        let mut rows = Self { by_name: Map::default(), by_value: Map::default(), by_heading: Map::default() };
        for (at, row) in draft.rows.iter().enumerate() {
            if let Some(value) = row.get(Key::Value) {
                rows.by_value.entry(same(&value.text).into()).or_default().push(at);
            }
            let name = row.get(Key::Name).map(|name| name.text.as_str());
            for name in name.into_iter().chain(row.distinction().filter(|other| Some(*other) != name)) {
                rows.by_name.entry(name.into()).or_default().push(at);
            }
            let heading = row.group.as_ref().map(|heading| heading.text.as_str());
            // What tells the tables below one heading apart names one of them too.
            let label = row.headings.as_deref().and_then(|headings| headings.last()).map(String::as_str);
            for heading in heading.into_iter().chain(label.filter(|label| heading != Some(*label))) {
                rows.by_heading.entry(heading.into()).or_default().push(at);
            }
        }
        rows
    }

    /// Returns the rows under a heading, unless the key names a row.
    fn under(&self, key: &Located) -> Option<Vec<usize>> {
        let is_row = self.by_name.contains_key(&key.text) || self.by_value.contains_key(same(&key.text).as_ref());
        self.by_heading.get(&key.text).filter(|_| !is_row).cloned()
    }

    /// Returns the rows that a key names: one, or several that have value and name in common.
    fn find(&self, draft: &Draft, key: &Located) -> Result<Vec<usize>, (String, &'static str)> {
        let found = self
            .by_name
            .get(&key.text)
            .or_else(|| self.by_value.get(same(&key.text).as_ref()))
            // Digits that the page writes without a mark.
            .or_else(|| self.by_value.get(same(&format!("0x{}", key.text)).as_ref()));
        let Some(found) = found else {
            let what = format!("no row has the name or the value `{}`", quoted(&key.text));
            return Err((
                what,
                "write it as the page does; `statuswire-codes list` shows the rows, or remove this correction",
            ));
        };
        let words = |row: &usize| {
            let row = &draft.rows[*row];
            (row.get(Key::Value).map(|value| value.text.as_str()), row.distinction())
        };
        if found.iter().any(|row| words(row) != words(&found[0])) {
            let what = format!("`{}` names {} rows", quoted(&key.text), found.len());
            return Err((
                what,
                "name the row by its name if several have the value, and by its value if several have the name; a row without a name by its meaning if several have the value",
            ));
        }
        Ok(found.clone())
    }
}

/// Returns a value in a spelling that all spellings of it share.
pub(crate) fn same(value: &str) -> Cow<'_, str> {
    if value.starts_with("0x") || value.starts_with("0X") {
        return number(value).map_or(Cow::Borrowed(value), |number| Cow::Owned(number.to_string()));
    }
    let significant = value.trim_start_matches('0');
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit()) && !value.is_empty();
    Cow::Borrowed(match significant {
        "" if is_number => "0",
        significant if is_number => significant,
        _ => value,
    })
}
