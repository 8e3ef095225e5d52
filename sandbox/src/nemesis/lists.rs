//! The commands of the lists of objects.
//!
//! As with the arrays, requests that make a real server crash, or spoil its list so that it crashes later, end the
//! fake server's run.
use std::collections::BTreeMap;

use super::json::{Object, Value};
use super::params::{
    Outcome, Range, Refusal, Type, check_optional, range, reply, require, take_array, take_string, uint,
};
use statuswire::codes::nemesis::ErrorCode;

/// For what the server meets as an exception.
const EXCEPTION: Refusal = Refusal::Generic(ErrorCode::Unknown);
const BOUNDS: Refusal = Refusal::Named(ErrorCode::Bounds);
const NOT_EXIST: Refusal = Refusal::Named(ErrorCode::NotExist);

/// All lists.
#[derive(Debug)]
pub(super) struct Lists {
    lists: BTreeMap<String, Vec<Value>>,
    /// `lists.maxResponseSize`: the position at which every range that is read ends.
    max_response: usize,
}

impl Lists {
    pub(super) fn new(max_response: usize) -> Self {
        Self { lists: BTreeMap::new(), max_response }
    }

    /// Carries a command out; `None` if there is no command of this name (without its `OLST_`).
    pub(super) fn command(&mut self, command: &str, mut body: Object) -> Option<Outcome> {
        let body = &mut body;
        Some(match command {
            "CREATE" => self.create(body),
            "DELETE" => self.delete(body),
            "DELETE_ALL" => {
                self.lists.clear();
                Ok(reply([]))
            }
            "EXIST" => self.named(body).map(|_| reply([])),
            "LEN" => self.named(body).map(|list| reply([("len", list.len().into())])),
            // Its errors have the name of another command's (observed).
            "ADD" => self.add(body).map_err(|refusal| match refusal {
                Refusal::Named(status) => Refusal::Misnamed("OLST_CREATE", status),
                other => other,
            }),
            "SET_RNG" => self.set_range(body),
            "GET" => self.get(body),
            "GET_RNG" => self.get_range(body),
            "RMV" => self.remove(body),
            "SPLICE" => self.splice(body),
            _ => return None,
        })
    }

    fn named(&mut self, body: &mut Object) -> Result<&mut Vec<Value>, Refusal> {
        require(body, &[("name", Type::String)])?;
        self.lists.get_mut(&take_string(body, "name")).ok_or(NOT_EXIST)
    }

    fn create(&mut self, body: &mut Object) -> Outcome {
        require(body, &[("name", Type::String)])?;
        let name = take_string(body, "name");
        if self.lists.contains_key(&name) {
            return Err(Refusal::Named(ErrorCode::Duplicate));
        }
        self.lists.insert(name, Vec::new());
        Ok(reply([]))
    }

    fn delete(&mut self, body: &mut Object) -> Outcome {
        require(body, &[("name", Type::String)])?;
        // Unlike arrays, an unknown list is an error (observed).
        self.lists.remove(&take_string(body, "name")).map(|_| reply([])).ok_or(NOT_EXIST)
    }

    fn add(&mut self, body: &mut Object) -> Outcome {
        require(body, &[("items", Type::Array), ("name", Type::String)])?;
        check_optional(body, "pos", Type::UInt)?;
        let (items, position) = (take_objects(body)?, uint(body, "pos"));
        let list = self.named(body)?;
        let position = position.unwrap_or(usize::MAX).min(list.len());
        list.splice(position..position, items);
        Ok(reply([("pos", position.into()), ("size", list.len().into())]))
    }

    fn set_range(&mut self, body: &mut Object) -> Outcome {
        require(body, &[("items", Type::Array), ("name", Type::String), ("pos", Type::UInt)])?;
        let (items, position) = (take_objects(body)?, uint(body, "pos").unwrap_or(usize::MAX));
        let list = self.named(body)?;
        let Some(rest) = list.len().checked_sub(position).filter(|rest| *rest > 0) else { return Err(BOUNDS) };
        if items.len() > rest {
            return Err(Refusal::Crash);
        }
        list.splice(position..position + items.len(), items);
        Ok(reply([]))
    }

