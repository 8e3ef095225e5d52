//! The declared parameters of a command, checked as the server checks them.
use super::json::{Object, Value};
use statuswire::codes::nemesis::ErrorCode;

/// A status stands in a reply as its number.
impl From<ErrorCode> for Value {
    fn from(status: ErrorCode) -> Self {
        u32::from(status.value()).into()
    }
}

/// Why a command was not carried out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Answered under the command's name with this status alone.
    Named(ErrorCode),
    /// The same under the name of another command.
    Misnamed(&'static str, ErrorCode),
    /// Answered as `ERR`.
    Generic(ErrorCode),
    /// The command belongs to no family that exists.
    UnknownFamily,
    /// A real server dies of it, at once or later.
    Crash,
}

/// The body of a reply.
pub(super) type Outcome = Result<Value, Refusal>;

/// The JSON type of a parameter.
#[derive(Clone, Copy, Debug)]
pub(super) enum Type {
    String,
    /// An integer without sign and fraction.
    UInt,
    Array,
    Object,
    Bool,
}

impl Type {
    fn fits(self, value: &Value) -> bool {
        matches!(
            (self, value),
            (Self::String, Value::String(_))
                | (Self::UInt, Value::UInt(_))
                | (Self::Array, Value::Array(_))
                | (Self::Object, Value::Object(_))
                | (Self::Bool, Value::Bool(_))
        )
    }
}

/// Checks the required parameters, one after the other: is it there, has it the type. They must be given in
/// alphabetical order, which is the server's.
pub(super) fn require(body: &Object, parameters: &[(&str, Type)]) -> Result<(), Refusal> {
    debug_assert!(parameters.is_sorted_by_key(|(name, _)| *name), "the server checks in alphabetical order");
    parameters.iter().try_for_each(|(name, kind)| match body.get(name) {
        None => Err(Refusal::Named(ErrorCode::ParamMissing)),
        Some(value) if !kind.fits(value) => Err(Refusal::Named(ErrorCode::ValueTypeInvalid)),
        Some(_) => Ok(()),
    })
}

/// Takes an object that [`require`] found.
pub(super) fn take_object(body: &mut Object, name: &str) -> Object {
    match body.remove(name) {
        Some(Value::Object(members)) => members.sorted(),
        _ => Object::new(),
    }
}

/// The strings of an array that [`require`] found; everything else in it is skipped (observed).
pub(super) fn take_strings(body: &mut Object, name: &str) -> Vec<String> {
    let Some(Value::Array(items)) = body.remove(name) else { return Vec::new() };
    let string = |item| if let Value::String(text) = item { Some(text) } else { None };
    items.into_iter().filter_map(string).collect()
}

/// Takes a string that [`require`] found.
pub(super) fn take_string(body: &mut Object, name: &str) -> String {
    match body.remove(name) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    }
}

/// Takes an array that [`require`] found.
pub(super) fn take_array(body: &mut Object, name: &str) -> Vec<Value> {
    match body.remove(name) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

/// A number, if it is there; greater ones than memory has places for become the greatest.
pub(super) fn uint(body: &Object, name: &str) -> Option<usize> {
    match body.get(name) {
        Some(Value::UInt(number)) => Some(usize::try_from(*number).unwrap_or(usize::MAX)),
        _ => None,
    }
}

/// Checks the type of a parameter that may be missing.
pub(super) fn check_optional(body: &Object, name: &str, kind: Type) -> Result<(), Refusal> {
    match body.get(name) {
        Some(value) if !kind.fits(value) => Err(Refusal::Named(ErrorCode::ValueTypeInvalid)),
        _ => Ok(()),
    }
}

/// The body of a reply: these members and status 1.
pub(super) fn reply<const N: usize>(members: [(&str, Value); N]) -> Value {
    let mut body: Object = members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    body.insert("st".to_owned(), ErrorCode::Ok.into());
    Value::Object(body)
}

/// A range of positions; the end is exclusive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) start: usize,
    pub(super) stop: Option<usize>,
}

impl Range {
    pub(super) fn runs_backwards(self) -> bool {
        self.stop.is_some_and(|stop| self.start > stop)
    }

    /// The end, cut to a limit.
    pub(super) fn stop_within(self, limit: usize) -> usize {
        self.stop.map_or(limit, |stop| stop.min(limit))
    }
}

/// Takes the range, which was found to be an array.
pub(super) fn range(body: &mut Object, wrong_count: ErrorCode) -> Result<Range, Refusal> {
    let bounds = take_array(body, "rng").into_iter().map(|bound| match bound {
        Value::UInt(bound) => Ok(usize::try_from(bound).unwrap_or(usize::MAX)),
        _ => Err(Refusal::Named(ErrorCode::ValueTypeInvalid)),
    });
    match bounds.collect::<Result<Vec<_>, _>>()?[..] {
        [start] => Ok(Range { start, stop: None }),
        [start, stop] => Ok(Range { start, stop: Some(stop) }),
        _ => Err(Refusal::Named(wrong_count)),
    }
}
