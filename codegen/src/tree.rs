//! Finds the tables in a tree of values, as JSON and TOML have them: a list of tables, a table with a member for each code,
//! or either inside of others.

use crate::arrays;
use crate::columns::is_coded;
use crate::grid::{Cell, Grid, GridRow};
use crate::hash::Set;
use crate::node::Node;
use crate::node::cells::english_table;
use crate::source::Located;
use std::ops::Range;

/// How many tables may be around the codes.
const DEPTH: usize = 4;

/// How many levels of a file a reader needs to read: those around the codes, a row, and a list in it.
#[cfg(feature = "json")]
pub(crate) const LEVELS: usize = DEPTH + 4;

/// Returns the tables in the value of a file.
pub(crate) fn grids(root: &Node) -> Vec<Grid> {
    let mut grids = Vec::new();
    read(root, &[], DEPTH, &mut grids);
    grids
}

/// Reads a value under headings, which may have this number of levels.
fn read(node: &Node, headings: &[Located], levels: usize, grids: &mut Vec<Grid>) {
    let members = match node {
        Node::List(items, _) if levels > 0 && items.len() > 1 && items.iter().all(|item| group(item).is_some()) => {
            for (heading, codes) in items.iter().filter_map(group) {
                read(codes, &[headings, std::slice::from_ref(heading)].concat(), levels - 1, grids);
            }
            return;
        }
        Node::List(items, range) => {
            let grid = if node.is_list_of_lists() { arrays::rows(items, range, None) } else { rows(items, range) };
            return grids.push(Grid { headings: headings.to_vec(), ..grid });
        }
        Node::Table(members, _) => members,
        Node::Text(_) | Node::Nothing => return,
    };
    if let Some(english) = english_table(members).filter(|_| levels > 0) {
        return read(english, headings, levels - 1, grids);
    }
    if let Some(grid) = arrays::columns(members, &node.range()) {
        return grids.push(Grid { headings: headings.to_vec(), ..grid });
    }
    let mut arrays = members.iter().filter(|(_, value)| value.is_list_of_lists());
    if let (Some((_, value)), None) = (arrays.next(), arrays.next()) {
        let items = value.items().unwrap_or_default();
        let grid = arrays::rows(items, &value.range(), arrays::header(members, items));
        return grids.push(Grid { headings: headings.to_vec(), ..grid });
    }
    if are_codes(members) && members.iter().all(|(_, value)| value.items().is_some_and(|items| !items.is_empty())) {
        let grid = arrays::by_key(members, &node.range());
        return grids.push(Grid { headings: headings.to_vec(), ..grid });
    }
    let inner = || members.iter().filter(|(_, value)| matches!(value, Node::List(..) | Node::Table(..)));
    if levels > 0 && are_groups(members) {
        let share = share_statuses(members.iter().filter_map(|(_, value)| value.members()).flatten());
        for (key, value) in members {
            let headings = [headings, std::slice::from_ref(key)].concat();
            let codes = value.members().unwrap_or_default();
            grids.push(Grid { headings, ..by_key(codes, value.range(), share) });
        }
    } else if levels > 0 && is_around(members) {
        let is_one = inner().count() == 1;
        for (_, value) in inner() {
            match value.members().filter(|inner| !is_one && !hold_codes(inner)) {
                // What a file says about itself.
                Some(fields) => {
                    grids.push(Grid { headings: headings.to_vec(), ..pairs(fields, value.range(), "member", "value") })
                }
                None => read(value, headings, levels - 1, grids),
            }
        }
    } else {
        grids.push(Grid { headings: headings.to_vec(), ..by_key(members, node.range(), share_statuses(members)) });
    }
}

/// Returns the name of a group, and the list of its codes: `{ "name": "Group 0", "errors": [{ "code": "P0" }] }`.
fn group(node: &Node) -> Option<(&Located, &Node)> {
    let members = node.members()?;
    let is_code = |(key, value): &(Located, Node)| {
        is_word_of_a_value(&key.text) && !key.text.eq_ignore_ascii_case("id") && matches!(value, Node::Text(_))
    };
    let texts = || {
        members.iter().filter_map(|(key, value)| if let Node::Text(text) = value { Some((key, text)) } else { None })
    };
    let is_name = |key: &str| matches!(key, "name" | "title" | "group" | "category" | "label");
    let heading = texts().find(|(key, _)| is_name(&key.text)).or_else(|| texts().next()).map(|(_, text)| text);
    let mut lists = members.iter().map(|(_, value)| value).filter(|value| value.is_list_of_tables());
    let codes = lists.next().filter(|_| lists.next().is_none() && !members.iter().any(is_code))?;
    let is_row = |item: &Node| item.members().is_some_and(is_row);
    codes.items().is_some_and(|items| items.iter().all(is_row)).then_some(())?;
    Some((heading?, codes))
}

