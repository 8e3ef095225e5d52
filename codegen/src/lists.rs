//! The lists of codes on a page. Usually a page is one list, with headings as groups. If the tables under its headings give
//! the same values to different codes, such as close codes next to error codes, each heading is a list of its own.

use crate::draft::{Account, Draft, Entry};
use crate::fixes::same;
use crate::hash::{self, Map, Set};
use crate::identifier;
use crate::source::Located;
use crate::text::Text;
use crate::vocabulary::Key;
use std::borrow::Cow;

/// Returns a draft for each list, without rows that repeat another one.
pub(crate) fn split(draft: Draft) -> Vec<Draft> {
    let lists = by_form(draft).into_iter().flat_map(|draft| {
        if !may_have_value_twice(&draft) {
            return vec![draft];
        }
        let mut lists = match depth(&draft) {
            Some(depth) => by_heading(draft, depth),
            None => vec![draft],
        };
        lists.iter_mut().for_each(merge);
        lists
    });
    lists.collect()
}

/// May two rows have one value? Otherwise the page is one list, and no row repeats another one. The hashes of the values
/// tell it: a set of them is small.
fn may_have_value_twice(draft: &Draft) -> bool {
    let mut seen = Set::with_capacity_and_hasher(draft.rows.len(), Default::default());
    draft.rows.iter().filter_map(|row| row.get(Key::Value)).any(|value| !seen.insert(hash::of(&same(&value.text))))
}

/// Separates codes that are text from numbers. A table of names that the page has numbers for lists no codes.
fn by_form(mut draft: Draft) -> Vec<Draft> {
    let texts = draft.rows.iter().filter(|row| row.is_text).count();
    if texts == 0 || texts == draft.rows.len() {
        return vec![draft];
    }
    let (texts, numbers): (Vec<_>, Vec<_>) = std::mem::take(&mut draft.rows).into_iter().partition(|row| row.is_text);
    let names: Set<_> = numbers.iter().filter_map(|row| row.get(Key::Name)).map(|name| name.text.as_str()).collect();
    let is_known = |row: &Entry| row.get(Key::Value).is_some_and(|value| names.contains(value.text.as_str()));
    let (known, texts): (Vec<_>, Vec<_>) = texts.into_iter().partition(is_known);
    let left_out = known.into_iter().map(|row| (row.range, "its value is the name of another row".to_owned()));
    draft.account.left_out.extend(left_out);
    let mut lists = Vec::new();
    if !texts.is_empty() {
        let heading = texts[0].group.as_ref().map_or("text", |group| group.text.as_str()).to_owned();
        let mut list = named(&draft, &heading, &mut Set::default());
        (list.rows, list.account) = (texts, Account::default());
        lists.push(list);
    }
    draft.rows = numbers;
    lists.insert(0, draft);
    lists
}

/// Leaves out rows that repeat another one.
fn merge(draft: &mut Draft) {
    let mut seen = Set::with_capacity_and_hasher(draft.rows.len(), Default::default());
    let mut repeated = Set::default();
    for (at, row) in draft.rows.iter().enumerate() {
        let (Some(value), Some(name)) = (row.get(Key::Value), row.distinction()) else { continue };
        // The parts of a composed code are tables of their own.
        let part = row.group.as_ref().filter(|_| !draft.parts.is_empty()).map(|group| group.text.as_str());
        if !seen.insert((part, same(&value.text), name)) {
            repeated.insert(at);
        }
    }
    draft.account.duplicates = repeated.len();
    let mut at = 0;
    draft.rows.retain(|_| {
        at += 1;
        !repeated.contains(&(at - 1))
    });
}

/// What the tables under two headings have in common.
#[derive(Default)]
struct Shared {
    /// Values that both have.
    values: usize,
    /// Those of them that have other names there.
    clashes: usize,
}

/// This many codes with values that stand under another heading with other names may be mistakes of the page.
const FEW: usize = 2;

