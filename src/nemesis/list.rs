//! Lists of objects.

use super::array::{REPLY_FRAME, found};
use super::batch::Batch;
use super::client::Client;
use super::command::Command;
use super::danger;
use super::parameters::Parameters;
use super::reply::{Body, done};
use super::span::Span;
use super::verb::{
    OLST_ADD, OLST_CREATE, OLST_DELETE, OLST_EXIST, OLST_GET, OLST_GET_RNG, OLST_LEN, OLST_RMV, OLST_SET_RNG,
    OLST_SPLICE, Verb,
};
use crate::error::Error;
use futures_util::TryStreamExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeBounds;
use std::sync::Arc;

/// A list of objects on the server (`OLST`), of any length; a handle, made without asking whether there is such a list.
///
/// Items are anything that serde makes a JSON object of; what is none is refused. Lists are in memory only: saves do
/// not include them. Errors are those of [`Client`], most often [`NotExist`](super::ErrorCode::NotExist) (22). Reads and
/// [`delete`](Self::delete) are repeated after a lost connection, everything else is not. For methods that look before
/// they act ([why](super#what-brings-the-server-down)), the time limit holds for each command anew; they must not
/// overlap with other calls that change the same list.
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
    client: Client,
    name: Arc<str>,
    items: PhantomData<fn() -> T>,
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone(), name: Arc::clone(&self.name), items: PhantomData }
    }
}

impl<T> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List").field("name", &self.name).field("client", &self.client).finish()
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

impl<T: Serialize + DeserializeOwned> List<T> {
    pub(super) fn new(client: Client, name: &str) -> Self {
        Self { client, name: name.into(), items: PhantomData }
    }

    /// The list's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Makes the list, empty (`OLST_CREATE`).
    ///
    /// # Errors
    ///
    /// [`Duplicate`](super::ErrorCode::Duplicate) if it exists.
    pub async fn create(&self) -> Result<(), Error> {
        self.call(OLST_CREATE, Parameters::finish, done).await
    }

