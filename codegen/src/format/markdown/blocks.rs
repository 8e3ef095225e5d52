//! Headings and pipe tables, found line by line.

use super::label::{self, Label};
use super::outline::Outline;
use super::{cells, html, html_table, inline, list_table};
use crate::grid::{Cell, Grid, GridRow, trimmed};
use crate::source::{Located, Source};
use std::ops::Range;

/// What is on a page.
pub(super) struct Blocks {
    /// The tables, each with the headings over it.
    pub(super) grids: Vec<Grid>,
    /// The first lines of what looks like a table, but is not.
    pub(super) strays: Vec<Range<usize>>,
    /// Headings, lists and texts.
    pub(super) outline: Outline,
}

/// Reads the blocks in a range of the source.
pub(super) fn read(source: &Source, range: Range<usize>) -> Blocks {
    let mut reader = Reader {
        source,
        end: range.end,
        headings: Vec::new(),
        quoted_headings: Vec::new(),
        label: None,
        above: None,
        grids: Vec::new(),
        strays: Vec::new(),
        outline: Outline::default(),
        in_stray: false,
        hidden: Hidden::No,
        last_text: None,
        table: None,
        broken: None,
    };
    let mut lines = lines(source, range).peekable();
    while let Some(line) = lines.next() {
        reader.line(line, lines.peek());
    }
    Blocks { grids: reader.grids, strays: reader.strays, outline: reader.outline }
}

/// How many columns a tab is wide.
const TAB: usize = 4;

/// A line without the marks of quotes, white space and line end around it.
#[derive(Clone)]
struct Line<'s> {
    text: &'s str,
    range: Range<usize>,
    /// How many columns it stands to the right. From four on it may be code.
    column: usize,
    /// It stands in a quote. What is a heading there holds for the quote.
    is_quoted: bool,
}

fn lines(source: &Source, range: Range<usize>) -> impl Iterator<Item = Line<'_>> {
    let text = &source.text()[..range.end];
    let mut at = range.start;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let length = rest.find('\n').map_or(rest.len(), |newline| newline + 1);
        let mut line = rest[..length].trim_start();
        let indent = &rest[..length - line.len()];
        let column = indent.chars().map(|c| if c == '\t' { TAB } else { 1 }).sum();
        let is_quoted = line.starts_with('>');
        while let Some(quoted) = line.strip_prefix('>') {
            line = quoted.trim_start();
        }
        let range = at + length - line.len()..at + length;
        at += length;
        let line = line.trim_end();
        Some(Line { text: line, range: range.start..range.start + line.len(), column, is_quoted })
    })
}

/// Lines in which nothing is read.
enum Hidden {
    No,
    /// A fenced block, until a line that starts with this.
    Fence(String),
    /// Something else, until a line that contains this.
    Until(&'static str),
    /// What was read, up to this offset.
    To(usize),
}

struct Reader<'s> {
    source: &'s Source,
    /// Where the page ends.
    end: usize,
    /// The headings that hold here, with their levels.
    headings: Vec<(usize, Located)>,
    /// Those in the quote that the line stands in, if it does.
    quoted_headings: Vec<(usize, Located)>,
    /// The latest label below the headings.
    label: Option<Located>,
    /// The latest line that is not empty, since the last table.
    above: Option<Line<'s>>,
    grids: Vec<Grid>,
    /// The first lines of rows without a table.
    strays: Vec<Range<usize>>,
    outline: Outline,
    /// Whether the line above is such a row.
    in_stray: bool,
    hidden: Hidden,
    /// The latest line, if a line below could make it a heading.
    last_text: Option<Line<'s>>,
    /// The width of the table that the next line may continue, and whether its delimiter was passed.
    table: Option<(usize, bool)>,
    /// The width of the table that stands above nothing but empty lines.
    broken: Option<usize>,
}

