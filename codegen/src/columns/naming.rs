//! Which columns hold the names and the meanings of codes.

use super::judge::Judge;
use super::{Form, languages, synonyms};
use crate::vocabulary::Key;

impl Judge<'_> {
    /// Returns the column of the names.
    pub(super) fn name(&self, value: usize, form: Form) -> Option<usize> {
        if let Some(column) = self.exactly(Key::Name).filter(|column| *column != value) {
            return Some(column);
        }
        let free = || (0..self.headers.len()).filter(move |column| *column != value && self.exact[*column].is_none());
        let by_header = free().filter_map(|column| {
            let stats = &self.stats[column];
            let is_identifier = stats.are_identifiers();
            let rank = self.rank(column, Key::Name);
            // A second column of values, such as `Code` next to `Number`.
            let rank =
                rank.or_else(|| self.rank(column, Key::Value).filter(|_| is_identifier).map(|rank| 50 + rank))?;
            // Classes of errors repeat where the values do not.
            let are_classes = stats.repeated > self.stats[value].repeated
                && (stats.repeated * 2 >= stats.filled || synonyms::is_class(&self.headers[column]));
            // Words are names already; others that repeat are classes of them.
            let are_classes = are_classes || form == Form::Text && self.stats[value].are_words() && !stats.is_unique;
            let are_shared =
                synonyms::is_shared(&self.headers[column]) && !stats.is_unique && self.stats[value].is_unique;
            let is_name = (is_identifier || stats.titles * 10 >= stats.filled * 7)
                && stats.filled > 0
                && stats.numbers * 2 < stats.filled
                && !are_classes
                && !are_shared;
            is_name.then_some(((!is_identifier, !stats.is_unique, rank), column))
        });
        let by_cells = || {
            let are_names = |column: &usize| {
                let stats = &self.stats[*column];
                stats.identifiers == stats.filled
                    && stats.filled * 2 > self.stats[value].filled
                    && stats.is_unique
                    && !stats.are_answers()
            };
            let is_unknown = |column: &usize| {
                let header = &self.headers[*column];
                let is_class = synonyms::is_class(header) && *column > value;
                // A key that repeats the value.
                let is_key = header.is_empty() && self.grids[0].groups_are_cells;
                self.senses[*column].is_empty() && !synonyms::is_member(header) && !is_class && !is_key
            };
            let unknown = free().find(|column| is_unknown(column) && are_names(column))?;
            // Identifiers below `Meaning` are the names too.
            let before = free().take_while(|column| *column < unknown);
            Some(before.filter(are_names).find(|column| self.rank(*column, Key::Meaning).is_some()).unwrap_or(unknown))
        };
        // `Message type` in front of the values, with a few words in each row.
        let in_front = || {
            let are_titles = |column: &usize| {
                let (stats, header) = (&self.stats[*column], &self.headers[*column]);
                let is_other = synonyms::is_member(header) || synonyms::is_class(header) || synonyms::is_run(header);
                let is_unknown = self.senses[*column].is_empty() && !is_other && !synonyms::is_place(header);
                is_unknown
                    && stats.titles == stats.filled
                    && stats.filled >= self.stats[value].filled
                    && stats.is_unique
                    && stats.words <= 3 * stats.filled
                    && stats.foreign + stats.numbers == 0
                    && stats.are_words()
            };
            free().take_while(|column| *column < value).find(are_titles)
        };
        // `Message` next to `Description`: the short one is the name.
        let by_length = || {
            let meanings: Vec<_> = free().filter(|column| self.rank(*column, Key::Meaning).is_some()).collect();
            let short = meanings.iter().copied().find(|column| {
                let stats = &self.stats[*column];
                stats.titles * 5 >= stats.filled * 4 && stats.filled > 0 && !stats.are_fixed()
            });
            // Words are names already.
            let is_name = form == Form::Text && self.stats[value].are_words();
            short.filter(|_| (meanings.len() > 1 || self.exactly(Key::Meaning).is_some()) && !is_name)
        };
        // Identifiers in front of the values are what these are for. Behind them may stand what to do: a code that is a word
        // needs no other name.
        let is_word = form == Form::Text && self.stats[value].are_words();
        let by_header = by_header.min();
        let is_title = by_header.is_some_and(|((is_title, ..), _)| is_title);
        let cells = if by_header.is_none() || is_title { by_cells() } else { None };
        let label = cells.filter(|column| *column < value);
        let by_header = by_header.map(|(_, column)| column);
        let front = if form == Form::Text || !self.stats[value].is_unique { None } else { in_front() };
        label.or(by_header).or_else(|| cells.filter(|_| !is_word)).or(front).or_else(by_length)
    }

    pub(super) fn meaning(&self, value: usize, name: Option<usize>) -> Option<usize> {
        if let Some(column) = self.exactly(Key::Meaning) {
            return Some(column);
        }
        let is_free = |column: &usize| *column != value && Some(*column) != name && self.exact[*column].is_none();
        // `Cause` may have the codes of causes.
        let free = || (0..self.headers.len()).filter(is_free).filter(|column| !self.stats[*column].are_fixed());
        let ranked = free()
            .filter_map(|column| Some((self.rank(column, Key::Meaning).or_else(|| self.sentence(column))?, column)));
        ranked.min().map(|(_, column)| column)
    }

    /// Returns a column that tells codes apart if nothing else does: one of causes, or of names of any shape.
    pub(super) fn last_resort(&self, value: usize, name: Option<usize>) -> Option<usize> {
        let free = || {
            let is_free = |column: &usize| *column != value && Some(*column) != name && self.exact[*column].is_none();
            (0..self.headers.len()).filter(is_free)
        };
        let is_of_names = |column: &usize| {
            let stats = &self.stats[*column];
            name.is_none()
                && self.rank(*column, Key::Name).is_some()
                && stats.is_unique
                && stats.filled * 2 > self.stats[value].filled
                && stats.numbers * 2 < stats.filled
        };
        // What stands next to codes, perhaps in another language.
        let is_of_codes = synonyms::says_code(&self.headers[value]) && self.stats[value].is_unique;
        let is_of_codes = is_of_codes && (self.headers[value] != "code" || self.stand_under_codes());
        let are_texts = |column: &usize| {
            let (stats, header) = (&self.stats[*column], &self.headers[*column]);
            self.senses[*column].is_empty()
                && !synonyms::is_member(header)
                && !synonyms::is_class(header)
                && stats.is_unique
                && stats.filled == self.stats[value].filled
                && stats.words >= 2 * stats.filled
                && stats.numbers == 0
        };
        free()
            .find(|column| languages::CAUSES.contains(&self.headers[*column].as_str()))
            .or_else(|| free().find(is_of_names))
            .or_else(|| free().find(are_texts).filter(|_| is_of_codes))
    }

    /// Returns the column next to one of codes, if there are only these two: `Exit code | Action`, or `ID | Action` below
    /// `Exit codes`.
    pub(super) fn other_of_two(&self, value: usize) -> Option<usize> {
        let other = (0..self.headers.len()).find(|column| *column != value).filter(|_| self.headers.len() == 2)?;
        let is_unknown = self.exact[other].is_none() && self.senses[other].is_empty();
        // `1 - Fill the tray.` is a step, and no number.
        let is_text = self.stats[other].filled > 0 && self.stats[other].numbers == self.stats[other].beside;
        let is_of_codes = synonyms::says_code(&self.headers[value]) || self.stand_under_codes();
        (is_unknown && is_text && is_of_codes && !synonyms::is_member(&self.headers[other])).then_some(other)
    }

    /// Ranks a column of names that holds sentences.
    fn sentence(&self, column: usize) -> Option<usize> {
        let rank = self.rank(column, Key::Name)?;
        let stats = &self.stats[column];
        (stats.filled > 0 && stats.identifiers * 2 < stats.filled && stats.numbers * 2 < stats.filled)
            .then_some(200 + rank)
    }
}
