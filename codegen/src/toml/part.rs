//! The part of TOML that a table of one's own needs: keys, with dots too, tables, lists, texts of one line, and what stands
//! without quotation marks. Every file that this reads, the crate `toml` reads alike, unless that finds a mistake: a table that
//! is begun twice or a date that is none.

use super::{Flaw, Members};
use crate::node::Node;
use crate::source::Located;
use std::ops::Range;

/// How many lists and tables may stand inside of each other in a value, and how many parts a key may have.
const DEPTH: usize = 16;

/// Reads the TOML in a range of a text.
pub(super) fn read(text: &str, range: Range<usize>) -> Result<Members, Vec<Flaw>> {
    Reader { text: &text[..range.end], at: range.start }.document().map_err(|flaw| vec![flaw])
}

struct Reader<'t> {
    text: &'t str,
    /// The place of the next character.
    at: usize,
}

/// A key with its parts between dots.
type Path = Vec<Located>;

impl<'t> Reader<'t> {
    fn document(mut self) -> Result<Members, Flaw> {
        let mut root = Members::new();
        // The table that lines belong to.
        let mut table = Path::new();
        loop {
            self.skip_lines();
            let start = self.at;
            if self.at == self.text.len() {
                return Ok(root);
            }
            if self.take("[") {
                let is_list = self.take("[");
                table = self.path()?;
                self.require(if is_list { "]]" } else { "]" })?;
                begin(&mut root, &table, is_list, start..self.at)?;
            } else {
                self.pair(members_of(&mut root, &table)?, 0)?;
            }
            self.skip_spaces();
            self.skip_comment();
            if self.at < self.text.len() && !self.take("\n") && !self.take("\r\n") {
                return Err(self.flaw("expected the end of the line"));
            }
        }
    }

    /// Reads `key = value` into a table.
    fn pair(&mut self, table: &mut Members, depth: usize) -> Result<(), Flaw> {
        let mut path = self.path()?;
        self.require("=")?;
        self.skip_spaces();
        let value = self.value(depth)?;
        let Some(key) = path.pop() else { return Ok(()) };
        let table = members_of(table, &path)?;
        if table.iter().any(|(known, _)| known.text == key.text) {
            return Err(twice(&key));
        }
        table.push((key, value));
        Ok(())
    }

