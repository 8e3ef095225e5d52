//! Reads a table from Markdown: front matter, headings, pipe tables.

mod front_matter;
mod header;
mod rows;

use crate::diagnostic::Diagnostic;
use crate::draft::Draft;
use crate::source::{Located, Source};

/// What a file says, as far as it could be read, and what is wrong with its form.
pub(crate) struct Reading {
    /// `None` if the front matter cannot be read: everything after it would be misunderstood.
    pub(crate) draft: Option<Draft>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Reads the form of a file; what the words in it mean is checked later.
pub(crate) fn read(source: &Source) -> Reading {
    let (mut draft, body, mut diagnostics) = match front_matter::read(source) {
        Ok(front) => front,
        Err(diagnostics) => return Reading { draft: None, diagnostics },
    };
    let found = rows::read(source, body);
    draft.rows = found.rows;
    draft.has_unread_rows = found.has_unread;
    diagnostics.extend(found.diagnostics);
    Reading { draft: Some(draft), diagnostics }
}

/// The parts of a text between commas; each keeps the place of the whole text.
fn split_list(list: &Located) -> Vec<Located> {
    let parts = list.text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| Located { text: part.to_owned(), range: list.range.clone() }).collect()
}
