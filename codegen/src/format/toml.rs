//! Reads a table of TOML: `[[code]]` for each code, and what other formats have in their front matter around them.

use crate::diagnostic::Diagnostic;
use crate::draft::Draft;
use crate::grid::Grid;
use crate::settings::{self, Place};

/// Reads a file that ends at a byte offset of the draft's source.
pub(super) fn read(draft: &mut Draft, end: usize, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<Grid>> {
    let top = if draft.source.text().starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    settings::read(draft, top..end, Place::Around, diagnostics)
}
