//! The commands and replies that all contenders build and parse.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// `{"KV_GET":{"keys":["user:1"]}}`
#[derive(Serialize)]
pub(crate) struct Command<'a> {
    #[serde(rename = "KV_GET")]
    pub(crate) body: Keys<'a>,
}

#[derive(Serialize)]
pub(crate) struct Keys<'a> {
    pub(crate) keys: [&'a str; 1],
}

#[derive(Deserialize)]
pub(crate) struct Reply {
    #[serde(rename = "KV_GET_RSP")]
    pub(crate) body: Body,
}

#[derive(Clone, Deserialize)]
pub(crate) struct Body {
    pub(crate) st: u16,
    pub(crate) keys: HashMap<String, User>,
}

#[derive(Clone, Deserialize)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) age: u32,
}

/// The key that every command asks for.
pub(crate) const KEY: &str = "user:1";
/// What the server answers, as the body of a reply.
pub(crate) const BODY: &str = r#"{"keys":{"user:1":{"age":36,"name":"Ada Lovelace"}},"st":1}"#;

pub(crate) fn command() -> Command<'static> {
    Command { body: Keys { keys: [KEY] } }
}

/// Every contender looks at what it parsed, so that no one can skip the work.
pub(crate) fn check(body: &Body) -> Result<(), &'static str> {
    let user = body.keys.get(KEY).ok_or("the key is missing in a reply")?;
    if body.st == 1 && user.age == 36 && !user.name.is_empty() { Ok(()) } else { Err("a reply is wrong") }
}