impl<'s> Reader<'s> {
    fn line(&mut self, line: Line<'s>, next: Option<&Line<'s>>) {
        if !line.is_quoted && !line.text.is_empty() {
            self.quoted_headings.clear();
        }
        match &self.hidden {
            Hidden::No => {}
            Hidden::To(end) if line.range.start < *end => return,
            Hidden::To(_) => self.hidden = Hidden::No,
            Hidden::Fence(fence) => {
                let rest = line.text.trim_start_matches(|c| fence.starts_with(c));
                if line.text.starts_with(fence.as_str()) && rest.trim().is_empty() {
                    self.hidden = Hidden::No;
                } else {
                    self.outline.code(line.range);
                }
                return;
            }
            Hidden::Until(end) => {
                if line.text.to_ascii_lowercase().contains(end) {
                    self.hidden = Hidden::No;
                }
                return;
            }
        }
        if self.hide(line.text) {
            self.outline.end();
            return;
        }
        let last_text = self.last_text.take();
        if line.text.starts_with('<') {
            self.outline.tag(line.text, line.range.clone(), line.column);
        } else if line.text.is_empty() || line.is_quoted || line.text.starts_with('|') || line.text.starts_with(":::") {
            self.outline.end();
        } else if heading(line.text).is_none() && !is_underline(line.text) {
            self.outline.line(line.text, line.range.clone(), line.column);
        }
        if line.text.starts_with(['<', '{'])
            && (self.html_table(&line) || self.list_table(&line) || self.html_heading(&line))
        {
            self.table = None;
            return;
        }
        // An empty line by mistake does not end a table: the rows below it have no header of their own.
        if let Some(width) = self.broken.filter(|_| !line.text.is_empty()) {
            self.broken = None;
            let is_header = next.is_some_and(|next| cells::is_delimiter(next.text));
            if line.text.starts_with('|') && !is_header && cells::split(line.text, Some(width)).len() == width {
                self.table = Some((width, true));
            }
        }
        if let Some((width, passed)) = self.table {
            if !passed {
                self.table = Some((width, true));
                return;
            }
            if is_row(line.text) {
                self.row(&line, width);
                return;
            }
            self.table = None;
            self.broken = line.text.is_empty().then_some(width);
        }
        let was_stray = std::mem::replace(&mut self.in_stray, line.text.starts_with('|'));
        if let Some((level, text)) = heading(line.text) {
            // The comment of a script in a block of code looks like a heading.
            if line.column >= TAB && line.text.starts_with("# ") {
                return;
            }
            let start = line.range.start + (text.as_ptr() as usize - line.text.as_ptr() as usize);
            self.heading(level, start..start + text.len(), line.is_quoted);
        } else if is_underline(line.text)
            && let Some(text) = last_text
        {
            let level = if line.text.starts_with('=') { 1 } else { 2 };
            self.heading(level, text.range, false);
        } else if cells::has_pipe(line.text) && next.is_some_and(|next| cells::is_delimiter(next.text)) {
            self.header(&line);
            self.outline.table();
            self.in_stray = false;
        } else if self.in_stray {
            if !was_stray {
                self.strays.push(line.range);
            }
        } else if !line.text.is_empty() && !line.is_quoted {
            match label::of(line.text) {
                Some(Label::Begins(label)) => {
                    let (start, end) = (line.range.start + label.start, line.range.start + label.end);
                    self.label = Some(inline::read(self.source, start..end).all);
                }
                Some(Label::Ends) => self.label = None,
                None if !is_item(line.text) => self.last_text = Some(line.clone()),
                None => {}
            }
            self.above = Some(line);
        }
    }

    /// Returns what tells a table that begins here from others below its heading.
    fn label(&mut self) -> Option<Located> {
        let above = self.above.take();
        self.label.clone().or_else(|| {
            let line = above?;
            let label = label::above(line.text)?;
            Some(inline::read(self.source, line.range.start + label.start..line.range.start + label.end).all)
        })
    }

    /// Begins what is not read; returns whether the line is such.
    fn hide(&mut self, text: &str) -> bool {
        let fence = text.chars().next().filter(|c| matches!(c, '`' | '~'));
        if let Some(mark) = fence {
            let length = text.chars().take_while(|c| *c == mark).count();
            if length >= 3 && !(mark == '`' && text[length..].contains('`')) {
                self.hidden = Hidden::Fence(mark.to_string().repeat(length));
                self.table = None;
                return true;
            }
        }
        if !text.contains(['<', '{']) {
            return false;
        }
        let lower = || text.get(..text.len().min(16)).unwrap_or("").to_ascii_lowercase();
        for (start, end) in [("<!--", "-->"), ("{/*", "*/}")] {
            // A comment may also begin behind a text.
            if let Some(at) = text.rfind(start)
                && !text[at..].contains(end)
                && (at == 0 || !cells::has_pipe(text))
            {
                self.hidden = Hidden::Until(end);
                return at == 0;
            }
            // A comment between two rows is not the end of their table.
            if text.starts_with(start) && text.ends_with(end) {
                return true;
            }
        }
        for (start, end) in [("<script", "</script>"), ("<style", "</style>")] {
            if text.starts_with('<') && lower().starts_with(start) {
                if !text.to_ascii_lowercase().contains(end) {
                    self.hidden = Hidden::Until(end);
                }
                return true;
            }
        }
        false
    }

    fn heading(&mut self, level: usize, range: Range<usize>, is_quoted: bool) {
        if !is_quoted {
            self.outline.heading(level, range.clone());
        }
        (self.label, self.above) = (None, None);
        let headings = if is_quoted { &mut self.quoted_headings } else { &mut self.headings };
        headings.retain(|(above, _)| *above < level);
        headings.push((level, inline::read(self.source, range).all));
    }

