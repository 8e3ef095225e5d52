//! What the cells of a column look like, counted.

use super::{prose, shape};
use crate::grid::Grid;
use crate::hash::{Map, Set};
use crate::identifier;
use crate::vocabulary::{Key, Kind, Origin, Outcome, Recovery};

#[derive(Debug, Default)]
pub(super) struct Stats {
    /// Cells that are not empty.
    pub(super) filled: usize,
    pub(super) numbers: usize,
    /// Numbers with a text next to them: `404 Not Found`.
    pub(super) beside: usize,
    /// Numbers of hexadecimal digits.
    pub(super) hex: usize,
    /// Those of them that have a letter, and no `0x`.
    with_letters: usize,
    /// The number of digits that all have.
    width: Option<usize>,
    texts: usize,
    pub(super) coded: usize,
    pub(super) identifiers: usize,
    pub(super) titles: usize,
    /// The words in all cells.
    pub(super) words: usize,
    /// Texts with letters that no name has.
    pub(super) foreign: usize,
    /// Texts that start with a small letter.
    pub(super) small: usize,
    /// Statuses of HTTP.
    pub(super) statuses: usize,
    /// Cells whose text stands above in the table, except in rows that repeat another one.
    pub(super) repeated: usize,
    /// Hardly any text stands twice.
    pub(super) is_unique: bool,
    /// Types of data: `string`, `int`.
    pub(super) types: usize,
    /// The cells are 1, 2, 3 and so on.
    pub(super) counts: bool,
    /// All are capital letters and digits, with a digit in each.
    is_fixed: bool,
    /// All start with a digit.
    starts_with_digits: bool,
    /// All have the same length.
    is_one_length: bool,
    /// Cells with a number.
    with_digits: usize,
    /// Single capital letters.
    letters: usize,
    /// `Yes`, `No`.
    answers: usize,
}

/// Counts the cells of columns in tables with the same header, all columns in one pass. `None` for a column that is not
/// counted, else whether its numbers have hexadecimal digits without a mark.
pub(super) fn stats(grids: &[&Grid], columns: &[Option<bool>]) -> Vec<Stats> {
    let mut counts: Vec<_> = columns.iter().map(|is_hex| is_hex.map(Count::new)).collect();
    for grid in grids {
        for (at, row) in grid.rows.iter().enumerate() {
            // A line between the rows, such as `**Class 42**`, has one cell.
            let mut filled = row.cells.iter().filter(|cell| !cell.text().is_empty());
            if columns.len() > 1 && filled.next().is_some() && filled.next().is_none() {
                continue;
            }
            for (column, count) in counts.iter_mut().enumerate() {
                if let Some(count) = count {
                    count.add(grid, at, row.cells.get(column).map_or("", |cell| cell.text()));
                }
            }
        }
        counts.iter_mut().flatten().for_each(|count| count.seen.clear());
    }
    counts.into_iter().map(|count| count.map(Count::stats).unwrap_or_default()).collect()
}

/// The stats of a column so far.
struct Count<'g> {
    stats: Stats,
    is_hex: bool,
    /// The numbers of digits, and the lengths.
    widths: Set<usize>,
    lengths: Set<usize>,
    /// The texts of the grid, and the rows where they stand first.
    seen: Map<&'g str, usize>,
}

impl<'g> Count<'g> {
    fn new(is_hex: bool) -> Self {
        let stats = Stats { counts: true, is_fixed: true, starts_with_digits: true, ..Stats::default() };
        Self { stats, is_hex, widths: Set::default(), lengths: Set::default(), seen: Map::default() }
    }

    /// Counts the cell of a row.
    fn add(&mut self, grid: &Grid, at: usize, text: &'g str) {
        let stats = &mut self.stats;
        stats.counts &= text.parse() == Ok(at + 1);
        if prose::is_nothing(text) {
            return;
        }
        let number = shape::number(text, self.is_hex);
        // A pattern of codes is left out later.
        if number.is_none() && (shape::is_several_texts(text) || shape::is_any_status(text)) {
            return;
        }
        stats.filled += 1;
        let first = *self.seen.entry(text).or_insert(at);
        stats.repeated += usize::from(first != at && !are_equal(grid, first, at));
        if let Some(written) = number {
            stats.numbers += 1;
            stats.beside += usize::from(!written.beside.is_empty());
            let status = written.value.parse::<u16>().ok().filter(|_| written.more.is_empty());
            stats.statuses += usize::from(status.is_some_and(|status| (100..=599).contains(&status)));
        }
        if let Some(written) = shape::number(text, true) {
            stats.hex += 1;
            let digits = &written.value;
            let is_marked = digits.contains(['x', '-']);
            stats.with_letters += usize::from(
                !is_marked && digits.contains(|c: char| c.is_ascii_alphabetic()) && written.beside.is_empty(),
            );
            if !is_marked {
                self.widths.insert(digits.len());
            }
        }
        stats.with_digits += usize::from(shape::has_number(text));
        stats.texts +=
            usize::from(shape::is_text_code(text) || shape::begins_with_code(text) || shape::texts(text).is_some());
        stats.coded += usize::from(shape::is_coded(text) && !prose::is_truth(text));
        stats.letters += usize::from(shape::is_letter(text));
        stats.answers += usize::from(prose::is_answer(text));
        stats.types += usize::from(prose::is_type_of_data(text));
        stats.identifiers += usize::from(shape::is_identifier(text));
        stats.foreign += usize::from(!text.is_ascii() && text.contains(identifier::is_foreign));
        stats.small += usize::from(text.starts_with(|c: char| c.is_ascii_lowercase()));
        stats.titles += usize::from(prose::is_title(text));
        stats.words += text.split_whitespace().count();
        let code = shape::with_note(text).map_or(text, |(code, _)| code);
        stats.is_fixed &= shape::is_fixed(code);
        stats.starts_with_digits &= text.starts_with(|c: char| c.is_ascii_digit());
        self.lengths.insert(code.len());
    }

