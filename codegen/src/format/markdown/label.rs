//! What tells the tables below one heading apart: a line in bold, the title of a tab or of a part that opens, a short line above.

use super::{html, inline};
use crate::source::{Located, Source};
use std::ops::Range;

/// How many words a line above a table has that is a label.
const MOST_WORDS: usize = 5;

/// Components and tags that have a title, in small letters, as far as their names begin alike.
const TITLED: &[&str] = &["tab", "accordion", "expand", "collaps", "details", "panel", "section", "step"];

/// Words of a sentence that leads to a table.
const LEADING: &[&str] = &[
    "following",
    "below",
    "these",
    "this",
    "here",
    "are",
    "is",
    "be",
    "can",
    "may",
    "returns",
    "return",
    "returned",
    "see",
    "example",
    "note",
    "where",
    "values",
];

/// The labels below the latest heading.
#[derive(Default)]
pub(super) struct Labels {
    /// The latest label.
    label: Option<Located>,
    /// The latest line that is not empty, since the last table.
    above: Option<Range<usize>>,
}

impl Labels {
    /// Notes a line of text that starts at an offset; returns whether it is a label.
    pub(super) fn line(&mut self, source: &Source, text: &str, start: usize) -> bool {
        self.above = Some(start..start + text.len());
        let label = of(text);
        match &label {
            Some(Label::Begins(label)) => {
                self.label = Some(inline::read(source, start + label.start..start + label.end).all);
            }
            Some(Label::Ends) => self.label = None,
            None => {}
        }
        label.is_some()
    }

    /// Forgets the labels above a heading.
    pub(super) fn heading(&mut self) {
        *self = Self::default();
    }

    /// Returns what tells a table that begins here from others below its heading.
    pub(super) fn of_table(&mut self, source: &Source) -> Option<Located> {
        let above = self.above.take();
        self.label.clone().or_else(|| {
            let line = above?;
            let label = above_table(&source.text()[line.clone()])?;
            Some(inline::read(source, line.start + label.start..line.start + label.end).all)
        })
    }
}

/// What a line says about the tables below it.
#[derive(Debug, PartialEq, Eq)]
enum Label {
    /// They have this label.
    Begins(Range<usize>),
    /// They have no label any longer.
    Ends,
}

/// Returns what a line says about the tables below it, if it says it.
fn of(text: &str) -> Option<Label> {
    if is_bold(text) {
        return Some(Label::Begins(0..text.len()));
    }
    if let Some(rest) = text.strip_prefix("{%") {
        let rest = rest.trim_start();
        return if rest.starts_with("endtab") {
            Some(Label::Ends)
        } else {
            rest.starts_with("tab ").then(|| title(text)).flatten().map(Label::Begins)
        };
    }
    // MkDocs
    if ["=== ", "===! ", "??? ", "???+ "].iter().any(|mark| text.starts_with(mark)) {
        return quoted(text, 0).map(Label::Begins);
    }
    if let Some(at) = text.find("<summary").filter(|_| text.starts_with('<')) {
        let start = at + text[at..].find('>')? + 1;
        let end = start + text[start..].find("</summary").unwrap_or(text.len() - start);
        return (start < end).then_some(Label::Begins(start..end));
    }
    let tag = html::tag(text)?;
    let name = tag.name.to_ascii_lowercase();
    if !TITLED.iter().any(|titled| name.starts_with(titled)) || name == "table" {
        return None;
    }
    if tag.is_closing { Some(Label::Ends) } else { title(&text[..tag.length]).map(Label::Begins) }
}

/// Returns the label in the line above a table: `Payment errors:`, `2. Payment errors`, `Table 2. Payment errors`.
fn above_table(text: &str) -> Option<Range<usize>> {
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let caption = text.strip_prefix("Table ").unwrap_or(text);
    let number = digits(caption);
    let is_numbered =
        number > 0 && caption[number..].starts_with(['.', ')', ':']) && caption[number + 1..].starts_with(' ');
    let rest = if is_numbered {
        caption[number + 1..].trim_start()
    } else {
        text.trim_start_matches(['-', '*', '+']).trim_start()
    };
    let start = text.len() - rest.len();
    let label = rest.trim_end_matches([':', '：']);
    let is_lead = label.len() < rest.len();
    let is_item =
        start > 0 && (is_numbered || text.starts_with("- ") || text.starts_with("* ") || text.starts_with("+ "));
    let mut words = label.split_whitespace();
    let is_short = label.split_whitespace().count() <= MOST_WORDS;
    let is_title = label.starts_with(|c: char| c.is_alphabetic() || c == '*')
        && !label.contains(['.', '!', '?', ';', '|', '<', '>', '{', '`'])
        && !words.any(|word| LEADING.contains(&word.to_lowercase().trim_matches(',')));
    ((is_lead || is_numbered) && (start == 0 || is_item) && is_short && is_title).then_some(start..start + label.len())
}

/// Returns the title of a tag.
fn title(tag: &str) -> Option<Range<usize>> {
    ["title=", "label=", "header=", "tab=", "name="].iter().find_map(|key| {
        let at = tag.match_indices(key).map(|(at, _)| at).find(|at| tag[..*at].ends_with(char::is_whitespace))?;
        quoted(tag, at + key.len()).filter(|title| !title.is_empty())
    })
}

/// Returns the first text in quotation marks from an offset on.
fn quoted(text: &str, from: usize) -> Option<Range<usize>> {
    let start = from + text[from..].find(['"', '\''])?;
    let mark = text[start..].chars().next()?;
    let length = text[start + 1..].find(mark)?;
    Some(start + 1..start + 1 + length)
}

/// Is the whole line in bold, perhaps with a colon behind it?
fn is_bold(text: &str) -> bool {
    let inner = text.trim_end_matches(':').strip_prefix("**").and_then(|text| text.strip_suffix("**"));
    inner.is_some_and(|inner| !inner.is_empty() && !inner.contains("**"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_labels() {
        for (text, label) in [
            ("**Payments**:", "**Payments**:"),
            ("<Tab title=\"iOS\">", "iOS"),
            ("<TabItem value='ios' label='iOS'>", "iOS"),
            ("<details><summary><b>Payments</b></summary>", "<b>Payments</b>"),
            ("{% tab title=\"iOS\" %}", "iOS"),
            ("=== \"iOS\"", "iOS"),
        ] {
            let Some(Label::Begins(range)) = of(text) else { panic!("{text}") };
            assert_eq!(&text[range], label);
        }
        for text in ["</Tab>", "</details>", "{% endtab %}"] {
            assert_eq!(of(text), Some(Label::Ends));
        }
        for text in ["<Table title=\"iOS\">", "<img title=\"iOS\">", "{% tabs %}", "=====", "A **bold** word", "<Tabs>"]
        {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn short_lines_above_are_labels() {
        for (text, label) in [
            ("Payment errors:", "Payment errors"),
            ("2. Payment errors", "Payment errors"),
            ("- **Payments**:", "**Payments**"),
            ("Table 2. Payment errors", "Payment errors"),
            ("支付错误：", "支付错误"),
        ] {
            assert_eq!(above_table(text).map(|range| &text[range]), Some(label), "{text}");
        }
        for text in [
            "It may return these codes:",
            "Payment errors",
            "- Payments",
            "See `codes`:",
            "## Codes:",
            "The errors of this page are:",
            "2.5 mm",
        ] {
            assert_eq!(above_table(text), None, "{text}");
        }
    }
}
