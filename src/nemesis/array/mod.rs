//! Arrays of a fixed length, and the methods of all families.

mod family;
mod sorted;
mod unsorted;

pub use family::{Family, Integers, Objects, Sorted, SortedIntegers, SortedTexts, Strings, Unsorted};

use super::client::Client;
use super::command::Command;
use super::container::Container;
use super::danger;
use super::reply::{done, found};
use super::span::Span;
use super::verb::Verb;
use crate::codes::nemesis::ErrorCode;
use crate::error::Error;
use futures_util::future::try_join;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeBounds;

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

/// A handle for an array on the server, which need not exist.
///
/// An array has a capacity, fixed when it is [created](Self::create), and a counter of its used places. Every place
/// below the capacity can be read, and holds `{}`, `0` or an empty string at first; [`get_range`](Self::get_range)
/// returns only those below the counter. Methods that only some families have are further down.
///
/// Arrays are in memory only: saves do not include them. Errors are those of [`Client`]; the most frequent statuses are
/// [`NotExist`](ErrorCode::NotExist) (22) and [`Bounds`](ErrorCode::Bounds) (161). Reads, [`delete`](Self::delete)
/// and [`set_at`](Self::set_at) are repeated after a lost connection. Everything else is not, since doing it twice
/// has another effect than doing it once. Methods that look before they act
/// ([why](super#what-brings-the-server-down)) apply the time limit to each command anew; they must not overlap with
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
    container: Container,
    family: PhantomData<fn() -> F>,
}

impl<F> Clone for Array<F> {
    fn clone(&self) -> Self {
        Self { container: self.container.clone(), family: PhantomData }
    }
}

impl<F> fmt::Debug for Array<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Array").field(&self.container).finish()
    }
}

impl Client {
    /// Returns a handle for an array of objects, each anything that serde makes a JSON object of.
    pub fn object_array<T: Serialize + DeserializeOwned>(&self, name: &str) -> ObjectArray<T> {
        Array::new(self, name)
    }

    /// Returns a handle for an array of integers.
    pub fn int_array(&self, name: &str) -> IntArray {
        Array::new(self, name)
    }

    /// Returns a handle for an array of strings.
    pub fn string_array(&self, name: &str) -> StringArray {
        Array::new(self, name)
    }

    /// Returns a handle for an array of integers that the server keeps in ascending order.
    pub fn sorted_ints(&self, name: &str) -> SortedInts {
        Array::new(self, name)
    }

    /// Returns a handle for an array of strings that the server keeps in the order of their bytes.
    pub fn sorted_strings(&self, name: &str) -> SortedStrings {
        Array::new(self, name)
    }

    /// Removes **all** arrays of a family, those of other clients too: `delete_all_arrays::<Integers>()`. Arrays of
    /// objects go whatever their type: `Objects<()>` names them.
    pub async fn delete_all_arrays<F: Family>(&self) -> Result<(), Error> {
        self.call(self.command(F::VERBS.delete_all).repeatable(), done).await
    }
}

impl<F: Family> Array<F> {
    fn new(client: &Client, name: &str) -> Self {
        Self { container: Container::new(client, name), family: PhantomData }
    }

    /// Returns the array's name.
    pub fn name(&self) -> &str {
        &self.container.name
    }

    /// Creates the array with this many places (`CREATE`): at least one, and at most what the server is configured for,
    /// 10,000 by default.
    ///
    /// # Errors
    ///
    /// [`Duplicate`](ErrorCode::Duplicate) if it exists, [`Bounds`](ErrorCode::Bounds) if the capacity is not allowed.
    pub async fn create(&self, capacity: u64) -> Result<(), Error> {
        self.client().call(self.command(F::VERBS.create).number("len", capacity), done).await
    }

    /// Removes the array (`DELETE`). A missing array is not an error, and the server does not tell.
    pub async fn delete(&self) -> Result<(), Error> {
        self.container.ask(F::VERBS.delete, done).await
    }

    /// Returns whether the array exists (`EXIST`).
    pub async fn exists(&self) -> Result<bool, Error> {
        found(self.container.ask(F::VERBS.exist, done).await)
    }

    /// Returns the number of places (`LEN`).
    pub async fn capacity(&self) -> Result<u64, Error> {
        self.container.ask(F::VERBS.len, |body| body.field("len")).await
    }

    /// Returns the counter of used places (`USED`): the position at which the next item is appended.
    ///
    /// Setting one item at a position does not change it. Setting a range at a position raises it by the length of the
    /// range, even if all its places were used, so it may exceed the [capacity](Self::capacity).
    pub async fn used(&self) -> Result<u64, Error> {
        self.container.ask(F::VERBS.used, |body| body.field("used")).await
    }

