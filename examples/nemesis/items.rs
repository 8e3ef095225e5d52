//! Output of items and of yes or no.

use crate::failure::Failure;
use crate::output::{Output, json_line};
use serde::Serialize;

impl Output {
    /// Prints items: one per line, or as an array.
    pub(crate) fn items(&self, items: &[impl Serialize]) -> Result<(), Failure> {
        if self.json {
            return self.result("", &items);
        }
        items.iter().try_for_each(|item| self.line(json_line(item).map_err(Failure::output)?))
    }

    /// Prints whether something exists; if not, the exit status is 1.
    pub(crate) fn existence(&self, exists: bool) -> Result<(), Failure> {
        self.result(if exists { "yes" } else { "no" }, &serde_json::json!({ "exists": exists }))?;
        if exists { Ok(()) } else { Err(Failure::Said(1)) }
    }
}
