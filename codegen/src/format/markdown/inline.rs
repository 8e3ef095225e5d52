//! The text of a heading or cell: Markdown inside of a line, reduced to what a person reads.

use super::{cells, entities, html, marks};
use crate::grid::{Cell, Marked, trimmed};
use crate::invisible::is_invisible;
use crate::source::{Located, Source};
use crate::text::Text;
use std::ops::Range;

/// Reads the text in a range of the source.
pub(super) fn read(source: &Source, range: Range<usize>) -> Cell {
    let range = trimmed(source, range);
    let text = &source.text()[range.clone()];
    if is_plain(text.as_bytes()) {
        return Cell::new(source.part(range.clone()), range);
    }
    let mut reader = Reader { text, start: range.start, pieces: Vec::new(), links: Vec::new() };
    reader.read(0..text.len());
    reader.emphasis();
    reader.cell(source, range)
}

/// Is it a text without marks, with single spaces? An underscore inside a word marks nothing.
fn is_plain(text: &[u8]) -> bool {
    let is_word = |at: usize| text.get(at).is_some_and(u8::is_ascii_alphanumeric);
    text.iter().enumerate().all(|(at, byte)| match byte {
        b' ' => text.get(at + 1) != Some(&b' '),
        b'_' => is_word(at.wrapping_sub(1)) && is_word(at + 1),
        b'\\' | b'`' | b'<' | b'&' | b'[' | b'!' | b'{' | b'*' | b'~' => false,
        byte => byte.is_ascii_graphic(),
    })
}

/// A piece of the text.
struct Piece {
    text: String,
    /// Where it stands in the cell.
    range: Range<usize>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Code,
    /// `*`, `_` or `~`, which may mark emphasis.
    Run {
        opens: bool,
        closes: bool,
    },
    /// `<sup>` and `</sup>`.
    Raise,
    Lower,
    /// A line break, or a mark that leaves nothing.
    Space,
}

struct Reader<'t> {
    text: &'t str,
    /// Where the text starts in the source.
    start: usize,
    pieces: Vec<Piece>,
    /// Texts of links and their targets.
    links: Vec<(Text, Text)>,
}

