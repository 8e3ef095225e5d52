//! Which tables hold codes, and which of their columns holds what.
//!
//! A header says it, exactly or by a synonym; where it leaves a choice, the cells decide. Tables with the same header are
//! judged together.

mod doubts;
mod guess;
mod header;
mod judge;
mod known;
mod languages;
mod naming;
mod prose;
mod rows;
mod shape;
mod side_by_side;
mod stats;
mod synonyms;
mod words;

use crate::Repr;
use crate::diagnostic::Diagnostic;
use crate::draft::Draft;
use crate::exact;
use crate::grid::{Cell, Grid};
use crate::hash::{Map, Set};
use crate::invisible::without_zero_width;
use crate::number::{integer, number, split_range};
use crate::vocabulary::{Key, Kind};
use judge::Judge;
pub(crate) use shape::is_coded;
pub(crate) use synonyms::{says_code, says_status};

/// What the columns of a table of codes hold.
#[derive(Clone, Debug)]
struct Columns {
    /// The key of each column; `None` is a column for readers only.
    keys: Vec<Option<Key>>,
    form: Form,
    /// The value is the name too.
    value_is_name: bool,
    /// The headers are those of a table that was written for this: every row must be right.
    is_exact: bool,
    /// Every value is written as it is meant, and the headers are exact: there is nothing to find out.
    is_plain: bool,
}

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Numbers, in hexadecimal digits without a mark of them if it is true.
    Number { is_hex: bool },
    /// Texts.
    Text,
}

/// Adds the rows of the tables that hold codes to a draft.
pub(crate) fn read(draft: &mut Draft, mut grids: Vec<Grid>, diagnostics: &mut Vec<Diagnostic>) {
    let pinned = draft.head.get(Key::Repr).and_then(|repr| Repr::from_word(&repr.text));
    for grid in &mut grids {
        if !has_our_columns(grid) && pinned.is_none() {
            grid.texts().filter(|text| !text.is_ascii()).for_each(|text| *text = without_zero_width(text).into());
        }
        header::complete(grid);
        side_by_side::unfold(grid);
    }
    // Tables with the same header, and with a heading that speaks against codes or without one.
    let mut alike: Map<(Vec<String>, bool), Vec<usize>> = Map::default();
    let mut verdicts: Vec<Option<Result<Columns, String>>> = Vec::with_capacity(grids.len());
    for (at, grid) in grids.iter().enumerate() {
        let is_doubtful = grid
            .titles()
            .next_back()
            .is_some_and(|heading| synonyms::is_of_settings(&heading.text) || synonyms::is_of_example(&heading.text));
        let is_ours = draft.columns.is_empty() && !is_doubtful && (pinned.is_some() || has_our_columns(grid));
        let plain = is_ours.then(|| plain(draft, grid)).flatten();
        if plain.is_none() {
            let headers = grid.header.iter().map(|cell| cell.text().to_lowercase()).collect();
            alike.entry((headers, is_doubtful)).or_default().push(at);
        }
        verdicts.push(plain.map(Ok));
    }
    for (_, members) in alike {
        let members_grids: Vec<&Grid> = members.iter().map(|at| &grids[*at]).collect();
        let verdict = Judge::new(draft, &members_grids, pinned).verdict();
        members.into_iter().for_each(|at| verdicts[at] = Some(verdict.clone()));
    }
    for (grid, verdict) in grids.iter().zip(&mut verdicts).filter(|(_, verdict)| matches!(verdict, Some(Err(_)))) {
        guess::column_of_errors(draft, grid).into_iter().for_each(|columns| *verdict = Some(Ok(columns)));
    }
    leave_out_others(&grids, &mut verdicts);
    leave_out_mappings(&grids, &mut verdicts);
    leave_out_overviews(&grids, &mut verdicts);
    let is_recognized = verdicts.iter().flatten().any(Result::is_ok);
    let mut left_out = Vec::new();
    draft.rows.reserve(grids.iter().map(|grid| grid.rows.len()).sum());
    for (grid, verdict) in grids.into_iter().zip(verdicts.into_iter().flatten()) {
        exact::repeated_columns(draft, &grid, diagnostics);
        match verdict {
            Ok(columns) => rows::add(draft, grid, &columns, diagnostics),
            Err(_) if is_ours(&grid) => {
                diagnostics.push(Diagnostic::at(
                    &draft.source,
                    grid.range,
                    "the column `Value` is missing",
                    "a table of codes needs a column of values and one of names",
                ));
                draft.has_unread_rows = true;
            }
            Err(why) => left_out.push((grid, why)),
        }
    }
    if !is_recognized && !draft.has_unread_rows {
        match guess::only_table(draft, &left_out) {
            Some((at, columns)) => rows::add(draft, left_out.remove(at).0, &columns, diagnostics),
            None => draft.account.advice = guess::advice(draft, &left_out),
        }
    }
    draft.account.left_out.extend(left_out.into_iter().map(|(grid, why)| (grid.range, why)));
}