    /// Returns the headings that hold here, from the outermost on.
    fn path(&self) -> Vec<Located> {
        self.headings.iter().chain(&self.quoted_headings).map(|(_, heading)| heading.clone()).collect()
    }

    /// Reads a table of tags that begins in a line; returns whether there is one.
    fn html_table(&mut self, line: &Line<'_>) -> bool {
        let tag = line.text.match_indices('<').map(|(at, _)| at);
        let mut tags = tag.filter(|at| html_table::starts_with(&line.text[*at..], "<table"));
        let Some(start) = tags.next().map(|at| line.range.start + at) else { return false };
        let Some(end) = html_table::end(&self.source.text()[..self.end], start) else { return false };
        if self.source.text()[start..end].lines().any(cells::is_delimiter) {
            return false;
        }
        let may_lack_header = !html_table::has_header(&self.source.text()[start..end]);
        let rows = html_table::read(self.source, start..end);
        self.rows(rows, may_lack_header, end);
        true
    }

    /// Reads a table of lists that begins in a line; returns whether there is one.
    fn list_table(&mut self, line: &Line<'_>) -> bool {
        let Some(start) = list_table::start(line.text).map(|length| line.range.start + length) else { return false };
        let Some((close, end)) = list_table::end(&self.source.text()[..self.end], start) else { return false };
        let text = &self.source.text()[start..close];
        if text.lines().any(cells::is_delimiter) {
            return false;
        }
        let rows = list_table::read(self.source, start..close);
        self.rows(rows, text.trim_start().starts_with("---"), end);
        true
    }

    /// Adds a table of rows, the first of which is the header. It ends at an offset.
    fn rows(&mut self, rows: Vec<GridRow>, may_lack_header: bool, end: usize) {
        self.hidden = Hidden::To(end);
        let mut rows = rows.into_iter();
        let Some(GridRow { cells: header, range }) = rows.next() else { return };
        self.outline.table();
        let (headings, label) = (self.path(), self.label());
        self.grids.push(Grid {
            headings,
            label,
            header,
            range,
            rows: rows.collect(),
            groups_are_cells: false,
            may_lack_header,
        });
    }

    /// Reads a heading of tags, which may stand on several lines; returns whether there is one.
    fn html_heading(&mut self, line: &Line<'_>) -> bool {
        let start = line.range.start;
        let Some((level, inner, end)) = html::heading(&self.source.text()[start..self.end]) else { return false };
        self.heading(level, start + inner.start..start + inner.end, line.is_quoted);
        self.hidden = Hidden::To(start + end);
        true
    }

    fn header(&mut self, line: &Line<'_>) {
        let header = self.cells(line, None);
        self.table = Some((header.len(), false));
        let (headings, label) = (self.path(), self.label());
        let range = trimmed(self.source, line.range.clone());
        self.grids.push(Grid {
            headings,
            label,
            header,
            range,
            rows: Vec::new(),
            groups_are_cells: false,
            may_lack_header: false,
        });
    }

    fn row(&mut self, line: &Line<'_>, width: usize) {
        let row = GridRow { range: line.range.clone(), cells: self.cells(line, Some(width)) };
        if let Some(grid) = self.grids.last_mut() {
            grid.rows.push(row);
        }
    }

    fn cells(&self, line: &Line<'_>, width: Option<usize>) -> Vec<Cell> {
        let start = line.range.start;
        let cells = cells::split(line.text, width);
        cells.into_iter().map(|cell| inline::read(self.source, start + cell.start..start + cell.end)).collect()
    }
}

/// Does a line below a table belong to it?
fn is_row(text: &str) -> bool {
    !text.starts_with(":::") && cells::has_pipe(text) && heading(text).is_none()
}

/// Returns the level and the text of a heading: `## Keys`, `##Keys`.
fn heading(text: &str) -> Option<(usize, &str)> {
    let level = text.bytes().take_while(|byte| *byte == b'#').count();
    let rest = text.get(level..).filter(|_| (1..=6).contains(&level))?;
    let is_heading = rest.is_empty() || rest.starts_with([' ', '\t']) || (level > 1 && !rest.starts_with('|'));
    let rest = rest.trim();
    let closed = rest.trim_end_matches('#');
    let is_closed = closed.is_empty() || closed.ends_with([' ', '\t']);
    is_heading.then_some((level, if is_closed { closed.trim_end() } else { rest }))
}

/// Is it the item of a list, or the mark of a container or a component? A line of dashes does not make it a heading.
fn is_item(text: &str) -> bool {
    let number = text.trim_start_matches(|c: char| c.is_ascii_digit());
    text.starts_with([':', '<', '-', '*', '+']) || (number.len() < text.len() && number.starts_with(['.', ')']))
}

/// Is this the line below a heading: `=====`?
fn is_underline(text: &str) -> bool {
    text.len() > 1 && ["=", "-"].iter().any(|mark| text.trim_start_matches(mark).is_empty())
}
