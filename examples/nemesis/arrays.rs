//! `arr`: arrays of all families.

use crate::failure::Failure;
use crate::output::Output;
use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use statuswire::nemesis::{Array, Client, Family, Sorted, Unsorted};
use std::borrow::Borrow;

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    /// JSON objects.
    Objects,
    /// Integers.
    Ints,
    /// Strings.
    Strings,
    /// Integers in ascending order.
    SortedInts,
    /// Strings in the order of their bytes.
    SortedStrings,
}

/// A range is START and STOP, without the item at STOP. Left out, they are the beginning and the end.
#[derive(Subcommand)]
pub(crate) enum Action {
    /// Creates an array with LEN places.
    Create { name: String, len: u64 },
    /// Removes an array.
    Delete { name: String },
    /// Tells whether an array exists.
    Exist { name: String },
    /// Prints the capacity.
    Len { name: String },
    /// Prints the number of used places.
    Used { name: String },
    /// Adds an item, or puts it at a position.
    Set {
        name: String,
        /// JSON: 5, '"text"', '{"name":"Ada"}'.
        #[arg(allow_negative_numbers = true)]
        item: String,
        /// The position; unsorted families only.
        #[arg(long)]
        at: Option<u64>,
    },
    /// Adds several items, or puts them at a position.
    SetRange {
        name: String,
        /// A JSON array: '[1,2]'.
        items: String,
        /// The position; unsorted families only.
        #[arg(long)]
        at: Option<u64>,
    },
    /// Prints an item.
    Get { name: String, position: u64 },
    /// Prints the items of a range.
    GetRange {
        name: String,
        #[arg(default_value_t = 0)]
        start: u64,
        stop: Option<u64>,
    },
    /// Removes the items of a range.
    Clear {
        name: String,
        #[arg(default_value_t = 0)]
        start: u64,
        stop: Option<u64>,
    },
    /// Exchanges two items; unsorted families only.
    Swap { name: String, a: u64, b: u64 },
    /// Prints the smallest items; sorted families only.
    Min { name: String, count: u64 },
    /// Prints the largest items; sorted families only.
    Max { name: String, count: u64 },
    /// Prints the items that are in both arrays; sorted families only.
    Intersect { name: String, other: String },
}

impl Action {
    fn name(&self) -> &str {
        match self {
            Self::Create { name, .. }
            | Self::Delete { name }
            | Self::Exist { name }
            | Self::Len { name }
            | Self::Used { name }
            | Self::Set { name, .. }
            | Self::SetRange { name, .. }
            | Self::Get { name, .. }
            | Self::GetRange { name, .. }
            | Self::Clear { name, .. }
            | Self::Swap { name, .. }
            | Self::Min { name, .. }
            | Self::Max { name, .. }
            | Self::Intersect { name, .. } => name,
        }
    }
}

pub(crate) async fn run(db: &Client, kind: Kind, action: &Action, output: &Output) -> Result<(), Failure> {
    let name = action.name();
    match kind {
        Kind::Objects => unsorted(&db.object_array::<Value>(name), action, output).await,
        Kind::Ints => unsorted(&db.int_array(name), action, output).await,
        Kind::Strings => unsorted(&db.string_array(name), action, output).await,
        Kind::SortedInts => sorted(&db.sorted_ints(name), |other| db.sorted_ints(other), action, output).await,
        Kind::SortedStrings => sorted(&db.sorted_strings(name), |other| db.sorted_strings(other), action, output).await,
    }
}

async fn unsorted<F: Unsorted>(array: &Array<F>, action: &Action, output: &Output) -> Result<(), Failure>
where
    F::Item: Borrow<F::Given> + Serialize,
{
    match action {
        Action::Set { item, at: None, .. } => array.append(read::<F::Item>(item)?).await?,
        Action::Set { item, at: Some(position), .. } => array.set_at(*position, read::<F::Item>(item)?).await?,
        Action::SetRange { items, at: None, .. } => array.append_all(read::<Vec<F::Item>>(items)?).await?,
        Action::SetRange { items, at: Some(position), .. } => {
            array.set_range_at(*position, read::<Vec<F::Item>>(items)?).await?;
        }
        Action::Swap { a, b, .. } => array.swap(*a, *b).await?,
        Action::Min { .. } | Action::Max { .. } | Action::Intersect { .. } => {
            return Err(Failure::usage("only sorted families have this command"));
        }
        _ => return any(array, action, output).await,
    }
    output.result("ok", &json!({ "ok": true }))
}

async fn sorted<F: Sorted>(
    array: &Array<F>,
    other: impl Fn(&str) -> Array<F>,
    action: &Action,
    output: &Output,
) -> Result<(), Failure>
where
    F::Item: Borrow<F::Given> + Serialize,
{
    let items = match action {
        Action::Set { item, at: None, .. } => {
            array.add(read::<F::Item>(item)?).await?;
            return output.result("ok", &json!({ "ok": true }));
        }
        Action::SetRange { items, at: None, .. } => {
            array.fill(read::<Vec<F::Item>>(items)?).await?;
            return output.result("ok", &json!({ "ok": true }));
        }
        Action::Set { .. } | Action::SetRange { .. } | Action::Swap { .. } => {
            return Err(Failure::usage("sorted families have no positions to write to"));
        }
        Action::Min { count, .. } => array.min(*count).await?,
        Action::Max { count, .. } => array.max(*count).await?,
        Action::Intersect { other: name, .. } => array.intersect(&other(name)).await?,
        _ => return any(array, action, output).await,
    };
    output.items(&items)
}

/// Runs the commands of all families.
async fn any<F: Family>(array: &Array<F>, action: &Action, output: &Output) -> Result<(), Failure>
where
    F::Item: Serialize,
{
    match action {
        Action::Create { len, .. } => array.create(*len).await?,
        Action::Delete { .. } => array.delete().await?,
        Action::Clear { start, stop, .. } => array.clear_range(*start..stop.unwrap_or(u64::MAX)).await?,
        Action::Exist { .. } => return output.existence(array.exists().await?),
        Action::Len { .. } => {
            let len = array.capacity().await?;
            return output.result(len, &json!({ "len": len }));
        }
        Action::Used { .. } => {
            let used = array.used().await?;
            return output.result(used, &json!({ "used": used }));
        }
        Action::Get { position, .. } => return output.items(&[array.get(*position).await?]),
        Action::GetRange { start, stop, .. } => {
            return output.items(&array.get_range(*start..stop.unwrap_or(u64::MAX)).await?);
        }
        _ => return Err(Failure::usage("this family does not have the command")),
    }
    output.result("ok", &json!({ "ok": true }))
}

pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::usage(&format!("{text}: {error}")))
}
