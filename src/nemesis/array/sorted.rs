//! The methods of sorted arrays.

use super::{Array, Sorted, danger, done};
use crate::error::Error;
use crate::nemesis::command::ReplyBytes;
use crate::nemesis::verb::Verb;
use std::borrow::Borrow;

/// The items are always in ascending order.
impl<F: Sorted> Array<F> {
    /// Inserts an item where it belongs (`SET`). The array may hold equal items.
    ///
    /// # Errors
    ///
    /// [`Bounds`](crate::nemesis::ErrorCode::Bounds) if all places are used.
    pub async fn add(&self, item: impl Borrow<F::Given>) -> Result<(), Error> {
        self.client().call(self.command(F::VERBS.set).item(item.borrow(), F::OBJECTS), done).await
    }

    /// Puts items into an empty array, all or none, in any order (`SET_RNG`). Sends nothing if there are no items.
    ///
    /// Looks at the used places first: putting a range into an array that holds items brings the server down (observed
    /// for strings; integers, handled by the same code, survived). To add more items later, [`add`](Self::add) them in a
    /// [batch](crate::nemesis::Client::batch).
    ///
    /// # Errors
    ///
    /// [`Bounds`](crate::nemesis::ErrorCode::Bounds) if they do not fit. Refused if the array holds items.
    pub async fn fill(&self, items: impl IntoIterator<Item: Borrow<F::Given>>) -> Result<(), Error> {
        let mut command = self.command(F::VERBS.set_range).items::<F::Given>(items, F::OBJECTS);
        if self.client().looks_before(&command) {
            if command.count == 0 {
                return Ok(());
            }
            let used = self.used().await?;
            if used > 0 {
                let danger = format!("a range would be put into a sorted array that holds {used} items");
                command = command.refuse(danger::refusal(&danger, "add the items one by one"));
            }
        }
        self.client().call(command, done).await
    }

    /// Reads the smallest items, at most `count`, in ascending order (`MIN`).
    ///
    /// # Errors
    ///
    /// [`Bounds`](crate::nemesis::ErrorCode::Bounds) if the array holds no item.
    pub async fn min(&self, count: u64) -> Result<Vec<F::Item>, Error> {
        self.extremes(F::VERBS.min, count).await
    }

    /// Reads the largest items, at most `count`, in descending order.
    ///
    /// Asks for the used places and reads the last of them (`GET_RNG`): the server's own command (`MAX`) also returns
    /// places that are not used, and items that were removed. Changes that other clients make between the two commands may
    /// have the same effect.
    ///
    /// # Errors
    ///
    /// As [`min`](Self::min).
    pub async fn max(&self, count: u64) -> Result<Vec<F::Item>, Error> {
        loop {
            let used = self.used().await?;
            if used > 0 {
                let mut items = self.filled(used.saturating_sub(count), used).await?;
                items.reverse();
                return Ok(items);
            }
            // The server refuses this. If it does not, the array holds items now.
            self.extremes(F::VERBS.max, count).await?;
        }
    }

    /// Reads the items that both arrays hold, each as often as both hold it, in ascending order (`INTERSECT`). The other
    /// array must be on the same server.
    ///
    /// # Errors
    ///
    /// [`Duplicate`](crate::nemesis::ErrorCode::Duplicate) if it is the same array.
    pub async fn intersect(&self, other: &Self) -> Result<Vec<F::Item>, Error> {
        let command = self.client().command(F::VERBS.intersect).text("srcA", self.name()).text("srcB", other.name());
        self.client().call(command.repeatable().reply_bytes(ReplyBytes::UNKNOWN), |body| body.field("items")).await
    }

    async fn extremes(&self, verb: Verb, count: u64) -> Result<Vec<F::Item>, Error> {
        let bytes = self.client().options().reply_bytes(usize::try_from(count).ok(), F::ITEM_BYTES);
        let command = self.command(verb).number("n", count).repeatable().reply_bytes(bytes);
        self.client().call(command, |body| body.field("items")).await
    }
}
