//! The bytes that a text stands for, whatever way they are spelled.

use std::collections::VecDeque;
use std::ops::Range;
use std::str::Chars;

/// How many JSON strings around each other are read.
const LAYERS: usize = 8;

/// A byte that a text stands for.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub(super) byte: u8,
    /// The place of the whole character in the text, with its escapes.
    pub(super) place: Range<usize>,
    encoding: Encoding,
}

/// The URL encoding of a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    None,
    Plus,
    Percent([u8; 2]),
}

impl Unit {
    pub(super) fn is_url_encoded(&self) -> bool {
        self.encoding != Encoding::None
    }

    /// Returns the unit as it is if URL encoding means nothing.
    pub(super) fn literal(&self) -> impl Iterator<Item = Self> + use<> {
        let (bytes, length) = match self.encoding {
            Encoding::None => ([self.byte, 0, 0], 1),
            Encoding::Plus => ([b'+', 0, 0], 1),
            Encoding::Percent([high, low]) => ([b'%', high, low], 3),
        };
        let place = self.place.clone();
        let units = bytes.into_iter().map(move |byte| Self { byte, place: place.clone(), encoding: Encoding::None });
        units.take(length)
    }

    /// Returns the byte to compare with that of another text. A backslash before a letter may be part of an escape, or
    /// precede the text, so that `n` and a line feed are the same.
    pub(super) fn compared(&self) -> u8 {
        match self.byte {
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x8 => b'b',
            0xc => b'f',
            byte => byte,
        }
    }
}

/// Reads a text as the bytes it stands for, so that secrets and names are recognized in every spelling, also of JSON in
/// JSON strings.
///
/// Escapes are read as often as text can contain them; other backslashes are left out. Then `%41` is a byte, and `+` is
/// a space. U+FFFD is left out, because it stands for bytes that are missing. So is an escape that the end of the text
/// cuts.
#[derive(Clone)]
pub(super) struct Units<'a> {
    text: Chars<'a>,
    at: usize,
    layers: [Layer; LAYERS],
    percent: Option<Percent>,
    /// Where backslashes begin that belong to the next unit.
    backslash: Option<usize>,
    ready: VecDeque<Unit>,
}

/// Reads the escapes of one JSON string.
#[derive(Clone, Default)]
struct Layer {
    state: State,
    /// The first half of a surrogate pair and where it starts.
    high: Option<(u32, usize)>,
}

#[derive(Clone, Default)]
enum State {
    #[default]
    Plain,
    /// After a backslash, which is here.
    Backslash(usize),
    /// After `\u` and some digits.
    Number { start: Range<usize>, digits: Vec<(char, Range<usize>)> },
}

/// `%` and perhaps a digit.
#[derive(Clone)]
struct Percent {
    start: Range<usize>,
    digit: Option<(u8, Range<usize>)>,
}

