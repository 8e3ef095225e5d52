//! What the body of an error answer says.

use super::decode::without_bom;
use crate::error::{Detail, Redaction};
use crate::json::Members;
use serde_json::value::RawValue;

/// The most details of one answer. Further ones are left out.
const DETAILS: usize = 100;
/// How deep errors may lie within each other, in objects and lists.
const DEPTH: usize = 6;

/// Members that hold the text of an error, the more special ones first.
const TEXTS: [&str; 9] =
    ["detail", "message", "error_description", "defaultMessage", "msg", "description", "reason", "error", "title"];
/// Members that hold the server's own code.
const LABELS: [&str; 3] = ["code", "errorCode", "type"];
/// Members that hold the name of a field.
const FIELDS: [&str; 4] = ["field", "name", "property", "parameter"];
/// Members that hold several errors.
const LISTS: [&str; 3] = ["errors", "invalid-params", "violations"];

/// Reads the shapes that are common: problem+json (RFC 9457), JSON:API, `{"message": ...}`, `{"code": ..., "error": ...}`, an
/// object or a list of errors in `error` or `errors`, texts by field, and plain text. Other bodies have no details.
pub(super) fn details(media_type: &str, body: &[u8]) -> Vec<Detail> {
    let mut found = Vec::new();
    match serde_json::from_slice::<&RawValue>(without_bom(body)) {
        Ok(json) => read(json, None, DEPTH, &mut found),
        Err(_) if media_type == "text/plain" => {
            let text = String::from_utf8_lossy(body);
            found.extend(Some(Detail::new(text.trim())).filter(|detail| !detail.text.is_empty()));
        }
        Err(_) => {}
    }
    found
}

/// Hides secrets, so that the details can be shown.
pub(super) fn hide_secrets(details: &mut [Detail], redaction: &Redaction) {
    for detail in details {
        detail.text = redaction.mask(&detail.text);
        for text in [&mut detail.pointer, &mut detail.field, &mut detail.label].into_iter().flatten() {
            *text = redaction.mask(text);
        }
    }
}

/// Reads an error, or several. `field` is the name under which it was found, if that is a field's.
fn read(json: &RawValue, field: Option<&str>, depth: usize, found: &mut Vec<Detail>) {
    if found.len() >= DETAILS || depth == 0 {
        return;
    }
    if let Some(text) = text(json) {
        let detail = Detail::new(&text);
        found.extend(Some(match field {
            Some(field) => detail.with_field(field),
            None => detail,
        }));
    } else if let Ok(each) = serde_json::from_str::<Vec<&RawValue>>(json.get()) {
        each.into_iter().for_each(|json| read(json, field, depth - 1, found));
    } else if let Ok(members) = serde_json::from_str::<Members<'_>>(json.get()) {
        object(&members, field, depth, found);
    }
}

fn object(members: &Members<'_>, field: Option<&str>, depth: usize, found: &mut Vec<Detail>) {
    let before = found.len();
    let inner = LISTS.iter().chain(["error", "detail"].iter()).filter_map(|name| members.get(name));
    for json in inner {
        match serde_json::from_str::<Members<'_>>(json.get()) {
            // By field, as in `{"errors": {"email": ["is taken"]}}`; `error` holds one error.
            Ok(by_field) if !is_error(&by_field) => {
                for (name, json) in &by_field.0 {
                    read(json, Some(name), depth - 1, found);
                }
            }
            Ok(one) if depth > 1 => object(&one, field, depth - 1, found),
            Err(_) if json.get().starts_with('[') => read(json, field, depth - 1, found),
            Ok(_) | Err(_) => {}
        }
    }
    if found.len() > before {
        return;
    }
    let source = members.get("source").and_then(|json| serde_json::from_str::<Members<'_>>(json.get()).ok());
    let texts = |names: &[&str]| names.iter().filter_map(|name| members.get(name)).find_map(|json| text(json));
    let in_source = |name: &str| source.as_ref()?.get(name).and_then(|json| text(json));
    let said = texts(&TEXTS);
    let label = texts(&LABELS).filter(|label| label != "about:blank").or_else(|| {
        // As in `{"error": "invalid_grant", "error_description": ...}`.
        members.get("error").and_then(|json| text(json)).filter(|label| Some(label) != said.as_ref())
    });
    let pointer = in_source("pointer").or_else(|| texts(&["pointer"])).or_else(|| location(members));
    let field = field.map(str::to_owned).or_else(|| texts(&FIELDS)).or_else(|| in_source("parameter"));
    if said.is_none() && label.is_none() {
        return;
    }
    let mut detail = Detail::new(said.unwrap_or_default());
    if let Some(field) = field {
        detail = detail.with_field(field);
    }
    if let Some(pointer) = pointer {
        detail = detail.with_pointer(&pointer);
    }
    if let Some(label) = label {
        detail = detail.with_label(label);
    }
    found.push(detail);
}

