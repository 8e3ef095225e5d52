//! Tables that look like codes and hold none: settings, fields, steps.

use super::judge::Judge;
use super::{shape, synonyms};
use crate::excerpt::quoted;
use crate::grid::Cell;
use crate::hash::Set;
use crate::vocabulary::Key;

impl Judge<'_> {
    /// Are these settings, each with its value? They look like codes, but stand under `Parameters` and have the names first, in
    /// small letters.
    pub(super) fn are_settings(&self) -> Result<(), String> {
        let (Some(name), Some(value)) = (self.exactly(Key::Name), self.exactly(Key::Value)) else { return Ok(()) };
        let is_small = name < value && self.stats[name].small == self.stats[name].filled;
        match self.headings().find(|heading| is_small && synonyms::is_of_settings(heading)) {
            Some(heading) => Err(format!("it stands under `{}` and has settings with their values", quoted(heading))),
            None => Ok(()),
        }
    }

    /// Are the rows codes, and not the parameters of a request or the steps of a list?
    pub(super) fn are_codes(&self, value: usize, name: Option<usize>) -> Result<(), String> {
        let header = &self.headers[value];
        let is_code = synonyms::says_code(header) || header.contains("http");
        if let Some(heading) = self.headings().find(|heading| !is_code && synonyms::is_of_example(heading)) {
            return Err(format!("it stands under `{}`", quoted(heading)));
        }
        let stats = &self.stats[value];
        if let Some(heading) = self.headings().find(|heading| !is_code && synonyms::is_of_settings(heading))
            && stats.numbers > 0
            && stats.beside == stats.numbers
        {
            return Err(format!("it stands under `{}` and has amounts, such as `12 pages`", quoted(heading)));
        }
        let types = (0..self.headers.len()).find(|column| *column != value && self.stats[*column].are_types_of_data());
        if let Some(types) = types.filter(|column| Some(*column) != name && self.stats[*column].filled > 1) {
            let header = quoted(self.grids[0].header[types].text()).into_owned();
            return Err(format!("its column `{header}` has types of data: it lists fields"));
        }
        let members = self.headers.iter().enumerate().find(|(column, header)| {
            (synonyms::is_member(header) && (*column == 0 || Some(*column) == name)) || synonyms::is_of_members(header)
        });
        if let Some((_, member)) = members.filter(|_| !is_code) {
            return Err(format!("its column `{}` is one of parameters or fields", quoted(member)));
        }
        let place =
            self.headers.iter().enumerate().find(|(column, header)| *column != value && synonyms::is_place(header));
        if let Some((_, place)) = place.filter(|_| synonyms::is_any_value(header) && !self.stand_under_codes()) {
            return Err(format!("its column `{}` is one of places in a message", quoted(place)));
        }
        let mut ranges = Set::default();
        let cells = self.grids.iter().flat_map(|grid| &grid.rows).filter_map(|row| row.cells.get(value));
        let mut texts = cells.map(Cell::text).filter(|text| shape::is_range(text));
        if let Some(range) = texts.find(|text| !ranges.insert(*text)) {
            let header = quoted(self.grids[0].header[value].text()).into_owned();
            return Err(format!("its column `{header}` has `{}` twice: it says what is allowed", quoted(range)));
        }
        let run = self.headers.iter().find(|header| synonyms::is_run(header));
        if let Some(run) = run.filter(|_| synonyms::is_shared(header) && !self.stats[value].is_unique) {
            return Err(format!("its column `{}` shows what was run", quoted(run)));
        }
        let is_identifier = name.is_some_and(|name| {
            self.stats[name].identifiers * 2 >= self.stats[name].filled && !self.senses[name].is_empty()
        });
        if matches!(header.as_str(), "#" | "no" | "nr" | "num") && self.stats[value].counts && !is_identifier {
            return Err(format!("its column `{header}` numbers the rows"));
        }
        Ok(())
    }
}