    fn path(&mut self) -> Result<Path, Flaw> {
        let mut path = Path::new();
        loop {
            self.skip_spaces();
            let start = self.at;
            let text = match self.rest().bytes().next() {
                Some(mark @ (b'"' | b'\'')) => self.string(mark)?,
                _ => self.word(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).to_owned(),
            };
            if start == self.at {
                return Err(self.flaw("expected a key"));
            }
            if path.len() == DEPTH {
                return Err((start..self.at, "expected a key of fewer parts".to_owned()));
            }
            path.push(Located { text: text.into(), range: start..self.at });
            self.skip_spaces();
            if !self.take(".") {
                return Ok(path);
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, Flaw> {
        let start = self.at;
        if depth == DEPTH {
            return Err(self.flaw("expected fewer lists and tables inside of each other"));
        }
        if self.take("[") {
            let mut items = Vec::new();
            self.items("]", |reader| {
                items.push(reader.value(depth + 1)?);
                Ok(())
            })?;
            return Ok(Node::List(items, start..self.at));
        }
        if self.take("{") {
            let mut members = Members::new();
            self.items("}", |reader| reader.pair(&mut members, depth + 1))?;
            return Ok(Node::Table(members, start..self.at));
        }
        let text = match self.rest().bytes().next() {
            Some(mark @ (b'"' | b'\'')) => self.string(mark)?,
            Some(b'0'..=b'9' | b'+' | b'-') => self
                .word(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'.' | b':'))
                .to_owned(),
            _ => {
                let word = self.word(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
                if !matches!(word, "true" | "false" | "inf" | "nan") {
                    return Err((start..self.at, "expected a value: a text stands in quotation marks".to_owned()));
                }
                word.to_owned()
            }
        };
        Ok(Node::Text(Located { text: text.into(), range: start..self.at }))
    }

    /// Reads items with commas between them, up to the end of their list or table.
    fn items(&mut self, end: &str, mut item: impl FnMut(&mut Self) -> Result<(), Flaw>) -> Result<(), Flaw> {
        loop {
            self.skip_lines();
            if self.take(end) {
                return Ok(());
            }
            item(self)?;
            self.skip_lines();
            if !self.take(",") {
                return self.require(end);
            }
        }
    }

    /// Reads a text that ends with a mark.
    fn string(&mut self, mark: u8) -> Result<String, Flaw> {
        let start = self.at;
        if self.rest().as_bytes().starts_with(&[mark; 3]) {
            return Err(self.flaw("expected a text of one line"));
        }
        let mut string = String::new();
        self.at += 1;
        while let Some(character) =
            self.rest().chars().next().filter(|character| !character.is_control() || *character == '\t')
        {
            self.at += character.len_utf8();
            match character {
                _ if u32::from(character) == u32::from(mark) => return Ok(string),
                '\\' if mark == b'"' => string.push(self.escape()?),
                _ => string.push(character),
            }
        }
        Err((start..self.at, "expected a quotation mark at the end of the text".to_owned()))
    }

    /// Reads what a backslash stands before.
    fn escape(&mut self) -> Result<char, Flaw> {
        let start = self.at - 1;
        let letter = self.rest().chars().next().unwrap_or_default();
        self.at += letter.len_utf8();
        let number = |reader: &mut Self, digits: usize| {
            let written = reader.rest().get(..digits)?;
            reader.at += digits;
            let is_number = written.bytes().all(|byte| byte.is_ascii_hexdigit());
            u32::from_str_radix(written, 16).ok().filter(|_| is_number).and_then(char::from_u32)
        };
        let character = match letter {
            '"' | '\\' => Some(letter),
            'b' => Some('\u{8}'),
            'e' => Some('\u{1b}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'x' => number(self, 2),
            'u' => number(self, 4),
            'U' => number(self, 8),
            _ => None,
        };
        character.ok_or((
            start..self.at.min(self.text.len()),
            "expected a known escape; a backslash is written `\\\\`".to_owned(),
        ))
    }

    fn word(&mut self, is_part: impl Fn(u8) -> bool) -> &'t str {
        let rest = &self.text[self.at..];
        let length = rest.bytes().take_while(|byte| is_part(*byte)).count();
        self.at += length;
        &rest[..length]
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn take(&mut self, mark: &str) -> bool {
        let is_there = self.rest().starts_with(mark);
        self.at += if is_there { mark.len() } else { 0 };
        is_there
    }

    fn require(&mut self, mark: &str) -> Result<(), Flaw> {
        if self.take(mark) { Ok(()) } else { Err(self.flaw(&format!("expected `{mark}`"))) }
    }

    fn skip_spaces(&mut self) {
        self.word(|byte| matches!(byte, b' ' | b'\t'));
    }

    fn skip_comment(&mut self) {
        if self.take("#") {
            self.at += self.rest().find(['\r', '\n']).unwrap_or(self.rest().len());
        }
    }

    /// Skips spaces, comments and ends of lines.
    fn skip_lines(&mut self) {
        loop {
            let start = self.at;
            self.word(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
            self.skip_comment();
            if self.at == start {
                return;
            }
        }
    }

    /// Says what was expected in place of the next character.
    fn flaw(&self, what: &str) -> Flaw {
        let length = self.rest().chars().next().map_or(0, char::len_utf8);
        (self.at..self.at + length, what.to_owned())
    }
}

/// Begins a table, or the next table of a list.
fn begin(root: &mut Members, path: &[Located], is_list: bool, range: Range<usize>) -> Result<(), Flaw> {
    let Some((key, outer)) = path.split_last() else { return Ok(()) };
    let table = members_of(root, outer)?;
    let found = table.iter_mut().find(|(known, _)| known.text == key.text).map(|(_, value)| value);
    let new = Node::Table(Members::new(), range.clone());
    match found {
        None if is_list => table.push((key.clone(), Node::List(vec![new], range))),
        None => table.push((key.clone(), new)),
        Some(Node::List(items, _)) if is_list => items.push(new),
        Some(Node::Table(..)) if !is_list => {}
        Some(_) => return Err(twice(key)),
    }
    Ok(())
}

/// Returns the table at a path; makes it if it is new. In a list it is the last one.
fn members_of<'m>(root: &'m mut Members, path: &[Located]) -> Result<&'m mut Members, Flaw> {
    let mut table = root;
    for key in path {
        let at = table.iter().position(|(known, _)| known.text == key.text).unwrap_or(table.len());
        if at == table.len() {
            table.push((key.clone(), Node::Table(Members::new(), key.range.clone())));
        }
        table = match &mut table[at].1 {
            Node::Table(members, _) => members,
            Node::List(items, _) => match items.last_mut() {
                Some(Node::Table(members, _)) => members,
                _ => return Err(twice(key)),
            },
            _ => return Err(twice(key)),
        };
    }
    Ok(table)
}

fn twice(key: &Located) -> Flaw {
    (key.range.clone(), format!("the key `{}` is given twice", key.text))
}