/// Are the codes inside of a member? Around them there are few members, and among those one with codes.
fn is_around(members: &[(Located, Node)]) -> bool {
    let mut tables = members.iter().filter_map(|(_, value)| value.members());
    let has_lists = members.iter().any(|(_, value)| matches!(value, Node::List(..)));
    let is_alone = |table: &&[(Located, Node)]| !has_lists || table.len() > 1 && hold_codes(table);
    let one_table = tables.next().filter(|_| tables.next().is_none()).filter(is_alone);
    let holds_codes = |value: &Node| value.members().map(|inner| inner.len() > 1 && hold_codes(inner));
    let has = |wanted: bool| members.iter().any(|(_, value)| holds_codes(value) == Some(wanted));
    members.iter().any(|(_, value)| value.is_list_of_tables())
        || has(true) && has(false)
        || one_table.is_some_and(|inner| {
            are_codes(inner)
                || !is_row(inner)
                    && !are_codes(members)
                    && inner.iter().any(|(_, value)| matches!(value, Node::List(..) | Node::Table(..)))
                || members.len() == 1 && inner.len() > 1 && inner.iter().all(|(key, _)| !is_word_of_a_row(&key.text))
        })
}

/// Is it one code, with its value?
fn is_row(members: &[(Located, Node)]) -> bool {
    members.iter().any(|(key, value)| is_word_of_a_value(&key.text) && matches!(value, Node::Text(_)))
}

/// Is there a member for each code, or for each group of codes?
fn hold_codes(members: &[(Located, Node)]) -> bool {
    !members.is_empty()
        && members.iter().all(|(key, _)| !is_word_of_a_row(&key.text))
        && (are_codes(members) || members.iter().all(|(_, value)| value.members().is_some()))
}

/// Is each member a group with a member for each code?
fn are_groups(members: &[(Located, Node)]) -> bool {
    // Rows have keys in common, codes have not. The keys of what a file says about itself start with small letters.
    let mut seen = Set::default();
    let mut keys = members.iter().filter_map(|(_, value)| value.members()).flatten().map(|(key, _)| key.text.as_str());
    let are_texts =
        keys.all(|key| seen.insert(key) && is_coded(key) && !key.starts_with(|c: char| c.is_ascii_lowercase()));
    let is_group = |members: &[(Located, Node)]| {
        !members.is_empty()
            && members.iter().all(|(key, _)| !is_word_of_a_row(&key.text))
            && (are_codes(members)
                || members.iter().all(|(_, value)| value.is_number())
                || members.iter().all(|(_, value)| value.members().is_some())
                || are_texts && members.iter().all(|(_, value)| matches!(value, Node::Text(_))))
    };
    // Next to groups of tables, numbers are those of the file, such as its version.
    let tables = members.iter().filter_map(|(_, value)| value.members());
    let of_tables = tables.filter(|inner| inner.iter().all(|(_, value)| value.members().is_some())).count();
    let are_alike = of_tables == 0 || of_tables == members.len();
    let are_groups = members.iter().all(|(_, value)| value.members().is_some_and(is_group));
    members.len() > 1 && !are_codes(members) && are_alike && are_groups
}

/// Do most keys look like values of codes?
fn are_codes(members: &[(Located, Node)]) -> bool {
    let is_code = |key: &str| key.trim().trim_start_matches(['-', '+']).starts_with(|c: char| c.is_ascii_digit());
    members.iter().filter(|(key, _)| is_code(&key.text)).count() * 2 > members.len()
}

/// Reads a table for each code, or a text that is one.
fn rows(items: &[Node], range: &Range<usize>) -> Grid {
    let mut grid = Grid::of_keys(range.start..range.start + 1);
    for item in items {
        let mut row = GridRow { range: item.range(), cells: Vec::new() };
        match item {
            Node::Table(members, _) => set(&mut grid, &mut row, members, None),
            // A code alone.
            Node::Text(text) => {
                grid.set(&mut row, "code", text.range.clone(), Cell::new(text.text.as_str(), text.range.clone()));
            }
            Node::List(..) | Node::Nothing => continue,
        }
        grid.rows.push(row);
    }
    grid
}

