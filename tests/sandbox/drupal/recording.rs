//! Exchanges that were recorded with a real site.
use std::path::Path;

use serde_json::Value;

/// An exchange.
pub struct Exchange {
    pub file: String,
    pub case: String,
    pub seq: u64,
    pub session: Option<String>,
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub status: u16,
    pub answer_headers: Value,
    pub answer: Value,
}

/// All exchanges, in the order in which they happened.
pub fn all() -> Vec<Exchange> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts/drupal");
    let mut exchanges = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        exchanges.extend(text.lines().map(|line| read(&file, &serde_json::from_str(line).unwrap())));
    }
    exchanges.sort_by_key(|exchange| exchange.seq);
    exchanges
}

fn read(file: &str, line: &Value) -> Exchange {
    let text = |name: &str| line[name].as_str().unwrap().to_owned();
    let headers = line["headers"].as_object().unwrap().iter();
    Exchange {
        file: file.to_owned(),
        case: text("case"),
        seq: line["seq"].as_u64().unwrap(),
        session: line["session"].as_str().map(str::to_owned),
        method: text("method"),
        path: text("path"),
        headers: headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect(),
        body: body(&line["body"]),
        status: line["status"].as_u64().unwrap().try_into().unwrap(),
        answer_headers: line["response_headers"].clone(),
        answer: line["response_body"].clone(),
    }
}

fn body(body: &Value) -> Vec<u8> {
    match body {
        Value::Null => Vec::new(),
        Value::String(text) => text.clone().into_bytes(),
        body => match body["base64"].as_str() {
            Some(encoded) => base64(encoded),
            None => body.to_string().into_bytes(),
        },
    }
}

fn base64(text: &str) -> Vec<u8> {
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: String = text.chars().filter_map(|c| digits.find(c)).map(|digit| format!("{digit:06b}")).collect();
    let bytes = bits.as_bytes().chunks_exact(8);
    bytes.map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap()).collect()
}
