//! Lines of Rust with their indentation.

use crate::text::Text;
use std::fmt::{self, Display};

/// The derives of every type of codes.
pub(super) const DERIVES: &str = "#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]";

/// What a line may be written from. The parts of a tuple are written one after the other. In lines that each row has this
/// takes much less time than `format_args!`.
pub(super) trait Write {
    fn write(self, text: &mut String);
}

macro_rules! tuples {
    ($($($part:ident)*;)*) => {
        $(impl<$($part: Write),*> Write for ($($part,)*) {
            #[allow(non_snake_case)]
            fn write(self, text: &mut String) {
                let ($($part,)*) = self;
                $($part.write(text);)*
            }
        })*
    };
}

tuples! {
    A B;
    A B C;
    A B C D;
    A B C D E;
}

macro_rules! formatted {
    ($($type:ty),*) => {
        $(impl Write for $type {
            fn write(self, text: &mut String) {
                format_args!("{self}").write(text);
            }
        })*
    };
}

formatted! { u32, usize, i128 }

impl Write for &str {
    fn write(self, text: &mut String) {
        text.push_str(self);
    }
}

impl Write for &Text {
    fn write(self, text: &mut String) {
        text.push_str(self);
    }
}

impl Write for String {
    fn write(self, text: &mut String) {
        text.push_str(&self);
    }
}

impl Write for fmt::Arguments<'_> {
    fn write(self, text: &mut String) {
        // Writing to a `String` cannot fail.
        let _ = fmt::Write::write_fmt(text, self);
    }
}

/// A text that grows line by line.
pub(super) struct Out {
    text: String,
    depth: usize,
}

impl Out {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { text: String::with_capacity(capacity), depth: 0 }
    }

    pub(super) fn line(&mut self, line: impl Write) {
        self.indent();
        line.write(&mut self.text);
        self.text.push('\n');
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A line with a list of items between its first and its last part.
    pub(super) fn list(&mut self, first: impl Write, items: impl IntoIterator<Item: Write>, last: &str) {
        self.indent();
        first.write(&mut self.text);
        join(&mut self.text, items);
        self.text.push_str(last);
        self.text.push('\n');
    }

    /// A line of documentation, which is Markdown.
    pub(super) fn doc(&mut self, line: impl Write) {
        self.indent();
        self.text.push_str("/// ");
        let start = self.text.len();
        line.write(&mut self.text);
        if self.text.len() == start {
            self.text.pop();
        }
        self.text.push('\n');
    }

    /// `head { body }`
    pub(super) fn block(&mut self, head: impl Write, body: impl FnOnce(&mut Self)) {
        self.indent();
        head.write(&mut self.text);
        self.text.push_str(" {\n");
        self.inside(body);
        self.line("}");
    }

    /// Two lines with a deeper body between them.
    pub(super) fn open(&mut self, first: impl Write, body: impl FnOnce(&mut Self), last: &str) {
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

/// Plain text that is written as Markdown.
pub(super) struct Markdown<'t>(&'t str);

/// Escapes plain text as Markdown, so that nothing in it is a link, a tag or emphasis. An underscore inside a word marks
/// nothing.
pub(super) const fn markdown(text: &str) -> Markdown<'_> {
    Markdown(text)
}

impl Display for Markdown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.escape(f)
    }
}

impl Write for Markdown<'_> {
    fn write(self, text: &mut String) {
        // Writing to a `String` cannot fail.
        let _ = self.escape(text);
    }
}

impl Markdown<'_> {
    fn escape(&self, f: &mut impl fmt::Write) -> fmt::Result {
        let text = self.0;
        let is_alphanumeric = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let mut written = 0;
        for (at, byte) in text.bytes().enumerate() {
            let is_escaped = match byte {
                b'\\' | b'`' | b'*' | b'[' | b']' | b'<' | b'>' | b'#' | b'~' | b'|' | b'&' => true,
                b'_' => {
                    let (before, behind) = (text[..at].chars().next_back(), text[at + 1..].chars().next());
                    !(is_alphanumeric(before) && is_alphanumeric(behind))
                }
                b':' => text[at..].starts_with("://"),
                _ => false,
            };
            if is_escaped {
                f.write_str(&text[written..at])?;
                f.write_str("\\")?;
                written = at;
            }
        }
        f.write_str(&text[written..])
    }
}

/// A text that is written as a literal of Rust.
pub(super) struct Literal<'t>(&'t str);

pub(super) const fn literal(text: &str) -> Literal<'_> {
    Literal(text)
}

impl Write for Literal<'_> {
    fn write(self, text: &mut String) {
        // Most texts have nothing to escape.
        if self.0.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\') {
            return ("\"", self.0, "\"").write(text);
        }
        format_args!("{:?}", self.0).write(text);
    }
}

/// Writes a list of texts as a Rust expression.
pub(super) fn list<T: Write>(items: impl IntoIterator<Item = T>) -> String {
    let mut list = "&[".to_owned();
    join(&mut list, items);
    list + "]"
}

fn join<T: Write>(text: &mut String, items: impl IntoIterator<Item = T>) {
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            text.push_str(", ");
        }
        item.write(text);
    }
}
