//! Reads a table from Markdown: front matter, headings, pipe tables.

mod front_matter;
mod header;
mod marks;
mod rows;

use crate::diagnostic::Diagnostic;
use crate::draft::Draft;
use crate::source::Source;

/// Reads the form of a file; what the words in it mean is checked later. Returns `None` if the front matter cannot be read:
/// everything after it would be misunderstood.
pub(crate) fn read(source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Option<Draft> {
    let (mut draft, body) = front_matter::read(source, diagnostics)?;
    rows::read(&mut draft, body, diagnostics);
    Some(draft)
}
