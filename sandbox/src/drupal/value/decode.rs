//! Reads a value of JSON:API into what is stored. Dates are converted here; the rest is checked later.
use serde_json::{Map, Value};

use super::time::{parse_date, parse_rfc3339, stored};
use crate::drupal::failure::{Failure, Outcome};
use crate::drupal::schema::{Field, Kind};
use crate::drupal::store::Item;

/// Reads the attribute of a field.
pub(in crate::drupal) fn attribute(field: &Field, value: &Value) -> Outcome<Vec<Item>> {
    let items = itemized(value).into_iter().map(|value| one(field, value)).collect::<Outcome<Vec<_>>>()?;
    Ok(items.into_iter().flatten().filter(|item| !is_empty(field, item)).collect())
}

/// A list, or an object with numbers as keys, has an item each; everything else is one item.
fn itemized(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) if members.keys().all(|key| key.parse::<u64>().is_ok()) => members.values().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

fn one(field: &Field, value: &Value) -> Outcome<Option<Item>> {
    let mut properties = match value {
        Value::Null => return Ok(None),
        Value::Object(members) => members.clone(),
        bare => {
            let main = field.properties().first().copied().unwrap_or("value");
            Map::from_iter([(main.to_owned(), bare.clone())])
        }
    };
    check_names(field, &properties)?;
    let mut item = Item::new();
    for name in field.writable() {
        if let Some(value) = properties.remove(name) {
            item.insert(name.to_owned(), convert(field.kind, value)?);
        }
    }
    Ok(Some(item))
}

/// Refuses properties that the field does not have.
pub(in crate::drupal) fn check_names(field: &Field, properties: &Map<String, Value>) -> Outcome<()> {
    let known = field.properties();
    let unknown: Vec<_> = properties.keys().filter(|name| !known.contains(&name.as_str())).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let writable = field.writable();
    let guesses: Vec<_> = unknown.iter().filter_map(|name| similar(name, &writable)).collect();
    let names = unknown.iter().map(|name| name.as_str()).collect::<Vec<_>>().join("', '");
    let (noun, verb) = if unknown.len() == 1 { ("property", "does") } else { ("properties", "do") };
    let advice = if guesses.len() == unknown.len() {
        format!("Did you mean '{}'?", guesses.join("', '"))
    } else {
        format!("Writable properties are: '{}'.", writable.join("', '"))
    };
    Err(Failure::unprocessable(format!(
        "The {noun} '{names}' {verb} not exist on the '{}' field of type '{}'. {advice}",
        field.name,
        field.type_name()
    )))
}

/// The name that a mistyped one could have meant.
fn similar<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let near = |candidate: &&&str| distance(name, candidate) <= name.len() / 3 || candidate.contains(name);
    candidates.iter().filter(near).min_by_key(|candidate| distance(name, candidate)).copied()
}

/// How many letters have to change to make `b` of `a`.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.bytes().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, right) in b.bytes().enumerate() {
            let next = (corner + usize::from(left != right)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}

fn convert(kind: Kind, value: Value) -> Outcome<Value> {
    let Some(text) = value.as_str().map(str::to_owned).or_else(|| value.as_number().map(ToString::to_string)) else {
        return Ok(value);
    };
    let converted = match kind {
        Kind::Date => parse_date(&text).map(|_| text.clone().into()),
        Kind::DateTime | Kind::DateRange => parse_rfc3339(&text).map(|unix| stored(unix).into()),
        Kind::Timestamp | Kind::Created | Kind::Changed => {
            text.parse::<i64>().ok().or_else(|| parse_rfc3339(&text)).map(Value::from)
        }
        _ => return Ok(value),
    };
    converted.ok_or_else(|| {
        let formats = match kind {
            Kind::Date => r#""Y-m-d" (date-only)"#,
            Kind::DateTime | Kind::DateRange => r#""Y-m-d\TH:i:sP" (RFC 3339), "Y-m-d\TH:i:sO" (ISO 8601)"#,
            _ => r#""U" (UNIX timestamp), "Y-m-d\TH:i:sO" (ISO 8601), "Y-m-d\TH:i:sP" (RFC 3339)"#,
        };
        Failure::unprocessable(format!("The specified date \"{text}\" is not in an accepted format: {formats}."))
    })
}

/// Whether an item holds nothing.
pub(in crate::drupal) fn is_empty(field: &Field, item: &Item) -> bool {
    let empty = |name: &str| matches!(item.get(name), None | Some(Value::Null)) || item.get(name) == Some(&"".into());
    match field.kind {
        Kind::Path => false,
        Kind::Password => empty("value") && empty("existing"),
        Kind::DateRange => empty("value") && empty("end_value"),
        Kind::TextWithSummary => empty("value") && empty("summary"),
        _ => field.properties().first().is_some_and(|main| empty(main)),
    }
}
