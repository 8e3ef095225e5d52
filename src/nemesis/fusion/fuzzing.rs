//! Reads what a fusion server answers.

use super::protocol::Fusion;
use super::reply;
use crate::error::Error;
use crate::nemesis::fuzzing::{is_one_line, routed};
use serde_json::Value;

/// Reads an answer in all ways that commands read theirs.
pub(in crate::nemesis) fn replies(text: &str) {
    for got in routed(&Fusion { payload_limit: 1024 }, text) {
        let results: [Result<(), Error>; 2] = [
            reply::read(&got, 120).and_then(reply::checked).and_then(reply::counted).map(drop),
            reply::read(&got, 120).and_then(|body| body.field::<Value>("key_one")).map(drop),
        ];
        results.iter().filter_map(|result| result.as_ref().err()).for_each(is_one_line);
    }
}
