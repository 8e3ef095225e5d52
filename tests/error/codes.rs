//! Errors with a code: its classification takes precedence over that of the cause.

use serde_json::json;
use statuswire::codes::nemesis::ErrorCode;
use statuswire::codes::{AnyCode, Code, Kind, Recovery, nemesis_fusion, nemesis_sessions};
use statuswire::error::{CloseFrame, Context, ServerStatus};
use statuswire::{Cause, Delivery, Error};
use std::time::Duration;

fn nemesis(code: ErrorCode, status: ServerStatus) -> Error {
    let context = Context::new("nemesis").with_endpoint("ws://127.0.0.1:1987").with_command("OARR_SET");
    Error::status(code, status).with_context(context)
}

#[test]
fn the_line_names_code_and_number() {
    let duplicate = nemesis(ErrorCode::Duplicate, ServerStatus::new());
    let line = duplicate.to_string();
    assert!(line.starts_with("nemesis OARR_SET: Duplicate (160): "), "{line}");
    assert!(line.ends_with("; correct the request (answered)"), "{line}");

    let with_message = nemesis(ErrorCode::Bounds, ServerStatus::new().with_message("pos"));
    assert_eq!(with_message.to_string(), "nemesis OARR_SET: Bounds (161): pos; correct the request (answered)");

    let empty_message = nemesis(ErrorCode::Duplicate, ServerStatus::new().with_message(""));
    assert_eq!(empty_message.to_string(), line);

    let unlisted = nemesis(ErrorCode::from_value(4711), ServerStatus::new());
    let expected = "nemesis OARR_SET: unlisted status 4711; ask the operator of the service (answered)";
    assert_eq!(unlisted.to_string(), expected);
}

#[test]
fn every_code_has_a_short_line_and_a_problem() {
    let tables = [ErrorCode::table(), nemesis_sessions::ErrorCode::table(), nemesis_fusion::ErrorCode::table()];
    for info in tables.iter().flat_map(|table| table.codes) {
        let error = Error::status(AnyCode::from(info), ServerStatus::new());
        let line = error.to_string();
        assert!(line.starts_with(&format!("{} ({}): ", info.name, info.value)), "{line}");
        assert!(line.chars().count() < 320 && !line.contains('\n') && !line.contains(".;"), "{line}");
        assert_eq!((error.kind(), error.recovery()), (info.kind, info.recovery));
        assert!((400..600).contains(&error.to_problem().status), "{line}");
    }
}

#[test]
fn parts_are_named() {
    let children = vec![ErrorCode::ParamMissing.into(), ErrorCode::from_value(9).into()];
    let error =
        nemesis(ErrorCode::CommandSyntax, ServerStatus::new().with_message("two faults").with_children(children));
    let expected = "nemesis OARR_SET: CommandSyntax (13): two faults, with ParamMissing (26), unlisted status 9";
    assert!(error.to_string().starts_with(expected), "{error}");
}

#[test]
fn a_status_keeps_what_the_client_read() {
    struct Member(&'static str);
    let status = ServerStatus::new().with_body(r#"{"a":"***"}"#).with_answer(Member("s3cret"));
    let error = nemesis(ErrorCode::NotExist, status.clone());
    let Cause::Status(kept) = error.cause() else { panic!("{error:?}") };
    assert_eq!(kept.answer::<Member>().unwrap().0, "s3cret");
    assert!(kept.answer::<&str>().is_none() && ServerStatus::new().answer::<Member>().is_none());
    assert!(!format!("{error} {error:#} {error:?} {:?}", error.to_problem()).contains("s3cret"));
    assert!(**kept == status && status != ServerStatus::new().with_body(r#"{"a":"***"}"#));
}

#[test]
fn a_code_is_read_back_as_its_own_type_only() {
    let error = nemesis(ErrorCode::NotExist, ServerStatus::new());
    assert_eq!(error.code_as::<ErrorCode>(), Some(ErrorCode::NotExist));
    assert_eq!(error.code_as::<nemesis_sessions::ErrorCode>(), None);
    assert_eq!(error.code(), Some(AnyCode::of(ErrorCode::NotExist)));
    assert_eq!((error.kind(), error.recovery()), (Kind::NotFound, Recovery::Correct));
}

#[test]
fn a_client_made_failure_may_have_a_code() {
    let error =
        Error::new(Cause::Timeout(statuswire::error::Phase::Reply), Delivery::MaybeSent).with_code(ErrorCode::Unknown);
    assert_eq!(error.kind(), Kind::Unknown);
    assert!(error.to_string().starts_with("Unknown (1000): no reply came in time; "), "{error}");
    assert!(error.is_timeout() && !error.is_retryable());
}

#[test]
fn a_close_code_has_the_meaning_that_the_service_gives_it() {
    let close = CloseFrame::new(4000, "bye").with_known(nemesis_sessions::ErrorCode::SessionNotExist);
    let error = Error::new(Cause::Closed(close), Delivery::MaybeSent);
    assert_eq!(error.code_as(), Some(nemesis_sessions::ErrorCode::SessionNotExist));
    assert_eq!(error.kind(), nemesis_sessions::ErrorCode::SessionNotExist.kind());
    let expected = "SessionNotExist (100): the server closed the connection with code 4000, saying \"bye\"; ";
    assert!(error.to_string().starts_with(expected), "{error}");
}

#[test]
fn debug_names_the_code() {
    let error = nemesis(ErrorCode::NotExist, ServerStatus::new().with_children(vec![ErrorCode::Bounds.into()]));
    let text = format!("{error:?}");
    assert!(text.contains("nemesis 22 NotExist") && text.contains("nemesis 161 Bounds"), "{text}");
}

#[test]
fn a_problem_has_the_code_in_it() {
    let error = nemesis(ErrorCode::NotExist, ServerStatus::new().with_message("no array `a`"))
        .with_retry_after(Duration::from_secs(1));
    let expected = json!({
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "NotExist (22): no array `a`",
        "code": 22,
        "name": "NotExist",
        "table": "nemesis",
        "kind": "NOT_FOUND",
        "delivery": "answered",
        "retry_after": 1,
    });
    assert_eq!(serde_json::to_value(error.to_problem()).unwrap(), expected);

    let at_home = error.to_problem().with_type_base("https://errors.example");
    assert_eq!(at_home.type_uri, "https://errors.example/nemesis/NotExist");
    assert_eq!(at_home.title, ErrorCode::NotExist.meaning());

    let unlisted = nemesis(ErrorCode::from_value(4711), ServerStatus::new()).to_problem();
    let document = serde_json::to_value(unlisted.with_type_base("https://errors.example")).unwrap();
    assert_eq!((&document["type"], &document["code"]), (&json!("https://errors.example/UNKNOWN"), &json!(4711)));
    assert!(document.get("name").is_none());
}

#[test]
fn a_success_that_came_as_an_error_is_no_success_for_others() {
    assert_eq!(nemesis(ErrorCode::Ok, ServerStatus::new()).to_problem().status, 500);
}
