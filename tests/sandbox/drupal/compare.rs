//! Compares answers by the role of what differs from run to run: numbers and UUIDs of what was made, times, tokens.
use std::collections::BTreeMap;

use serde_json::Value;

/// What stands for what: recorded texts and numbers, and ours.
#[derive(Default)]
pub struct Roles {
    pairs: BTreeMap<String, String>,
}

/// The largest numbers of the content with which the site starts.
const FIXTURES: [(&str, u64); 9] = [
    ("nid", 14),
    ("vid", 14),
    ("tid", 7),
    ("revision_id", 10),
    ("uid", 6),
    ("fid", 0),
    ("cid", 0),
    ("mid", 0),
    ("pid", 1),
];

impl Roles {
    /// Notes a pair, or checks the one that was noted before.
    pub fn fits(&mut self, kind: &str, recorded: &str, ours: &str) -> bool {
        let known = self.pairs.entry(format!("{kind} {recorded}")).or_insert_with(|| ours.to_owned());
        known == ours
    }

    pub fn ours(&self, kind: &str, recorded: &str) -> Option<&String> {
        self.pairs.get(&format!("{kind} {recorded}"))
    }

    /// Replaces all recorded UUIDs in a text by ours.
    pub fn translate(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for uuid in uuids(&text.clone()) {
            if let Some(ours) = self.ours("uuid", &uuid) {
                text = text.replace(&uuid, ours);
            }
        }
        text
    }

    /// Compares two values; the result says where they differ.
    pub fn compare(&mut self, path: &str, recorded: &Value, ours: &Value) -> Result<(), String> {
        let differs = || Err(format!("{path}: recorded {recorded}, ours {ours}"));
        match (recorded, ours) {
            (Value::Object(a), Value::Object(b)) => {
                let (a, b) = (named_by_target(a), named_by_target(b));
                let known: Vec<String> = a.keys().map(|name| self.translate(name)).collect();
                if let Some(name) = b.keys().find(|name| !known.contains(name) && !a.contains_key(*name)) {
                    return Err(format!("{path}/{name}: only ours: {}", b[name]));
                }
                for (name, recorded) in &a {
                    let Some(ours) = b.get(name).or_else(|| b.get(&self.translate(name))) else {
                        return Err(format!("{path}/{name}: only recorded: {recorded}"));
                    };
                    self.compare(&format!("{path}/{name}"), recorded, ours)?;
                }
                Ok(())
            }
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
                a.iter().zip(b).enumerate().try_for_each(|(i, (a, b))| self.compare(&format!("{path}/{i}"), a, b))
            }
            (Value::String(a), Value::String(b)) => {
                if self.texts(path, a, b) {
                    Ok(())
                } else {
                    differs()
                }
            }
            (Value::Number(a), Value::Number(b)) if self.numbers(path, a.as_f64(), b.as_f64()) => Ok(()),
            _ if recorded == ours => Ok(()),
            _ => differs(),
        }
    }

    fn numbers(&mut self, path: &str, recorded: Option<f64>, ours: Option<f64>) -> bool {
        let (Some(a), Some(b)) = (recorded, ours) else { return false };
        let name = path.trim_end_matches("/0/value").rsplit('/').next().unwrap_or_default();
        if name.ends_with("timestamp") && a > 1_795_000_000.0 {
            return b > 1_795_000_000.0;
        }
        let name = name.trim_start_matches("drupal_internal__");
        if name.ends_with("target_id") && a > 7.0 {
            return self.fits("number", &a.to_string(), &b.to_string());
        }
        match FIXTURES.iter().find(|(known, _)| *known == name) {
            Some((kind, most)) if a > *most as f64 => self.fits(kind, &a.to_string(), &b.to_string()),
            _ => a == b,
        }
    }

    fn texts(&mut self, path: &str, recorded: &str, ours: &str) -> bool {
        if path.ends_with("_token") {
            return is_token(recorded) && is_token(ours);
        }
        if path.ends_with("/uid") && recorded.parse().is_ok_and(|number: u64| number > 6) {
            return self.fits("uid", recorded, ours);
        }
        let (a, b) = (uuids(recorded), uuids(ours));
        if a.len() != b.len() {
            return false;
        }
        let mut recorded = recorded.to_owned();
        for (recorded_id, ours_id) in a.iter().zip(&b) {
            if !self.fits("uuid", recorded_id, ours_id) {
                return false;
            }
            recorded = recorded.replace(recorded_id, ours_id);
        }
        masked(&recorded) == masked(ours)
    }
}

pub fn is_token(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Links that were left out have random names; here they are called by what they lead to.
fn named_by_target(members: &serde_json::Map<String, Value>) -> BTreeMap<String, &Value> {
    let name = |(name, value): (&String, &Value)| match name.starts_with("item--") {
        true => value["href"].as_str().unwrap_or_default().to_owned(),
        false => name.clone(),
    };
    members.iter().map(|(key, value)| (name((key, value)), value)).collect()
}

/// Hides times of the recording and numbers of versions that were made.
fn masked(text: &str) -> String {
    let mut masked = text.to_owned();
    for start in ["2026-11-21T09:5", "2026-11-21T10:0"] {
        while let Some(at) = masked.find(start) {
            masked.replace_range(at..at + 19, "<now>");
        }
    }
    let version = "resourceVersion=id%3A";
    if let Some(at) = masked.find(version) {
        let digits: String = masked[at + version.len()..].chars().take_while(char::is_ascii_digit).collect();
        if digits.parse::<u64>().is_ok_and(|number| number > 14) {
            masked = masked.replace(&format!("{version}{digits}"), "resourceVersion=<made>");
        }
    }
    masked
}

/// UUIDs in a text that are not of the content with which the site starts.
fn uuids(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let is_uuid = |text: &str| {
        text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    };
    let starts = (0..bytes.len().saturating_sub(35)).filter(|at| bytes[at + 8] == b'-' && bytes[at + 23] == b'-');
    let starts = starts.filter(|at| text.is_char_boundary(*at) && text.is_char_boundary(at + 36));
    let found = starts.map(|at| &text[at..at + 36]).filter(|text| is_uuid(text));
    found.filter(|uuid| !uuid.starts_with("00000000") && !uuid.starts_with("11111111")).map(str::to_owned).collect()
}
