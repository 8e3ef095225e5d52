//! Lines of Rust with their indentation.

use std::fmt::{Display, Write};

/// The derives of every type of codes.
pub(super) const DERIVES: &str = "#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]";

/// A text that grows line by line.
pub(super) struct Out {
    text: String,
    depth: usize,
}

impl Out {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { text: String::with_capacity(capacity), depth: 0 }
    }

    pub(super) fn line(&mut self, line: impl Display) {
        self.indent();
        // Writing to a `String` cannot fail.
        let _ = writeln!(self.text, "{line}");
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A line of documentation, which is Markdown.
    pub(super) fn doc(&mut self, line: &str) {
        if line.is_empty() { self.line("///") } else { self.line(format_args!("/// {line}")) }
    }

    /// `head { body }`
    pub(super) fn block(&mut self, head: impl Display, body: impl FnOnce(&mut Self)) {
        self.open(format_args!("{head} {{"), body, "}");
    }

    /// Two lines with a deeper body between them.
    pub(super) fn open(&mut self, first: impl Display, body: impl FnOnce(&mut Self), last: &str) {
        self.line(first);
        self.inside(body);
        self.line(last);
    }

    /// A deeper body.
    pub(super) fn inside(&mut self, body: impl FnOnce(&mut Self)) {
        self.depth += 1;
        body(self);
        self.depth -= 1;
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn indent(&mut self) {
        for _ in 0..self.depth {
            self.text.push_str("    ");
        }
    }
}

/// Escapes plain text as Markdown, so that nothing in it is a link, a tag or emphasis. An underscore inside a word marks
/// nothing.
pub(super) fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut before = None;
    for (at, c) in text.char_indices() {
        let rest = &text[at..];
        let is_alphanumeric = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let is_inside = || is_alphanumeric(before) && is_alphanumeric(rest.chars().nth(1));
        let is_mark = matches!(c, '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '#' | '~' | '|' | '&');
        if is_mark || (c == '_' && !is_inside()) || (c == ':' && rest.starts_with("://")) {
            escaped.push('\\');
        }
        escaped.push(c);
        before = Some(c);
    }
    escaped
}

/// Writes a list of texts as a Rust expression.
pub(super) fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<_> = items.into_iter().map(|item| item.to_string()).collect();
    format!("&[{}]", items.join(", "))
}
