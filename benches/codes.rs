//! Looking codes up: by number against a `match` written by hand, by name against std's `HashMap` with the same names.
//!
//! Both are measured alternately in one process, in slices of a few microseconds, so that whatever else the machine does
//! meets both alike; what is told is the median ratio of all rounds.
#![allow(missing_docs, unreachable_pub)]

mod support;

use statuswire::codes::nemesis::ErrorCode;
use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// What one would write without a generator.
#[derive(Clone, Copy)]
#[allow(dead_code)]
enum ByHand {
    Ok,
    OpCodeInvalid,
    JsonInvalid,
    PathInvalid,
    NoPath,
    CommandNotExist,
    CommandMultiple,
    CommandType,
    CommandSyntax,
    CommandDisabled,
    NotExist,
    ParamMissing,
    ValueMissing,
    ValueTypeInvalid,
    ValueSize,
    SaveComplete,
    SaveDirWriteFail,
    SaveError,
    Loading,
    LoadComplete,
    LoadError,
    Duplicate,
    Bounds,
    Unknown,
    Other(u16),
}

impl ByHand {
    const fn from_value(value: u16) -> Self {
        match value {
            1 => Self::Ok,
            2 => Self::OpCodeInvalid,
            3 => Self::JsonInvalid,
            4 => Self::PathInvalid,
            5 => Self::NoPath,
            10 => Self::CommandNotExist,
            11 => Self::CommandMultiple,
            12 => Self::CommandType,
            13 => Self::CommandSyntax,
            14 => Self::CommandDisabled,
            22 => Self::NotExist,
            26 => Self::ParamMissing,
            40 => Self::ValueMissing,
            41 => Self::ValueTypeInvalid,
            42 => Self::ValueSize,
            120 => Self::SaveComplete,
            121 => Self::SaveDirWriteFail,
            122 => Self::SaveError,
            140 => Self::Loading,
            141 => Self::LoadComplete,
            142 => Self::LoadError,
            160 => Self::Duplicate,
            161 => Self::Bounds,
            1000 => Self::Unknown,
            other => Self::Other(other),
        }
    }
}

/// The time of one pass of a lookup over all keys.
fn time<K: Copy, T>(keys: &[K], lookup: impl Fn(K) -> T) -> Duration {
    let start = Instant::now();
    for _ in 0..20 {
        for key in keys {
            black_box(lookup(black_box(*key)));
        }
    }
    start.elapsed()
}

/// One round: many short passes of both lookups by turns; how many times as long ours take.
fn round<K: Copy, T, U>(keys: &[K], ours: impl Fn(K) -> T, theirs: impl Fn(K) -> U) -> f64 {
    let passes = if support::is_quick() { 10 } else { 2_000 };
    let (mut our_time, mut their_time) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..passes {
        their_time += time(keys, &theirs);
        our_time += time(keys, &ours);
    }
    our_time.div_duration_f64(their_time)
}

fn main() {
    // All listed values among as many unlisted ones, in an order that no branch predictor likes.
    let mut values: Vec<u16> = ErrorCode::ALL.iter().map(|code| code.value()).collect();
    values.extend((0..values.len() as u16).map(|n| n * 41 + 7));
    let order = |n: &u16| n.wrapping_mul(40_503);
    values.sort_by_key(order);
    let names: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.name()).collect();
    let map: HashMap<&str, ErrorCode> = ErrorCode::ALL.iter().map(|code| (code.name(), *code)).collect();

    let (mut by_number, mut by_name) = (Vec::new(), Vec::new());
    for _ in 0..support::rounds() {
        by_number.push(round(&values, ErrorCode::from_value, ByHand::from_value));
        by_name.push(round(&names, ErrorCode::from_name, |name| map.get(name).copied()));
    }
    support::report("number-to-code/match", by_number);
    support::report("name-to-code/hashmap", by_name);
}
