//! Exchanges that were recorded with real servers, repeated with the fake ones.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use crate::support::raw::{Got, Raw, masked};
use serde_json::{Map, Value};
use statuswire_sandbox::{Nemesis, NemesisFusion, NemesisSessions, Server, Service};
use tokio::net::TcpStream;

/// How names and values are changed before they are sent and compared.
#[derive(Clone, Copy, PartialEq)]
enum Names {
    AsRecorded,
    Renamed,
}

macro_rules! recordings {
    ($($test:ident: $file:literal),*) => {$(
        mod $test {
            use super::*;

            #[tokio::test]
            async fn as_recorded() {
                replay($file, Names::AsRecorded).await;
            }

            #[tokio::test]
            async fn renamed() {
                replay($file, Names::Renamed).await;
            }
        }
    )*};
}

recordings! {
    general: "general",
    kv: "kv",
    limits: "limits",
    pipelining: "pipelining",
    lifecycle: "lifecycle",
    persist: "persist",
    persist_disabled: "persist-disabled",
    object_arrays: "oarr",
    integer_arrays: "iarr",
    string_arrays: "strarr",
    sorted_integer_arrays: "siarr",
    sorted_string_arrays: "sstrarr",
    two_sorted_arrays: "arr-two-sorted",
    lists: "olst",
    max_and_clear: "max-and-clear"
}

macro_rules! older_recordings {
    ($($test:ident: $generation:ident $file:literal),*) => {$(
        #[tokio::test]
        async fn $test() {
            $generation($file).await;
        }
    )*};
}

older_recordings! {
    sessions_of_all_kinds: sessions "session",
    sessions_general: sessions "general",
    sessions_kv: sessions "kv",
    sessions_pipelining: sessions "pipelining",
    sessions_find_and_update: sessions "find-update",
    sessions_saves: sessions "save-load",
    sessions_without_saves: sessions "save-disabled",
    fusion_general: fusion "general",
    fusion_kv: fusion "kv",
    fusion_append: fusion "append",
    fusion_pipelining: fusion "pipelining"
}

async fn replay(file: &str, names: Names) {
    let lines = recorded("current", file);
    let persist = lines[0]["config"]["persist"]["enabled"].as_bool().unwrap_or(true);
    let sandbox = Nemesis::builder().persist(persist).start().await.unwrap();
    replay_lines(&sandbox, &lines, names).await;
}

async fn sessions(file: &str) {
    let lines = recorded("sessions", file);
    let save = lines[0]["config"]["session"]["save"]["enabled"].as_bool().unwrap_or(true);
    let sandbox = NemesisSessions::builder().save(save).start().await.unwrap();
    replay_lines(&sandbox, &lines, Names::AsRecorded).await;
}

async fn fusion(file: &str) {
    let sandbox = NemesisFusion::start().await.unwrap();
    replay_lines(&sandbox, &recorded("fusion", file), Names::AsRecorded).await;
}

fn recorded(generation: &str, file: &str) -> Vec<Value> {
    let file = format!("tests/transcripts/nemesis-{generation}/{file}.jsonl");
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn replay_lines<S: Service>(sandbox: &Server<S>, lines: &[Value], names: Names) {
    let mut replayed = 0;
    let (mut connections, mut tokens) = (HashMap::new(), Tokens::default());
    for line in lines {
        if let Some(action) = line["action"].as_str() {
            act(sandbox, &mut connections, action).await;
        } else if line["replay"] != false {
            exchange(sandbox, &mut connections, &tokens.in_line(line), names, &mut tokens).await;
            replayed += 1;
        }
    }
    assert!(replayed > 0);
}

/// The tokens of sessions: recorded ones with those that the fake server gave in their places.
#[derive(Default)]
struct Tokens(Vec<(String, String)>);

impl Tokens {
    /// Pairs the tokens in two replies. Short ones are no server's.
    fn learn(&mut self, recorded: &str, got: &str) {
        let tokens = |text: &str| {
            let parts = text.split("\"tkn\":").skip(1);
            let digits = parts.map(|part| part.chars().take_while(char::is_ascii_digit).collect::<String>());
            digits.collect::<Vec<_>>()
        };
        for pair in tokens(recorded).into_iter().zip(tokens(got)) {
            if pair.0.len() > 6 && !self.0.contains(&pair) {
                self.0.push(pair);
            }
        }
    }

    fn in_text(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (recorded, got)| text.replace(recorded, got))
    }

    /// The exchange with the fake server's tokens.
    fn in_line(&self, line: &Value) -> Value {
        serde_json::from_str(&self.in_text(&line.to_string())).unwrap()
    }
}

/// What a hand on the server did.
async fn act<S: Service>(sandbox: &Server<S>, connections: &mut HashMap<String, Raw>, action: &str) {
    if action.starts_with("SIGKILL") {
        return sandbox.kill().await;
    }
    if let Some(seconds) = action.strip_prefix("wait ").and_then(|rest| rest.strip_suffix(" s")) {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(seconds.parse().unwrap())).await;
        return tokio::time::resume();
    }
    if action.starts_with("SIGTERM") {
        sandbox.stop().await;
        for (_, mut raw) in connections.drain() {
            assert_eq!(raw.next().await, Got::Close(1000, String::new()));
        }
    }
    assert!(action.contains("start"), "unknown action {action}");
    sandbox.restart().await.unwrap();
}

