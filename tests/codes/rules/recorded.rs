//! The recorded answers of a Drupal site lead to the codes that their recordings say.

use super::texts::texts;
use serde_json::Value;
use statuswire::codes::Answer;
use statuswire::codes::drupal::{Condition, ErrorCode, RULES};
use std::fs;

/// The exchanges of all recordings.
fn exchanges() -> Vec<Value> {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts/drupal");
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files
        .flat_map(|path| {
            let text = fs::read_to_string(path).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
        })
        .collect()
}

/// Does the condition hold for an exchange?
fn holds(exchange: &Value, condition: Condition) -> bool {
    let (sent, answered) = (&exchange["headers"], &exchange["response_headers"]);
    let is_html = answered["content-type"].as_str().is_some_and(|value| value.starts_with("text/html"));
    match condition {
        Condition::CredentialsSent => sent.get("cookie").is_some() || sent.get("authorization").is_some(),
        Condition::NoContentType => sent.get("content-type").is_none(),
        Condition::Upload => sent.get("content-disposition").is_some(),
        Condition::SessionCleared => {
            answered["set-cookie"].as_str().is_some_and(|cookie| cookie.contains("=deleted; "))
        }
        Condition::LogoutConfirmation => {
            answered["location"].as_str().is_some_and(|location| location.contains("/user/logout/confirm"))
        }
        // Those that read a page asked for HTML.
        Condition::UnexpectedBody => is_html && exchange["method"] == "POST",
        _ => false,
    }
}

/// Returns the code of an exchange, and the codes of its texts if they differ.
fn mapped(exchange: &Value) -> (Option<ErrorCode>, Vec<i16>) {
    let status = exchange["status"].as_u64().unwrap();
    let answer = Answer::new(
        u16::try_from(status).unwrap(),
        exchange["method"].as_str().unwrap(),
        exchange["path"].as_str().unwrap(),
    );
    let content_type = exchange["response_headers"]["content-type"].as_str().unwrap_or_default();
    let codes: Vec<_> = texts(status, content_type, &exchange["response_body"])
        .iter()
        .filter_map(|text| RULES.find(&answer, text, |condition| holds(exchange, condition)))
        .map(|rule| rule.code())
        .collect();
    let code = RULES.combined(codes.iter().copied());
    let children = if code == Some(ErrorCode::AggregateError) { codes } else { Vec::new() };
    (code, children.into_iter().map(ErrorCode::value).collect())
}

#[test]
fn recorded_answers_lead_to_their_codes() {
    let (mut errors, mut successes, mut wrong) = (0, 0, Vec::new());
    for exchange in exchanges() {
        let (code, children) = mapped(&exchange);
        let expected = exchange.get("proposed_error");
        *if expected.is_some() { &mut errors } else { &mut successes } += 1;
        let expected = expected.map(|error| {
            let children = error["children"].as_array().into_iter().flatten().map(|child| child.as_i64().unwrap());
            (error["code"].as_i64().unwrap(), error["name"].as_str().unwrap().to_owned(), children.collect::<Vec<_>>())
        });
        let found = code.map(|code| {
            let children = children.into_iter().map(i64::from).collect();
            (i64::from(code.value()), code.name().to_owned(), children)
        });
        if found != expected {
            wrong.push(format!("{}: {found:?} instead of {expected:?}", exchange["case"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!((errors, successes), (232, 174));
}
