//! Codes that a page lists without a table: a heading for each code, an item of a list for each code, or a line of code.
//!
//! What stands below a heading or an item says more about its code: `Cause: ...` is the cell of a column `Cause`, any other
//! text its description.

use super::outline::{CODE, COMPONENT, Depth, Outline, Piece, TABLE, TEXT};
use super::words::{is_label_of_code, label, parts_of_siblings, shape, speaks_of_codes};
use super::{inline, listing, numbered_names};
use crate::columns::{is_code, says_code};
use crate::grid::{Cell, Grid, GridRow};
use crate::hash::Set;
use crate::identifier;
use crate::source::{Located, Source};
use std::ops::Range;

/// How much of what stands below a code says what it is.
const MOST_DETAILS: usize = 16;

/// The header of texts without a label.
const DESCRIPTION: &str = "description";

/// The lists of codes on a page.
#[derive(Default)]
pub(super) struct Lists {
    pub(super) headings: Vec<Grid>,
    pub(super) items: Vec<Grid>,
    pub(super) listings: Vec<Grid>,
    /// Where lists begin that may be of codes. No heading says so.
    pub(super) doubtful: Vec<Range<usize>>,
}

/// Returns the lists of codes, each as a table.
pub(super) fn read(mut outline: Outline, source: &Source) -> Lists {
    outline.lift(source);
    let items = numbered_names::read(source, &outline.pieces);
    if !items.is_empty() {
        return Lists { items, ..Lists::default() };
    }
    let (shapes, lists) = (Set::default(), Lists::default());
    let mut reader = Reader {
        source,
        of_headings: true,
        shapes,
        headings: Vec::new(),
        lead: None,
        is_of_codes: outline.is_of_codes,
        lists,
    };
    reader.read(&outline.pieces);
    // A second time, with those whose headings do not say that they are codes.
    let codes = reader.lists.headings.iter().flat_map(|grid| &grid.rows).filter_map(|row| row.cells.first());
    reader.shapes = codes.map(|cell| shape(cell.text())).filter(|shape| shape.contains('0')).collect();
    if reader.lists.headings.is_empty() && !outline.pieces.iter().any(|(depth, _)| *depth == TABLE) {
        reader.shapes = outline.numbered(source);
    }
    if !reader.shapes.is_empty() {
        reader.lists = Lists::default();
        reader.read(&outline.pieces);
    }
    reader.leave_out_members();
    reader.of_headings = false;
    reader.read(&outline.pieces);
    let Lists { headings, items, listings, .. } = &mut reader.lists;
    // One code is no list.
    for grids in [headings, items, listings] {
        if grids.iter().map(|grid| grid.rows.len()).sum::<usize>() == 1 {
            grids.clear();
        }
    }
    reader.lists
}

/// A heading or an item, and what stands below it.
struct Child<'p> {
    cell: Cell,
    below: &'p [Piece],
}

/// Splits pieces where the first one has such a depth.
fn split(pieces: &[Piece], is_end: impl Fn(Depth) -> bool) -> (&[Piece], &[Piece]) {
    pieces.split_at(pieces.iter().position(|(depth, _)| is_end(*depth)).unwrap_or(pieces.len()))
}

struct Reader<'s> {
    source: &'s Source,
    /// Whether codes are headings; otherwise they are items.
    of_headings: bool,
    /// How the codes below other headings look.
    shapes: Set<String>,
    headings: Vec<Located>,
    /// The text above, if it leads to codes: `It returns these error codes:`.
    lead: Option<String>,
    is_of_codes: bool,
    lists: Lists,
}

