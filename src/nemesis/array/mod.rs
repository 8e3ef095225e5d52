//! Arrays of a fixed length: what all families have.

mod family;
mod sorted;
mod unsorted;

pub use family::{Family, Integers, Objects, Sorted, SortedIntegers, SortedTexts, Strings, Unsorted};

use super::ErrorCode;
use super::batch::Batch;
use super::client::Client;
use super::command::Command;
use super::danger;
use super::parameters::Parameters;
use super::reply::{Body, done};
use super::span::Span;
use super::verb::Verb;
use crate::error::Error;
use futures_util::TryStreamExt;
use futures_util::future::try_join;
use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeBounds;
use std::sync::Arc;

/// What a reply has beside its items, generously.
pub(super) const REPLY_FRAME: usize = 64;

/// An array of objects.
pub type ObjectArray<T> = Array<Objects<T>>;
/// An array of integers.
pub type IntArray = Array<Integers>;
/// An array of strings.
pub type StringArray = Array<Strings>;
/// An array of integers in ascending order.
pub type SortedInts = Array<SortedIntegers>;
/// An array of strings in the order of their bytes.
pub type SortedStrings = Array<SortedTexts>;

/// An array on the server; a handle, made without asking whether there is such an array.
///
/// An array has a capacity, fixed when it is [created](Self::create), and a counter of its used places. Every place
/// below the capacity can be read, and holds `{}`, `0` or an empty string at first; [`get_range`](Self::get_range) shows
/// only those below the counter. Methods that only some families have are further down.
///
/// Arrays are in memory only: saves do not include them. Errors are those of [`Client`], and of the statuses most
/// often [`NotExist`](ErrorCode::NotExist) (22) and [`Bounds`](ErrorCode::Bounds) (161). Reads, [`delete`](Self::delete)
/// and [`set_at`](Self::set_at) are repeated after a lost connection; everything else is not, since doing it twice
/// does more than doing it once. For methods that look before they act
/// ([why](super#what-brings-the-server-down)), the time limit holds for each command anew; they must not overlap with
/// other calls that change the same array.
///
/// ```no_run
/// # async fn doc() -> Result<(), statuswire::Error> {
/// use statuswire::nemesis::Client;
///
/// let db = Client::connect("ws://localhost:1987").await?;
/// let temperatures = db.int_array("temperatures");
/// temperatures.create(1000).await?;
/// temperatures.append_all([18, 21, 19]).await?;
/// temperatures.set_at(0, 17).await?;
/// assert_eq!(temperatures.get_range(1..).await?, [21, 19]);
/// # Ok(())
/// # }
/// ```
pub struct Array<F> {
    client: Client,
    name: Arc<str>,
    family: PhantomData<fn() -> F>,
}

impl<F> Clone for Array<F> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone(), name: Arc::clone(&self.name), family: PhantomData }
    }
}

impl<F> fmt::Debug for Array<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Array").field("name", &self.name).field("client", &self.client).finish()
    }
}

/// Removes all arrays of a family.
pub(super) async fn delete_all<F: Family>(client: &Client) -> Result<(), Error> {
    let verb = F::VERBS.delete_all;
    client.call(verb.name, Ok(Command::bare(verb).repeatable()), done).await
}

impl<F: Family> Array<F> {
    pub(super) fn new(client: Client, name: &str) -> Self {
        Self { client, name: name.into(), family: PhantomData }
    }

    /// The array's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Makes the array with so many places (`CREATE`): at least one and at most what the server is configured for,
    /// 10,000 by default.
    ///
    /// # Errors
    ///
    /// [`Duplicate`](ErrorCode::Duplicate) if it exists, [`Bounds`](ErrorCode::Bounds) if the capacity is not allowed.
    pub async fn create(&self, capacity: u64) -> Result<(), Error> {
        let verb = F::VERBS.create;
        let command = self.begin(verb).and_then(|begun| begun.number("len", capacity).finish());
        self.client.call(verb.name, command, done).await
    }

