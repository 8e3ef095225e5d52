//! The parameter `sort`.
use std::cmp::Ordering;

use super::path::{self, Cell, Path};
use crate::drupal::call::Call;
use crate::drupal::failure::{Failure, Outcome};
use crate::drupal::query::Param;
use crate::drupal::schema::ResourceType;
use crate::drupal::site::Site;
use crate::drupal::store::View;

/// By what a collection is sorted, the most important first.
#[derive(Debug, Default)]
pub(super) struct Sort(Vec<Key>);

#[derive(Debug)]
struct Key {
    path: Path,
    descending: bool,
}

pub(super) fn read(site: &Site, call: &Call<'_>, resource: &ResourceType) -> Outcome<Sort> {
    let keys: Vec<(String, bool)> = match call.query.get("sort") {
        None => return Ok(Sort::default()),
        Some(Param::Text(text)) if text.is_empty() || text == "0" => {
            return Err(Failure::bad_request("You need to provide a value for the sort parameter."));
        }
        Some(Param::Text(text)) => {
            let keys = text.split(',').map(|key| match key.strip_prefix('-') {
                Some(path) => (path.to_owned(), true),
                None => (key.to_owned(), false),
            });
            keys.collect()
        }
        Some(Param::List(keys)) => keys.0.iter().map(|(_, key)| expanded(key)).collect::<Outcome<_>>()?,
    };
    let resolve = |(path, descending): (String, bool)| {
        Ok(Key { path: path::resolve(site, &call.viewer, resource, &path, true)?, descending })
    };
    Ok(Sort(keys.into_iter().map(resolve).collect::<Outcome<_>>()?))
}

/// `sort[k][path]` and `sort[k][direction]`; a direction that does not exist counts as ascending.
fn expanded(key: &Param) -> Outcome<(String, bool)> {
    let Param::List(parts) = key else {
        let detail =
            "Drupal\\jsonapi\\Query\\Sort::expandItem(): Argument #1 ($sort_item) must be of type array, string given";
        return Err(Failure::new(500, detail));
    };
    let path = parts
        .text("path")
        .ok_or_else(|| Failure::bad_request("You need to provide a field name for the sort parameter."))?;
    let descending = parts.text("direction").is_some_and(|direction| direction.eq_ignore_ascii_case("DESC"));
    Ok((path.to_owned(), descending))
}

impl Sort {
    /// Sorts; what compares equal keeps its order.
    pub(super) fn sort(&self, site: &Site, views: &mut [View<'_>]) {
        views.sort_by(|a, b| {
            let orders = self.0.iter().map(|key| {
                let order = order(key.cell(site, a).as_ref(), key.cell(site, b).as_ref());
                if key.descending { order.reverse() } else { order }
            });
            orders.fold(Ordering::Equal, Ordering::then)
        });
    }
}

impl Key {
    /// The value that counts: of several the least, or the greatest if descending.
    fn cell(&self, site: &Site, view: &View<'_>) -> Option<Cell> {
        let cells = self.path.cells(site, view).into_iter();
        let by = |a: &Cell, b: &Cell| order(Some(a), Some(b));
        if self.descending { cells.max_by(by) } else { cells.min_by(by) }
    }
}

/// What is not set comes first, then numbers, then text without case.
fn order(a: Option<&Cell>, b: Option<&Cell>) -> Ordering {
    match (a, b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) | (Some(Cell::Number(_)), Some(Cell::Text(_))) => Ordering::Less,
        (Some(_), None) | (Some(Cell::Text(_)), Some(Cell::Number(_))) => Ordering::Greater,
        (Some(Cell::Number(a)), Some(Cell::Number(b))) => a.total_cmp(b),
        (Some(Cell::Text(a)), Some(Cell::Text(b))) => a.to_lowercase().cmp(&b.to_lowercase()),
    }
}
