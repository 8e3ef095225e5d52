//! The commands of the five array families.
//!
//! Some requests make a real server crash, or spoil its memory so that it crashes later (a range beyond the end without a
//! position, clearing from beyond the filled part, adding a range to sorted strings...). They end the fake server's run,
//! too.
use std::collections::BTreeMap;

use super::array::{Array, Items};
use super::json::{Object, Value};
use super::params::{Outcome, Refusal, Type, check_optional, range, reply, require, take_array, take_string, uint};
use super::settings::ArrayLimits;
use statuswire::codes::nemesis::ErrorCode;

/// For what the server meets as an exception.
const EXCEPTION: Refusal = Refusal::Generic(ErrorCode::Unknown);
const BOUNDS: Refusal = Refusal::Named(ErrorCode::Bounds);

/// All arrays of one family.
#[derive(Debug)]
pub(super) struct Arrays {
    items: Items,
    sorted: bool,
    limits: ArrayLimits,
    arrays: BTreeMap<String, Array>,
}

impl Arrays {
    pub(super) fn new(items: Items, sorted: bool, limits: ArrayLimits) -> Self {
        Self { items, sorted, limits, arrays: BTreeMap::new() }
    }

    /// Carries a command out; `None` if there is no command of this name (without its family).
    pub(super) fn command(&mut self, command: &str, mut body: Object) -> Option<Outcome> {
        let body = &mut body;
        Some(match command {
            "CREATE" => self.create(body),
            "DELETE" => self.delete(body),
            "DELETE_ALL" => {
                self.arrays.clear();
                Ok(reply([]))
            }
            "EXIST" => self.named(body, &[]).map(|_| reply([])),
            "LEN" => self.named(body, &[]).map(|array| reply([("len", array.len().into())])),
            "USED" => self.named(body, &[]).map(|array| reply([("used", array.used.into())])),
            "SET" => self.set(body),
            "SET_RNG" => self.set_range(body),
            "GET" => self.get(body),
            "GET_RNG" => self.get_range(body),
            "CLEAR" => self.clear(body),
            "SWAP" if !self.sorted => self.swap(body),
            "MIN" if self.sorted => self.extreme(body, Array::min),
            "MAX" if self.sorted => self.extreme(body, Array::max),
            "INTERSECT" if self.sorted => self.intersect(body),
            _ => return None,
        })
    }

    /// Checks the parameters, the name among them, and finds the array.
    fn named(&mut self, body: &mut Object, parameters: &[(&str, Type)]) -> Result<&mut Array, Refusal> {
        let mut all = [&[("name", Type::String)], parameters].concat();
        all.sort_unstable_by_key(|(name, _)| *name);
        require(body, &all)?;
        self.find(body)
    }

    fn find(&mut self, body: &mut Object) -> Result<&mut Array, Refusal> {
        self.arrays.get_mut(&take_string(body, "name")).ok_or(Refusal::Named(ErrorCode::NotExist))
    }

    fn create(&mut self, body: &mut Object) -> Outcome {
        require(body, &[("len", Type::UInt), ("name", Type::String)])?;
        let (len, name) = (uint(body, "len").unwrap_or_default(), take_string(body, "name"));
        if self.arrays.contains_key(&name) {
            return Err(Refusal::Named(ErrorCode::Duplicate));
        }
        if !(1..=self.limits.max_capacity).contains(&len) {
            return Err(BOUNDS);
        }
        self.arrays.insert(name, Array::new(self.items, len));
        Ok(reply([]))
    }

    fn delete(&mut self, body: &mut Object) -> Outcome {
        require(body, &[("name", Type::String)])?;
        self.arrays.remove(&take_string(body, "name"));
        Ok(reply([]))
    }

    fn set(&mut self, body: &mut Object) -> Outcome {
        let item = body.remove("item").ok_or(EXCEPTION)?;
        let item = self.items.single(item).ok_or(Refusal::Named(ErrorCode::ValueTypeInvalid))?;
        require(body, &[("name", Type::String)])?;
        check_optional(body, "pos", Type::UInt)?;
        // Sorted families know no position (observed).
        let position = uint(body, "pos").filter(|_| !self.sorted);
        let sorted = self.sorted;
        let array = self.find(body)?;
        match position {
            Some(position) if position >= array.len() => return Err(BOUNDS),
            // The counter stays: the item can be got, but no range shows it (observed).
            Some(position) => array.write(position, vec![item]),
            None if array.is_full() => return Err(BOUNDS),
            None if sorted => array.merge(vec![item]),
            None => {
                array.write(array.used, vec![item]);
                array.used += 1;
            }
        }
        Ok(reply([]))
    }

