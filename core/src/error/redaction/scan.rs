//! Cuts a text into pieces to show and pieces to hide, in one pass.

use super::names::{Name, Names};
use super::texts::{Reading, Texts};
use super::units::{Unit, Units};
use super::value::{self, Label};
use serde::de::IgnoredAny;
use std::collections::VecDeque;
use std::ops::Range;

/// The length of the pieces in which text is shown. It bounds what is read beyond the end of a line.
const PIECE: usize = 256;

/// A piece of the text.
pub(super) enum Piece<'a> {
    Shown(&'a str),
    /// Hidden. What is shown for it gets these quotes.
    Hidden(&'a str),
}

/// The pieces of a text. Memory: bounded by the longest secret.
pub(super) struct Scan<'a> {
    text: &'a str,
    units: Units<'a>,
    texts: &'a Texts,
    names: &'a Names,
    /// The text as a part of a URL, and as it is.
    readings: [Reading; 2],
    /// The end of what was read.
    read: usize,
    /// What follows here is punctuation which a server may add to a text that it cuts.
    tail: usize,
    /// The name that may precede a separator, and the quote that closes it.
    name: Name,
    quote: Range<usize>,
    /// The end of the last value that its name hides.
    value_end: usize,
    /// The places to hide that were not returned yet, in order, apart from each other.
    hidden: VecDeque<(Range<usize>, &'a str)>,
    /// The end of what was returned.
    returned: usize,
    done: bool,
    /// In a text that is JSON.
    json: Option<Json>,
}

/// The place in a text that is JSON.
#[derive(Default)]
struct Json {
    /// The content of the string around this place.
    string: Option<Range<usize>>,
    /// The start of the number, `true`, `false` or `null` at this place.
    scalar: Option<usize>,
    /// The end of the last one that is hidden.
    hidden_scalar_end: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str, texts: &'a Texts, names: &'a Names) -> Self {
        let is_json = text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok();
        Self {
            text,
            units: Units::new(text, 0),
            texts,
            names,
            readings: Default::default(),
            read: 0,
            tail: tail(text),
            name: Name::default(),
            quote: 0..0,
            value_end: 0,
            hidden: VecDeque::new(),
            returned: 0,
            done: false,
            json: is_json.then(Json::default),
        }
    }

    /// Reads one unit.
    fn step(&mut self) {
        let Some(unit) = self.units.next() else {
            self.hide_beginning(self.text.len());
            self.done = true;
            return;
        };
        self.enter(&unit);
        self.find_texts(&unit);
        if unit.place.start >= self.value_end {
            self.find_value(&unit);
        }
        if unit.place.end == self.tail {
            self.hide_beginning(self.tail);
        }
    }

    /// Follows the structure of JSON.
    fn enter(&mut self, unit: &Unit) {
        let Some(json) = &mut self.json else { return };
        let place = &self.text[unit.place.clone()];
        let is_quote = place
            .strip_suffix('"')
            .is_some_and(|before| before.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 0);
        match &json.string {
            Some(_) if is_quote => json.string = None,
            Some(_) => {}
            None if is_quote => {
                let start = unit.place.end;
                json.string = Some(start..value::raw_string_end(self.text, start));
                json.scalar = None;
            }
            None if is_scalar(place.as_bytes()[0]) => json.scalar = json.scalar.or(Some(unit.place.start)),
            None => json.scalar = None,
        }
    }

    /// Hides the secrets that end with this unit.
    fn find_texts(&mut self, unit: &Unit) {
        self.readings[0].read(unit.clone(), self.texts);
        self.find_text(0, unit.place.end);
        for unit in unit.literal() {
            let end = unit.place.end;
            self.readings[1].read(unit, self.texts);
            self.find_text(1, end);
        }
        self.read = self.units.settled(unit);
    }

    fn find_text(&mut self, reading: usize, end: usize) {
        let after = || Some(Units::new(self.text, end).next()?.byte);
        let Some((start, is_short)) = self.readings[reading].found(self.texts, after) else { return };
        let json = self.json.as_ref();
        let is_content = |json: &Json| {
            json.scalar.is_some() || json.string.as_ref().is_some_and(|it| it.start <= start && end <= it.end)
        };
        if is_short && !json.is_none_or(is_content) {
            return;
        }
        let Some((json, scalar)) = self.json.as_mut().and_then(|json| json.scalar.map(|scalar| (json, scalar))) else {
            return self.hide(start..end, "");
        };
        // Part of a number is no JSON. Its end is searched for once, however many texts occur in it.
        if json.hidden_scalar_end < end {
            let rest = &self.text.as_bytes()[end..];
            json.hidden_scalar_end = end + rest.iter().take_while(|byte| is_scalar(**byte)).count();
        }
        let place = start.min(scalar)..json.hidden_scalar_end;
        self.hide(place, "\"");
    }

    /// Hides the beginning of a secret in front of `end`, where the text may have been cut.
    fn hide_beginning(&mut self, end: usize) {
        let starts = self.readings.iter().filter_map(|reading| reading.long_beginning(self.texts));
        if let Some(start) = starts.min() {
            self.hide(start..end, "");
        }
    }

    /// Hides the value that follows if this unit separates it from a name which holds secrets.
    fn find_value(&mut self, unit: &Unit) {
        match unit.byte {
            b'_' | b'-' => {}
            byte if byte.is_ascii_alphanumeric() => {
                if !self.quote.is_empty() {
                    self.forget_name();
                }
                self.name.push(byte);
            }
            _ if self.name.is_empty() => {}
            b' ' | b'\t' => self.name.space(),
            b'\n' | b'\r' if !self.quote.is_empty() => {}
            b'"' | b'\'' if self.quote.is_empty() => self.quote = unit.place.clone(),
            b']' => {}
            b':' | b'=' => {
                let is_path = unit.byte == b':' && self.text[unit.place.end..].starts_with(':');
                if !is_path && self.names.hide(&self.name) {
                    self.hide_value(unit.place.end, unit.byte == b':');
                }
                self.forget_name();
            }
            _ => self.forget_name(),
        }
    }

    fn hide_value(&mut self, at: usize, is_colon: bool) {
        let string = self.json.as_ref().and_then(|json| json.string.as_ref());
        let limit = string.map_or(self.text.len(), |string| string.end);
        let text = &self.text[..limit];
        // `=>` and `==` separate, too.
        let at = at + usize::from(text[at..].starts_with(['>', '=']));
        let label = Label { quote: &self.text[self.quote.clone()], is_line: self.name.is_line(), is_colon };
        if let Some((place, quote)) = value::find(text, at, &label) {
            self.value_end = place.end;
            self.hide(place, quote);
        }
    }

    fn forget_name(&mut self) {
        self.name.clear();
        self.quote = 0..0;
    }

    /// Adds a place to hide, as one with those that it touches.
    fn hide(&mut self, mut place: Range<usize>, mut quote: &'a str) {
        let from = self.hidden.partition_point(|(other, _)| other.end < place.start);
        let to = self.hidden.partition_point(|(other, _)| other.start <= place.end);
        for (other, its_quote) in self.hidden.drain(from..to) {
            place = place.start.min(other.start)..place.end.max(other.end);
            quote = if quote.is_empty() { its_quote } else { quote };
        }
        self.hidden.insert(from, (place, quote));
    }

    /// Returns the place up to which nothing more can be hidden.
    fn settled(&self) -> usize {
        if self.done {
            return self.text.len();
        }
        let beginnings = self.readings.iter().filter_map(|reading| reading.beginning(self.texts));
        let scalar = self.json.as_ref().and_then(|json| json.scalar);
        beginnings.chain(scalar).fold(self.read, usize::min)
    }
}

