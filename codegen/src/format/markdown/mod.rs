//! Reads the tables of a Markdown page, also of a documentation site: front matter, headings, tables of pipes
//! or of HTML tags.
//!
//! Pages of documentation sites are not plain Markdown: they have containers, components, and tables that are indented or
//! stand directly below a tag. So this reader looks for what a person sees as a heading or a table, line by line.

mod blocks;
mod cells;
#[cfg(feature = "pages")]
mod code_lists;
mod entities;
mod html;
#[cfg(feature = "pages")]
mod html_table;
mod inline;
#[cfg(feature = "pages")]
mod label;
#[cfg(feature = "pages")]
mod list_table;
#[cfg(feature = "pages")]
mod listing;
mod marks;
#[cfg(feature = "pages")]
mod numbered_names;
#[cfg(feature = "pages")]
mod outline;
#[cfg(not(feature = "pages"))]
mod tables_alone;
#[cfg(feature = "pages")]
mod tags;
#[cfg(feature = "pages")]
mod words;

use super::Page;
use crate::diagnostic::Diagnostic;
use crate::source::Source;
use blocks::Blocks;
use std::ops::Range;

#[cfg(not(feature = "pages"))]
use tables_alone::{Labels, Outline};
#[cfg(feature = "pages")]
use {code_lists::Lists, label::Labels, outline::Outline};

const STRAY: &str = "it looks like a table, but lacks a line such as `|---|---|` below the headers";

/// Reads the form of a page that ends at a byte offset of the source.
pub(super) fn read(source: &Source, end: usize) -> Result<Page, Diagnostic> {
    let Front { settings, body } = front_matter(source, end)?;
    let Blocks { grids, strays, mut outline } = blocks::read(source, body..end);
    outline.title(front_title(&source.text()[..body]));
    let left_out = strays.into_iter().map(|stray| (stray, STRAY)).collect();
    let page = Page { settings, grids, left_out, ..Page::default() };
    Ok(with_lists(page, outline, source))
}

/// Adds the lists of codes.
#[cfg(feature = "pages")]
fn with_lists(mut page: Page, outline: Outline, source: &Source) -> Page {
    const DOUBTFUL: &str = "it may be a list of codes, but no heading above it says so; write a table, or put a heading such as `## Error codes` above it";
    let Lists { headings, items, listings, doubtful } = code_lists::read(outline, source);
    page.left_out.extend(doubtful.into_iter().map(|list| (list, DOUBTFUL)));
    page.lists = [headings, items, listings];
    page
}

#[cfg(not(feature = "pages"))]
fn with_lists(page: Page, _: Outline, _: &Source) -> Page {
    page
}

/// Returns the title in the front matter of a documentation site.
fn front_title(front: &str) -> &str {
    let title = front.lines().skip(1).find_map(|line| line.strip_prefix("title:"));
    title.unwrap_or("").trim().trim_matches(['"', '\''])
}

/// The front matter: where its settings stand, if they are ours, and where the body starts.
struct Front {
    settings: Option<Range<usize>>,
    body: usize,
}

/// Finds the front matter. One between lines `+++` holds the settings of the table in TOML; one between lines `---` belongs to
/// a documentation site.
fn front_matter(source: &Source, end: usize) -> Result<Front, Diagnostic> {
    let text = &source.text()[..end];
    let top = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lines = text[top..].split_inclusive('\n').scan(top, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    });
    let Some((_, first)) = lines.by_ref().find(|(_, line)| !line.trim().is_empty()) else {
        return Ok(Front { settings: None, body: top });
    };
    let fence = first.trim();
    let start = lines.next().map_or(text.len(), |(start, _)| start);
    let mut rest = text[start..].split_inclusive('\n').scan(start, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    });
    match fence {
        "+++" => match rest.find(|(_, line)| line.trim_end() == "+++") {
            Some((end, line)) => Ok(Front { settings: Some(start..end), body: end + line.len() }),
            None => {
                let at = first.as_ptr() as usize - text.as_ptr() as usize;
                Err(Diagnostic::at(
                    source,
                    at..at + fence.len(),
                    "the front matter has no end",
                    "put a second line `+++` behind its last key",
                ))
            }
        },
        // Without an end it is a line between paragraphs.
        "---" => Ok(match rest.find(|(_, line)| matches!(line.trim_end(), "---" | "...")) {
            Some((end, line)) => Front { settings: None, body: end + line.len() },
            None => Front { settings: None, body: start },
        }),
        _ => Ok(Front { settings: None, body: top }),
    }
}
