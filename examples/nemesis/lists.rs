//! `list`: lists of objects.

use crate::arrays::read;
use crate::failure::Failure;
use crate::output::Output;
use clap::Subcommand;
use serde_json::{Value, json};
use statuswire::nemesis::Client;

/// A range is START and STOP, without the item at STOP. Left out, they are the beginning and the end.
#[derive(Subcommand)]
pub(crate) enum Action {
    /// Creates a list.
    Create { name: String },
    /// Removes a list.
    Delete { name: String },
    /// Tells whether a list exists.
    Exist { name: String },
    /// Prints the length.
    Len { name: String },
    /// Adds items at the end, or before a position.
    Add {
        name: String,
        /// A JSON array of objects: '[{"id":1}]'.
        items: String,
        #[arg(long)]
        at: Option<u64>,
    },
    /// Overwrites items from a position on.
    SetRange {
        name: String,
        position: u64,
        /// A JSON array of objects: '[{"id":1}]'.
        items: String,
    },
    /// Prints an item; the last one if no position is given.
    Get { name: String, position: Option<u64> },
    /// Prints the items of a range.
    GetRange {
        name: String,
        #[arg(default_value_t = 0)]
        start: u64,
        stop: Option<u64>,
    },
    /// Removes the first item.
    RmHead { name: String },
    /// Removes the last item.
    RmTail { name: String },
    /// Removes the items of a range.
    Rm { name: String, start: u64, stop: Option<u64> },
    /// Moves the items of a range to another list.
    Splice {
        name: String,
        target: String,
        #[arg(default_value_t = 0)]
        start: u64,
        stop: Option<u64>,
        /// Before this position of the other list; without it, at its end.
        #[arg(long)]
        at: Option<u64>,
    },
}

pub(crate) async fn run(db: &Client, action: &Action, output: &Output) -> Result<(), Failure> {
    let list = |name: &str| db.list::<Value>(name);
    let size = match action {
        Action::Create { name } => {
            list(name).create().await?;
            return output.result("ok", &json!({ "ok": true }));
        }
        Action::SetRange { name, position, items } => {
            list(name).set_range(*position, read::<Vec<Value>>(items)?).await?;
            return output.result("ok", &json!({ "ok": true }));
        }
        Action::Splice { name, target, start, stop, at } => {
            let (range, target) = (*start..stop.unwrap_or(u64::MAX), list(target));
            match at {
                Some(position) => list(name).move_to_at(range, &target, *position).await?,
                None => list(name).move_to(range, &target).await?,
            }
            return output.result("ok", &json!({ "ok": true }));
        }
        Action::Delete { name } => return output.existence(list(name).delete().await?),
        Action::Exist { name } => return output.existence(list(name).exists().await?),
        Action::Get { name, position: Some(position) } => return output.items(&[list(name).get(*position).await?]),
        Action::Get { name, position: None } => return output.items(&[list(name).last().await?]),
        Action::GetRange { name, start, stop } => {
            return output.items(&list(name).get_range(*start..stop.unwrap_or(u64::MAX)).await?);
        }
        Action::Add { name, items, at } => {
            let items: Vec<Value> = read(items)?;
            match at {
                Some(position) => list(name).insert_all(*position, items).await?.len,
                None => list(name).push_all(items).await?.len,
            }
        }
        Action::Len { name } => list(name).len().await?,
        Action::RmHead { name } => list(name).remove_head().await?,
        Action::RmTail { name } => list(name).remove_tail().await?,
        Action::Rm { name, start, stop } => list(name).remove_range(*start..stop.unwrap_or(u64::MAX)).await?,
    };
    output.result(size, &json!({ "len": size }))
}