impl Reader<'_> {
    /// Leaves out headings such as `error.message` next to many such as `ERR_CLOSED`: they are members of a class.
    fn leave_out_members(&mut self) {
        let is_constant = |row: &GridRow| !row.cells[0].text().contains(|c: char| c.is_ascii_lowercase());
        let rows = || self.lists.headings.iter().flat_map(|grid| &grid.rows);
        let (constants, all) = (rows().filter(|row| is_constant(row)).count(), rows().count());
        if all > 9 && constants * 10 > all * 8 {
            let is_member = |row: &GridRow| row.cells[0].text().contains('.') && !is_constant(row);
            self.lists.headings.retain(|grid| !grid.rows.iter().all(is_member));
        }
    }

    /// Reads pieces below one. Those of one depth in a row are siblings.
    fn read(&mut self, mut pieces: &[Piece]) {
        while let Some((depth, _)) = pieces.first() {
            // Below an item stands no heading.
            if self.of_headings && *depth >= COMPONENT {
                pieces = split(pieces, |depth| depth < COMPONENT).1;
                continue;
            }
            if *depth == CODE {
                let (lines, rest) = split(pieces, |depth| depth != CODE);
                self.listing(lines);
                pieces = rest;
                continue;
            }
            let (siblings, rest) = split(pieces, |other| other < *depth);
            pieces = rest;
            let starts: Vec<_> = (0..siblings.len()).filter(|at| siblings[*at].0 == *depth).collect();
            let ends = starts.iter().skip(1).copied().chain([siblings.len()]);
            let children: Vec<_> = starts
                .iter()
                .zip(ends)
                .map(|(start, end)| Child {
                    cell: inline::read(self.source, siblings[*start].1.clone()),
                    below: &siblings[start + 1..end],
                })
                .collect();
            self.siblings(*depth, children);
        }
    }

    /// Does the page or a heading say that codes stand here?
    fn stands_below_codes(&self) -> bool {
        self.is_of_codes || self.headings.iter().any(|heading| speaks_of_codes(&heading.text))
    }

    /// Adds a table of lines of code if they are codes.
    fn listing(&mut self, lines: &[Piece]) {
        if self.of_headings || !self.stands_below_codes() {
            return;
        }
        let grid = listing::read(self.source, lines.iter().map(|(_, range)| range.clone()));
        if !grid.rows.is_empty() {
            self.lists.listings.push(Grid { headings: self.headings.clone(), ..grid });
        }
    }

    fn siblings(&mut self, depth: Depth, children: Vec<Child<'_>>) {
        let found = self.lists.headings.len();
        let is_list = depth > TEXT || depth == COMPONENT && children.len() > 1;
        if is_list && !self.of_headings && self.list(&children) {
            return;
        }
        for child in &children {
            let headings = self.headings.len();
            self.headings.extend((depth != TEXT).then(|| child.cell.all.clone()));
            let text = child.cell.text();
            self.lead = (depth == TEXT && speaks_of_codes(text)).then(|| text.to_lowercase());
            self.read(child.below);
            self.headings.truncate(headings);
        }
        // Codes below codes: those above are groups.
        if depth < COMPONENT && self.of_headings && self.lists.headings.len() == found {
            self.list(&children);
        }
    }

    /// Adds a table of children if they are codes; returns whether they are.
    fn list(&mut self, children: &[Child<'_>]) -> bool {
        let says_status = self.stands_below_codes();
        let mut grid = Grid::new(Vec::new(), 0..0);
        let lead = self.lead.take();
        let texts: Vec<_> = children.iter().map(|child| child.cell.text()).collect();
        let texts = parts_of_siblings(&texts);
        let are_groups = texts.iter().filter(|(code, ..)| is_range(code)).count() * 2 > texts.len();
        for (child, (code, title, meaning)) in children.iter().zip(texts) {
            let range = child.cell.all.range.clone();
            let mut row = GridRow { range: range.clone(), cells: Vec::new() };
            let mut details = self.details(child.below);
            // `Rejected: ...` below `201 - Rejected`
            let kind = title.to_lowercase();
            details
                .iter_mut()
                .filter(|(label, _)| *label == kind)
                .for_each(|(label, _)| *label = DESCRIPTION.to_owned());
            // Several of one label are those of several codes.
            let mut labels = details.iter().filter(|(label, cell)| is_label_of_code(label, cell));
            let has_code = labels.next().is_some_and(|(first, _)| labels.all(|(label, _)| label != first));
            let mut set = |grid: &mut Grid, header: &str, text: &str| {
                if !text.is_empty() {
                    grid.set(&mut row, header, range.clone(), Cell::new(text, range.clone()));
                }
            };
            // A title in another script makes no name.
            let is_foreign = title.contains(identifier::is_foreign);
            if has_code {
                set(&mut grid, "name", child.cell.text());
            } else if is_code(code)
                && !(self.of_headings && is_group(code, child.below, are_groups))
                && (says_status
                    || code.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit())
                    || self.of_headings && self.shapes.contains(&shape(code)))
            {
                set(&mut grid, "code", code);
                set(&mut grid, if is_foreign { DESCRIPTION } else { "title" }, title.trim_end_matches('.'));
                set(&mut grid, DESCRIPTION, meaning);
                // The first text below a code alone says what it is called.
                let first = details.iter_mut().find(|(label, _)| label == DESCRIPTION).filter(|_| title.is_empty());
                first.into_iter().for_each(|(label, _)| *label = "title".to_owned());
            } else {
                continue;
            }
            // The name of a code is its title, not its type.
            for (label, cell) in details.into_iter().filter(|(label, _)| label != "type" || title.is_empty()) {
                let column = grid.header.iter().position(|header| header.text() == label);
                // The first of several holds.
                if column.and_then(|at| row.cells.get(at)).is_none_or(|cell| cell.text().is_empty()) {
                    grid.set(&mut row, &label, range.clone(), cell);
                }
            }
            grid.rows.push(row);
        }
        // What is too long for a name says what the code means.
        if let Some(title) = grid.header.iter().position(|header| header.text() == "title") {
            let is_long = |row: &&GridRow| row.cells.get(title).is_some_and(|cell| cell.text().split(' ').count() > 6);
            if grid.rows.iter().filter(is_long).count() * 2 >= grid.rows.len() {
                grid.header[title].all.text = "meaning".into();
                join_titles(&mut grid, title);
            } else if !self.of_headings && !has_descriptions(&grid) {
                join_titles(&mut grid, title);
            }
        }
        // Below a heading for each code stand others too, such as `Notes`.
        let are_codes = !grid.rows.is_empty() && (self.of_headings || grid.rows.len() * 4 >= children.len() * 3);
        // `3 ways` is a heading too, and `To fix an error:` leads to steps.
        let are_long = || grid.rows.iter().all(|row| row.cells[0].text().len() > 2);
        let are_numbers = || grid.rows.iter().all(|row| row.cells[0].text().starts_with(|c: char| c.is_ascii_digit()));
        let are_led = || {
            let leads = |lead: &String| match lead.ends_with([':', '：']) {
                true => says_code(lead) || are_long(),
                // A short line stands for a heading.
                false => lead.len() < 60 && says_code(lead) && are_long() && grid.rows.len() > 2,
            };
            lead.as_ref().is_some_and(leads) && are_numbers()
        };
        let repeats = || {
            let codes = self.lists.items.iter().flat_map(|grid| &grid.rows).map(|row| row.cells[0].text());
            let codes: Set<_> = codes.collect();
            grid.rows.iter().all(|row| codes.contains(row.cells[0].text()))
        };
        // A second text may say more about some of them.
        if lead.is_some() && !self.of_headings && are_codes && repeats() {
            return true;
        }
        if are_codes && (says_status || self.of_headings && are_long() || are_led()) {
            (grid.range, grid.headings) = (grid.rows[0].range.clone(), self.headings.clone());
            let lists = if self.of_headings { &mut self.lists.headings } else { &mut self.lists.items };
            lists.push(grid);
        } else if are_codes {
            self.lists.doubtful.push(grid.rows[0].range.clone());
        }
        are_codes
    }

    /// Returns what stands below a code, each with the header of its column.
    fn details(&self, below: &[Piece]) -> Vec<(String, Cell)> {
        // A heading is the label of the texts below it.
        let mut above = DESCRIPTION.to_owned();
        let cell = |(depth, range): &Piece| {
            let cell = inline::read(self.source, range.clone());
            if *depth < COMPONENT {
                above = cell.text().to_lowercase();
                return None;
            }
            Some(match label(cell.text()) {
                Some((label, rest)) => (label.to_lowercase(), Cell::new(rest, cell.all.range.clone())),
                None => (above.clone(), cell),
            })
        };
        below
            .iter()
            .take(MOST_DETAILS)
            .filter(|(depth, _)| *depth < CODE)
            .filter_map(cell)
            .filter(|(_, cell)| !cell.text().is_empty())
            .collect()
    }
}

