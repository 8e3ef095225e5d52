//! The examples that show one idea each: they run without arguments and show it.

use crate::program::{command, done, output};

/// Fails unless the program succeeds, says nothing on standard error, and prints all of these texts.
async fn shows(name: &str, expected: &[&str]) {
    let (status, text, errors) = done(output(&mut command(name)).await);
    assert_eq!((status, errors.as_str()), (0, ""), "{name}: {text}");
    for expected in expected {
        assert!(text.contains(expected), "{name} does not print {expected:?}: {text}");
    }
}

#[tokio::test]
async fn connect() {
    shows("connect", &["Ada Lovelace", "user:2 is None", "11 keys over 1 connection"]).await;
}

#[tokio::test]
async fn match_error() {
    let expected = ["there is no such save", "FAILED_PRECONDITION", "not sent", "it did not run", "it may have run"];
    shows("match_error", &expected).await;
}

#[tokio::test]
async fn events() {
    shows("events", &["AppVersionChanged", "LicenseBlacklisted", "state: "]).await;
}

#[tokio::test]
async fn batch() {
    shows("batch", &["stored 10000 rows", "333283335000", "saved tuesday", "no/such/name: "]).await;
}

#[tokio::test]
async fn test_with_fault() {
    let expected = [
        "the reply was lost: the server received 1 and stored 1",
        "the command was lost: the server received 2 and stored 1",
    ];
    shows("test_with_fault", &expected).await;
}

#[tokio::test]
async fn private_ca() {
    shows("private_ca", &["connected over TLS", "refused: ", "UnknownIssuer"]).await;
}

#[tokio::test]
async fn codes_only() {
    shows("codes_only", &["22 is NotExist", "KeyNotExist is 22", "999 is listed: false"]).await;
}

#[tokio::test]
async fn own_service() {
    let expected = ["2 + 3 = 5", "the sum of 1000 sums is 999000", "TooLarge (2)", "OUT_OF_RANGE", "at attempt 3"];
    shows("own_service", &expected).await;
}

#[tokio::test]
async fn own_http_service() {
    let expected = ["Emma, Moby Dick, Walden", "OnLoan (12)", "FAILED_PRECONDITION", "2 books after a lost connection"];
    shows("own_http_service", &expected).await;
}

/// As with `| head -0`.
#[tokio::test]
async fn a_reader_that_is_gone_is_no_failure() {
    let names =
        ["batch", "codes_only", "connect", "events", "match_error", "private_ca", "test_with_fault", "own_service"];
    for name in names {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let (status, _, errors) = done(output(command(name).stdout(writer)).await);
        assert_eq!((status, errors.as_str()), (0, ""), "{name}");
    }
}
