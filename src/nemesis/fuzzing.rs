//! A fuzz target for what a NemesisDB server answers.

use super::protocol::Nemesis;
use crate::error::Error;
use crate::rpc::{Message, Protocol, Routes};
use serde_json::Value;
use std::collections::BTreeMap;

const EXCERPT: usize = 120;

/// Routes an answer and reads it in all ways that commands read theirs.
pub fn nemesis_replies(data: &[u8]) {
    let mut routes = Routes::default();
    let message = Message::Text(String::from_utf8_lossy(data).into_owned().into());
    if let Err(what) = Nemesis::default().route(message, &mut routes) {
        assert!(!what.reason.is_empty());
        return;
    }
    for (key, _, reply) in routes.into_answers() {
        assert!(Nemesis::default().fits(&key, &key));
        let Ok(body) = reply.open(EXCERPT).inspect_err(is_one_line) else { continue };
        let results: [Result<(), Error>; 6] = [
            body.field::<u64>("cnt").map(drop),
            body.field::<Vec<Value>>("items").map(drop),
            body.field::<BTreeMap<String, f64>>("item").map(drop),
            body.keys::<Value>().map(drop),
            body.keys::<Vec<i64>>().map(drop),
            body.whole::<BTreeMap<String, Value>>().map(drop),
        ];
        results.iter().filter_map(|result| result.as_ref().err()).for_each(is_one_line);
    }
}

fn is_one_line(error: &Error) {
    assert!(!error.to_string().contains(char::is_control), "{error}");
}