impl Reader<'_> {
    fn read(&mut self, range: Range<usize>) {
        let mut at = range.start;
        let mut plain = at;
        while at < range.end {
            let rest = &self.text[at..range.end];
            let taken = match rest.as_bytes()[0] {
                b'\\' => self.escape(rest, at, plain),
                b'`' => self.code(rest, at, plain),
                b'<' => self.angle(rest, at, plain),
                b'&' => entities::read(rest).map(|(text, length)| {
                    self.flush(plain, at);
                    self.push(text, at..at + length, Kind::Text);
                    length
                }),
                b'[' => self.bracket(rest, at, plain),
                b'!' if rest.starts_with("![") => self.bracket(&rest[1..], at + 1, plain).map(|length| length + 1),
                b'{' => self.braces(rest, at, plain),
                b'*' | b'_' | b'~' => Some(self.run(rest, at, plain)),
                _ => None,
            };
            match taken {
                Some(length) => {
                    at += length;
                    plain = at;
                }
                None => at += rest.chars().next().map_or(1, char::len_utf8),
            }
        }
        self.flush(plain, range.end);
    }

    fn push(&mut self, text: impl Into<String>, range: Range<usize>, kind: Kind) {
        self.pieces.push(Piece { text: text.into(), range, kind });
    }

    /// Adds the plain text before a mark.
    fn flush(&mut self, from: usize, to: usize) {
        let to = if self.text[..to].ends_with('!') && self.text[to..].starts_with('[') { to - 1 } else { to };
        if from < to {
            self.push(&self.text[from..to], from..to, Kind::Text);
        }
    }

    fn escape(&mut self, rest: &str, at: usize, plain: usize) -> Option<usize> {
        let escaped = rest[1..].chars().next().filter(char::is_ascii_punctuation)?;
        self.flush(plain, at);
        self.push(escaped, at..at + 2, Kind::Text);
        Some(2)
    }

    fn code(&mut self, rest: &str, at: usize, plain: usize) -> Option<usize> {
        let run = rest.bytes().take_while(|byte| *byte == b'`').count();
        let Some(length) = cells::closing(&rest.as_bytes()[run..], run) else {
            // The run stands for itself as a whole.
            self.flush(plain, at);
            self.push(&rest[..run], at..at + run, Kind::Text);
            return Some(run);
        };
        self.flush(plain, at);
        let code = &rest[run..length];
        let inner =
            code.strip_prefix(' ').and_then(|code| code.strip_suffix(' ')).filter(|code| !code.trim().is_empty());
        self.push(inner.unwrap_or(code).replace("\\|", "|"), at..at + run + length, Kind::Code);
        Some(run + length)
    }

    fn angle(&mut self, rest: &str, at: usize, plain: usize) -> Option<usize> {
        if rest.starts_with("<!--") {
            self.flush(plain, at);
            return Some(rest.find("-->").map_or(rest.len(), |end| end + 3));
        }
        let end = rest.find('>').unwrap_or(rest.len());
        if rest.starts_with("<http://") || rest.starts_with("<https://") || rest.starts_with("<mailto:") {
            let address = rest.get(1..end).filter(|address| !address.contains(char::is_whitespace))?;
            self.flush(plain, at);
            self.links.push((address.into(), address.into()));
            self.push(address, at..at + end + 1, Kind::Text);
            return Some(end + 1);
        }
        let tag = html::tag(rest)?;
        let is_parameter = self.text[..at].ends_with(|c: char| c.is_ascii_alphanumeric()) && !tag.is_closing;
        let name = tag.name.to_ascii_lowercase();
        if !tag.is_markup || (is_parameter && tag.length == tag.name.len() + 2 && name.len() == 1) {
            return None;
        }
        let range = at..at + tag.length;
        self.flush(plain, at);
        match (name.as_str(), tag.is_closing) {
            ("br" | "p" | "li" | "div" | "dt" | "dd" | "hr" | "td" | "th" | "tr", _) => {
                self.push(" ", range, Kind::Space)
            }
            ("sup", false) => self.push("", range, Kind::Raise),
            ("sup", true) => self.push("", range, Kind::Lower),
            _ => {}
        }
        Some(tag.length)
    }

    /// Reads a link, an image, or the reference to a footnote.
    fn bracket(&mut self, rest: &str, at: usize, plain: usize) -> Option<usize> {
        let inner = matching(rest, b'[', b']')?;
        let behind = &rest[inner + 1..];
        if rest[1..inner].starts_with('^') {
            let mark = &rest[2..inner];
            if mark.is_empty() || !mark.chars().all(|c| c.is_alphanumeric()) {
                return None;
            }
            self.flush(plain, at);
            return Some(inner + 1);
        }
        let (target, length) = if behind.starts_with('(') {
            let end = matching(behind, b'(', b')')?;
            (behind[1..end].split_whitespace().next().unwrap_or(""), end + 1)
        } else if behind.starts_with('[') {
            ("", matching(behind, b'[', b']')? + 1)
        } else {
            return None;
        };
        self.flush(plain, at);
        // A site puts a link without a visible text behind each heading.
        if !rest[1..inner].chars().all(is_invisible) {
            let first = self.pieces.len();
            self.read(at + 1..at + inner);
            let text: String = self.pieces[first..].iter().map(|piece| piece.text.as_str()).collect();
            let target = target.trim_matches(['<', '>']);
            if target.starts_with("https://") || target.starts_with("http://") {
                self.links.push((text.into(), target.into()));
            }
        }
        Some(inner + 1 + length)
    }

    /// Leaves out a comment of MDX, and the mark of a heading: `{/* ... */}`, `{#anchor}`, `{: .class }`, `{ .class }`.
    fn braces(&mut self, rest: &str, at: usize, plain: usize) -> Option<usize> {
        let length = if rest.starts_with("{/*") {
            rest.find("*/}")? + 3
        } else if rest[1..].trim_start_matches('%').trim_start().starts_with(['#', ':', '.'])
            && rest.find('}') == Some(rest.len() - 1)
        {
            rest.len()
        } else {
            return None;
        };
        self.flush(plain, at);
        Some(length)
    }

    fn run(&mut self, rest: &str, at: usize, plain: usize) -> usize {
        let mark = rest.as_bytes()[0];
        let length = rest.bytes().take_while(|byte| *byte == mark).count();
        self.flush(plain, at);
        let before = self.text[..at].chars().next_back();
        let behind = self.text[at + length..].chars().next();
        let is_blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let is_punctuation = |c: Option<char>| c.is_some_and(|c| !c.is_alphanumeric() && !c.is_whitespace());
        let left = !is_blank(behind) && (!is_punctuation(behind) || is_blank(before) || is_punctuation(before));
        let right = !is_blank(before) && (!is_punctuation(before) || is_blank(behind) || is_punctuation(behind));
        let (opens, closes) = match mark {
            b'_' => (left && !is_letter(before), right && !is_letter(behind)),
            b'~' => (left && length == 2, right && length == 2),
            _ => (left, right),
        };
        self.push(&rest[..length], at..at + length, Kind::Run { opens, closes });
        length
    }

    /// Removes the runs that mark emphasis: an opening one and a closing one of the same length.
    fn emphasis(&mut self) {
        let mut open: Vec<usize> = Vec::new();
        for at in 0..self.pieces.len() {
            let Kind::Run { opens, closes } = self.pieces[at].kind else { continue };
            let partner = open.iter().rposition(|other| closes && self.pieces[*other].text == self.pieces[at].text);
            if let Some(partner) = partner {
                let first = open[partner];
                open.truncate(partner);
                self.pieces[first].text.clear();
                self.pieces[at].text.clear();
            } else if opens {
                open.push(at);
            }
        }
    }

    fn cell(self, source: &Source, range: Range<usize>) -> Cell {
        let mut all = String::with_capacity(self.text.len());
        let (mut quoted, mut plain_texts) = (Vec::new(), Vec::new());
        let has_code = self.pieces.iter().any(|piece| piece.kind == Kind::Code);
        let mut place: Option<Range<usize>> = None;
        let mut raised = None;
        for piece in self.pieces {
            let range = self.start + piece.range.start..self.start + piece.range.end;
            match piece.kind {
                Kind::Raise => raised = Some(all.len()),
                Kind::Lower => {
                    if let Some(start) = raised.take() {
                        let text = all.split_off(start);
                        all += &marks::superscript(&text).unwrap_or(text);
                    }
                }
                Kind::Code => quoted.push(Located { text: piece.text.as_str().into(), range: range.clone() }),
                Kind::Text if has_code => plain_texts.extend(plain(&piece.text, range.clone())),
                Kind::Text | Kind::Run { .. } | Kind::Space => {}
            }
            if !piece.text.is_empty() {
                place = Some(place.map_or(range.clone(), |place| place.start..range.end));
                all += &piece.text;
            }
        }
        let spaced = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let prose = marks::has_marks(&all).then(|| spaced(marks::without_marks(&all, true)));
        let text = spaced(if prose.is_some() { marks::without_marks(&all, false) } else { all });
        let mut cell = Cell::new(text, place.map_or(range.start..range.start, |place| trimmed(source, place)));
        if !quoted.is_empty() || prose.is_some() || !self.links.is_empty() {
            cell.marked =
                Some(Box::new(Marked { quoted, plain: plain_texts, prose: prose.map(Text::from), links: self.links }));
        }
        cell
    }
}