impl<'a> Iterator for Scan<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            let settled = self.settled();
            let (next, quote) = match self.hidden.front() {
                Some((next, quote)) => (Some(next.clone()), *quote),
                None => (None, ""),
            };
            let shown_to = next.as_ref().map_or(settled, |next| next.start.min(settled));
            let is_enough = self.done || next.is_some() || shown_to >= self.returned + PIECE;
            if shown_to > self.returned && is_enough {
                let piece = &self.text[self.returned..shown_to];
                self.returned = shown_to;
                return Some(Piece::Shown(piece));
            }
            if let Some(next) = next.filter(|next| self.done || next.end < settled) {
                self.hidden.pop_front();
                self.returned = next.end;
                return Some(Piece::Hidden(quote));
            }
            if self.done {
                return None;
            }
            self.step();
        }
    }
}

/// Returns the length of a text without the punctuation that a server may add where it cuts, and without an escape that
/// was cut before it.
fn tail(text: &str) -> usize {
    let is_added = |c: char| c.is_whitespace() || matches!(c, '.' | '…' | '"' | '\'' | ')' | ']' | '}' | '\u{fffd}');
    let text = text.trim_end_matches(is_added);
    let escape = text.rfind(['\\', '%']).map(|at| text[..=at].trim_end_matches('\\').len().min(at));
    escape.filter(|at| Units::new(text, *at).next().is_none()).unwrap_or(text.len())
}

/// Returns whether a byte belongs to a number, `true`, `false` or `null`.
fn is_scalar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}
