//! The recorded exchanges of a real site.

use serde_json::Value;
use std::fs;
use std::path::Path;

/// A recorded exchange.
#[derive(Clone)]
pub struct Exchange(pub Value);

/// Returns the exchanges of all recordings, in the order in which they took place.
pub fn exchanges() -> Vec<Exchange> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts/drupal");
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    let mut all: Vec<_> = files.flat_map(|path| of_file(&path)).collect();
    all.sort_by_key(|exchange| exchange.0["seq"].as_u64());
    assert!(all.len() > 400);
    all
}

fn of_file(path: &Path) -> Vec<Exchange> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| Exchange(serde_json::from_str(line).unwrap())).collect()
}

/// Returns one exchange.
pub fn exchange(case: &str) -> Exchange {
    exchanges().into_iter().find(|exchange| exchange.case() == case).unwrap_or_else(|| panic!("no exchange {case}"))
}

impl Exchange {
    pub fn case(&self) -> &str {
        self.text("case")
    }

    pub fn method(&self) -> &str {
        self.text("method")
    }

    pub fn path(&self) -> &str {
        self.text("path")
    }

    pub fn status(&self) -> u16 {
        self.0["status"].as_u64().unwrap().try_into().unwrap()
    }

    fn text(&self, member: &str) -> &str {
        self.0[member].as_str().unwrap()
    }

    pub fn request_headers(&self) -> Vec<(String, String)> {
        headers(&self.0["headers"])
    }

    pub fn response_headers(&self) -> Vec<(String, String)> {
        headers(&self.0["response_headers"])
    }

    pub fn request_body(&self) -> Option<Vec<u8>> {
        match &self.0["body"] {
            Value::Null => None,
            Value::String(text) => Some(text.clone().into_bytes()),
            Value::Object(object) if object.contains_key("base64") => Some(base64(object["base64"].as_str().unwrap())),
            json => Some(json.to_string().into_bytes()),
        }
    }

    /// Returns the body of the answer. Of a long page of HTML only the beginning was kept.
    pub fn response_body(&self) -> Vec<u8> {
        match &self.0["response_body"] {
            Value::Null => Vec::new(),
            Value::String(text) => text.clone().into_bytes(),
            Value::Object(object) if object.contains_key("text_head") => {
                object["text_head"].as_str().unwrap().to_owned().into_bytes()
            }
            json => json.to_string().into_bytes(),
        }
    }

    /// Returns the code, and the codes of the single errors if they differ.
    pub fn proposed_error(&self) -> Option<(i64, Vec<i64>)> {
        let error = self.0.get("proposed_error")?;
        let children = error["children"].as_array().into_iter().flatten().map(|child| child.as_i64().unwrap());
        Some((error["code"].as_i64().unwrap(), children.collect()))
    }
}

fn headers(value: &Value) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    for (name, value) in value.as_object().unwrap() {
        match value {
            Value::Array(values) => {
                headers.extend(values.iter().map(|value| (name.clone(), value.as_str().unwrap().to_owned())));
            }
            value => headers.push((name.clone(), value.as_str().unwrap().to_owned())),
        }
    }
    headers
}

/// Decodes base64; the recordings have nothing malformed.
fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.bytes().filter_map(|byte| DIGITS.iter().position(|digit| *digit == byte));
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for digit in digits {
        bits = bits << 6 | u32::try_from(digit).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff).try_into().unwrap());
        }
    }
    bytes
}
