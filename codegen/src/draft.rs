//! What a file says: every word with its key and its place. A reader of any file format makes this; nothing is checked yet.

use crate::source::{Located, Source};
use crate::text::Text;
use crate::vocabulary::Key;
use std::ops::Range;
use std::sync::Arc;

/// The words of a table in a file.
///
/// Whether a word may be missing, and whether it means anything, is checked when the draft becomes a
/// [`Table`](crate::Table).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Draft {
    /// The text that all places are in.
    pub source: Source,
    /// The table as a whole: name, title, repr, source, revision, family, members.
    pub head: Entry,
    /// The parts of a composed code, from its first digit on: name and digits.
    pub parts: Vec<Entry>,
    /// The classification of every row that states none of its own.
    pub defaults: Entry,
    /// The classification of the rows of one group that state none of their own.
    pub groups: Vec<Entry>,
    /// The rows, in the order of the file.
    pub rows: Vec<Entry>,
    /// The file has more rows, which the reader could not read and reported. A draft without rows is then not called empty.
    pub has_unread_rows: bool,
    /// The headers of columns that no synonym finds.
    pub(crate) columns: Vec<(Key, Located)>,
    /// What is to be changed in the rows.
    pub(crate) fixes: Fixes,
    /// The file of rules next to the table.
    pub(crate) rules: Option<Source>,
    /// What was read and what was not, for a person who asks.
    pub(crate) account: Account,
}

/// Corrections of rows. A row is named by its value or by its name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fixes {
    /// Rows and their new names.
    pub(crate) rename: Vec<(Located, Located)>,
    /// Rows to leave out, and why.
    pub(crate) drop: Vec<(Located, Located)>,
    /// Rows and their new words: the group of an entry names the row.
    pub(crate) overrides: Vec<Entry>,
}

/// What a reader did with a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    /// Tables and rows that hold no codes, and why.
    pub(crate) left_out: Vec<(Range<usize>, String)>,
    /// What to do so that a table of a file without codes is read.
    pub(crate) advice: Option<String>,
    /// How many rows repeat another one, with the same value and name.
    pub(crate) duplicates: usize,
    /// How many rows have a name that was made from their meaning.
    pub(crate) named: usize,
}

impl Draft {
    /// Makes a draft without words. Missing keys are reported at the range of its head, which may be
    /// [`Located::NOWHERE`].
    #[must_use]
    pub fn new(source: Source, head: Range<usize>) -> Self {
        Self {
            source,
            defaults: Entry::new(head.clone(), None),
            head: Entry::new(head, None),
            parts: Vec::new(),
            groups: Vec::new(),
            rows: Vec::new(),
            has_unread_rows: false,
            columns: Vec::new(),
            fixes: Fixes::default(),
            rules: None,
            account: Account::default(),
        }
    }
}

/// The words of one row, one part, one group's defaults, or a table's head.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Entry {
    /// Where the entry stands. Missing words are reported there.
    pub range: Range<usize>,
    /// The group that it belongs to; `None` outside of groups.
    pub group: Option<Located>,
    /// The words by their keys. A list has its key once for each item. A word that is empty in the file is left out.
    pub words: Vec<(Key, Located)>,
    /// The headings over the row, from the outermost on.
    pub(crate) headings: Option<Arc<[String]>>,
    /// The links in its meaning: texts and addresses.
    pub(crate) links: Vec<(Text, Text)>,
    /// Its name was made from its meaning.
    pub(crate) is_named: bool,
    /// Its name was made from its value.
    pub(crate) is_named_by_value: bool,
    /// Its value is text in a column of such codes.
    pub(crate) is_text: bool,
}

impl Entry {
    /// Makes an entry without words. Its range may be [`Located::NOWHERE`].
    #[must_use]
    pub const fn new(range: Range<usize>, group: Option<Located>) -> Self {
        Self {
            range,
            group,
            words: Vec::new(),
            headings: None,
            links: Vec::new(),
            is_named: false,
            is_named_by_value: false,
            is_text: false,
        }
    }

    /// Returns the place in front of the entry.
    pub(crate) fn start(&self) -> Range<usize> {
        self.range.start..self.range.start
    }

    /// Returns the word of a key.
    pub(crate) fn get(&self, key: Key) -> Option<&Located> {
        self.all(key).next()
    }

    /// Returns what tells a row from others with its value: its name, or its meaning if the name says no more than the value.
    pub(crate) fn distinction(&self) -> Option<&str> {
        let meaning = self.get(Key::Meaning).filter(|_| self.is_named_by_value);
        meaning.or_else(|| self.get(Key::Name)).map(|word| word.text.as_str())
    }

    /// Returns the items of a list.
    pub(crate) fn all(&self, key: Key) -> impl Iterator<Item = &Located> + Clone {
        self.words.iter().filter(move |(known, _)| *known == key).map(|(_, word)| word)
    }

    /// Adds a word, and a list as its items: the texts between commas, each with the place of the whole list.
    pub(crate) fn add(&mut self, key: Key, word: Located) {
        if !key.is_list() {
            self.words.push((key, word));
            return;
        }
        let items = word.text.split(',').map(str::trim).filter(|item| !item.is_empty());
        self.words.extend(items.map(|item| (key, Located { text: item.into(), range: word.range.clone() })));
    }
}
