//! Codes and ranges in full, for people.

use super::any_code::AnyCode;
use super::classification::Classification;
use super::info::{CodeInfo, RangeInfo, TableInfo};
use core::fmt;

impl AnyCode {
    /// Describes the code in some lines: meaning, classification, commands, and where the table was read.
    ///
    /// ```
    /// use statuswire::codes::{AnyCode, edgware};
    ///
    /// let code = edgware::ErrorCode::from_value(0x2030d).map(AnyCode::of).ok_or("six digits")?;
    /// let text = code.describe().to_string();
    /// assert!(text.starts_with("edgware 2030d Action Deregister User\n"));
    /// assert!(text.contains("kind NOT_FOUND, outcome error, recovery correct, origin server, HTTP 404"));
    /// # Ok::<(), &str>(())
    /// ```
    pub fn describe(&self) -> impl fmt::Display + use<> {
        Description(*self)
    }
}

impl RangeInfo {
    /// Describes its values in some lines.
    pub fn describe(&'static self) -> impl fmt::Display + use<> {
        RangeDescription(self)
    }
}

struct Description(AnyCode);

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(code) = self;
        let table = code.table();
        match (code.info(), code.range()) {
            (Some(info), _) => heading(f, format_args!("{code}"), info)?,
            (None, Some(range)) => {
                heading(f, format_args!("{} {}, in {range} {}", table.name, code.value(), range.row.name), &range.row)?;
            }
            (None, None) if table.parts.is_empty() => {
                writeln!(f, "{} {}", table.name, code.value())?;
                writeln!(f, "  The table does not list this value.")?;
            }
            (None, None) => writeln!(f, "{code}")?,
        }
        for part in code.parts() {
            match part.info() {
                Some(info) => writeln!(f, "  {part}: {}", info.meaning)?,
                None => writeln!(f, "  {part}: the table does not list this value.")?,
            }
        }
        classification(f, &code.classification())?;
        if let Some(info) = code.info().or(code.range().map(|range| &range.row)) {
            details(f, info)?;
        }
        provenance(f, table)
    }
}

struct RangeDescription(&'static RangeInfo);

impl fmt::Display for RangeDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(range) = self;
        heading(f, format_args!("{} {range} {}", range.row.table.name, range.row.name), &range.row)?;
        classification(f, &range.row.classification())?;
        details(f, &range.row)?;
        provenance(f, range.row.table)
    }
}

fn heading(f: &mut fmt::Formatter<'_>, what: fmt::Arguments<'_>, info: &CodeInfo) -> fmt::Result {
    f.write_fmt(what)?;
    if !info.group.is_empty() {
        write!(f, " ({})", info.group)?;
    }
    writeln!(f)?;
    if info.meaning.is_empty() { Ok(()) } else { writeln!(f, "  {}", info.meaning) }
}

fn classification(f: &mut fmt::Formatter<'_>, classification: &Classification) -> fmt::Result {
    let Classification { kind, outcome, recovery, origin, http_status } = classification;
    write!(f, "  kind {kind}, outcome {outcome}, recovery {recovery}, origin {origin}")?;
    match http_status {
        Some(status) => writeln!(f, ", HTTP {status}"),
        None => writeln!(f),
    }
}

fn details(f: &mut fmt::Formatter<'_>, info: &CodeInfo) -> fmt::Result {
    list(f, "also called", info.aliases)?;
    list(f, "commands", info.commands)?;
    list(f, "reasons", info.reasons)
}

fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, what: &str, items: &[T]) -> fmt::Result {
    for (at, item) in items.iter().enumerate() {
        if at == 0 {
            write!(f, "  {what}: {item}")?;
        } else {
            write!(f, ", {item}")?;
        }
    }
    if items.is_empty() { Ok(()) } else { writeln!(f) }
}

/// The last line, which has no line end.
fn provenance(f: &mut fmt::Formatter<'_>, table: &TableInfo) -> fmt::Result {
    write!(f, "  {}", table.title)?;
    for (what, text) in [("read from", table.source), ("revision", table.revision)] {
        if !text.is_empty() {
            write!(f, ", {what} {text}")?;
        }
    }
    Ok(())
}
