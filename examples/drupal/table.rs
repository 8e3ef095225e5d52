//! Tables on a terminal.

use crate::failure::Failure;
use crate::output::{Output, json_line, plain};
use anstyle::Style;
use console::{Alignment, Term, measure_text_width, pad_str};
use serde_json::Value;
use statuswire::drupal::Attributes;

const HEAD: Style = Style::new().bold();
/// Characters of a column that is not the last one.
const WIDTH: usize = 40;

/// A table that is printed in parts. The first part decides how wide the columns are.
pub(crate) struct Table {
    columns: Vec<String>,
    widths: Option<Vec<usize>>,
}

impl Table {
    pub(crate) fn new(columns: Vec<String>) -> Self {
        Self { columns, widths: None }
    }

    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(String::as_str)
    }

    pub(crate) fn print(&mut self, rows: Vec<Vec<String>>, output: &Output) -> Result<(), Failure> {
        let widths = match &self.widths {
            Some(widths) => widths,
            None => {
                let widths = widths(&self.columns, &rows);
                output.line(format_args!("{HEAD}{}{HEAD:#}", aligned(&self.columns, &widths)))?;
                self.widths.insert(widths)
            }
        };
        rows.iter().try_for_each(|row| output.line(aligned(row, widths)))
    }
}

/// Returns the widths of the columns; that of the last one is what the terminal has left.
fn widths(columns: &[String], rows: &[Vec<String>]) -> Vec<usize> {
    let widest = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at)).chain(columns.get(at));
        cells.map(|cell| measure_text_width(cell)).max().unwrap_or_default().min(WIDTH)
    };
    let mut widths: Vec<_> = (0..columns.len()).map(widest).collect();
    let terminal = usize::from(Term::stdout().size().1);
    if let Some((last, before)) = widths.split_last_mut() {
        let left = terminal.saturating_sub(before.iter().map(|width| width + 2).sum());
        *last = left.max(*last);
    }
    widths
}

fn aligned(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).map(|(cell, width)| pad_str(cell, *width, Alignment::Left, Some("…")));
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

/// The attributes that tell what a resource is called, the best first.
const LABELS: [&str; 6] = ["title", "name", "display_name", "subject", "label", "filename"];

/// Returns what a resource is called.
pub(crate) fn label(attributes: &Attributes) -> Option<String> {
    LABELS.iter().find_map(|name| attributes.get(*name)?.as_str()).map(plain)
}

/// Returns an attribute on one line.
pub(crate) fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => plain(text),
        value => json_line(value).unwrap_or_default(),
    }
}
