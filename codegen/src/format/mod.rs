//! The formats that a table may have, one module each. Each reader finds tables of cells with their places; what their
//! columns hold is decided for all formats alike.

#[cfg(feature = "csv")]
mod csv;
#[cfg(feature = "json")]
mod json;
mod markdown;
#[cfg(feature = "toml")]
mod toml;

use crate::diagnostic::{self, Diagnostic};
use crate::draft::Draft;
use crate::grid::Grid;
use crate::settings;
use crate::source::{Located, Source};
use crate::vocabulary::Key;
use crate::{fixes, identifier};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The end of the name of a file that corrects the table next to it.
const FIX: &str = ".fix.toml";

/// The end of the name of a file of rules next to a table.
const RULES: &str = ".rules.toml";

/// What is in a file.
#[derive(Default)]
struct Page {
    /// Where the settings of the table stand, in TOML.
    settings: Option<Range<usize>>,
    grids: Vec<Grid>,
    /// Codes without tables: those that have a heading each, those in lists, those in blocks of code. Each is read on pages
    /// that have none of those before it.
    lists: [Vec<Grid>; 3],
    /// What looks like a table of codes and is not one, and why.
    left_out: Vec<(Range<usize>, &'static str)>,
}

/// The formats, by the ends of file names.
#[derive(Clone, Copy)]
enum Format {
    Markdown,
    Csv,
    Tsv,
    Json,
    Toml,
}

impl Format {
    fn of(path: &Path) -> Option<Self> {
        Some(match path.extension()?.to_str()? {
            "md" | "mdx" | "markdown" => Self::Markdown,
            "csv" => Self::Csv,
            "tsv" => Self::Tsv,
            "json" | "jsonc" => Self::Json,
            "toml" => Self::Toml,
            _ => return None,
        })
    }
}

/// Is it the name of a table, and not of a file that corrects one or has its rules?
pub(crate) fn is_table(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    Format::of(path).is_some() && name != "README.md" && !name.ends_with(FIX) && !name.ends_with(RULES)
}

/// Returns the paths of the files that may stand next to a table: of the one that corrects it, and of its rules.
pub(crate) fn companions(path: &Path) -> [PathBuf; 2] {
    [FIX, RULES].map(|end| {
        let mut name = path.file_stem().unwrap_or_default().to_owned();
        name.push(end);
        path.with_file_name(name)
    })
}

/// Returns the name of the table that a file of rules belongs to, without its end.
pub(crate) fn ruled(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()?.strip_suffix(RULES)
}

/// Reads a file, the one that corrects it, and its rules. Returns its lists of codes, usually one.
pub(crate) fn read(path: &Path, diagnostics: &mut Vec<Diagnostic>) -> Vec<Draft> {
    let Some(text) = text(path, diagnostics) else { return Vec::new() };
    let mut source = Source::new(path, text);
    let [fix, rules] = companions(path);
    let mut beside = None;
    if fix.is_file() {
        let Some(text) = self::text(&fix, diagnostics) else { return Vec::new() };
        let (both, range) = source.with_beside(&fix, &text);
        (source, beside) = (both, Some(range));
    }
    let end = beside.as_ref().map_or(source.text().len(), |beside| beside.start - 1);
    let Some(mut draft) = draft(source, end, beside, diagnostics) else { return Vec::new() };
    #[cfg(feature = "pages")]
    crate::names::make(&mut draft);
    fixes::apply(&mut draft, diagnostics);
    #[cfg(feature = "pages")]
    let mut lists = crate::lists::split(draft);
    #[cfg(not(feature = "pages"))]
    let mut lists = vec![draft];
    if rules.is_file() {
        attach(&rules, &mut lists, diagnostics);
    }
    lists
}

/// Gives the rules in a file to the table that they are for.
fn attach(path: &Path, lists: &mut [Draft], diagnostics: &mut Vec<Diagnostic>) {
    let Some(text) = text(path, diagnostics) else { return };
    match lists {
        [list] => list.rules = Some(Source::new(path, text)),
        lists => diagnostics.push(Diagnostic::of_path(
            path,
            format!("the page next to the rules has {} tables of codes", lists.len()),
            "put the table that the rules are for into a file of its own",
        )),
    }
}

/// Makes a draft of a file that ends at a byte offset of the source.
fn draft(source: Source, end: usize, beside: Option<Range<usize>>, diagnostics: &mut Vec<Diagnostic>) -> Option<Draft> {
    if source.text()[..end].trim_matches('\u{feff}').trim().is_empty() {
        diagnostics.push(Diagnostic::at(
            &source,
            0..0,
            "the file is empty",
            "add a table with the columns `Value` and `Name`",
        ));
        return None;
    }
    let mut draft = Draft::new(source.clone(), 0..0);
    if let Some(beside) = beside {
        settings::read(&mut draft, beside, diagnostics)?;
    }
    let Page { settings, grids, lists, left_out } = match Format::of(source.path()) {
        Some(Format::Csv) => csv(&source, end, b',', diagnostics),
        Some(Format::Tsv) => csv(&source, end, b'\t', diagnostics),
        Some(Format::Json) => json(&source, end, diagnostics),
        Some(Format::Toml) => toml(&mut draft, end, diagnostics),
        // A page that is given by its name may have any.
        Some(Format::Markdown) | None => {
            markdown::read(&source, end).map_err(|diagnostic| diagnostics.push(diagnostic)).ok()
        }
    }?;
    if let Some(range) = settings {
        draft.head.range = range.clone();
        draft.defaults.range = range.clone();
        settings::read(&mut draft, range, diagnostics)?;
    }
    name(&mut draft);
    rows(&mut draft, grids, diagnostics);
    // Next to tables of codes they may explain the rows of these, or be other things with numbers.
    for lists in lists {
        if draft.rows.is_empty() && !draft.has_unread_rows {
            let advice = draft.account.advice.take();
            rows(&mut draft, lists, diagnostics);
            draft.account.advice = advice.or(draft.account.advice.take());
        } else {
            let why = "headings and lists are read only on pages without tables of codes";
            draft.account.left_out.extend(lists.into_iter().map(|list| (list.range, why.to_owned())));
        }
    }
    draft.account.left_out.extend(left_out.into_iter().map(|(range, why)| (range, why.to_owned())));
    Some(draft)
}

#[cfg(feature = "pages")]
use crate::columns::read as rows;
#[cfg(not(feature = "pages"))]
use crate::exact::read as rows;

#[cfg(feature = "csv")]
use csv::read as csv;
#[cfg(feature = "json")]
use json::read as json;
#[cfg(feature = "toml")]
use toml::read as toml;

#[cfg(not(feature = "csv"))]
fn csv(source: &Source, _: usize, _: u8, diagnostics: &mut Vec<Diagnostic>) -> Option<Page> {
    without(source, "csv", diagnostics)
}

#[cfg(not(feature = "json"))]
fn json(source: &Source, _: usize, diagnostics: &mut Vec<Diagnostic>) -> Option<Page> {
    without(source, "json", diagnostics)
}

#[cfg(not(feature = "toml"))]
fn toml(draft: &mut Draft, _: usize, diagnostics: &mut Vec<Diagnostic>) -> Option<Page> {
    without(&draft.source, "toml", diagnostics)
}

#[cfg(not(all(feature = "csv", feature = "json", feature = "toml")))]
fn without(source: &Source, feature: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Page> {
    diagnostics.push(Diagnostic::of_path(
        source.path(),
        "files of this format are not read without a feature",
        format!("enable the feature `{feature}` of statuswire-codegen"),
    ));
    None
}

/// Names the table after its file, unless its settings name it.
fn name(draft: &mut Draft) {
    let stem = draft.source.path().file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let start = draft.head.start();
    if draft.head.get(Key::Name).is_none() {
        let text = identifier::table_name(&stem).into();
        draft.head.words.push((Key::Name, Located { text, range: start.clone() }));
    }
    if draft.head.get(Key::Title).is_none() {
        let text = draft.head.get(Key::Name).map(|name| name.text.clone()).unwrap_or_default();
        draft.head.words.push((Key::Title, Located { text, range: start }));
    }
}

fn text(path: &Path, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            diagnostics.push(Diagnostic::of_path(
                path,
                format!("cannot read the file: {error}"),
                "check the path and its permissions",
            ));
            return None;
        }
    };
    String::from_utf8(bytes).map_err(|error| diagnostics.push(diagnostic::not_utf8(path, &error))).ok()
}
