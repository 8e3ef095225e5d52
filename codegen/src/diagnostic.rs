//! What is wrong with a table, and how the message is written.

use crate::excerpt;
use crate::source::{Located, Place, Source};
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;

/// How many diagnostics of a run are printed.
const PRINTED: usize = 100;

/// One diagnostic: what is wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    what: String,
    note: Option<String>,
    help: String,
    location: Location,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Location {
    /// A part of a text.
    Text(Source, Range<usize>),
    /// A file or directory as a whole.
    Path(PathBuf),
    /// What the caller of the library gave.
    Call,
}

impl Diagnostic {
    /// Makes a diagnostic in a text. The caret stands under the byte range; at [`Located::NOWHERE`] the diagnostic concerns
    /// the file as a whole.
    #[must_use]
    pub fn at(source: &Source, range: Range<usize>, what: impl Into<String>, help: impl Into<String>) -> Self {
        if range == Located::NOWHERE {
            return Self::of_path(source.path(), what, help);
        }
        Self::new(Location::Text(source.clone(), range), what, help)
    }

    pub(crate) fn of_path(path: &Path, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Location::Path(path.to_owned()), what, help)
    }

    pub(crate) fn of_call(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Location::Call, what, help)
    }

    fn new(location: Location, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), note: None, help: help.into(), location }
    }

    /// Adds a note that helps to understand, such as where the first of two names stands.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Returns what is wrong, in one line.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Returns what to do about it.
    #[must_use]
    pub fn help(&self) -> &str {
        &self.help
    }

    /// Returns the file or directory that it concerns, if any.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.location {
            Location::Text(source, range) => Some(source.path_at(range.start)),
            Location::Path(path) => Some(path),
            Location::Call => None,
        }
    }

    /// Returns line and column, if it concerns a part of a text.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        match &self.location {
            Location::Text(source, range) => Some(source.place(range.start)),
            Location::Path(_) | Location::Call => None,
        }
    }

    /// Returns what orders diagnostics as their files and places do.
    fn order(&self) -> (Option<&Path>, Option<usize>) {
        let offset = match &self.location {
            Location::Text(_, range) => Some(range.start),
            Location::Path(_) | Location::Call => None,
        };
        (self.path(), offset)
    }
}

/// Writes the message in some lines. Of a long line of the file, the part around the caret is shown.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.what)?;
        let margin = match &self.location {
            Location::Text(source, range) => excerpt::write(f, source, range)?,
            Location::Path(path) => {
                writeln!(f, " --> {}", path.display())?;
                String::new()
            }
            Location::Call => String::new(),
        };
        if let Some(note) = &self.note {
            writeln!(f, "{margin} = note: {note}")?;
        }
        write!(f, "{margin} = help: {}", self.help)
    }
}

/// Reports a file that is not UTF-8, at the first byte that is wrong.
pub(crate) fn not_utf8(path: &Path, error: &FromUtf8Error) -> Diagnostic {
    let valid = error.utf8_error().valid_up_to();
    let source = Source::new(path, String::from_utf8_lossy(error.as_bytes()));
    // Up to there the lossy text is the same.
    let range = valid..valid + char::REPLACEMENT_CHARACTER.len_utf8();
    Diagnostic::at(&source, range, "the file is not UTF-8 from here on", "save it in UTF-8")
}

/// All diagnostics of a run.
///
/// `Debug` prints what `Display` prints, so that the messages stay legible when a build script returns it from `main`.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    diagnostics: Vec<Diagnostic>,
}

impl Error {
    /// Returns `Ok` if there are no diagnostics; otherwise all of them, sorted by file and place.
    pub(crate) fn check(mut diagnostics: Vec<Diagnostic>) -> Result<(), Self> {
        diagnostics.sort_by(|one, other| one.order().cmp(&other.order()));
        if diagnostics.is_empty() { Ok(()) } else { Err(Self { diagnostics }) }
    }

    /// Returns the diagnostics, sorted by file and place; at least one.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

impl From<Diagnostic> for Error {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { diagnostics: vec![diagnostic] }
    }
}

/// Writes the first hundred diagnostics, and how many there are.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for diagnostic in self.diagnostics.iter().take(PRINTED) {
            writeln!(f, "{diagnostic}\n")?;
        }
        match self.diagnostics.len() {
            1 => write!(f, "1 diagnostic in the tables"),
            n if n <= PRINTED => write!(f, "{n} diagnostics in the tables"),
            n => write!(f, "{n} diagnostics in the tables: the first {PRINTED} above, and {} more", n - PRINTED),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for Error {}
