//! What only sorted arrays have.

use super::{Array, Body, Sorted, done};
use crate::error::Error;
use crate::nemesis::danger;
use crate::nemesis::parameters::Parameters;
use crate::nemesis::verb::Verb;
use std::borrow::Borrow;

/// The used places are always in ascending order.
impl<F: Sorted> Array<F> {
    /// Puts an item where it belongs (`SET`); equal ones may be there.
    ///
    /// # Errors
    ///
    /// [`Bounds`](crate::nemesis::ErrorCode::Bounds) if all places are used.
    pub async fn add(&self, item: impl Borrow<F::Given>) -> Result<(), Error> {
        let item = item.borrow();
        self.call(F::VERBS.set, |begun| begun.item(item, F::OBJECTS)?.finish(), done).await
    }

    /// Puts items into an empty array, all or none, in any order (`SET_RNG`). Without an item nothing is sent.
    ///
    /// Takes a look at the used places first: putting a range into an array that holds items brings the server down
    /// (observed for strings; for integers it went well, through the same code). To add more items later, hand their
    /// [`add`](Self::add)s to a [batch](crate::nemesis::Client::batch).
    ///
    /// # Errors
    ///
    /// [`Bounds`](crate::nemesis::ErrorCode::Bounds) if they do not fit. Refused if the array holds items.
    pub async fn fill(&self, items: impl IntoIterator<Item: Borrow<F::Given>>) -> Result<(), Error> {
        let verb = F::VERBS.set_range;
        let (begun, count) = self.with_items(verb, items)?;
        if !self.client.insists() {
            if count == 0 {
                return Ok(());
            }
            let used = self.used().await?;
            if used > 0 {
                let danger = format!("a range would be put into a sorted array that holds {used} items");
                let refusal = danger::refusal(&danger, "add the items one by one");
                return Err(self.client.in_context(verb.name, refusal));
            }
        }
        self.client.call(verb.name, begun.finish(), done).await
    }

    /// The smallest items, at most so many, in ascending order (`MIN`).
    ///
    /// # Errors
    ///
    /// [`Bounds`](crate::nemesis::ErrorCode::Bounds) if the array holds no item.
    pub async fn min(&self, count: u64) -> Result<Vec<F::Item>, Error> {
        self.extremes(F::VERBS.min, count).await
    }

    /// The largest items, at most so many, in descending order (`MAX`).
    ///
    /// # Errors
    ///
    /// As [`min`](Self::min).
    pub async fn max(&self, count: u64) -> Result<Vec<F::Item>, Error> {
        self.extremes(F::VERBS.max, count).await
    }

    /// The items that both arrays hold, each as often as both hold it, in ascending order (`INTERSECT`). The other
    /// array must be on the same server.
    ///
    /// # Errors
    ///
    /// [`Duplicate`](crate::nemesis::ErrorCode::Duplicate) if it is the same array.
    pub async fn intersect(&self, other: &Self) -> Result<Vec<F::Item>, Error> {
        let verb = F::VERBS.intersect;
        let command = Parameters::of(verb, self.client.options())
            .text("srcA", &self.name)
            .and_then(|begun| begun.text("srcB", &other.name)?.finish())
            .map(|command| command.repeatable().reply_bytes(usize::MAX));
        self.client.call(verb.name, command, |body| body.field("items")).await
    }

    async fn extremes(&self, verb: Verb, count: u64) -> Result<Vec<F::Item>, Error> {
        let bytes = self.reply_bytes(usize::try_from(count).ok());
        let begun = |begun: Parameters| Ok(begun.number("n", count).finish()?.repeatable().reply_bytes(bytes));
        self.call(verb, begun, |body: Body<'_>| body.field("items")).await
    }
}