/// Returns whether an object is one error, not texts by field.
fn is_error(members: &Members<'_>) -> bool {
    TEXTS.iter().chain(&LABELS).filter_map(|name| members.get(name)).any(|json| text(json).is_some())
}

/// Reads a place that is a list of names: `"loc": ["body", "title"]`.
fn location(members: &Members<'_>) -> Option<String> {
    let names: Vec<&RawValue> = serde_json::from_str(members.get("loc")?.get()).ok()?;
    Some(names.into_iter().filter_map(text).map(|name| format!("/{name}")).collect())
}

/// Returns a text or a number as text.
fn text(json: &RawValue) -> Option<String> {
    match json.get().as_bytes().first()? {
        b'"' => serde_json::from_str(json.get()).ok(),
        b'-' | b'0'..=b'9' => Some(json.get().to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let mut found = details("application/json", body.as_bytes());
        hide_secrets(&mut found, &Redaction::default().hide("s3cret"));
        found.into_iter().map(|detail| (detail.text, detail.field, detail.label)).collect()
    }

    #[test]
    fn the_common_shapes_are_read() {
        let some = |text: &str| Some(text.to_owned());
        for (body, expected) in [
            (
                r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"No name."}"#,
                vec![("No name.", None, None)],
            ),
            (
                r#"{"type":"https://x.org/e/1","title":"Out of credit"}"#,
                vec![("Out of credit", None, some("https://x.org/e/1"))],
            ),
            (
                r##"{"title":"T","errors":[{"detail":"too small","pointer":"#/age"},{"detail":"x","pointer":"#/a/color"}]}"##,
                vec![("too small", some("age"), None), ("x", some("color"), None)],
            ),
            (
                r#"{"title":"T","invalid-params":[{"name":"age","reason":"too small"}]}"#,
                vec![("too small", some("age"), None)],
            ),
            (
                r#"{"jsonapi":{},"errors":[{"title":"T","status":"422","detail":"is null","code":"7","source":{"pointer":"/data/attributes/title/0/value"}},
                   {"title":"Bad","detail":"","source":{"parameter":"sort"}}]}"#,
                vec![("is null", some("title"), some("7")), ("", some("sort"), None)],
            ),
            (r#"{"message":"no s3cret"}"#, vec![("no ***", None, None)]),
            (r#"{"code":101,"error":"Object not found."}"#, vec![("Object not found.", None, some("101"))]),
            (
                r#"{"error":"invalid_grant","error_description":"Wrong password"}"#,
                vec![("Wrong password", None, some("invalid_grant"))],
            ),
            (
                r#"{"error":{"code":404,"message":"No such book","status":"NOT_FOUND"}}"#,
                vec![("No such book", None, some("404"))],
            ),
            (
                r#"{"message":"Invalid.","errors":{"email":["is taken","is long"],"name":"is empty"}}"#,
                vec![
                    ("is taken", some("email"), None),
                    ("is long", some("email"), None),
                    ("is empty", some("name"), None),
                ],
            ),
            (
                r#"{"detail":[{"loc":["body","title"],"msg":"field required","type":"missing"}]}"#,
                vec![("field required", some("title"), some("missing"))],
            ),
            (r#"["one","two"]"#, vec![("one", None, None), ("two", None, None)]),
            (r#"{"code":5}"#, vec![("", None, some("5"))]),
            (r#"{"errors":[],"message":"none"}"#, vec![("none", None, None)]),
        ] {
            let expected: Vec<_> =
                expected.into_iter().map(|(text, field, label)| (text.to_owned(), field, label)).collect();
            assert_eq!(read(body), expected, "{body}");
        }
    }

    #[test]
    fn other_bodies_have_no_details() {
        for body in ["", "<html>", "null", "{}", "[]", "{\"a\":1}", "{\"errors\":", "true"] {
            assert_eq!(read(body), [], "{body}");
        }
        let found = details("text/plain", b" The site is down.\n");
        assert_eq!(found[0].text, "The site is down.");
        assert!(details("text/plain", b" \n").is_empty());
        assert!(details("text/html", b"<p>x").is_empty());
    }

    #[test]
    fn what_a_server_floods_is_bounded() {
        let many = format!("[{}]", vec![r#"{"detail":"x"}"#; 10_000].join(","));
        assert_eq!(read(&many).len(), DETAILS);
        let deep = format!("{}1{}", r#"{"errors":["#.repeat(50), "]}".repeat(50));
        assert_eq!(read(&deep), []);
        let long = read(&format!(r#"{{"message":"{}"}}"#, "x".repeat(100_000)));
        assert!(long[0].0.len() < 2000);
    }
}
