//! Lists of objects.

use super::client::Client;
use super::command::Command;
use super::container::Container;
use super::danger;
use super::reply::{Body, done, found};
use super::span::Span;
use super::verb::{
    OLST_ADD, OLST_CREATE, OLST_DELETE, OLST_DELETE_ALL, OLST_EXIST, OLST_GET, OLST_GET_RNG, OLST_LEN, OLST_RMV,
    OLST_SET_RNG, OLST_SPLICE,
};
use crate::error::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeBounds;

/// A handle for a list of objects on the server (`OLST`), which need not exist.
///
/// An item is anything that serde serializes to a JSON object; everything else is refused. Lists are in memory only: saves
/// do not include them. Errors are those of [`Client`]; the most frequent status is
/// [`NotExist`](super::ErrorCode::NotExist) (22). Reads and [`delete`](Self::delete) are repeated after a lost connection,
/// everything else is not. Methods that look before they act ([why](super#what-brings-the-server-down)) apply the time
/// limit to each command anew; they must not overlap with other calls that change the same list.
///
/// ```no_run
/// # async fn doc() -> Result<(), statuswire::Error> {
/// use serde::{Deserialize, Serialize};
/// use statuswire::nemesis::Client;
///
/// #[derive(Serialize, Deserialize)]
/// struct Job {
///     id: u64,
/// }
///
/// let jobs = Client::connect("ws://localhost:1987").await?.list::<Job>("jobs");
/// jobs.create().await?;
/// jobs.push_all([Job { id: 1 }, Job { id: 2 }]).await?;
/// let next = jobs.get(0).await?;
/// jobs.remove_head().await?;
/// # Ok(())
/// # }
/// ```
pub struct List<T> {
    container: Container,
    items: PhantomData<fn() -> T>,
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        Self { container: self.container.clone(), items: PhantomData }
    }
}

impl<T> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("List").field(&self.container).finish()
    }
}

/// Where items were added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Added {
    /// The position of the first of them.
    pub position: u64,
    /// The length of the list after it.
    pub len: u64,
}

impl Client {
    /// Returns a handle for a list of objects, each anything that serde makes a JSON object of.
    pub fn list<T: Serialize + DeserializeOwned>(&self, name: &str) -> List<T> {
        List { container: Container::new(self, name), items: PhantomData }
    }

    /// Removes **all** lists, those of other clients too (`OLST_DELETE_ALL`).
    pub async fn delete_all_lists(&self) -> Result<(), Error> {
        self.call(self.command(OLST_DELETE_ALL).repeatable(), done).await
    }
}

impl<T: Serialize + DeserializeOwned> List<T> {
    /// Returns the list's name.
    pub fn name(&self) -> &str {
        &self.container.name
    }

    /// Creates the list, empty (`OLST_CREATE`).
    ///
    /// # Errors
    ///
    /// [`Duplicate`](super::ErrorCode::Duplicate) if it exists.
    pub async fn create(&self) -> Result<(), Error> {
        self.client().call(self.container.command(OLST_CREATE), done).await
    }

    /// Removes the list and returns whether there was one (`OLST_DELETE`). If the command is repeated after a lost
    /// connection, the last attempt's answer counts.
    pub async fn delete(&self) -> Result<bool, Error> {
        found(self.container.ask(OLST_DELETE, done).await)
    }

    /// Returns whether the list exists (`OLST_EXIST`).
    pub async fn exists(&self) -> Result<bool, Error> {
        found(self.container.ask(OLST_EXIST, done).await)
    }

    /// Returns the number of items (`OLST_LEN`).
    pub async fn len(&self) -> Result<u64, Error> {
        self.container.ask(OLST_LEN, |body| body.field("len")).await
    }

    /// Returns whether the list has no items; sends the same command as [`len`](Self::len).
    pub async fn is_empty(&self) -> Result<bool, Error> {
        Ok(self.len().await? == 0)
    }

    /// Adds an item at the end (`OLST_ADD`).
    pub async fn push(&self, item: impl Borrow<T>) -> Result<Added, Error> {
        self.add([item], None).await
    }

