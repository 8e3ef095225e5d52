//! Reasons with fields in them: "rate limited, 37 seconds left".

use core::fmt;

/// A text with holes for fields. Two holes are never adjacent.
///
/// ```
/// use statuswire::codes::{Field, blazeauth_close::ErrorCode};
///
/// let info = ErrorCode::RateLimited.info().ok_or("not listed")?;
/// let reading = info.read_reason("rate limited, 37 seconds left").ok_or("another reason")?;
/// assert_eq!(reading.get("seconds"), Some(Field::Unsigned(37)));
/// assert_eq!(reading.template().to_string(), "rate limited, {seconds:u32} seconds left");
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    text: &'static str,
    pieces: &'static [Piece],
}

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Piece {
    /// Fixed text, in upper or lower case.
    Literal(&'static str),
    /// A place for a field.
    #[non_exhaustive]
    Hole {
        /// The name of the field.
        name: &'static str,
        /// The type of the field.
        hole: Hole,
    },
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hole {
    /// An unsigned integer of 32 bits.
    U32,
    /// An unsigned integer of 64 bits.
    U64,
    /// A signed integer of 64 bits.
    I64,
    /// Any text that is not empty.
    Text,
}

/// A value that was read from a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Field<'t> {
    /// Of a hole `u32` or `u64`.
    Unsigned(u64),
    /// Of a hole `i64`.
    Signed(i64),
    /// Of a hole `text`.
    Text(&'t str),
}

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned(number) => number.fmt(f),
            Self::Signed(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl Piece {
    const fn literal(&self) -> Option<&'static str> {
        match self {
            Self::Literal(text) => Some(text),
            Self::Hole { .. } => None,
        }
    }
}

impl Template {
    pub(super) const fn new(text: &'static str, pieces: &'static [Piece]) -> Self {
        Self { text, pieces }
    }

    /// Returns the text of the template, as the table has it.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// Returns its pieces.
    #[must_use]
    pub const fn pieces(&self) -> &'static [Piece] {
        self.pieces
    }

    /// Reads a whole text; `None` if it does not fit. White space around the text and the case of the template's own letters
    /// make no difference. A number that is too large for its hole, or has more than 40 digits, does not fit.
    #[must_use]
    pub fn read<'t>(&self, text: &'t str) -> Option<Reading<'t>> {
        let text = text.trim();
        (walk(self.pieces, text, 0, End::OfText, &mut Searches::default(), |_, _| {})? == text.len())
            .then_some(Reading { template: *self, text })
    }

    /// Finds the template in a longer text, such as a line of a log. Takes time in proportion to the length of the text,
    /// if the template has at most eight holes.
    #[must_use]
    pub fn find<'t>(&self, text: &'t str) -> Option<Reading<'t>> {
        // A hole for text at the start takes everything before the rest, so only one start is possible.
        let starts = if let Some(Piece::Hole { hole: Hole::Text, .. }) = self.pieces.first() { 1 } else { usize::MAX };
        let mut searches = Searches::default();
        text.char_indices().take(starts).find_map(|(start, _)| {
            let end = walk(self.pieces, text, start, End::Anywhere, &mut searches, |_, _| {})?;
            Some(Reading { template: *self, text: &text[start..end] })
        })
    }
}

/// As the table has it.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text)
    }
}

/// A text that fits a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<'t> {
    template: Template,
    text: &'t str,
}

impl<'t> Reading<'t> {
    /// Returns the template.
    #[must_use]
    pub const fn template(&self) -> Template {
        self.template
    }

    /// Returns the text that fits it.
    #[must_use]
    pub const fn text(&self) -> &'t str {
        self.text
    }

    /// Returns a field by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Field<'t>> {
        let mut found = None;
        self.for_each(|field, value| {
            if field == name {
                found = Some(value);
            }
        });
        found
    }

    /// Visits all fields with their names, in their order.
    pub fn for_each(&self, visit: impl FnMut(&'static str, Field<'t>)) {
        // It fitted before, so it fits now.
        let _ = walk(self.template.pieces, self.text, 0, End::OfText, &mut Searches::default(), visit);
    }
}