    fn get(&mut self, body: &mut Object) -> Outcome {
        require(body, &[("name", Type::String)])?;
        check_optional(body, "pos", Type::UInt)?;
        let position = uint(body, "pos");
        let list = self.named(body)?;
        let item = position.map_or_else(|| list.last(), |position| list.get(position)).ok_or(BOUNDS)?;
        Ok(reply([("item", item.clone())]))
    }

    fn get_range(&mut self, body: &mut Object) -> Outcome {
        require(body, &[("name", Type::String), ("rng", Type::Array)])?;
        let range = ordered_range(body)?;
        let max = self.max_response;
        let list = self.named(body)?;
        let items = match range.start {
            // No error here (observed).
            start if start >= list.len() => Vec::new(),
            // The real server goes on behind the end of the list (observed).
            start if start > max => return Err(Refusal::Crash),
            start => list[start..range.stop_within(list.len().min(max))].to_vec(),
        };
        Ok(reply([("items", items.into_iter().collect())]))
    }

    fn remove(&mut self, body: &mut Object) -> Outcome {
        check_optional(body, "head", Type::Bool)?;
        require(body, &[("name", Type::String)])?;
        check_optional(body, "rng", Type::Array)?;
        check_optional(body, "tail", Type::Bool)?;
        let asked = |name: &str| matches!(body.get(name), Some(Value::Bool(true)));
        let (head, tail) = (asked("head"), asked("tail"));
        let range = if body.contains_key("rng") { Some(ordered_range(body)?) } else { None };
        let list = self.named(body)?;
        if usize::from(head) + usize::from(tail) > list.len() {
            return Err(Refusal::Crash);
        }
        if head {
            list.remove(0);
        }
        if tail {
            list.pop();
        }
        if let Some(range) = range {
            // From behind the end, the real server goes on at the beginning: it walks through a ring of the items and the
            // end (read in its source; it was observed to remove nothing where that leads to the end).
            let start = range.start % (list.len() + 1);
            list.drain(start..range.stop_within(list.len()));
        }
        Ok(reply([("size", list.len().into())]))
    }

    fn splice(&mut self, body: &mut Object) -> Outcome {
        check_optional(body, "destName", Type::String)?;
        check_optional(body, "destPos", Type::UInt)?;
        check_optional(body, "srcName", Type::String)?;
        require(body, &[("srcRng", Type::Array)])?;
        if !(body.contains_key("srcName") && body.contains_key("destName")) {
            return Err(EXCEPTION);
        }
        let (source, target) = (take_string(body, "srcName"), take_string(body, "destName"));
        let position = uint(body, "destPos").unwrap_or(usize::MAX);
        let from = self.lists.get_mut(&source).ok_or(NOT_EXIST)?;
        // Bounds are converted, a third one is ignored (observed).
        let mut bounds = take_array(body, "srcRng").into_iter().map(|bound| match bound {
            Value::UInt(bound) => Ok(usize::try_from(bound).unwrap_or(usize::MAX)),
            Value::String(text) => text.parse().map_err(|_| Refusal::Named(ErrorCode::Unknown)),
            _ => Err(Refusal::Named(ErrorCode::Unknown)),
        });
        let start = bounds.next().ok_or(Refusal::Crash)??;
        let range = Range { start, stop: bounds.next().transpose()? };
        if range.runs_backwards() || source == target {
            return Err(Refusal::Crash);
        }
        let stop = range.stop_within(from.len());
        let moved: Vec<_> = from.drain(start.min(stop)..stop).collect();
        let to = self.lists.entry(target).or_default();
        let position = position.min(to.len());
        to.splice(position..position, moved);
        Ok(reply([]))
    }
}

/// The items of a command, which must all be objects.
fn take_objects(body: &mut Object) -> Result<Vec<Value>, Refusal> {
    let items = take_array(body, "items");
    if items.iter().all(|item| matches!(item, Value::Object(_))) {
        Ok(items)
    } else {
        Err(Refusal::Named(ErrorCode::ValueTypeInvalid))
    }
}

fn ordered_range(body: &mut Object) -> Result<Range, Refusal> {
    let range = range(body, ErrorCode::ValueSize)?;
    if range.runs_backwards() { Err(Refusal::Named(ErrorCode::CommandSyntax)) } else { Ok(range) }
}