    /// Adds items at the end, all or none.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub async fn push_all(&self, items: impl IntoIterator<Item: Borrow<T>>) -> Result<Added, Error> {
        self.add(items, None).await
    }

    /// Inserts items before a position, all or none; at the end if the list is shorter.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub async fn insert_all(&self, position: u64, items: impl IntoIterator<Item: Borrow<T>>) -> Result<Added, Error> {
        self.add(items, Some(position)).await
    }

    async fn add(&self, items: impl IntoIterator<Item: Borrow<T>>, position: Option<u64>) -> Result<Added, Error> {
        let command = self.container.command(OLST_ADD).items::<T>(items, true);
        let read = |body: Body<'_>| Ok(Added { position: body.field("pos")?, len: body.field("size")? });
        self.client().call(at(command, "pos", position), read).await
    }

    /// Overwrites the items from a position on, which must exist (`OLST_SET_RNG`). Sends nothing if there are no items.
    ///
    /// Looks at the length first: items beyond the end would damage the list and bring the server down later.
    ///
    /// # Errors
    ///
    /// [`Bounds`](super::ErrorCode::Bounds) if the position is not below the length. Refused if
    /// the items reach beyond the end.
    pub async fn set_range(&self, position: u64, items: impl IntoIterator<Item: Borrow<T>>) -> Result<(), Error> {
        let mut command = self.container.command(OLST_SET_RNG).items::<T>(items, true).number("pos", position);
        if self.client().looks_before(&command) {
            if command.count == 0 {
                return Ok(());
            }
            let (len, count) = (self.len().await?, command.count);
            // A position beyond the end is answered with `Bounds`.
            if position < len && count > len - position {
                let danger = format!("{count} items would be written at {position} of a list of {len}, beyond its end");
                command = command.refuse(danger::refusal(&danger, "add the rest with `push_all`"));
            }
        }
        self.client().call(command, done).await
    }

    /// Reads the item at a position, counted from 0 (`OLST_GET`).
    ///
    /// # Errors
    ///
    /// [`Bounds`](super::ErrorCode::Bounds) if the position is not below the length.
    pub async fn get(&self, position: u64) -> Result<T, Error> {
        self.item(Some(position)).await
    }

    /// Reads the last item.
    ///
    /// # Errors
    ///
    /// [`Bounds`](super::ErrorCode::Bounds) if the list is empty.
    pub async fn last(&self) -> Result<T, Error> {
        self.item(None).await
    }

    async fn item(&self, position: Option<u64>) -> Result<T, Error> {
        let bytes = self.client().options().reply_bytes(Some(1), None);
        let command = at(self.container.command(OLST_GET), "pos", position).repeatable().reply_bytes(bytes);
        self.client().call(command, |body| body.field("item")).await
    }

    /// Reads the items of a range. An end beyond the list's is cut; a start beyond it returns nothing.
    ///
    /// The server answers a range only up to a configured position, its maximum response size (10,000 by default), silently
    /// cuts the rest, and crashes if the range starts beyond that position, which it does not tell. So this asks for the
    /// length first. A range that starts at 0 is read at once (`OLST_GET_RNG`). Its answer shows that the maximum is not
    /// below its end, and on the same connection further ranges may start there: pages of any list that are read one after
    /// the other, or again, take one command for each few hundred items. What the server cut, and a range whose start is
    /// not known to be within the maximum, is read item by item (`OLST_GET`), many at a time. The result is always the whole
    /// range. Changes that other clients make meanwhile may show in one part and not in another.
    ///
    /// A client that [insists](Client::insist_on_danger) sends the range as it is, without looking, and returns what the
    /// server answers: perhaps less than was asked for.
    ///
    /// # Errors
    ///
    /// See [`List`]. A range that runs backwards is refused. [`Bounds`](super::ErrorCode::Bounds) if the list became too
    /// short while it was read.
    pub async fn get_range(&self, range: impl RangeBounds<u64>) -> Result<Vec<T>, Error> {
        let span = self.client().span(OLST_GET_RNG, range)?;
        if self.client().insists() {
            return self.range(span).await;
        }
        let Span { start, stop } = span;
        let len = self.len().await?;
        let stop = stop.map_or(len, |stop| stop.min(len));
        let items = self.ranges(start, stop).await?;
        Container::complete(items, start, stop, |position| self.get(position)).await
    }

    /// Reads the beginning of a range, as far as it takes few commands whose starts are known to be within the server's
    /// maximum.
    async fn ranges(&self, start: u64, stop: u64) -> Result<Vec<T>, Error> {
        let within = self.client().within();
        let mut items = Vec::new();
        loop {
            let at = start + items.len() as u64;
            let known = within.known();
            // The last position that is known; 0 is within any maximum.
            let from = at.min(known.positions.saturating_sub(1));
            // The list's beginning is read at once, anything else in pieces that fit in a message, however long items are.
            let until = if at == 0 { stop } else { stop.min(from.saturating_add(self.client().range_items())) };
            let (skipped, wanted) = (at - from, until.saturating_sub(at));
            // The items before the range cost no more than those of it.
            if wanted == 0 || skipped > wanted {
                return Ok(items);
            }
            let mut read = match self.range(Span { start: from, stop: Some(until) }).await {
                // The connection is lost on which it was known.
                Err(_) if from > 0 && within.known().positions <= from => continue,
                read => read?,
            };
            // It may not answer more than it was asked for.
            read.truncate(usize::try_from(until - from).unwrap_or(usize::MAX));
            let reached = from + read.len() as u64;
            within.learn(known, reached);
            items.extend(read.into_iter().skip(usize::try_from(skipped).unwrap_or(usize::MAX)));
            if reached < until {
                // The server cut it.
                return Ok(items);
            }
        }
    }

    /// Removes the first item and returns the new length (`OLST_RMV`).
    ///
    /// Looks at the length first: on an empty list this would bring the server down.
    ///
    /// # Errors
    ///
    /// See [`List`]. Refused if the list is empty.
    pub async fn remove_head(&self) -> Result<u64, Error> {
        self.remove_flagged(&["head"]).await
    }

    /// Removes the last item; otherwise as [`remove_head`](Self::remove_head).
    ///
    /// # Errors
    ///
    /// As [`remove_head`](Self::remove_head).
    pub async fn remove_tail(&self) -> Result<u64, Error> {
        self.remove_flagged(&["tail"]).await
    }

    /// Removes the first and the last item in one step; otherwise as [`remove_head`](Self::remove_head).
    ///
    /// # Errors
    ///
    /// As [`remove_head`](Self::remove_head). Refused if the list has fewer than two items.
    pub async fn remove_ends(&self) -> Result<u64, Error> {
        self.remove_flagged(&["head", "tail"]).await
    }

    async fn remove_flagged(&self, ends: &[&str]) -> Result<u64, Error> {
        let mut command = ends.iter().fold(self.container.command(OLST_RMV), |command, end| command.flag(end));
        if self.client().looks_before(&command) {
            let len = self.len().await?;
            if len < ends.len() as u64 {
                let danger = format!("{} would be removed from a list of {len} items", ends.join(" and "));
                command = command.refuse(danger::refusal(&danger, "look at the length, or push something first"));
            }
        }
        self.client().call(command, |body| body.field("size")).await
    }

    /// Removes the items of a range and returns the new length (`OLST_RMV`). An end beyond the list's is cut; a start
    /// beyond it removes nothing.
    ///
    /// Looks at the length first: from a start beyond the end the server would go on at the beginning, and remove other
    /// items.
    ///
    /// # Errors
    ///
    /// See [`List`]. A range that runs backwards is refused.
    pub async fn remove_range(&self, range: impl RangeBounds<u64>) -> Result<u64, Error> {
        let span = self.client().span(OLST_RMV, range)?;
        if !self.client().insists() {
            let len = self.len().await?;
            if span.start >= len {
                return Ok(len);
            }
        }
        let command = self.container.command(OLST_RMV).range("rng", span.start, span.stop);
        self.client().call(command, |body| body.field("size")).await
    }

    /// Moves the items of a range to the end of another list, which is created if it does not exist (`OLST_SPLICE`).
    ///
    /// # Errors
    ///
    /// See [`List`]. Refused if it is the same list, or the range runs backwards.
    pub async fn move_to(&self, range: impl RangeBounds<u64>, target: &Self) -> Result<(), Error> {
        self.splice(range, target, None).await
    }

    /// Moves the items of a range into another list, before the item at a position; otherwise as
    /// [`move_to`](Self::move_to).
    ///
    /// # Errors
    ///
    /// As [`move_to`](Self::move_to).
    pub async fn move_to_at(&self, range: impl RangeBounds<u64>, target: &Self, position: u64) -> Result<(), Error> {
        self.splice(range, target, Some(position)).await
    }

    async fn splice(&self, range: impl RangeBounds<u64>, target: &Self, position: Option<u64>) -> Result<(), Error> {
        let span = self.client().span(OLST_SPLICE, range)?;
        let mut command = self.client().command(OLST_SPLICE).text("srcName", self.name());
        command = command.range("srcRng", span.start, span.stop).text("destName", target.name());
        if self.name() == target.name() && !self.client().insists() {
            command = command.refuse(danger::into_itself());
        }
        self.client().call(at(command, "destPos", position), done).await
    }

    /// Sends one `OLST_GET_RNG`.
    async fn range(&self, span: Span) -> Result<Vec<T>, Error> {
        let command = self.container.range(OLST_GET_RNG, span, None);
        let is_known = span.start == 0 || self.client().insists();
        let command = if is_known { command } else { command.within(span.start) };
        self.client().call(command, |body| body.field("items")).await
    }

    fn client(&self) -> &Client {
        &self.container.client
    }
}

/// Adds a position, if one is given.
fn at(command: Command, name: &str, position: Option<u64>) -> Command {
    match position {
        Some(position) => command.number(name, position),
        None => command,
    }
}