    /// Reads the item at a position, counted from 0 (`GET`). Every position below the capacity holds one, used or not.
    ///
    /// # Errors
    ///
    /// [`Bounds`](ErrorCode::Bounds) if the position is not below the capacity.
    pub async fn get(&self, position: u64) -> Result<F::Item, Error> {
        let bytes = self.client().options().reply_bytes(Some(1), F::ITEM_BYTES);
        let command = self.command(F::VERBS.get).number("pos", position).repeatable().reply_bytes(bytes);
        self.client().call(command, |body| body.field("item")).await
    }

    /// Reads the items of a range, as far as its places are used (`GET_RNG`). An end beyond the used places is cut; a
    /// start beyond them returns nothing.
    ///
    /// The server answers a range only up to a configured position, its maximum response size, and silently cuts the
    /// rest. So this asks for the capacity and the used places first, and reads item by item what the server cut: the
    /// result is always the whole range. Changes that other clients make meanwhile may show in one part and not in
    /// another.
    ///
    /// A client that [insists](Client::insist_on_danger) sends the range as it is, without looking, and returns what the
    /// server answers: perhaps less than was asked for.
    ///
    /// # Errors
    ///
    /// See [`Array`]. A range that runs backwards is refused.
    pub async fn get_range(&self, range: impl RangeBounds<u64>) -> Result<Vec<F::Item>, Error> {
        let span = self.client().span(F::VERBS.get_range, range)?;
        if self.client().insists() {
            return self.range(span).await;
        }
        let Span { start, stop } = span;
        let (used, capacity) = self.fill_level().await?;
        let filled = used.min(capacity);
        self.filled(start, stop.map_or(filled, |stop| stop.min(filled))).await
    }

    /// Reads a range of places that are all used.
    async fn filled(&self, start: u64, stop: u64) -> Result<Vec<F::Item>, Error> {
        if start >= stop {
            return Ok(Vec::new());
        }
        let items = match self.range(Span { start, stop: Some(stop) }).await {
            // This is how the server refuses a start beyond its maximum.
            Err(error) if error.code_as() == Some(ErrorCode::Unknown) => Vec::new(),
            items => items?,
        };
        Container::complete(items, start, stop, |position| self.get(position)).await
    }

    /// Removes the items of a range; those after it move down (`CLEAR`). An end beyond the used places is cut; `..`
    /// empties the array. The removed items move behind the others, where [`get`](Self::get) still returns them.
    ///
    /// Looks at the used places and the capacity first: a range that begins beyond the used places, or ends beyond the
    /// capacity while [`used`](Self::used) exceeds it, would bring the server down. The end is cut at the capacity.
    ///
    /// # Errors
    ///
    /// See [`Array`]. Refused if the range begins beyond the used places, or runs backwards.
    pub async fn clear_range(&self, range: impl RangeBounds<u64>) -> Result<(), Error> {
        let verb = F::VERBS.clear;
        let span = self.client().span(verb, range)?;
        let clear = |stop| self.command(verb).range("rng", span.start, stop);
        if self.client().insists() {
            return self.client().call(clear(span.stop), done).await;
        }
        if span.is_empty() {
            return Ok(());
        }
        let (used, capacity) = self.fill_level().await?;
        // A start beyond the capacity is answered with `Bounds`; an end must not come before it.
        let stop = (span.start < capacity).then(|| span.stop.map_or(capacity, |stop| stop.min(capacity)));
        let mut command = clear(stop);
        if span.start > used {
            let danger =
                format!("a range would be cleared that begins at {}, and only {used} places are used", span.start);
            command = command.refuse(danger::refusal(&danger, "begin where something is"));
        }
        self.client().call(command, done).await
    }

    /// Asks for the used places and the capacity.
    async fn fill_level(&self) -> Result<(u64, u64), Error> {
        try_join(self.used(), self.capacity()).await
    }

    /// Sends one `GET_RNG`.
    async fn range(&self, span: Span) -> Result<Vec<F::Item>, Error> {
        let command = self.container.range(F::VERBS.get_range, span, F::ITEM_BYTES);
        self.client().call(command, |body| body.field("items")).await
    }

    fn client(&self) -> &Client {
        &self.container.client
    }

    /// Begins a command for this array.
    fn command(&self, verb: Verb) -> Command {
        self.container.command(verb)
    }
}