/// Reads a member for each code: its key is the value or the name.
fn by_key(members: &[(Located, Node)], range: Range<usize>, share_statuses: bool) -> Grid {
    let has_code = |value: &Node| {
        value.members().is_some_and(|members| members.iter().any(|(key, _)| is_word_of_a_value(&key.text)))
    };
    // `{ "404": { "code": "NOT_FOUND" } }`
    let has_text_code = |value: &Node| {
        let code =
            value.members().and_then(|members| members.iter().find(|(key, _)| key.text.eq_ignore_ascii_case("code")));
        code.is_some_and(|(_, code)| matches!(code, Node::Text(_)) && !code.is_number())
    };
    let (key_is, scalar_is) = if are_codes(members) && members.iter().any(|(_, value)| has_text_code(value)) {
        ("value", "message")
    } else if are_codes(members) || share_statuses {
        ("code", "message")
    } else if members.iter().any(|(_, value)| has_code(value) || value.is_number()) {
        ("name", "code")
    } else {
        // `{ "invalid_request": "The request is wrong." }`: the key is a code that is text.
        ("code", "description")
    };
    // `{ "u28": { "code": "U28" } }`
    let repeats = |(key, value): &&(Located, Node)| {
        let is_same = |(word, value): &(Located, Node)| {
            is_word_of_a_value(&word.text) && matches!(value, Node::Text(code) if are_alike(&code.text, &key.text))
        };
        value.members().is_some_and(|members| members.iter().any(is_same))
    };
    let key_is =
        if key_is == "name" && members.iter().filter(repeats).count() * 2 > members.len() { "" } else { key_is };
    pairs(members, range, key_is, scalar_is)
}

/// Have two texts the same letters and digits?
fn are_alike(a: &str, b: &str) -> bool {
    let plain =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    plain(a) == plain(b)
}

/// Do several members have the same status, such as one of HTTP? Their keys are the codes then.
fn share_statuses<'n>(members: impl IntoIterator<Item = &'n (Located, Node)>) -> bool {
    let mut seen = Set::default();
    let mut is_shared = false;
    for (_, value) in members {
        let Some((key, Node::Text(status))) =
            value.members().and_then(|members| members.iter().find(|(key, _)| is_word_of_a_value(&key.text)))
        else {
            continue;
        };
        if !key.text.to_ascii_lowercase().starts_with("status") {
            return false;
        }
        is_shared |= !seen.insert(status.text.as_str());
    }
    is_shared
}

/// Reads a row for each member, with its key in one column and its value in another one.
fn pairs(members: &[(Located, Node)], range: Range<usize>, key_is: &str, scalar_is: &str) -> Grid {
    let mut grid = Grid::of_keys(range.start..range.start + 1);
    for (key, value) in members {
        let range = if matches!(value, Node::Nothing) { key.range.clone() } else { value.range() };
        let mut row = GridRow { range: range.clone(), cells: Vec::new() };
        grid.set(&mut row, key_is, range.clone(), Cell::new(key.text.as_str(), key.range.clone()));
        if let Some(cell) = value.cell() {
            grid.set(&mut row, scalar_is, range, cell);
        } else if let Some(members) = value.members() {
            set(&mut grid, &mut row, members, Some(key_is));
        }
        grid.rows.push(row);
    }
    grid
}

/// Sets the cells of a row, except in one column.
fn set(grid: &mut Grid, row: &mut GridRow, members: &[(Located, Node)], except: Option<&str>) {
    for (key, value) in members.iter().filter(|(key, _)| Some(key.text.as_str()) != except) {
        if let Some(cell) = value.cell() {
            grid.set(row, &key.text, value.range(), cell);
        }
    }
}

/// Is it the key of a value in a row?
fn is_word_of_a_value(key: &str) -> bool {
    matches!(
        key.to_ascii_lowercase().as_str(),
        "value" | "code" | "number" | "id" | "errno" | "status" | "error_code" | "errorcode" | "status_code" | "num"
    )
}

/// Is it a key that tables have which are rows?
fn is_word_of_a_row(key: &str) -> bool {
    is_word_of_a_value(key)
        || matches!(key.to_ascii_lowercase().as_str(), "name" | "meaning" | "description" | "message")
}