/// Returns the columns of a table whose headers are all exact, and whose values need no judgement.
fn plain(draft: &Draft, grid: &Grid) -> Option<Columns> {
    let keys = exact::keys(grid).filter(|keys| !keys.contains(&None))?;
    exact::values(grid, &keys).next()?;
    let are_texts = exact::are_texts(draft, grid, &keys);
    // What texts are codes is judged, unless the settings say it.
    if are_texts && draft.head.get(Key::Repr).is_none() {
        return None;
    }
    let is_hex = draft.head.get(Key::Repr).is_some_and(|repr| repr.text.starts_with("hex"));
    let is_digits = |text: &str| text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_one = |text: &str| is_hex && is_digits(text) || !text.starts_with("0X") && integer(text).is_some();
    let is_plain = |text: &str| {
        is_one(text)
            || split_range(text).is_some_and(|(one, other)| !text.contains(' ') && is_one(one) && is_one(other))
    };
    (are_texts || exact::values(grid, &keys).all(is_plain)).then_some(Columns {
        keys,
        form: if are_texts { Form::Text } else { Form::Number { is_hex } },
        value_is_name: false,
        is_exact: true,
        is_plain: true,
    })
}

/// Leaves out tables of other ids and values, such as the properties of a message, on a page that has tables of codes.
fn leave_out_others(grids: &[Grid], verdicts: &mut [Option<Result<Columns, String>>]) {
    let header = |grid: &Grid, columns: &Columns| {
        let value = columns.keys.iter().position(|key| *key == Some(Key::Value))?;
        grid.header.get(value).map(|cell| synonyms::plain(cell.text()))
    };
    let headers: Vec<_> =
        grids.iter().zip(&*verdicts).map(|(grid, verdict)| header(grid, verdict.as_ref()?.as_ref().ok()?)).collect();
    if !headers.iter().flatten().any(|header| synonyms::says_code(header)) {
        return;
    }
    for ((grid, verdict), header) in grids.iter().zip(verdicts).zip(headers) {
        let Some(header) = header.filter(|header| synonyms::is_any_value(header)) else { continue };
        let mut texts = grid.titles().chain(grid.header.iter().map(|cell| &cell.all));
        let is_told = grid.headings.is_empty() || grid.may_lack_header || has_our_columns(grid);
        if !is_told && !texts.any(|text| synonyms::says_status(&text.text)) {
            *verdict =
                Some(Err(format!("its column `{header}` is no column of codes, as other tables of the page have")));
        }
    }
}

/// Leaves out tables that lead from other values to the codes of the page, such as statuses of HTTP to `unavailable`: they
/// name several of them by one code.
fn leave_out_mappings(grids: &[Grid], verdicts: &mut [Option<Result<Columns, String>>]) {
    let texts = |grid: &Grid, column: Option<usize>| {
        let cells = column.map(|column| grid.rows.iter().filter_map(move |row| row.cells.get(column)));
        let texts = cells.into_iter().flatten().map(|cell| cell.text().to_owned());
        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>()
    };
    let column = |columns: &Columns, key| columns.keys.iter().position(|found| *found == Some(key));
    let read =
        grids.iter().zip(&*verdicts).filter_map(|(grid, verdict)| Some((grid, verdict.as_ref()?.as_ref().ok()?)));
    let codes: Set<_> = read
        .filter(|(_, columns)| columns.form == Form::Text && columns.value_is_name)
        .flat_map(|(grid, columns)| texts(grid, column(columns, Key::Value)))
        .collect();
    let are_unique = |texts: &[String]| texts.iter().collect::<Set<_>>().len() == texts.len();
    let lists: Vec<_> = grids
        .iter()
        .zip(&*verdicts)
        .map(|(grid, verdict)| match verdict {
            Some(Ok(columns)) if columns.form == Form::Text => texts(grid, column(columns, Key::Value)),
            _ => Vec::new(),
        })
        .collect();
    let (unique, repeated): (Vec<_>, Vec<_>) = lists.iter().zip(&mut *verdicts).partition(|(list, _)| are_unique(list));
    let listed: Set<_> = unique.iter().filter(|_| !repeated.is_empty()).flat_map(|(list, _)| list.iter()).collect();
    for (list, verdict) in repeated {
        if list.iter().all(|code| listed.contains(code)) {
            *verdict = Some(Err("it leads to codes of another table".to_owned()));
        }
    }
    if codes.is_empty() {
        return;
    }
    for (grid, verdict) in grids.iter().zip(verdicts) {
        let Some(Ok(columns)) = verdict else { continue };
        let next_to_values = || (0..2).find(|at| columns.keys.len() == 2 && columns.keys[*at] != Some(Key::Value));
        let names = texts(grid, column(columns, Key::Name).or_else(next_to_values));
        let are_repeated = names.iter().collect::<Set<_>>().len() < names.len();
        if are_repeated && columns.form != Form::Text && names.iter().all(|name| codes.contains(name)) {
            *verdict = Some(Err("it names its values by codes of another table".to_owned()));
        }
    }
}