    fn set_range(&mut self, body: &mut Object) -> Outcome {
        require(body, &[("items", Type::Array), ("name", Type::String)])?;
        check_optional(body, "pos", Type::UInt)?;
        let (kind, sorted) = (self.items, self.sorted);
        let items = take_array(body, "items");
        let position = uint(body, "pos").filter(|_| !sorted);
        let count = items.len();
        let array = self.find(body)?;
        let end = position.unwrap_or(array.used).saturating_add(count);
        if end > array.len() || position.is_none() && !sorted && array.is_full() {
            // Only a position, a sorted family or a full array is checked by the real server.
            return Err(if position.is_some() || sorted || array.is_full() { BOUNDS } else { Refusal::Crash });
        }
        if sorted && array.used > 0 && (count == 0 || kind == Items::Strings) {
            return Err(Refusal::Crash);
        }
        let items = items.into_iter().map(|item| kind.of_range(item)).collect::<Option<Vec<_>>>();
        let items = items.ok_or(Refusal::Named(ErrorCode::Unknown))?;
        if sorted {
            array.merge(items);
        } else {
            array.write(position.unwrap_or(array.used), items);
            // Also for items that were overwritten (observed).
            array.used += count;
        }
        Ok(reply([]))
    }

    fn get(&mut self, body: &mut Object) -> Outcome {
        let place = position(body, "pos");
        let array = self.named(body, &[("pos", Type::UInt)])?;
        let item = array.get(place).ok_or(BOUNDS)?.clone();
        Ok(reply([("item", item)]))
    }

    fn get_range(&mut self, body: &mut Object) -> Outcome {
        require(body, &[("name", Type::String), ("rng", Type::Array)])?;
        let range = range(body, ErrorCode::ValueSize)?;
        let (kind, max) = (self.items, self.limits.max_response);
        if range.runs_backwards() {
            return Err(Refusal::Named(ErrorCode::CommandSyntax));
        }
        let array = self.find(body)?;
        if range.start >= array.len() {
            return Err(BOUNDS);
        }
        // The largest response is a position, not a count (observed).
        let stop = range.stop_within(array.used.min(max));
        if range.start > stop {
            return Err(EXCEPTION);
        }
        // An end that is given is compared with the counter alone, which may exceed the length (observed).
        if range.stop.is_some() && stop > array.len() && kind != Items::Integers {
            return Err(Refusal::Crash);
        }
        Ok(reply([("items", array.filled(range.start, stop).iter().cloned().collect())]))
    }

    fn clear(&mut self, body: &mut Object) -> Outcome {
        require(body, &[("name", Type::String), ("rng", Type::Array)])?;
        let range = range(body, ErrorCode::CommandSyntax)?;
        let array = self.find(body)?;
        if range.start >= array.len() {
            return Err(BOUNDS);
        }
        // As with reading, an end that is given is compared with the counter alone (observed).
        let beyond = range.stop.is_some_and(|stop| stop.min(array.used) > array.len());
        if range.start > array.used || range.runs_backwards() || beyond {
            return Err(Refusal::Crash);
        }
        array.clear(range.start, range.stop_within(array.used));
        Ok(reply([]))
    }

    fn swap(&mut self, body: &mut Object) -> Outcome {
        let (a, b) = (position(body, "posA"), position(body, "posB"));
        let array = self.named(body, &[("posA", Type::UInt), ("posB", Type::UInt)])?;
        if a.max(b) >= array.len() {
            return Err(BOUNDS);
        }
        array.swap(a, b);
        Ok(reply([]))
    }

    fn extreme(&mut self, body: &mut Object, items: fn(&Array, usize) -> Value) -> Outcome {
        let count = position(body, "n");
        let array = self.named(body, &[("n", Type::UInt)])?;
        if array.used == 0 {
            return Err(BOUNDS);
        }
        Ok(reply([("items", items(array, count))]))
    }

    fn intersect(&mut self, body: &mut Object) -> Outcome {
        require(body, &[("srcA", Type::String), ("srcB", Type::String)])?;
        let (a, b) = (take_string(body, "srcA"), take_string(body, "srcB"));
        if a == b {
            return Err(Refusal::Named(ErrorCode::Duplicate));
        }
        let (Some(a), Some(b)) = (self.arrays.get(&a), self.arrays.get(&b)) else {
            return Err(Refusal::Named(ErrorCode::NotExist));
        };
        Ok(reply([("items", a.intersection(b).into_iter().collect())]))
    }
}

/// A required position, read before it is checked.
fn position(body: &Object, name: &str) -> usize {
    uint(body, name).unwrap_or(usize::MAX)
}