    /// Removes the array (`DELETE`). That it does not exist is no error, and the server does not tell.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn delete(&self) -> Result<(), Error> {
        self.call(F::VERBS.delete, |begun| Ok(begun.finish()?.repeatable()), done).await
    }

    /// Whether the array exists (`EXIST`).
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn exists(&self) -> Result<bool, Error> {
        found(self.call(F::VERBS.exist, |begun| Ok(begun.finish()?.repeatable()), done).await)
    }

    /// How many places the array has (`LEN`).
    ///
    /// # Errors
    ///
    /// See [`Array`].
    pub async fn capacity(&self) -> Result<u64, Error> {
        self.call(F::VERBS.len, |begun| Ok(begun.finish()?.repeatable()), |body| body.field("len")).await
    }

    /// The counter of used places (`USED`): where the next item is appended.
    ///
    /// It counts what was appended, not what was set: setting an item at a position leaves it, and setting a range at a
    /// position raises it by the length of the range, even if all its places were used. So it may exceed the
    /// [capacity](Self::capacity).
    ///
    /// # Errors
    ///
    /// See [`Array`].
    pub async fn used(&self) -> Result<u64, Error> {
        self.call(F::VERBS.used, |begun| Ok(begun.finish()?.repeatable()), |body| body.field("used")).await
    }

    /// Reads the item at a position, counted from 0 (`GET`). Every position below the capacity has one, used or not.
    ///
    /// # Errors
    ///
    /// [`Bounds`](ErrorCode::Bounds) if the position is not below the capacity.
    pub async fn get(&self, position: u64) -> Result<F::Item, Error> {
        let bytes = self.reply_bytes(Some(1));
        let begun = |begun: Parameters| Ok(begun.number("pos", position).finish()?.repeatable().reply_bytes(bytes));
        self.call(F::VERBS.get, begun, |body| body.field("item")).await
    }

    /// Reads the items of a range, as far as its places are used (`GET_RNG`). An end beyond the used places is cut,
    /// and a start beyond them gives nothing.
    ///
    /// The server answers a range only up to a position that it is configured with, its maximum response size, and cuts
    /// the rest silently. So this asks for the capacity and the used places first, and reads what the server cut item
    /// by item: always all of the range, in one command or in as many as it takes. What other clients change meanwhile
    /// may show in one part and not in another.
    ///
    /// A client that [insists](Client::insist_on_danger) sends the range as it is, without a look, and gets what the
    /// server makes of it: perhaps less than was asked for.
    ///
    /// # Errors
    ///
    /// See [`Array`]. A range that runs backwards is refused.
    pub async fn get_range(&self, range: impl RangeBounds<u64>) -> Result<Vec<F::Item>, Error> {
        let verb = F::VERBS.get_range;
        if self.client.insists() {
            return self.range(Span::unchecked(range)).await;
        }
        let Span { start, stop } = Span::new(range).map_err(|error| self.client.in_context(verb.name, error))?;
        let (used, capacity) = self.fill_level().await?;
        let filled = used.min(capacity);
        let stop = stop.map_or(filled, |stop| stop.min(filled));
        if start >= stop {
            return Ok(Vec::new());
        }
        let mut items = match self.range(Span { start, stop: Some(stop) }).await {
            // This is how the server refuses a start beyond its maximum.
            Err(error) if error.code_as() == Some(ErrorCode::Unknown) => Vec::new(),
            items => items?,
        };
        let rest = start.saturating_add(items.len() as u64)..stop;
        let mut singly = Batch::new(rest.map(|position| self.get(position)));
        while let Some(item) = singly.try_next().await? {
            items.push(item);
        }
        Ok(items)
    }

    /// Removes the items of a range; those behind it move down (`CLEAR`). An end beyond the used places is cut; `..`
    /// empties the array.
    ///
    /// Takes a look at the used places first: a range that begins beyond them would bring the server down.
    ///
    /// # Errors
    ///
    /// See [`Array`]. Refused if the range begins beyond the used places, or runs backwards.
    pub async fn clear_range(&self, range: impl RangeBounds<u64>) -> Result<(), Error> {
        let verb = F::VERBS.clear;
        let span = if self.client.insists() {
            Span::unchecked(range)
        } else {
            let span = Span::new(range).map_err(|error| self.client.in_context(verb.name, error))?;
            if span.is_empty() {
                return Ok(());
            }
            self.refuse_beyond_used(verb, span.start).await?;
            span
        };
        self.call(verb, |begun| begun.range("rng", span).finish(), done).await
    }

    async fn refuse_beyond_used(&self, verb: Verb, start: u64) -> Result<(), Error> {
        // Nothing is used below 0.
        if start == 0 {
            return Ok(());
        }
        let used = self.used().await?;
        if start <= used {
            return Ok(());
        }
        let danger = format!("the range begins at {start}, and only {used} places are used: it would be cleared");
        Err(self.client.in_context(verb.name, danger::refusal(&danger, "begin where something is")))
    }

    /// Used places and capacity.
    async fn fill_level(&self) -> Result<(u64, u64), Error> {
        try_join(self.used(), self.capacity()).await
    }

    /// One `GET_RNG`.
    async fn range(&self, span: Span) -> Result<Vec<F::Item>, Error> {
        let bytes = self.reply_bytes(span.count());
        let begun = |begun: Parameters| Ok(begun.range("rng", span).finish()?.repeatable().reply_bytes(bytes));
        self.call(F::VERBS.get_range, begun, |body| body.field("items")).await
    }

    /// The size of a reply with so many items; without a number there is no bound.
    fn reply_bytes(&self, items: Option<usize>) -> usize {
        // And a comma for each.
        let item = F::ITEM_BYTES.unwrap_or(self.client.options().value_bytes).saturating_add(1);
        items.map_or(usize::MAX, |items| item.saturating_mul(items).saturating_add(REPLY_FRAME))
    }

    fn begin(&self, verb: Verb) -> Result<Parameters, Error> {
        Parameters::named(verb, self.client.options(), &self.name)
    }

    /// The beginning of a command with items; and how many there are.
    fn with_items(
        &self,
        verb: Verb,
        items: impl IntoIterator<Item: Borrow<F::Given>>,
    ) -> Result<(Parameters, u64), Error> {
        let begun = self.begin(verb).and_then(|begun| begun.items::<F::Given>(items, F::OBJECTS));
        begun.map_err(|error| self.client.in_context(verb.name, error))
    }

    async fn call<R>(
        &self,
        verb: Verb,
        finish: impl FnOnce(Parameters) -> Result<Command, Error>,
        read: impl Fn(Body<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let command = self.begin(verb).and_then(finish);
        self.client.call(verb.name, command, read).await
    }
}

/// `NotExist` is an answer to the question for existence, not an error.
pub(super) fn found(result: Result<(), Error>) -> Result<bool, Error> {
    match result {
        Err(error) if error.code_as() == Some(ErrorCode::NotExist) => Ok(false),
        result => result.map(|()| true),
    }
}
