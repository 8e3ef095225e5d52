//! Which columns of a table hold what: the headers say it, and where they leave a choice, the cells decide.

use super::stats::{Stats, stats};
use super::synonyms::{self, Sense};
use super::{Columns, Form, header};
use crate::Repr;
use crate::draft::Draft;
use crate::exact;
use crate::excerpt::quoted;
use crate::grid::{Cell, Grid};
use crate::hash::Set;
use crate::vocabulary::Key;

/// Tables with the same header.
pub(super) struct Judge<'g> {
    pub(super) headers: Vec<String>,
    pub(super) exact: Vec<Option<Key>>,
    pub(super) senses: Vec<Vec<Sense>>,
    pub(super) stats: Vec<Stats>,
    pub(super) grids: &'g [&'g Grid],
    pub(super) pinned: Option<Repr>,
    /// Whether the settings name the column of values.
    tells_value: bool,
}

impl<'g> Judge<'g> {
    pub(super) fn new(draft: &Draft, grids: &'g [&'g Grid], pinned: Option<Repr>) -> Self {
        let header = &grids[0].header;
        let mut headers: Vec<_> = header.iter().map(|cell| synonyms::plain(cell.text())).collect();
        header::in_english(&mut headers, header);
        let told = |cell: &Cell| {
            let named = draft.columns.iter().find(|(_, named)| named.text.eq_ignore_ascii_case(cell.text()));
            named.map(|(key, _)| *key)
        };
        let mut exact: Vec<_> = header.iter().map(|cell| told(cell).or_else(|| exact::key(grids[0], cell))).collect();
        // What the settings name is not found by its header too.
        for (key, _) in &draft.columns {
            if header.iter().any(|cell| told(cell) == Some(*key)) {
                let others = exact.iter_mut().zip(header).filter(|(_, cell)| told(cell).is_none());
                others.for_each(|(found, _)| *found = found.filter(|found| found != key));
            }
        }
        let mut seen = Set::default();
        exact.iter_mut().for_each(|key| *key = key.filter(|key| seen.insert(*key)));
        let senses: Vec<_> = headers.iter().map(|header| synonyms::senses(header)).collect();
        // `Meaning` next to `Description` may be the name.
        let says_meaning = |senses: &Vec<Sense>| senses.iter().any(|sense| sense.key == Key::Meaning);
        if !exact.contains(&Some(Key::Name)) && senses.iter().filter(|senses| says_meaning(senses)).count() > 1 {
            let meanings = exact.iter_mut().zip(header).filter(|(_, cell)| told(cell).is_none());
            meanings.for_each(|(found, _)| *found = found.filter(|key| *key != Key::Meaning));
        }
        let is_judged = |column: usize| {
            !matches!(
                exact[column],
                Some(Key::Meaning | Key::Group | Key::Aliases | Key::Commands | Key::Since | Key::Deprecated)
            )
        };
        let is_hex = |column: usize| is_judged(column).then(|| synonyms::is_hex(header[column].text()));
        let stats = stats(grids, &(0..header.len()).map(is_hex).collect::<Vec<_>>());
        let tells_value = draft.columns.iter().any(|(key, _)| *key == Key::Value);
        let mut judge = Self { headers, exact, senses, stats, grids, pinned, tells_value };
        if draft.columns.is_empty() {
            judge.prefer_numbers();
        }
        judge
    }

    /// Takes `Code` for the column of values where the one with the header `Value` has names.
    fn prefer_numbers(&mut self) {
        let Some(value) = self.exactly(Key::Value).filter(|column| self.form(*column, false).is_none()) else { return };
        let mut others = (0..self.headers.len()).filter(|column| *column != value);
        let has_codes = |column: usize| synonyms::says_code(&self.headers[column]) && self.stats[column].are_numbers();
        if self.stats[value].are_identifiers() && others.any(has_codes) {
            self.exact[value] = None;
        }
    }

    /// Returns the columns, or why the tables hold no codes.
    pub(super) fn verdict(&self) -> Result<Columns, String> {
        let width = self.headers.len();
        self.are_settings()?;
        let is_exact = [Key::Value, Key::Name].iter().all(|key| self.exact.contains(&Some(*key))) && self.are_ours();
        let value = self.value(is_exact)?;
        let form = self.form(value, is_exact).ok_or("no cell of its column of values is a code")?;
        // `404 Not Found` is a value and a name already, and so is `NOT_FOUND`, unless another column has identifiers.
        let is_word = form == Form::Text && self.stats[value].are_words();
        let has_names = is_word || self.stats[value].beside * 2 > self.stats[value].filled;
        let is_better = |name: &usize| {
            let stats = &self.stats[*name];
            self.exact[*name].is_some() || (stats.are_identifiers() || !has_names) && stats.foreign * 2 < stats.filled
        };
        let named = self.name(value, form);
        let name = named.filter(is_better);
        let otherwise =
            || named.filter(|_| name.is_none()).or_else(|| self.other_of_two(value).filter(|_| name.is_none()));
        let meaning = self.meaning(value, name).or_else(otherwise).or_else(|| self.last_resort(value, name));
        let value_is_name =
            form == Form::Text && name.is_none() && (self.stats[value].are_words() || meaning.is_none());
        if let Some(member) = self.headers.iter().find(|header| synonyms::is_member(header))
            && value_is_name
            && meaning.is_none()
        {
            return Err(format!("it says nothing of its codes but their `{}`", quoted(member)));
        }
        if !is_exact {
            self.are_codes(value, name)?;
            // `Code` next to nothing but `Version` is software.
            let mut others = (0..width).filter(|column| *column != value);
            let are_members = width > 1 && others.all(|column| synonyms::is_member(&self.headers[column]));
            if name.is_none() && meaning.is_none() && (!has_names && !value_is_name || are_members) {
                return Err("no column gives its codes a name or a meaning".to_owned());
            }
        }
        let mut keys: Vec<Option<Key>> = (0..width).map(|column| self.other(column, is_exact)).collect();
        for (key, column) in [(Key::Meaning, meaning), (Key::Name, name), (Key::Value, Some(value))] {
            if let Some(column) = column {
                keys[column] = Some(key);
            }
        }
        Ok(Columns { keys, form, value_is_name, is_exact, is_plain: false })
    }

    /// Was a table with exact headers written for this? Tables of settings have a name and a value too.
    fn are_ours(&self) -> bool {
        let is_classified = self.exact.iter().flatten().any(|key| key.is_classified());
        let value = self.exactly(Key::Value).map(|column| &self.stats[column]);
        self.pinned.is_some()
            || is_classified
            || value.is_some_and(|stats| stats.filled == 0 || stats.numbers * 2 >= stats.filled)
    }

    /// Returns the heading or the label over each table.
    pub(super) fn headings(&self) -> impl Iterator<Item = &str> {
        self.grids.iter().filter_map(|grid| Some(grid.titles().next_back()?.text.as_str()))
    }

    /// Do the headings over all tables speak of codes?
    pub(super) fn stand_under_codes(&self) -> bool {
        self.headings().count() == self.grids.len() && self.headings().all(synonyms::says_status)
    }

    pub(super) fn exactly(&self, key: Key) -> Option<usize> {
        self.exact.iter().position(|exact| *exact == Some(key))
    }

    pub(super) fn rank(&self, column: usize, key: Key) -> Option<usize> {
        self.senses[column].iter().find(|sense| sense.key == key).map(|sense| sense.rank)
    }

    /// Returns the column of the values.
    pub(super) fn value(&self, is_exact: bool) -> Result<usize, String> {
        if let Some(column) = self.exactly(Key::Value) {
            return Ok(column);
        }
        if is_exact {
            return Err("it has no column of values".to_owned());
        }
        let is_free = |column: &usize| self.exact[*column].is_none();
        let most = self.stats.iter().map(|stats| stats.filled).max().unwrap_or(0);
        // `No.` next to these numbers the rows.
        let has_codes = (0..self.headers.len())
            .any(|column| synonyms::says_code(&self.headers[column]) && self.stats[column].are_text_codes());
        let candidates = (0..self.headers.len()).filter(is_free).filter_map(|column| {
            let stats = &self.stats[column];
            let rank = self.rank(column, Key::Value);
            // An empty cell may mean that of the row above.
            let is_sparse = stats.filled * 4 < most * 3;
            // `Status` and `Error` are names, unless their cells are numbers.
            let by_cells = || {
                self.rank(column, Key::Name).filter(|_| stats.numbers * 5 >= stats.filled * 4).map(|rank| 200 + rank)
            };
            let is_named = rank.is_some();
            let rank = rank.or_else(by_cells)?;
            let form = self.form(column, false)?;
            // `Error code` next to `Response` with numbers: the header says which one is of codes, if all rows have one.
            let is_lesser = if form == Form::Text { stats.filled < most } else { !is_named };
            let is_http = self.rank(column, Key::Http).is_some();
            let header = self.headers[column].as_str();
            let is_counter = stats.counts && matches!(header, "id" | "no" | "nr" | "num" | "#" | "number");
            let numbers_rows = has_codes && matches!(header, "no" | "nr" | "num" | "#") || self.is_key(column);
            let has_others = form != Form::Text && stats.numbers * 5 < stats.filled * 4;
            let is_worse = (is_sparse, is_http, numbers_rows, !stats.is_unique, is_counter, is_lesser, has_others);
            Some(((is_worse, form == Form::Text, rank), column))
        });
        let best = candidates.min();
        // Statuses of HTTP next to names, each many times: the names are the codes.
        // A few rows may list several of them.
        let is_shared = |column: usize| {
            let stats = &self.stats[column];
            let are_statuses = stats.statuses * 10 >= stats.filled * 9;
            !stats.is_unique && (are_statuses || synonyms::is_shared(&self.headers[column]))
        };
        if let Some((_, column)) = best
            && is_shared(column)
        {
            let may_be_name = |name: &usize| {
                let is_known = !self.senses[*name].is_empty() || synonyms::is_text_code(&self.headers[*name]);
                matches!(self.exact[*name], None | Some(Key::Name)) && is_known
            };
            let name = (0..self.headers.len()).filter(may_be_name).find(|name| {
                *name != column
                    && self.rank(*name, Key::Http).is_none()
                    && self.stats[*name].are_text_codes()
                    && self.stats[*name].is_unique
            });
            return Ok(name.unwrap_or(column));
        }
        let best = best.map(|(_, column)| column);
        let text = || {
            (0..self.headers.len())
                .filter(is_free)
                .find(|column| synonyms::is_text_code(&self.headers[*column]) && self.stats[*column].are_text_codes())
        };
        let named = || (0..self.headers.len()).any(|column| self.rank(column, Key::Value).is_some());
        best.or_else(text).or_else(|| self.constants()).ok_or_else(|| {
            if named() { "no cell of its column of values is a code" } else { "it has no column of values" }.to_owned()
        })
    }

    /// Does a column have the keys of the rows, such as `code_id` next to `code`?
    fn is_key(&self, column: usize) -> bool {
        let of = self.headers[column].strip_suffix(" id");
        let code = of.and_then(|of| self.headers.iter().position(|header| header == of && synonyms::says_code(header)));
        code.is_some_and(|code| self.form(code, false).is_some() && !self.stats[code].are_words())
    }

    /// Returns the first column, if it has constants such as `ERR_NO_PAPER` alone and stands under errors or codes: these are
    /// the codes of a page that gives them no values.
    fn constants(&self) -> Option<usize> {
        let is_constant = |text: &str| text.len() > 2 && !text.contains(|c: char| c.is_ascii_lowercase());
        let mut cells = self.grids.iter().flat_map(|grid| &grid.rows).filter_map(|row| row.cells.first());
        let is_name =
            matches!(self.headers.first()?.as_str(), "name" | "constant" | "string" | "identifier" | "symbol");
        let are_unique = self.stats[0].are_coded_names() && self.stats[0].is_unique && self.stats[0].filled > 1;
        (is_name
            && are_unique
            && self.headings().all(synonyms::says_error)
            && cells.all(|cell| is_constant(cell.text())))
        .then_some(0)
        .filter(|_| self.headings().count() == self.grids.len())
    }

    /// Returns how the values in a column are written; `None` if they are no codes.
    pub(super) fn form(&self, column: usize, is_exact: bool) -> Option<Form> {
        let stats = &self.stats[column];
        match self.pinned {
            Some(Repr::Ascii(_)) => return (stats.filled > 0).then_some(Form::Text),
            Some(Repr::Hex(_)) if stats.filled > 0 => {
                return (is_exact || stats.hex * 2 >= stats.filled).then_some(Form::Number { is_hex: true });
            }
            _ => {}
        }
        if stats.is_bare_hex()
            || (stats.may_be_hex() && self.ascends(column))
            || (synonyms::is_hex(&self.grids[0].header[column].text().to_lowercase())
                && stats.hex == stats.filled
                && stats.filled > 0)
        {
            return Some(Form::Number { is_hex: true });
        }
        let header = &self.headers[column];
        // It is not the header that says that these are values: the settings or the cells do.
        let is_chosen = self.rank(column, Key::Value).is_none();
        let may_be_text = is_chosen
            || synonyms::says_code(header)
            || ["error", "exception", "status", "reason", "type", "alarm", "fault", "event"]
                .iter()
                .any(|word| header.contains(word))
            || (header == "return value" && stats.are_nearly_text_codes())
            || self.grids[0].groups_are_cells
            || (is_exact && stats.coded == stats.filled)
            || (stats.are_coded_names() && self.stand_under_codes());
        let are_texts = stats.are_fixed() || synonyms::says_code(header) && stats.are_numbers_and_texts();
        if may_be_text && self.pinned.is_none() && stats.are_text_codes() && are_texts {
            return Some(Form::Text);
        }
        if stats.numbers > 0 && (is_exact || stats.numbers * 2 >= stats.filled) {
            return Some(Form::Number { is_hex: false });
        }
        let is_told = self.tells_value && self.exactly(Key::Value) == Some(column);
        let are_words = || (is_told || synonyms::is_code_of_status(header)) && stats.are_single_words();
        let are_nearly = || (synonyms::says_code(header) || header == "return value") && stats.are_nearly_text_codes();
        (may_be_text && (stats.are_text_codes() || are_nearly() || are_words())).then_some(Form::Text).or(
            match self.pinned {
                // A table that says what its values are is one of codes.
                Some(_) if is_exact && stats.filled > 0 => Some(Form::Number { is_hex: false }),
                _ => None,
            },
        )
    }

    /// Do the hexadecimal digits in a column ascend, such as 9, A, 10?
    fn ascends(&self, column: usize) -> bool {
        let values = |grid: &Grid| {
            let cells = grid.rows.iter().filter_map(|row| row.cells.get(column));
            cells.filter_map(|cell| u64::from_str_radix(cell.text(), 16).ok()).collect::<Vec<_>>()
        };
        self.grids.iter().all(|grid| values(grid).is_sorted())
    }

    /// Returns what another column holds: what its exact header says, if its cells do not speak against it.
    fn other(&self, column: usize, is_exact: bool) -> Option<Key> {
        if let Some(key) = self.exact[column] {
            let is_ours = is_exact || !key.is_classified() || self.stats[column].are_words_of(self.grids, column, key);
            return (is_ours && !matches!(key, Key::Value | Key::Name | Key::Meaning)).then_some(key);
        }
        let header = &self.headers[column];
        let is_http =
            self.rank(column, Key::Http).is_some() || matches!(header.as_str(), "status" | "status code" | "code");
        is_http.then_some(()).filter(|_| self.stats[column].statuses == self.stats[column].filled).map(|_| Key::Http)
    }
}
