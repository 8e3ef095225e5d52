//! A fuzz target for what a NemesisDB server answers.

use super::protocol::Nemesis;
use super::reply::Body;
use crate::error::Error;
use crate::rpc::{Message, Protocol, Routes};
use serde_json::Value;
use std::collections::BTreeMap;

const EXCERPT: usize = 120;

/// Routes an answer and reads it in all ways that commands read theirs.
pub fn nemesis_replies(data: &[u8]) {
    let mut routes = Routes::default();
    let message = Message::Text(String::from_utf8_lossy(data).into_owned().into());
    if let Err(what) = Nemesis.route(message, &mut routes) {
        assert!(!what.reason.is_empty());
        return;
    }
    for (key, _, reply) in routes.into_answers() {
        assert!(Nemesis.fits(&key, &key));
        let read: [&dyn Fn(Body<'_>) -> Result<(), Error>; 6] = [
            &|body| body.field::<u64>("cnt").map(drop),
            &|body| body.field::<Vec<Value>>("items").map(drop),
            &|body| body.field::<BTreeMap<String, f64>>("item").map(drop),
            &|body| body.keys::<Value>().map(drop),
            &|body| body.keys::<Vec<i64>>().map(drop),
            &|body| body.whole::<BTreeMap<String, Value>>().map(drop),
        ];
        for read in read {
            if let Err(error) = reply.open(EXCERPT).and_then(read) {
                assert!(!error.to_string().contains(char::is_control), "{error}");
            }
        }
    }
}