    fn stats(self) -> Stats {
        let Self { mut stats, widths, lengths, .. } = self;
        stats.is_one_length = lengths.len() == 1;
        stats.is_unique = stats.repeated * 10 <= stats.filled;
        stats.width = (widths.len() == 1).then(|| widths.into_iter().next()).flatten();
        stats
    }
}

/// Does one row repeat the other? A page may list a code in full twice.
fn are_equal(grid: &Grid, one: usize, other: usize) -> bool {
    let texts = |at: usize| grid.rows[at].cells.iter().map(|cell| cell.text());
    texts(one).eq(texts(other))
}

impl Stats {
    /// Are these hexadecimal digits of one width without a mark, such as `09` and `0A`?
    pub(super) fn is_bare_hex(&self) -> bool {
        self.filled > 0
            && self.hex == self.filled
            && self.with_letters > 0
            && self.width.is_some_and(|width| width <= 8)
            && (self.with_letters < self.filled || self.starts_with_digits)
    }

    /// May these be hexadecimal digits of several widths without a mark, such as `9`, `A` and `10`?
    pub(super) fn may_be_hex(&self) -> bool {
        self.hex == self.filled && self.with_letters > 0 && self.numbers > 1 && self.width.is_none()
    }

    /// Are these numbers alone?
    pub(super) fn are_numbers(&self) -> bool {
        self.filled > 0 && self.beside == 0 && (self.numbers == self.filled || self.is_bare_hex())
    }

    /// Do hardly any of these look like something else than an identifier?
    pub(super) fn are_identifiers(&self) -> bool {
        self.identifiers * 5 >= self.filled * 4 && self.filled > 0
    }

    /// Are these codes that are text?
    pub(super) fn are_text_codes(&self) -> bool {
        self.filled > 0 && self.texts * 10 >= self.filled * 9 && self.coded * 2 >= self.filled
    }

    /// Are these names as programs have them, such as `SEC_E_OK`?
    pub(super) fn are_coded_names(&self) -> bool {
        self.identifiers == self.filled && self.coded == self.filled
    }

    /// Are these numbers and texts, such as `404` and `INIT_FAILED`, and not a few mistakes in one of the two?
    pub(super) fn are_numbers_and_texts(&self) -> bool {
        let words = self.filled - self.numbers;
        // `A` and `10` may be hexadecimal digits, and `5x` is mistyped.
        self.hex <= self.numbers
            && self.identifiers == words
            && self.texts == self.filled
            && self.coded == self.filled
            && words * 4 >= self.filled
            && self.numbers * 4 >= self.filled
    }

    /// Are most of these codes that are text, and the others phrases such as `all others`?
    pub(super) fn are_nearly_text_codes(&self) -> bool {
        self.texts * 3 >= self.filled * 2 && self.coded * 2 >= self.filled
    }

    /// Is each a word of its own, such as `damaged`?
    pub(super) fn are_single_words(&self) -> bool {
        self.filled > 1 && self.identifiers == self.filled && self.repeated == 0
    }

    /// Are these codes of letters and digits of one length, such as `42P01` and `00000`?
    pub(super) fn are_fixed(&self) -> bool {
        self.is_fixed && self.is_one_length && self.numbers < self.filled
    }

    /// Are its codes words, and not letters and digits such as `42P01`, or single letters?
    pub(super) fn are_words(&self) -> bool {
        self.with_digits * 2 < self.filled && self.letters < self.filled
    }

    /// Are these answers to a question: `Yes`, `No`?
    pub(super) fn are_answers(&self) -> bool {
        self.answers == self.filled
    }

    /// Are these types of data?
    pub(super) fn are_types_of_data(&self) -> bool {
        self.filled > 0 && self.types == self.filled
    }

    /// Does a column with the header of a classification hold its words? On a page of somebody else it may say another thing.
    pub(super) fn are_words_of(&self, grids: &[&Grid], column: usize, key: Key) -> bool {
        let mut cells = grids.iter().flat_map(|grid| &grid.rows).filter_map(|row| row.cells.get(column));
        match key {
            Key::Kind => cells.any(|cell| Kind::from_word(cell.text()).is_some()),
            Key::Outcome => cells.any(|cell| Outcome::from_word(cell.text()).is_some()),
            Key::Recovery => cells.any(|cell| Recovery::from_word(cell.text()).is_some()),
            Key::Origin => cells.any(|cell| Origin::from_word(cell.text()).is_some()),
            Key::Http => self.statuses == self.filled,
            Key::Reasons => cells.any(|cell| cell.marked.as_ref().is_some_and(|marked| !marked.quoted.is_empty())),
            _ => true,
        }
    }
}