/// Returns how many headings over a row name its list; `None` if the page is one list.
fn depth(draft: &Draft) -> Option<usize> {
    if !draft.parts.is_empty() {
        return None;
    }
    let mut owners: Map<Cow<'_, str>, (&Entry, &str)> =
        Map::with_capacity_and_hasher(draft.rows.len(), Default::default());
    let mut shared: Map<(&[String], &[String]), Shared> = Map::default();
    for row in &draft.rows {
        let (Some(value), Some(name)) = (row.get(Key::Value), row.distinction()) else { continue };
        let (owner, other) = *owners.entry(same(&value.text)).or_insert((row, name));
        if path(owner) != path(row) {
            let shared = shared.entry((path(owner), path(row))).or_default();
            shared.values += 1;
            shared.clashes += usize::from(other != name);
        }
    }
    shared.retain(|_, shared| shared.clashes > 0);
    if shared.is_empty() {
        return None;
    }
    let mut sizes: Map<&[String], usize> = Map::default();
    draft.rows.iter().for_each(|row| *sizes.entry(path(row)).or_default() += 1);
    // A few values that stand twice are a mistake of the page.
    let rules = shared
        .iter()
        .filter(|((one, other), shared)| shared.clashes > FEW || 2 * shared.values >= sizes[one].min(sizes[other]));
    rules.map(|((one, other), _)| common(one, other) + 1).max()
}

fn path(row: &Entry) -> &[String] {
    row.headings.as_deref().unwrap_or_default()
}

fn common(one: &[String], other: &[String]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

fn by_heading(mut draft: Draft, depth: usize) -> Vec<Draft> {
    let rows = std::mem::take(&mut draft.rows);
    let account = std::mem::take(&mut draft.account);
    let mut places: Map<Vec<String>, usize> = Map::default();
    let mut taken = Set::default();
    let mut lists: Vec<Draft> = Vec::new();
    for row in rows {
        let path = path(&row);
        let path = path[..path.len().min(depth)].to_vec();
        let place = *places.entry(path).or_insert_with_key(|path| {
            lists.push(named(&draft, path.last().map_or("", String::as_str), &mut taken));
            lists.len() - 1
        });
        lists[place].rows.push(row);
    }
    let mut unused: Set<_> =
        draft.groups.iter().filter_map(|entry| entry.group.as_ref()).map(|group| group.text.clone()).collect();
    for list in lists.iter_mut().rev() {
        let groups: Set<_> =
            list.rows.iter().filter_map(|row| row.group.as_ref()).map(|group| group.text.as_str()).collect();
        unused.retain(|group| !groups.contains(group.as_str()));
        list.groups.retain(|entry| entry.group.as_ref().is_some_and(|group| groups.contains(group.text.as_str())));
        let named = list.rows.iter().filter(|row| row.is_named).count();
        list.account = Account { named, ..Account::default() };
    }
    if let Some(first) = lists.first_mut() {
        first.account.left_out = account.left_out;
        // Defaults of no list are reported with the first.
        first.groups.extend(
            draft
                .groups
                .into_iter()
                .filter(|entry| entry.group.as_ref().is_some_and(|group| unused.contains(&group.text))),
        );
    }
    lists
}

/// Returns a draft without rows, named after the page and the heading.
fn named(page: &Draft, heading: &str, taken: &mut Set<Text>) -> Draft {
    let mut list = page.clone();
    let own = if heading.is_empty() { String::new() } else { identifier::table_name(heading) };
    for (key, word) in &mut list.head.words {
        match key {
            Key::Name => {
                let name = if own.is_empty() { word.text.clone() } else { format!("{}-{own}", word.text).into() };
                let mut unique = name.clone();
                let mut number = 1;
                while !taken.insert(unique.clone()) {
                    number += 1;
                    unique = format!("{name}-{number}").into();
                }
                *word = Located { text: unique, range: word.range.clone() };
            }
            Key::Title if !heading.is_empty() => word.text = format!("{}: {heading}", word.text).into(),
            _ => {}
        }
    }
    list
}
