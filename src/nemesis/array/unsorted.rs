//! The methods of unsorted arrays.

use super::{Array, Unsorted, danger, done};
use crate::error::Error;
use std::borrow::Borrow;

/// Items stay where they are put.
impl<F: Unsorted> Array<F> {
    /// Puts an item at the first unused place (`SET`), and overwrites what was [set](Self::set_at) there.
    ///
    /// # Errors
    ///
    /// [`Bounds`](crate::nemesis::ErrorCode::Bounds) if all places are used. For objects: refused if the item is not a
    /// JSON object.
    pub async fn append(&self, item: impl Borrow<F::Given>) -> Result<(), Error> {
        self.client().call(self.command(F::VERBS.set).item(item.borrow(), F::OBJECTS), done).await
    }

    /// Overwrites the item at a position (`SET` with `pos`). [`used`](Self::used) stays as it is: if the position is not
    /// below it, [`get`](Self::get) returns the item, [`get_range`](Self::get_range) does not.
    ///
    /// # Errors
    ///
    /// [`Bounds`](crate::nemesis::ErrorCode::Bounds) if the position is not below the capacity. For objects: refused if
    /// the item is not a JSON object.
    pub async fn set_at(&self, position: u64, item: impl Borrow<F::Given>) -> Result<(), Error> {
        let command = self.command(F::VERBS.set).item(item.borrow(), F::OBJECTS).number("pos", position);
        self.client().call(command.repeatable(), done).await
    }

    /// Puts items at the first unused places (`SET_RNG`), all or none. Sends nothing if there are no items.
    ///
    /// Looks at the capacity and the used places first: more items than fit would bring the server down.
    ///
    /// # Errors
    ///
    /// [`Bounds`](crate::nemesis::ErrorCode::Bounds) if all places are used. Refused if not all items fit, and, for
    /// objects, if one is not a JSON object.
    pub async fn append_all(&self, items: impl IntoIterator<Item: Borrow<F::Given>>) -> Result<(), Error> {
        let mut command = self.command(F::VERBS.set_range).items::<F::Given>(items, F::OBJECTS);
        if self.client().looks_before(&command) {
            if command.count == 0 {
                return Ok(());
            }
            let (used, capacity) = self.fill_level().await?;
            // A full array is answered with `Bounds`.
            if used < capacity && command.count > capacity - used {
                let danger = format!("{} items would be appended where {} fit", command.count, capacity - used);
                command = command.refuse(danger::refusal(&danger, "append what fits, or make a longer array"));
            }
        }
        self.client().call(command, done).await
    }

    /// Overwrites the items from a position on, all or none (`SET_RNG` with `pos`). Sends nothing if there are no items.
    ///
    /// The server always adds their number to [`used`](Self::used), even if all the places were used. It may then exceed
    /// the capacity, and nothing can be appended any more. To avoid that, overwrite one by one with
    /// [`set_at`](Self::set_at).
    ///
    /// # Errors
    ///
    /// [`Bounds`](crate::nemesis::ErrorCode::Bounds) if they reach beyond the capacity. For objects: refused if one is
    /// not a JSON object.
    pub async fn set_range_at(
        &self,
        position: u64,
        items: impl IntoIterator<Item: Borrow<F::Given>>,
    ) -> Result<(), Error> {
        let command = self.command(F::VERBS.set_range).items::<F::Given>(items, F::OBJECTS).number("pos", position);
        if command.count == 0 && !self.client().insists() {
            return Ok(());
        }
        self.client().call(command, done).await
    }

    /// Exchanges the items at two positions, which may be equal (`SWAP`).
    ///
    /// # Errors
    ///
    /// [`Bounds`](crate::nemesis::ErrorCode::Bounds) if one of them is not below the capacity.
    pub async fn swap(&self, a: u64, b: u64) -> Result<(), Error> {
        self.client().call(self.command(F::VERBS.swap).number("posA", a).number("posB", b), done).await
    }
}