/// Leaves out tables of ranges that other tables of the page list one by one.
fn leave_out_overviews(grids: &[Grid], verdicts: &mut [Option<Result<Columns, String>>]) {
    if verdicts.iter().flatten().filter(|verdict| verdict.is_ok()).count() < 2 {
        return;
    }
    let ends = |text: &str| {
        let value = shape::number(text, false)?.value;
        let (first, last) = split_range(&value).unwrap_or((&value, &value));
        Some((number(first)?, number(last)?))
    };
    let values = |grid: &Grid, columns: &Columns| {
        let at = columns.keys.iter().position(|key| *key == Some(Key::Value))?;
        let cells = grid.rows.iter().filter_map(|row| row.cells.get(at));
        Some(cells.filter_map(|cell| ends(cell.text())).collect::<Vec<_>>())
    };
    let lists: Vec<Vec<(i128, i128)>> = grids
        .iter()
        .zip(&*verdicts)
        .map(|(grid, verdict)| match verdict {
            Some(Ok(columns)) if !columns.is_exact && columns.form != Form::Text => values(grid, columns),
            _ => None,
        })
        .map(Option::unwrap_or_default)
        .collect();
    let singles = |lists: &[Vec<(i128, i128)>]| {
        let singles = lists.iter().flatten().filter(|(first, last)| first == last);
        let mut singles: Vec<_> = singles.map(|(value, _)| *value).collect();
        singles.sort_unstable();
        singles
    };
    let all = singles(&lists);
    for (list, verdict) in lists.iter().zip(verdicts) {
        let ranges = list.iter().filter(|(first, last)| first < last).count();
        if ranges == 0 || list.len() < 2 {
            continue;
        }
        let own = singles(std::slice::from_ref(list));
        let is_listed = |(first, last): &&(i128, i128)| {
            let count = |values: &[i128]| {
                let end = values.partition_point(|value| value <= last);
                end.saturating_sub(values.partition_point(|value| value < first))
            };
            count(&all) > count(&own)
        };
        let listed = list.iter().filter(is_listed).count();
        if listed == list.len() || ranges == list.len() && listed * 2 >= ranges {
            *verdict = Some(Err("other tables list the codes of its ranges".to_owned()));
        }
    }
}

/// Is it a code and nothing else?
pub(crate) fn is_code(text: &str) -> bool {
    shape::number(text, false).is_some_and(|written| written.beside.is_empty())
        || shape::is_text_code(text) && is_coded(text)
}

/// Has it the columns that only tables of codes have?
fn is_ours(grid: &Grid) -> bool {
    let keys: Vec<_> = grid.header.iter().filter_map(|cell| exact::key(grid, cell)).collect();
    let is_kind = |cell: &Cell| Kind::from_word(cell.text()).is_some();
    let has_kinds = || grid.rows.is_empty() || grid.rows.iter().any(|row| row.cells.iter().any(is_kind));
    keys.contains(&Key::Name) && !keys.contains(&Key::Value) && keys.contains(&Key::Kind) && has_kinds()
}

/// Does it classify its codes? A page of somebody else does not.
fn has_our_columns(grid: &Grid) -> bool {
    let is_ours = |key| matches!(key, Key::Kind | Key::Outcome | Key::Recovery | Key::Origin);
    grid.header.iter().filter_map(|cell| exact::key(grid, cell)).any(is_ours)
}