async fn exchange<S: Service>(
    sandbox: &Server<S>,
    connections: &mut HashMap<String, Raw>,
    line: &Value,
    names: Names,
    tokens: &mut Tokens,
) {
    let case = line["case"].as_str().unwrap();
    let want: Vec<&str> = line["recv"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    let want_close = line["close"]["code"].as_u64();
    let session = line["session"].as_str().unwrap_or("a").to_owned();
    if !connections.contains_key(&session) {
        if TcpStream::connect(sandbox.addr()).await.is_err() {
            assert_eq!((want.len(), want_close), (0, Some(1006)), "{case}: connection refused");
            return;
        }
        connections.insert(session.clone(), Raw::connect(sandbox.addr()).await);
    }
    let raw = connections.get_mut(&session).unwrap();
    // A write may fail where the recorded one did not: which end of a dead connection notices first is chance.
    let _ = tokio::io::AsyncWriteExt::write_all(&mut raw.stream, &outgoing(line, names)).await;
    let (mut got, mut close) = (Vec::new(), None);
    while got.len() < want.len() || want_close.is_some() {
        match raw.next().await {
            Got::Text(text) => got.push(text),
            Got::Pong(payload) => got.push(format!("<pong>{}", String::from_utf8(payload).unwrap())),
            Got::Ping(payload) => got.push(format!("<ping>{}", String::from_utf8(payload).unwrap())),
            Got::Close(code, _) => close = Some(u64::from(code)),
            Got::Eof(_) => {
                close = close.or(Some(1006));
                connections.remove(&session);
                break;
            }
            other => panic!("{case}: {other:?}"),
        }
    }
    assert_eq!(close, want_close, "{case}: the end of the connection");
    if close.is_none() {
        connections.get_mut(&session).unwrap().expect_nothing_more().await;
    }
    assert_eq!(got.len(), want.len(), "{case}: {got:?}");
    for (got, want) in got.iter().zip(&want) {
        tokens.learn(want, got);
        match names {
            Names::AsRecorded => assert_eq!(seen(got), seen(&tokens.in_text(want)), "{case}"),
            Names::Renamed => assert_eq!(unordered(got), unordered(&rename(want)), "{case}"),
        }
    }
}

fn outgoing(line: &Value, names: Names) -> Vec<u8> {
    if let Some(raw) = line["raw_hex"].as_str() {
        return bytes(raw);
    }
    let first = match line["op"].as_str() {
        None => 0x81,
        Some("binary") => 0x82,
        Some("close") => 0x88,
        Some("ping") => 0x89,
        Some(other) => panic!("unknown op {other}"),
    };
    if let Some(payload) = line["send_hex"].as_str() {
        return masked(first, &bytes(payload));
    }
    let text = |text: &Value| match names {
        Names::AsRecorded => text.as_str().unwrap().to_owned(),
        Names::Renamed => rename(text.as_str().unwrap()),
    };
    let more = line["send_more"].as_array().into_iter().flatten();
    std::iter::once(&line["send"]).chain(more).flat_map(|send| masked(first, text(send).as_bytes())).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// The text with what differs from run to run set to zero.
fn without_duration(text: &str) -> String {
    ["\"duration\":", "\"remaining\":", "\"qryCnt\":"].into_iter().fold(text.to_owned(), |text, name| {
        let Some((before, after)) = text.split_once(name) else { return text };
        format!("{before}{name}0{}", after.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-'))
    })
}

/// What a client sees: of a reply with a float its value, of all others their text.
fn seen(text: &str) -> Value {
    fn has_float(value: &Value) -> bool {
        match value {
            Value::Number(number) => number.is_f64(),
            Value::Array(items) => items.iter().any(has_float),
            Value::Object(members) => members.values().any(has_float),
            _ => false,
        }
    }
    let text = without_duration(text);
    serde_json::from_str(&text).ok().filter(has_float).unwrap_or_else(|| text.into())
}

/// Equal for replies that differ in order alone: new names sort differently.
fn unordered(text: &str) -> Value {
    let Ok(mut reply) = serde_json::from_str::<Value>(&without_duration(text)) else { return text.into() };
    for body in reply.as_object_mut().into_iter().flat_map(Map::values_mut) {
        if let Some(keys) = body.get_mut("keys").and_then(Value::as_array_mut) {
            keys.sort_by_key(Value::to_string);
        }
    }
    reply
}

/// Renames all keys, values and names of saves and arrays in a request or a reply; every text keeps its length.
fn rename(text: &str) -> String {
    let Ok(Value::Object(message)) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    // What only a lenient reader understands would not survive this.
    if message.len() != 1 || Value::Object(message.clone()).to_string().len() != text.len() {
        return text.to_owned();
    }
    let renamed = message.into_iter().map(|(command, body)| {
        let Value::Object(body) = body else { return (command, body) };
        let known =
            |name: &str| matches!(name, "keys" | "contains" | "name" | "srcA" | "srcB" | "srcName" | "destName");
        let body = body.into_iter().map(|(name, value)| {
            let value = if known(&name) { rename_all(value) } else { value };
            (name, value)
        });
        (command, Value::Object(body.collect()))
    });
    Value::Object(renamed.collect()).to_string()
}

fn rename_all(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(rotate(&text)),
        Value::Array(items) => items.into_iter().map(rename_all).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (rotate(&name), rename_all(value))).collect(),
        other => other,
    }
}

/// `a` becomes `n`, `n` becomes `a`; digits turn around.
fn rotate(text: &str) -> String {
    let turn = |c: char, first: u8, count: u8| char::from(first + (c as u8 - first + count / 2) % count);
    text.chars()
        .map(|c| match c {
            'a'..='z' => turn(c, b'a', 26),
            'A'..='Z' => turn(c, b'A', 26),
            '0'..='9' => turn(c, b'0', 10),
            other => other,
        })
        .collect()
}
