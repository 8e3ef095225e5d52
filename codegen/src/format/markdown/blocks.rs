//! Headings and pipe tables, found line by line.

use super::{Labels, Outline, cells, inline};
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
        #[cfg(feature = "pages")]
        end: range.end,
        headings: Vec::new(),
        quoted_headings: Vec::new(),
        labels: Labels::default(),
        grids: Vec::new(),
        strays: Vec::new(),
        outline: Outline::default(),
        in_stray: false,
        hidden: Hidden::No,
        read_to: 0,
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
pub(super) struct Line<'s> {
    pub(super) text: &'s str,
    pub(super) range: Range<usize>,
    /// How many columns it stands to the right. From four on it may be code.
    column: usize,
    /// It stands in a quote. What is a heading there holds for the quote.
    pub(super) is_quoted: bool,
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
}

pub(super) struct Reader<'s> {
    pub(super) source: &'s Source,
    /// Where the page ends.
    #[cfg(feature = "pages")]
    pub(super) end: usize,
    /// The headings that hold here, with their levels.
    headings: Vec<(usize, Located)>,
    /// Those in the quote that the line stands in, if it does.
    quoted_headings: Vec<(usize, Located)>,
    /// What tells tables below one heading apart.
    pub(super) labels: Labels,
    pub(super) grids: Vec<Grid>,
    /// The first lines of rows without a table.
    strays: Vec<Range<usize>>,
    pub(super) outline: Outline,
    /// Whether the line above is such a row.
    in_stray: bool,
    hidden: Hidden,
    /// Where what was read ends.
    pub(super) read_to: usize,
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
            Hidden::No if line.range.start < self.read_to => return,
            Hidden::No => {}
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
        } else if line.text.is_empty() || line.text.starts_with('|') || line.text.starts_with(":::") {
            self.outline.end();
        } else if heading(line.text).is_none() && !is_underline(line.text) {
            self.outline.line(line.text, line.range.clone(), line.column);
        }
        #[cfg(feature = "pages")]
        if line.text.starts_with(['<', '{']) && self.tags(&line) {
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
        } else if !line.text.is_empty()
            && !line.is_quoted
            && !self.labels.line(self.source, line.text, line.range.start)
            && !is_item(line.text)
        {
            self.last_text = Some(line);
        }
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

    pub(super) fn heading(&mut self, level: usize, range: Range<usize>, is_quoted: bool) {
        if !is_quoted {
            self.outline.heading(level, range.clone());
        }
        self.labels.heading();
        // Small print with a link, such as when the page was changed, names no tables.
        let is_deep = level == 6 && self.headings.last().is_some_and(|(above, _)| *above < 3);
        if is_deep && self.source.text()[range.clone()].contains("](") {
            return;
        }
        let headings = if is_quoted { &mut self.quoted_headings } else { &mut self.headings };
        headings.retain(|(above, _)| *above < level);
        let mut heading = inline::read(self.source, range).all;
        // The mark of a link to the heading itself.
        if let Some(text) = heading.text.strip_prefix("# ") {
            heading.text = text.to_owned().into();
        }
        headings.push((level, heading));
    }

    /// Returns the headings that hold here, from the outermost on.
    pub(super) fn path(&self) -> Vec<Located> {
        self.headings.iter().chain(&self.quoted_headings).map(|(_, heading)| heading.clone()).collect()
    }

    fn header(&mut self, line: &Line<'_>) {
        let header = self.cells(line, None);
        self.table = Some((header.len(), false));
        let (headings, label) = (self.path(), self.labels.of_table(self.source));
        let range = trimmed(self.source, line.range.clone());
        self.grids.push(Grid { headings, label, ..Grid::new(header, range) });
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
