//! Filters: conditions on a value.
use super::super::super::json::Value;
use super::{Step, places};

/// A condition.
#[derive(Debug)]
pub(super) enum Expression {
    Or(Vec<Expression>),
    And(Vec<Expression>),
    Not(Box<Expression>),
    Compare(Operand, Operator, Operand),
    /// Holds unless the operand is missing, null, false or empty.
    Is(Operand),
}

#[derive(Debug)]
pub(super) enum Operand {
    /// From the value that is tested (`@`).
    Here(Vec<Step>),
    /// From the whole value (`$`).
    Root(Vec<Step>),
    Literal(Value),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Expression {
    /// Returns whether the condition holds for a value inside `root`.
    pub(super) fn holds(&self, value: &Value, root: &Value) -> bool {
        match self {
            Self::Or(any) => any.iter().any(|condition| condition.holds(value, root)),
            Self::And(all) => all.iter().all(|condition| condition.holds(value, root)),
            Self::Not(condition) => !condition.holds(value, root),
            Self::Compare(left, operator, right) => {
                operator.compares(left.value(value, root), right.value(value, root))
            }
            Self::Is(operand) => match operand.value(value, root) {
                Value::Null | Value::Bool(false) => false,
                Value::String(text) => !text.is_empty(),
                Value::Array(items) => !items.is_empty(),
                Value::Object(members) => !members.is_empty(),
                _ => true,
            },
        }
    }
}

impl Operand {
    /// Returns the first value that the operand leads to, or null.
    fn value<'v>(&'v self, value: &'v Value, root: &'v Value) -> &'v Value {
        let (steps, from) = match self {
            Self::Here(steps) => (steps, value),
            Self::Root(steps) => (steps, root),
            Self::Literal(literal) => return literal,
        };
        places(steps, from, root).first().map_or(&Value::Null, |(_, value)| value)
    }
}

impl Operator {
    fn compares(self, left: &Value, right: &Value) -> bool {
        use std::cmp::Ordering;
        let order = match (left, right) {
            (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
            (left, right) => match (number(left), number(right)) {
                (Some(left), Some(right)) => left.partial_cmp(&right),
                _ => None,
            },
        };
        match self {
            Self::Equal => equal(left, right),
            Self::Unequal => !equal(left, right),
            Self::Less => order == Some(Ordering::Less),
            Self::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Self::Greater => order == Some(Ordering::Greater),
            Self::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        }
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::UInt(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

fn equal(left: &Value, right: &Value) -> bool {
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
