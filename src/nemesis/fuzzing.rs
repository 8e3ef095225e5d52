//! A fuzz target for what a NemesisDB server answers.

#[cfg(feature = "nemesis-older")]
use super::fusion::fuzzing as fusion;
use super::protocol::Nemesis;
use super::reply::Reply;
#[cfg(feature = "nemesis-older")]
use super::sessions::fuzzing as sessions;
use crate::error::Error;
use crate::rpc::{Message, Protocol, Routes};
use serde_json::Value;
use std::collections::BTreeMap;

const EXCERPT: usize = 120;

/// Routes an answer, as each generation does, and reads it in all ways that commands read theirs.
pub fn nemesis_replies(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    #[cfg(feature = "nemesis-older")]
    {
        sessions::replies(&text);
        fusion::replies(&text);
    }
    for reply in routed(&Nemesis::default(), &text) {
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

/// Returns the replies in a message.
pub(super) fn routed<P: Protocol<Reply = Reply>>(protocol: &P, text: &str) -> Vec<Reply> {
    let mut routes = Routes::default();
    if let Err(what) = protocol.route(Message::Text(text.into()), &mut routes) {
        assert!(!what.reason.is_empty());
        return Vec::new();
    }
    let answers = routes.into_answers().map(|(key, _, reply)| {
        assert!(protocol.fits(&key, &key) || protocol.is_ambiguous(&key));
        reply
    });
    answers.collect()
}

pub(super) fn is_one_line(error: &Error) {
    assert!(!error.to_string().contains(char::is_control), "{error}");
}