impl<'a> Units<'a> {
    /// Reads from a byte position, which must be a character's.
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self {
            text: text[at..].chars(),
            at,
            layers: Default::default(),
            percent: None,
            backslash: None,
            ready: VecDeque::new(),
        }
    }

    /// Returns the end of what was read completely, after the last unit that was returned.
    pub(super) fn settled(&self, last: &Unit) -> usize {
        match self.ready.front() {
            Some(next) => last.place.end.min(next.place.start),
            None => last.place.end,
        }
    }

    /// Gives a character to a layer.
    fn read(&mut self, layer: usize, c: char, place: Range<usize>) {
        let Some(Layer { state, .. }) = self.layers.get_mut(layer) else { return self.decode_url(c, place) };
        match std::mem::take(state) {
            State::Plain if c == '\\' => *state = State::Backslash(place.start),
            State::Plain => self.pass(layer, c, place),
            State::Backslash(start) if c == 'u' => {
                *state = State::Number { start: start..place.end, digits: Vec::new() };
            }
            State::Backslash(start) => self.pass(layer, simple_escape(c), start..place.end),
            State::Number { start, mut digits } if c.is_ascii_hexdigit() => {
                let place_end = place.end;
                digits.push((c, place));
                if digits.len() < 4 {
                    *state = State::Number { start, digits };
                } else {
                    let number = digits.iter().fold(0, |number, (c, _)| number * 16 + c.to_digit(16).unwrap_or(0));
                    self.number(layer, number, start.start..place_end);
                }
            }
            State::Number { start, digits } => {
                self.pass(layer, 'u', start);
                digits.into_iter().for_each(|(c, place)| self.pass(layer, c, place));
                self.read(layer, c, place);
            }
        }
    }

    /// Reads a UTF-16 unit.
    fn number(&mut self, layer: usize, number: u32, place: Range<usize>) {
        match (number, self.layers[layer].high) {
            (0xd800..0xdc00, _) => self.layers[layer].high = Some((number, place.start)),
            (0xdc00..0xe000, Some((high, start))) => {
                let number = 0x10000 + ((high - 0xd800) << 10) + (number - 0xdc00);
                self.pass(layer, char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER), start..place.end);
            }
            _ => self.pass(layer, char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER), place),
        }
    }

    /// Gives what a layer read to the next one.
    fn pass(&mut self, layer: usize, c: char, place: Range<usize>) {
        self.layers[layer].high = None;
        self.read(layer + 1, c, place);
    }

    fn decode_url(&mut self, c: char, place: Range<usize>) {
        match (self.percent.take(), c) {
            (None, '%') => self.percent = Some(Percent { start: place, digit: None }),
            (None, _) => self.character(c, place),
            (Some(Percent { start, digit: None }), _) if c.is_ascii_hexdigit() => {
                self.percent = Some(Percent { start, digit: Some((c as u8, place)) });
            }
            (Some(Percent { start, digit: Some((high, _)) }), _) if c.is_ascii_hexdigit() => {
                let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0) as u8;
                let byte = digit(high) * 16 + digit(c as u8);
                self.add(byte, start.start..place.end, Encoding::Percent([high, c as u8]));
            }
            (Some(Percent { start, digit }), _) => {
                self.character('%', start);
                digit.into_iter().for_each(|(byte, place)| self.character(char::from(byte), place));
                self.decode_url(c, place);
            }
        }
    }

    fn character(&mut self, c: char, place: Range<usize>) {
        match c {
            '\\' => self.backslash = self.backslash.or(Some(place.start)),
            char::REPLACEMENT_CHARACTER => {}
            '+' => self.add(b' ', place, Encoding::Plus),
            _ => {
                let start = self.backslash.take().unwrap_or(place.start);
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    self.add(byte, start..place.end, Encoding::None);
                }
            }
        }
    }

    fn add(&mut self, byte: u8, place: Range<usize>, encoding: Encoding) {
        let start = self.backslash.take().unwrap_or(place.start);
        self.ready.push_back(Unit { byte, place: start..place.end, encoding });
    }
}

impl Iterator for Units<'_> {
    type Item = Unit;

    fn next(&mut self) -> Option<Unit> {
        while self.ready.is_empty() {
            let c = self.text.next()?;
            let place = self.at..self.at + c.len_utf8();
            self.at = place.end;
            self.read(0, c, place);
        }
        self.ready.pop_front()
    }
}

/// What a letter after a backslash stands for.
fn simple_escape(c: char) -> char {
    match c {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn means(text: &str, meant: &str) {
        let bytes: Vec<u8> = Units::new(text, 0).map(|unit| unit.byte).collect();
        assert_eq!(String::from_utf8_lossy(&bytes), meant, "{text}");
    }

    #[test]
    fn every_spelling_means_the_same() {
        for text in ["a\"é😀", r#"a\"\u00e9\ud83d\ude00"#, r#"\\u0061\\\"\\\\u00E9\\uD83D\\uDE00"#] {
            means(text, "a\"é😀");
        }
        means(r"\u005cu0061\u005c\u005c/\u005cu\u00300\u0036\u0031", "a/a");
        means("%41%2f%C3%A9+%4", "A/é ");
        means("100%, %zz", "100%, %zz");
        means(r"\n\t\q\u12z", "\n\tqu12z");
        means("a\u{fffd}b\u{fffd}\\ud800c", "abc");
    }

    #[test]
    fn what_the_end_cuts_is_left_out() {
        for cut in
            ["\\", "\\u", "\\u00", "%", "%4", "\\ud83d", "\\ud83d\\", "\\ud83d\\ude0", "\\\\u00\\u0030", "\u{fffd}"]
        {
            means(&format!("a{cut}"), "a");
        }
    }

    #[test]
    fn a_place_has_all_escapes() {
        let places: Vec<_> = Units::new(r#"a\\\"\u00e9%41\\z"#, 0).map(|unit| unit.place).collect();
        assert_eq!(places, [0..1, 1..5, 5..11, 5..11, 11..14, 14..17]);
    }
}