    /// Removes the list and tells whether there was one (`OLST_DELETE`). If it is repeated after a lost connection, the
    /// answer is that of the last attempt.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn delete(&self) -> Result<bool, Error> {
        found(self.call(OLST_DELETE, |begun| Ok(begun.finish()?.repeatable()), done).await)
    }

    /// Whether the list exists (`OLST_EXIST`).
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn exists(&self) -> Result<bool, Error> {
        found(self.call(OLST_EXIST, |begun| Ok(begun.finish()?.repeatable()), done).await)
    }

    /// How many items the list has (`OLST_LEN`).
    ///
    /// # Errors
    ///
    /// See [`List`].
    pub async fn len(&self) -> Result<u64, Error> {
        self.call(OLST_LEN, |begun| Ok(begun.finish()?.repeatable()), |body| body.field("len")).await
    }

    /// Whether the list has no item; the same question as [`len`](Self::len).
    ///
    /// # Errors
    ///
    /// See [`List`].
    pub async fn is_empty(&self) -> Result<bool, Error> {
        Ok(self.len().await? == 0)
    }

    /// Adds an item at the end (`OLST_ADD`).
    ///
    /// # Errors
    ///
    /// See [`List`]. The server names errors of this command like those of `OLST_CREATE`; here they are this one's.
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

    /// Adds items before the one at a position, all or none; at the end if there is none.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub async fn insert_all(&self, position: u64, items: impl IntoIterator<Item: Borrow<T>>) -> Result<Added, Error> {
        self.add(items, Some(position)).await
    }

    async fn add(&self, items: impl IntoIterator<Item: Borrow<T>>, position: Option<u64>) -> Result<Added, Error> {
        let finish = |begun: Parameters| {
            let (begun, _) = begun.items::<T>(items, true)?;
            at(begun, "pos", position).finish()
        };
        let read = |body: Body<'_>| Ok(Added { position: body.field("pos")?, len: body.field("size")? });
        self.call(OLST_ADD, finish, read).await
    }

    /// Overwrites the items from a position on, which must be there (`OLST_SET_RNG`). Without an item nothing is sent.
    ///
    /// Takes a look at the length first: items beyond the end would spoil the list and bring the server down later.
    ///
    /// # Errors
    ///
    /// [`Bounds`](super::ErrorCode::Bounds) if the position is not below the length. Refused if the items reach beyond the end.
    pub async fn set_range(&self, position: u64, items: impl IntoIterator<Item: Borrow<T>>) -> Result<(), Error> {
        let verb = OLST_SET_RNG;
        let begun = Parameters::named(verb, self.client.options(), &self.name)
            .and_then(|begun| begun.items::<T>(items, true))
            .map_err(|error| self.client.in_context(verb.name, error));
        let (begun, count) = begun?;
        if !self.client.insists() {
            if count == 0 {
                return Ok(());
            }
            let len = self.len().await?;
            // A position beyond the end is answered with `Bounds`.
            if position < len && count > len - position {
                let danger = format!("{count} items would be written at {position} of a list of {len}, beyond its end");
                let refusal = danger::refusal(&danger, "add those that are too many with `push_all`");
                return Err(self.client.in_context(verb.name, refusal));
            }
        }
        self.client.call(verb.name, begun.number("pos", position).finish(), done).await
    }

    /// Reads the item at a position, counted from 0 (`OLST_GET`).
    ///
    /// # Errors
    ///
    /// [`Bounds`](super::ErrorCode::Bounds) if there is none.
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
        let bytes = self.reply_bytes(Some(1));
        let finish = |begun| Ok(at(begun, "pos", position).finish()?.repeatable().reply_bytes(bytes));
        self.call(OLST_GET, finish, |body| body.field("item")).await
    }

    /// Reads the items of a range, as far as there are any (`OLST_GET_RNG`): an end beyond the list's is cut, and a
    /// start beyond it gives nothing.
    ///
    /// The server answers a range only up to a position that it is configured with, its maximum response size, and cuts
    /// the rest silently. So this asks for the length first, and reads what the server cut item by item: always all of
    /// the range, in one command or in as many as it takes. What other clients change meanwhile may show in one part and
    /// not in another; if they make the list so short that an item is missing, it fails.
    ///
    /// A client that [insists](Client::insist_on_danger) sends the range as it is, without a look, and gets what the
    /// server makes of it: perhaps less than was asked for.
    ///
    /// # Errors
    ///
    /// See [`List`]. A range that runs backwards is refused. [`Bounds`](super::ErrorCode::Bounds) if the list became shorter
    /// while it was read.
    pub async fn get_range(&self, range: impl RangeBounds<u64>) -> Result<Vec<T>, Error> {
        if self.client.insists() {
            return self.range(Span::unchecked(range)).await;
        }
        let Span { start, stop } = self.span(OLST_GET_RNG, range)?;
        let len = self.len().await?;
        let stop = stop.map_or(len, |stop| stop.min(len));
        if start >= stop {
            return Ok(Vec::new());
        }
        let mut items = self.range(Span { start, stop: Some(stop) }).await?;
        let rest = start.saturating_add(items.len() as u64)..stop;
        let mut singly = Batch::new(rest.map(|position| self.get(position)));
        while let Some(item) = singly.try_next().await? {
            items.push(item);
        }
        Ok(items)
    }

    /// Removes the first item and tells the length of what is left (`OLST_RMV`).
    ///
    /// Takes a look at the length first: on an empty list this would bring the server down.
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
        if !self.client.insists() {
            let len = self.len().await?;
            if len < ends.len() as u64 {
                let danger = format!("{} would be removed from a list of {len} items", ends.join(" and "));
                let refusal = danger::refusal(&danger, "look at the length, or push something first");
                return Err(self.client.in_context(OLST_RMV.name, refusal));
            }
        }
        let finish = |begun: Parameters| ends.iter().fold(begun, |begun, end| begun.flag(end)).finish();
        self.call(OLST_RMV, finish, |body| body.field("size")).await
    }

    /// Removes the items of a range, as far as there are any, and tells the length of what is left (`OLST_RMV`).
    ///
    /// # Errors
    ///
    /// See [`List`]. A range that runs backwards is refused.
    pub async fn remove_range(&self, range: impl RangeBounds<u64>) -> Result<u64, Error> {
        let span = self.span(OLST_RMV, range)?;
        self.call(OLST_RMV, |begun| begun.range("rng", span).finish(), |body| body.field("size")).await
    }

    /// Moves the items of a range to the end of another list, which is made if it does not exist (`OLST_SPLICE`).
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
        let span = self.span(OLST_SPLICE, range)?;
        let command = || {
            if self.name == target.name && !self.client.insists() {
                return Err(danger::into_itself());
            }
            let begun = Parameters::of(OLST_SPLICE, self.client.options())
                .text("srcName", &self.name)?
                .range("srcRng", span)
                .text("destName", &target.name)?;
            at(begun, "destPos", position).finish()
        };
        self.client.call(OLST_SPLICE.name, command(), done).await
    }

    fn span(&self, verb: Verb, range: impl RangeBounds<u64>) -> Result<Span, Error> {
        if self.client.insists() {
            return Ok(Span::unchecked(range));
        }
        Span::new(range).map_err(|error| self.client.in_context(verb.name, error))
    }

    /// One `OLST_GET_RNG`.
    async fn range(&self, span: Span) -> Result<Vec<T>, Error> {
        let bytes = self.reply_bytes(span.count());
        let finish = |begun: Parameters| Ok(begun.range("rng", span).finish()?.repeatable().reply_bytes(bytes));
        self.call(OLST_GET_RNG, finish, |body| body.field("items")).await
    }

    /// The size of a reply with so many items; without a number there is no bound.
    fn reply_bytes(&self, items: Option<usize>) -> usize {
        let item = self.client.options().value_bytes.saturating_add(1);
        items.map_or(usize::MAX, |items| item.saturating_mul(items).saturating_add(REPLY_FRAME))
    }

    async fn call<R>(
        &self,
        verb: Verb,
        finish: impl FnOnce(Parameters) -> Result<Command, Error>,
        read: impl Fn(Body<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let command = Parameters::named(verb, self.client.options(), &self.name).and_then(finish);
        self.client.call(verb.name, command, read).await
    }
}

/// Adds a position, if one is given.
fn at(begun: Parameters, name: &str, position: Option<u64>) -> Parameters {
    match position {
        Some(position) => begun.number(name, position),
        None => begun,
    }
}
