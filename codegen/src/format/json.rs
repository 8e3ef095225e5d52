//! Reads a table of JSON, also with comments and with commas behind the last item.

use super::Page;
use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::source::{Located, Source};
use crate::tree::{self, LEVELS};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::ops::Range;

/// Reads a file that ends at a byte offset of the source.
pub(super) fn read(source: &Source, end: usize, diagnostics: &mut Vec<Diagnostic>) -> Option<Page> {
    let top = if source.text().starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let root = without_comments(&source.text()[top..end], top).and_then(|text| {
        let reader = Reader { text: &text, top };
        reader.parse::<&RawValue>(&text).and_then(|root| reader.node(root.get(), LEVELS))
    });
    match root {
        Ok(root) => Some(Page { grids: tree::grids(&root), ..Page::default() }),
        Err(Flaw { at, what }) => {
            diagnostics.push(Diagnostic::at(
                source,
                at..at,
                format!("the file is not valid JSON: {what}"),
                "write it as an array of objects: `[{ \"value\": 1, \"name\": \"Ok\" }]`",
            ));
            None
        }
    }
}

/// What is wrong at a byte offset of the source.
struct Flaw {
    at: usize,
    what: String,
}

/// Puts spaces in place of comments, and of commas behind the last item. Everything else keeps its place. The text starts at
/// an offset of the source.
fn without_comments(text: &str, top: usize) -> Result<String, Flaw> {
    let bytes = text.as_bytes();
    let mut plain = String::with_capacity(text.len());
    // The latest comma, if nothing but white space follows it.
    let mut comma = None;
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let length = if rest.starts_with("//") {
            blank(&mut plain, &rest[..rest.find('\n').unwrap_or(rest.len())])
        } else if let Some(comment) = rest.strip_prefix("/*") {
            let flaw = || Flaw { at: top + at, what: "the comment has no end".to_owned() };
            blank(&mut plain, &rest[..comment.find("*/").ok_or_else(flaw)? + 4])
        } else {
            let length = if bytes[at] == b'"' { string(rest) } else { rest.chars().next().map_or(1, char::len_utf8) };
            match bytes[at] {
                b',' => comma = Some(at),
                b'}' | b']' => {
                    if let Some(comma) = comma.take() {
                        plain.replace_range(comma..=comma, " ");
                    }
                }
                byte if byte.is_ascii_whitespace() => {}
                _ => comma = None,
            }
            plain.push_str(&rest[..length]);
            length
        };
        at += length;
    }
    Ok(plain)
}

/// Writes a space for each byte of a comment, and keeps its lines; returns its length.
fn blank(plain: &mut String, comment: &str) -> usize {
    plain.extend(comment.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
    comment.len()
}

/// Returns the length of the string that a text starts with.
fn string(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return at + 1,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
    text.len()
}

/// Returns the offset of a line and a column, which counts bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (start + column.saturating_sub(1)).min(text.len())
}

struct Reader<'t> {
    /// All of the JSON.
    text: &'t str,
    /// Where it starts in the source.
    top: usize,
}

/// The members of an object, in their order.
struct Members<'t>(Vec<(String, &'t RawValue)>);

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
                    members.push((key, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

impl Reader<'_> {
    /// Reads a piece of the text.
    fn parse<'t, T: serde::Deserialize<'t>>(&self, piece: &'t str) -> Result<T, Flaw> {
        serde_json::from_str(piece).map_err(|error| {
            let what = error.to_string();
            // The place stands in front of the message.
            let what = what.rsplit_once(" at line ").map_or(what.as_str(), |(what, _)| what).to_owned();
            Flaw { at: self.range(piece).start + offset(piece, error.line(), error.column()), what }
        })
    }

    /// Reads a value, down to a number of levels.
    fn node(&self, text: &str, levels: usize) -> Result<Node, Flaw> {
        let range = self.range(text);
        Ok(match text.as_bytes().first() {
            Some(b'[' | b'{') if levels == 0 => Node::Nothing,
            Some(b'[') => {
                let items: Vec<&RawValue> = self.parse(text)?;
                let items = items.into_iter().map(|item| self.node(item.get(), levels - 1));
                Node::List(items.collect::<Result<_, _>>()?, range)
            }
            Some(b'{') => {
                let Members(members) = self.parse(text)?;
                let member = |(key, value): (String, &RawValue)| {
                    let range = self.key(&key, &self.range(value.get()));
                    Ok((Located { text: key.into(), range }, self.node(value.get(), levels - 1)?))
                };
                Node::Table(members.into_iter().map(member).collect::<Result<_, _>>()?, range)
            }
            Some(b'"') => {
                let text = self.parse::<String>(text)?.split_whitespace().collect::<Vec<_>>().join(" ");
                Node::Text(Located { text: text.into(), range })
            }
            _ if text == "null" => Node::Nothing,
            _ => Node::Text(Located { text: text.into(), range }),
        })
    }

    /// Returns the range in the source of a piece of the text.
    fn range(&self, piece: &str) -> Range<usize> {
        let start = self.top + (piece.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        start..start + piece.len()
    }

    /// Returns the range in the source of the key in front of a value.
    fn key(&self, key: &str, value: &Range<usize>) -> Range<usize> {
        let written = format!("\"{key}\"");
        let end = value.start - self.top;
        // A key with escapes is not found: its value stands for it.
        let mut from = end.saturating_sub(written.len() + 64);
        while !self.text.is_char_boundary(from) {
            from += 1;
        }
        let found = self.text[from..end].rfind(&written).map(|at| self.top + from + at + 1);
        found.map_or(value.clone(), |start| start..start + key.len())
    }
}

#[cfg(test)]
mod tests {
    use super::without_comments;

    #[test]
    fn comments_leave_everything_in_its_place() {
        for (text, plain) in [
            ("[1, // é\n 2]", "[1,      \n 2]"),
            ("[/* a\nb */1]", "[    \n    1]"),
            ("[\"// no\", \"\\\"/* no */\"]", "[\"// no\", \"\\\"/* no */\"]"),
            ("{\"a\": 1, /* x */ }", "{\"a\": 1          }"),
            ("[1,,]", "[1, ]"),
            ("[,]", "[ ]"),
            ("[1, \"x", "[1, \"x"),
        ] {
            assert_eq!(without_comments(text, 0).ok().as_deref(), Some(plain), "{text}");
        }
        assert_eq!(without_comments("[1 /* open", 3).err().map(|flaw| flaw.at), Some(6));
    }
}