fn plain(text: &str, range: Range<usize>) -> Option<Located> {
    let plain = text.trim_matches(|c: char| c == ',' || c.is_whitespace() || marks::is_mark(c));
    (!plain.is_empty()).then(|| Located { text: plain.into(), range })
}

/// Returns where the bracket that a text starts with is closed.
fn matching(text: &str, open: u8, close: u8) -> Option<usize> {
    let mut depth = 0;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            byte if byte == open => depth += 1,
            byte if byte == close => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_what_a_person_reads() {
        for (cell, text) in [
            ("  Ok ", "Ok"),
            ("**Not** *Found*", "Not Found"),
            ("`KV_SET`", "KV_SET"),
            ("``a`b``", "a`b"),
            ("INVALID_API_KEY", "INVALID_API_KEY"),
            ("\\_private\\_", "_private_"),
            ("`_private_`", "_private_"),
            ("a * b", "a * b"),
            ("see [below](#x \"title\") and [there][1].", "see below and there."),
            ("[`E1`](https://example.com/a_(b))", "E1"),
            ("\\<correlation-id>", "<correlation-id>"),
            ("<correlation-id>", "<correlation-id>"),
            ("Vec<u8> and `Vec<u8>`", "Vec<u8> and Vec<u8>"),
            ("a <br/> b<br>c", "a b c"),
            ("<a id=\"x\"></a>Codes", "Codes"),
            ("<Badge type=\"tip\" text=\"a>b\" />Codes", "Codes"),
            ("Codes [\u{200b}](#codes)", "Codes"),
            ("Codes {#codes}", "Codes"),
            ("Codes { .section}", "Codes"),
            ("<dl><dt>E_LOST</dt><dt>5</dt></dl>", "E_LOST 5"),
            ("wait {seconds}", "wait {seconds}"),
            ("a<!-- no -->b{/* no */}", "ab"),
            ("x &lt; y &#x26; z&nbsp;!", "x < y & z !"),
            ("see <https://example.com/a_b>", "see https://example.com/a_b"),
            ("![icon](x.png) Ok", "icon Ok"),
            ("a! [b](c)", "a! b"),
            ("Marked[^1]", "Marked"),
            ("[not a link]", "[not a link]"),
            ("~~old~~", "old"),
            ("***both***", "both"),
            ("10<sup>9</sup>", "10"),
            ("`open", "`open"),
            ("2 < 3", "2 < 3"),
            ("", ""),
        ] {
            let source = Source::new("x.md", cell);
            assert_eq!(read(&source, 0..cell.len()).text(), text, "{cell}");
        }
    }

    #[test]
    fn sentences_keep_their_exponents() {
        let source = Source::new("x.md", "10<sup>9</sup> m²[^1]");
        assert_eq!(read(&source, 0..source.text().len()).into_prose().text, "10⁹ m²");
    }

    #[test]
    fn absolute_links_are_kept() {
        let source = Source::new("x.md", "see [this](https://example.com) and [that](that.md)");
        let links = read(&source, 0..source.text().len()).marked.map(|marked| marked.links);
        assert_eq!(links, Some(vec![("this".into(), "https://example.com".into())]));
    }
}
