//! Expressions in filters, and their values.
use std::borrow::Cow;
use std::cmp::Ordering;

use super::super::super::json::Value;
use super::functions::Function;
use super::{Location, Selector, Step, indexed, named, places};

/// What a filter computes for each value that it tests.
#[derive(Debug)]
pub(super) enum Expression {
    /// From the value that is tested (`@`).
    Here(Vec<Step>),
    /// From the whole value (`$`).
    Root(Vec<Step>),
    Literal(Value),
    Not(Box<Expression>),
    Minus(Box<Expression>),
    Binary(Box<Expression>, Operator, Box<Expression>),
    Call(Function, Vec<Expression>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Plus,
    Minus,
    Times,
    DividedBy,
    Modulo,
}

impl Expression {
    /// Returns whether the condition holds for a value inside `root`.
    pub(super) fn holds(&self, value: &Value, root: &Value) -> bool {
        self.value(value, root).is_some_and(|value| is_true(&value))
    }

    /// Returns `None` if a function does not take its arguments.
    fn value<'v>(&'v self, here: &'v Value, root: &'v Value) -> Option<Cow<'v, Value>> {
        Some(match self {
            Self::Here(steps) => follow(steps, here, root),
            Self::Root(steps) => follow(steps, root, root),
            Self::Literal(literal) => Cow::Borrowed(literal),
            Self::Not(operand) => Cow::Owned(Value::Bool(!is_true(&*operand.value(here, root)?))),
            Self::Minus(operand) => {
                Cow::Owned(arithmetic(&Value::UInt(0), Operator::Minus, &*operand.value(here, root)?))
            }
            Self::Binary(left, operator, right) => {
                let (left, right) = (left.value(here, root)?, right.value(here, root)?);
                match operator {
                    Operator::Or if is_true(&left) => left,
                    Operator::And if !is_true(&left) => left,
                    Operator::Or | Operator::And => right,
                    operator => Cow::Owned(operator.apply(&left, &right)),
                }
            }
            Self::Call(function, arguments) => {
                let arguments = arguments.iter().map(|argument| argument.value(here, root).map(Cow::into_owned));
                Cow::Owned(function(&arguments.collect::<Option<Vec<_>>>()?)?)
            }
        })
    }
}

/// Returns the value that a path leads to, or null. What may lead to several places is an array of their values.
fn follow<'v>(steps: &'v [Step], from: &'v Value, root: &'v Value) -> Cow<'v, Value> {
    let (mut at, start) = (Cow::Borrowed(from), Location::default());
    for (position, step) in steps.iter().enumerate() {
        let next = match (&at, step.descends, &step.selectors[..]) {
            (_, false, [Selector::Name(name)]) => named(name, &start, &at),
            (_, false, [Selector::Index(index)]) => indexed(*index, &start, &at),
            (Cow::Borrowed(value), ..) => {
                let found = places(&steps[position..], value, root);
                return Cow::Owned(found.into_iter().map(|(_, value)| value.into_owned()).collect());
            }
            (Cow::Owned(_), ..) => return Cow::Owned(Value::Array(Vec::new())),
        };
        match next {
            Some((_, value)) => at = value,
            None => at = Cow::Borrowed(&Value::Null),
        }
    }
    at
}

/// Null, false and all that is empty are not true.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    }
}

impl Operator {
    fn apply(self, left: &Value, right: &Value) -> Value {
        // Values that have no order give null.
        let ordered =
            |fits: fn(Ordering) -> bool| order(left, right).map_or(Value::Null, |order| Value::Bool(fits(order)));
        match self {
            Self::Equal => Value::Bool(equal(left, right)),
            Self::Unequal => Value::Bool(!equal(left, right)),
            Self::Less => ordered(Ordering::is_lt),
            Self::LessOrEqual => ordered(Ordering::is_le),
            Self::Greater => ordered(Ordering::is_gt),
            Self::GreaterOrEqual => ordered(Ordering::is_ge),
            _ => arithmetic(left, self, right),
        }
    }
}

/// Compares numbers, or texts.
pub(super) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (left, right) => number(left)?.partial_cmp(&number(right)?),
    }
}

/// Calculates; what is no number gives null.
fn arithmetic(left: &Value, operator: Operator, right: &Value) -> Value {
    let integers = integer(left).zip(integer(right)).and_then(|(left, right)| match operator {
        Operator::Plus => left.checked_add(right),
        Operator::Minus => left.checked_sub(right),
        Operator::Times => left.checked_mul(right),
        Operator::Modulo => left.checked_rem(right),
        _ => None,
    });
    let floats = || {
        let (left, right) = (number(left)?, number(right)?);
        Some(match operator {
            Operator::Plus => left + right,
            Operator::Minus => left - right,
            Operator::Times => left * right,
            Operator::DividedBy => left / right,
            _ => left % right,
        })
    };
    integers.map(Value::Int).or_else(|| floats().map(Value::Float)).unwrap_or(Value::Null)
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::UInt(number) => i64::try_from(*number).ok(),
        _ => None,
    }
}

pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::UInt(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

pub(super) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::UInt(left), Value::UInt(right)) => left == right,
        (Value::Int(left), Value::Int(right)) => left == right,
        (Value::String(left), Value::String(right)) => left == right,
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, left)| right.get(name).is_some_and(|right| equal(left, right)))
        }
        (left, right) => matches!((number(left), number(right)), (Some(left), Some(right)) if left == right),
    }
}