/// Where the last piece has to end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    OfText,
    Anywhere,
}

/// Reads the pieces from an offset of the text on; returns where the piece that fits ends.
fn walk<'t>(
    pieces: &[Piece],
    text: &'t str,
    start: usize,
    end: End,
    searches: &mut Searches,
    mut visit: impl FnMut(&'static str, Field<'t>),
) -> Option<usize> {
    let mut at = start;
    let mut pieces = pieces.iter().enumerate().peekable();
    while let Some((place, piece)) = pieces.next() {
        let rest = &text[at..];
        let length = match piece {
            Piece::Literal(literal) => starts_with(rest, literal).then_some(literal.len())?,
            Piece::Hole { name, hole: Hole::Text } => {
                // It ends where the literal behind it begins. That literal is read here too.
                let next = pieces.next().and_then(|(_, piece)| piece.literal());
                let is_last = pieces.peek().is_none() && end == End::OfText;
                let length = match next {
                    Some(next) if is_last => ends_with(rest, next)?,
                    Some(next) => searches.find(place, text, at, next)? - at,
                    None => rest.len(),
                };
                visit(name, text_field(&rest[..length])?);
                length + next.map_or(0, str::len)
            }
            Piece::Hole { name, hole } => {
                let (length, field) = number(rest, *hole)?;
                visit(name, field);
                length
            }
        };
        at += length;
    }
    Some(at)
}

/// What is known about the literals behind the holes for text. Walks from one start after the other search for the same
/// literals in the same text: without this, each would go through the rest of it again.
#[derive(Default)]
struct Searches([Option<Search>; 8]);

/// From one offset on, the literal behind a hole stands first at another offset, or nowhere.
#[derive(Clone, Copy)]
struct Search {
    /// The place of the hole among the pieces.
    hole: usize,
    from: usize,
    found: Option<usize>,
}

impl Searches {
    /// Returns where the literal behind a hole starts for the first time, from an offset on.
    fn find(&mut self, hole: usize, text: &str, from: usize, literal: &str) -> Option<usize> {
        // Holes are never adjacent, so at least every second piece is something else.
        let known = &mut self.0[hole / 2 % 8];
        match known {
            Some(known) if known.hole == hole && known.from <= from && known.found.is_none_or(|at| from <= at) => {
                known.found
            }
            _ => {
                let found = find(&text[from..], literal).map(|at| from + at);
                *known = Some(Search { hole, from, found });
                found
            }
        }
    }
}

fn text_field(text: &str) -> Option<Field<'_>> {
    (!text.is_empty()).then_some(Field::Text(text))
}

/// How many digits a number may have, zeros in front included.
const MOST_DIGITS: usize = 40;

fn number(text: &str, hole: Hole) -> Option<(usize, Field<'_>)> {
    let sign = usize::from(hole == Hole::I64 && text.starts_with('-'));
    // A walk from each digit of a long row of digits would read the rest of the row.
    let count = text[sign..].bytes().take(MOST_DIGITS + 1).take_while(u8::is_ascii_digit).count();
    if count > MOST_DIGITS {
        return None;
    }
    let length = sign + count;
    let digits = &text[..length];
    let field = match hole {
        Hole::U32 => Field::Unsigned(digits.parse::<u32>().ok()?.into()),
        Hole::U64 => Field::Unsigned(digits.parse().ok()?),
        Hole::I64 => Field::Signed(digits.parse().ok()?),
        Hole::Text => return None,
    };
    Some((length, field))
}

/// Does the text start with a literal, in any case of ASCII letters?
pub(super) fn starts_with(text: &str, literal: &str) -> bool {
    text.get(..literal.len()).is_some_and(|start| start.eq_ignore_ascii_case(literal))
}

/// Returns where the literal starts for the first time.
pub(super) fn find(text: &str, literal: &str) -> Option<usize> {
    text.char_indices().map(|(at, _)| at).find(|at| starts_with(&text[*at..], literal))
}

/// Returns where the literal starts, if the text ends with it.
fn ends_with(text: &str, literal: &str) -> Option<usize> {
    let at = text.len().checked_sub(literal.len())?;
    text.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(literal)).then_some(at)
}
