//! The declared parameters of a command, checked as the server checks them.
use super::super::json::{Object, Value};

/// Status numbers of a server 0.9.
pub(super) mod status {
    pub(in super::super) const OK: u32 = 1;
    pub(in super::super) const OP_CODE_INVALID: u32 = 2;
    pub(in super::super) const JSON_INVALID: u32 = 3;
    pub(in super::super) const COMMAND_NOT_EXIST: u32 = 10;
    pub(in super::super) const COMMAND_SYNTAX: u32 = 13;
    pub(in super::super) const COMMAND_DISABLED: u32 = 14;
    pub(in super::super) const NOT_EXIST: u32 = 22;
    pub(in super::super) const PARAM_MISSING: u32 = 26;
    pub(in super::super) const VALUE_TYPE_INVALID: u32 = 41;
    pub(in super::super) const VALUE_SIZE: u32 = 42;
    pub(in super::super) const SAVE_COMPLETE: u32 = 120;
    pub(in super::super) const SAVE_DIR_WRITE_FAIL: u32 = 121;
    pub(in super::super) const SAVE_ERROR: u32 = 122;
    pub(in super::super) const LOADING: u32 = 140;
    pub(in super::super) const LOAD_COMPLETE: u32 = 141;
    pub(in super::super) const LOAD_ERROR: u32 = 142;
    pub(in super::super) const DUPLICATE: u32 = 160;
    pub(in super::super) const BOUNDS: u32 = 161;
    pub(in super::super) const UNKNOWN: u32 = 1000;
}

/// Why a command was not carried out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Answered under the command's name with this status alone.
    Named(u32),
    /// Answered as `ERR`.
    Generic(u32),
    /// The command belongs to no family that exists.
    UnknownFamily,
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
}

impl Type {
    fn fits(self, value: &Value) -> bool {
        matches!(
            (self, value),
            (Self::String, Value::String(_))
                | (Self::UInt, Value::UInt(_))
                | (Self::Array, Value::Array(_))
                | (Self::Object, Value::Object(_))
        )
    }
}

/// Checks the required parameters, one after the other: is it there, has it the type. They must be given in
/// alphabetical order, which is the server's.
pub(super) fn require(body: &Object, parameters: &[(&str, Type)]) -> Result<(), Refusal> {
    debug_assert!(parameters.is_sorted_by_key(|(name, _)| *name), "the server checks in alphabetical order");
    parameters.iter().try_for_each(|(name, kind)| match body.get(*name) {
        None => Err(Refusal::Named(status::PARAM_MISSING)),
        Some(value) if !kind.fits(value) => Err(Refusal::Named(status::VALUE_TYPE_INVALID)),
        Some(_) => Ok(()),
    })
}

/// Takes an object that [`require`] found.
pub(super) fn take_object(body: &mut Object, name: &str) -> Object {
    match body.remove(name) {
        Some(Value::Object(members)) => members,
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
