//! The parameter `page`, and the links to other pages.
use serde_json::{Value, json};

use super::document::list;
use crate::drupal::call::Call;
use crate::drupal::failure::{Failure, Outcome};
use crate::drupal::query::{Param, Query};

/// The most resources on a page.
const MOST: i64 = 50;

/// A part of a collection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub(super) offset: i64,
    limit: i64,
}

impl Page {
    /// Reads the parameter. Words count as the default, larger limits are cut.
    pub(super) fn of(call: &Call<'_>) -> Outcome<Self> {
        let parameter = call.query.get("page").map(|page| list("page", page)).transpose()?;
        let number = |name| parameter.and_then(|page| page.text(name)).and_then(|text| text.trim().parse::<f64>().ok());
        let limit = number("limit").map_or(MOST, |limit| limit as i64).min(MOST);
        let offset = number("offset").map_or(0, |offset| offset as i64).max(0);
        Ok(Self { offset, limit })
    }

    /// How many resources fit.
    pub(super) fn limit(&self) -> Outcome<usize> {
        let positive = usize::try_from(self.limit).ok().filter(|limit| *limit > 0);
        positive.ok_or_else(|| Failure::bad_request("The page size needs to be a positive integer."))
    }

    /// The links of a page.
    pub(super) fn links(&self, call: &Call<'_>, more: bool) -> Value {
        let mut links = json!({"self": {"href": call.uri()}});
        let mut add = |name: &str, offset: i64| links[name] = json!({"href": self.url(call, offset)});
        if more {
            add("next", self.offset + self.limit);
        }
        if self.offset > 0 {
            add("first", 0);
            add("prev", (self.offset - self.limit).max(0));
        }
        links
    }

    fn url(&self, call: &Call<'_>, offset: i64) -> String {
        let text = |number: i64| Param::Text(number.to_string());
        let page = Query(vec![("offset".to_owned(), text(offset)), ("limit".to_owned(), text(self.limit))]);
        let mut query = call.query.clone();
        query.set("page", Param::List(page));
        call.url_with(&query)
    }
}
