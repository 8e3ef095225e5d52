//! The texts in an answer of Drupal.

use serde_json::Value;

/// Returns the texts that rules are asked about: the `detail` of each of `errors`, else `message`, else a body that is text,
/// but no page of HTML; of a `message` with several lines and the status 422, the lines behind the first. One empty text if
/// there are no others.
pub(super) fn texts(status: u64, content_type: &str, body: &Value) -> Vec<String> {
    let texts: Vec<_> = if let Some(errors) = body["errors"].as_array() {
        errors.iter().filter_map(|error| error["detail"].as_str()).map(str::to_owned).collect()
    } else if let Some(message) = body["message"].as_str() {
        let lines: Vec<_> = message.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
        if status == 422 && lines.len() > 1 { lines[1..].to_vec() } else { vec![message.to_owned()] }
    } else if !content_type.starts_with("text/html") {
        body.as_str().map(str::to_owned).into_iter().collect()
    } else {
        Vec::new()
    };
    if texts.is_empty() { vec![String::new()] } else { texts }
}

#[test]
fn the_texts_of_each_shape_are_found() {
    let json = |text: &str| serde_json::from_str(text).unwrap();
    for (status, content_type, body, expected) in [
        (
            422,
            "application/vnd.api+json",
            json(r#"{"errors":[{"detail":"a\nb"},{"detail":""},{"title":"x"}]}"#),
            vec!["a\nb", ""],
        ),
        (422, "application/json", json(r#"{"message":"Failed.\na: 1.\n\nb: 2.\n"}"#), vec!["a: 1.", "b: 2."]),
        (422, "application/json", json(r#"{"message":"Only this."}"#), vec!["Only this."]),
        (400, "application/json", json(r#"{"message":"One\nTwo"}"#), vec!["One\nTwo"]),
        (500, "text/plain; charset=UTF-8", json(r#""Failed.""#), vec!["Failed."]),
        (404, "text/xml; charset=UTF-8", json(r#""<message>No.</message>""#), vec!["<message>No.</message>"]),
        (404, "text/html; charset=UTF-8", json(r#""<p>The page could not be found.</p>""#), vec![""]),
        (403, "", json(r#""""#), vec![""]),
    ] {
        assert_eq!(texts(status, content_type, &body), expected, "{body}");
    }
}
