//! Reads what a server with sessions answers.

use super::protocol::Sessions;
use super::reply;
use crate::error::Error;
use crate::nemesis::fuzzing::{is_one_line, routed};
use serde_json::Value;

/// Reads an answer in all ways that commands read theirs.
pub(in crate::nemesis) fn replies(text: &str) {
    for got in routed(&Sessions, text) {
        let asked = ["a".to_owned(), "tkn".to_owned()];
        let mut results: Vec<Result<(), Error>> = vec![reply::removed(&got, 120, Some(7), &asked).map(drop)];
        match reply::open(&got, 120, Some(7)) {
            Ok(body) => results.extend([
                reply::by_key::<Value>(&body, &asked).map(drop),
                reply::statuses(&body, &asked, Some).map(drop),
                reply::counted(body).map(drop),
            ]),
            Err(error) => is_one_line(&error),
        }
        results.iter().filter_map(|result| result.as_ref().err()).for_each(is_one_line);
    }
}