/// Has each row a description?
fn has_descriptions(grid: &Grid) -> bool {
    let column = grid.header.iter().position(|header| header.text() == DESCRIPTION);
    column.is_none_or(|at| grid.rows.iter().all(|row| row.cells.get(at).is_some_and(|cell| !cell.text().is_empty())))
}

/// Makes one text of the titles in a column and the descriptions: what a code means.
fn join_titles(grid: &mut Grid, title: usize) {
    let Some(behind) = grid.header.iter().position(|header| header.text() == DESCRIPTION) else { return };
    grid.header[title].all.text = "meaning".into();
    grid.header[behind].all.text = "".into();
    for row in &mut grid.rows {
        let behind = row.cells.get(behind).map_or("", Cell::text).to_owned();
        if let Some(cell) = row.cells.get_mut(title).filter(|cell| !behind.is_empty() && cell.text() != behind) {
            cell.all.text = format!("{} - {behind}", cell.text()).into();
        }
    }
}

fn is_range(code: &str) -> bool {
    code.starts_with(|c: char| c.is_ascii_digit()) && code.contains(['-', '–', '~'])
}

/// Is a heading one for several codes: `4xx`, `1000-1999`, or over a table?
fn is_group(code: &str, below: &[Piece], are_groups: bool) -> bool {
    let has_more = || are_groups || below.iter().any(|(depth, _)| *depth != TEXT);
    is_range(code) && has_more() || code.ends_with(['x', 'X', '*']) || below.iter().any(|(depth, _)| *depth == TABLE)
}
