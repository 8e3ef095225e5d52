//! What only unsorted arrays have.

use super::{Array, Unsorted, done};
use crate::error::Error;
use crate::nemesis::danger;
use std::borrow::Borrow;

/// Items stay where they were put.
impl<F: Unsorted> Array<F> {
    /// Puts an item at the first place that is not used (`SET`), over what may have been [set](Self::set_at) there.
    ///
    /// # Errors
    ///
    /// [`Bounds`](crate::nemesis::ErrorCode::Bounds) if all places are used. For objects: refused if the item is no
    /// JSON object.
    pub async fn append(&self, item: impl Borrow<F::Given>) -> Result<(), Error> {
        let item = item.borrow();
        self.call(F::VERBS.set, |begun| begun.item(item, F::OBJECTS)?.finish(), done).await
    }

    /// Puts an item at a position, over what is there (`SET` with `pos`). [`used`](Self::used) stays as it is: if the
    /// position is not below it, [`get`](Self::get) sees the item, [`get_range`](Self::get_range) does not.
    ///
    /// # Errors
    ///
    /// [`Bounds`](crate::nemesis::ErrorCode::Bounds) if the position is not below the capacity. For objects: refused if
    /// the item is no JSON object.
    pub async fn set_at(&self, position: u64, item: impl Borrow<F::Given>) -> Result<(), Error> {
        let item = item.borrow();
        let begun =
            |begun: super::Parameters| Ok(begun.item(item, F::OBJECTS)?.number("pos", position).finish()?.repeatable());
        self.call(F::VERBS.set, begun, done).await
    }

    /// Puts items at the first places that are not used (`SET_RNG`), all or none. Without an item nothing is sent.
    ///
    /// Takes a look at the capacity and the used places first: more items than fit would bring the server down.
    ///
    /// # Errors
    ///
    /// [`Bounds`](crate::nemesis::ErrorCode::Bounds) if all places are used. Refused if not all items fit, and, for
    /// objects, if one is no JSON object.
    pub async fn append_all(&self, items: impl IntoIterator<Item: Borrow<F::Given>>) -> Result<(), Error> {
        let verb = F::VERBS.set_range;
        let (begun, count) = self.with_items(verb, items)?;
        if !self.client.insists() {
            if count == 0 {
                return Ok(());
            }
            let (used, capacity) = self.fill_level().await?;
            // A full array is answered with `Bounds`.
            if used < capacity && count > capacity - used {
                let danger = format!("{count} items would be appended where {} fit", capacity - used);
                let refusal = danger::refusal(&danger, "append what fits, or make a longer array");
                return Err(self.client.in_context(verb.name, refusal));
            }
        }
        self.client.call(verb.name, begun.finish(), done).await
    }

    /// Puts items at a position and behind it, over what is there, all or none (`SET_RNG` with `pos`). Without an item
    /// nothing is sent.
    ///
    /// The server always adds their number to [`used`](Self::used), even if all the places were used: it may then exceed
    /// the capacity, and nothing can be appended any more. To overwrite without that, [`set_at`](Self::set_at) them
    /// singly.
    ///
    /// # Errors
    ///
    /// [`Bounds`](crate::nemesis::ErrorCode::Bounds) if they reach beyond the capacity. For objects: refused if one is
    /// no JSON object.
    pub async fn set_range_at(
        &self,
        position: u64,
        items: impl IntoIterator<Item: Borrow<F::Given>>,
    ) -> Result<(), Error> {
        let verb = F::VERBS.set_range;
        let (begun, count) = self.with_items(verb, items)?;
        if count == 0 && !self.client.insists() {
            return Ok(());
        }
        self.client.call(verb.name, begun.number("pos", position).finish(), done).await
    }

    /// Exchanges the items at two positions, which may be equal (`SWAP`).
    ///
    /// # Errors
    ///
    /// [`Bounds`](crate::nemesis::ErrorCode::Bounds) if one of them is not below the capacity.
    pub async fn swap(&self, a: u64, b: u64) -> Result<(), Error> {
        self.call(F::VERBS.swap, |begun| begun.number("posA", a).number("posB", b).finish(), done).await
    }
}
