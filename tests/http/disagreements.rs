//! Responses whose status, headers and body contradict each other or the request: never wrong bytes, and an error that
//! says what contradicts.

use crate::support::files::{FILE, Files, chain, chunked, client, collect, plain, respond};
use statuswire::error::Cause;

const SIZE: u64 = FILE.len() as u64;

/// Returns a response with these headers and bytes, with and without a length.
fn framed(status: &str, headers: &str, body: &[u8]) -> [Vec<u8>; 3] {
    let close = format!("{headers}Connection: close\r\n");
    [plain(status, headers, body), chunked(status, headers, body, 7), respond(status, &close, body)]
}

/// Fetches the file from `from` on. Bytes that are returned must be right, whatever the end is.
async fn fetch(answer: Vec<u8>, from: usize) -> Result<usize, statuswire::Error> {
    let files = Files::in_pieces(answer, 9).await;
    let (bytes, end) = collect(&client(), files.link("/f"), from as u64..SIZE).await;
    assert!(FILE[from..].starts_with(&bytes), "{bytes:?}");
    end.map(|_| bytes.len())
}

/// Fetches the file; it must fail before a byte is returned.
async fn refused(answer: Vec<u8>, from: usize, why: &str) {
    let files = Files::in_pieces(answer, 9).await;
    let (bytes, end) = collect(&client(), files.link("/f"), from as u64..SIZE).await;
    let error = end.unwrap_err();
    assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
    assert!(error.to_string().contains(why), "{error}");
    assert!(bytes.is_empty(), "{bytes:?} before {error}");
}

#[tokio::test]
async fn a_200_that_names_its_part_is_that_part_or_an_error() {
    let range = "Content-Range: bytes 30-42/43\r\n";
    assert_eq!(fetch(plain("200 OK", range, &FILE[30..]), 30).await.unwrap(), 13);
    assert_eq!(fetch(plain("200 OK", range, &FILE[30..]), 35).await.unwrap(), 8);
    for [_, chunks, close] in [framed("200 OK", range, &FILE[30..]), framed("200 OK", range, FILE)] {
        refused(chunks, 30, "answers 200, the whole file, and its Content-Range is from byte 30").await;
        refused(close, 30, "answers 200, the whole file").await;
    }
    refused(plain("200 OK", range, FILE), 30, "sends 43 bytes, and its Content-Range is from byte 30 to byte 42").await;
    for whole in framed("200 OK", "Content-Range: bytes 0-42/43\r\n", FILE) {
        assert_eq!(fetch(whole, 30).await.unwrap(), 13);
    }
    for wrong in ["bytes */43", "items 30-42/43", "bytes 42-30/43", "/f?sign=1"] {
        for answer in framed("200 OK", &format!("Content-Range: {wrong}\r\n"), FILE) {
            refused(answer, 30, "does not say which part").await;
        }
    }
    // A request without a range.
    refused(plain("200 OK", range, &FILE[30..]), 0, "from byte 30 to byte 42 instead of byte 0").await;
}

#[tokio::test]
async fn a_200_with_another_length_than_the_file_is_refused() {
    for body in [&FILE[30..], &FILE[..42], b"", &[FILE, b"!"].concat()] {
        for from in [0, 30] {
            refused(plain("200 OK", "", body), from, &format!("sends {} bytes, not 43", body.len())).await;
        }
    }
    // Without a length, the rest cannot be told from the whole file before the end: the error is final.
    let rest = Files::answering(chunked("200 OK", "", &FILE[5..], 7)).await;
    let (_, end) = collect(&client(), rest.link("/f"), 5..SIZE).await;
    let error = end.unwrap_err();
    assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
    assert!(error.to_string().contains("ended at byte 38 of 43, although the server answered 200"), "{error}");
}

#[tokio::test]
async fn a_206_that_begins_earlier_is_skipped_into() {
    for (first, from) in [(0, 5), (4, 5), (0, 42), (29, 30)] {
        for whole in ["43", "*"] {
            let range = format!("Content-Range: bytes {first}-42/{whole}\r\n");
            for answer in framed("206 Partial Content", &range, &FILE[first..]) {
                assert_eq!(fetch(answer, from).await.unwrap(), FILE.len() - from);
            }
        }
    }
}

#[tokio::test]
async fn a_206_with_less_than_was_requested_can_be_continued() {
    for answer in framed("206 Partial Content", "Content-Range: bytes 5-20/43\r\n", &FILE[5..21]) {
        let files = Files::answering(answer).await;
        let (bytes, end) = collect(&client(), files.link("/f"), 10..SIZE).await;
        let error = end.unwrap_err();
        assert_eq!(bytes, &FILE[10..21]);
        assert!(error.is_retryable() && chain(&error).contains("ended at byte 21 of 43"), "{error:?}");
    }
    // More than it announces is not the file.
    for answer in &framed("206 Partial Content", "Content-Range: bytes 5-20/43\r\n", &FILE[5..])[1..] {
        let error = fetch(answer.clone(), 5).await.unwrap_err();
        assert!(error.to_string().contains("beyond its Content-Range at byte 21"), "{error}");
    }
}

#[tokio::test]
async fn a_206_that_contradicts_itself_or_the_request_is_refused() {
    let several = "Content-Range: bytes 5-42/43\r\nContent-Range: bytes 5-42/43\r\n";
    for (headers, why) in [
        ("", "without Content-Range"),
        ("Content-Type: Multipart/byteranges; boundary=x\r\n", "several parts (multipart/byteranges)"),
        (several, "several Content-Range headers"),
        ("Content-Range: bytes 0-4/43, bytes 5-42/43\r\n", "does not say which part"),
        ("Content-Range: items 5-42/43\r\n", "does not say which part"),
        ("Content-Range: bytes -5-42/43\r\n", "does not say which part"),
        ("Content-Range: bytes 5-42\r\n", "does not say which part"),
        ("Content-Range: bytes 5-18446744073709551616/*\r\n", "does not say which part"),
        ("Content-Range: bytes 0-18446744073709551615/*\r\n", "beyond its 43 bytes"),
        ("Content-Range: bytes 5-43/*\r\n", "up to byte 43, beyond its 43 bytes"),
        ("Content-Range: bytes 5-42/44\r\n", "the file has 44 bytes, not 43"),
        ("Content-Range: bytes 6-42/43\r\n", "from byte 6 to byte 42 instead of byte 5"),
        ("Content-Range: bytes 0-4/43\r\n", "from byte 0 to byte 4 instead of byte 5"),
    ] {
        for answer in framed("206 Partial Content", headers, &FILE[5..]) {
            refused(answer, 5, why).await;
        }
    }
    let range = "Content-Range: bytes 5-42/43\r\n";
    for body in [&FILE[6..], FILE] {
        refused(plain("206 Partial Content", range, body), 5, "bytes, and its Content-Range is from byte 5").await;
    }
    // Without a range in the request.
    refused(plain("206 Partial Content", range, &FILE[5..]), 0, "instead of byte 0").await;
    refused(plain("206 Partial Content", "", FILE), 0, "without Content-Range").await;
    for answer in framed("206 Partial Content", "Content-Range: bytes 0-42/43\r\n", FILE) {
        assert_eq!(fetch(answer, 0).await.unwrap(), 43);
    }
}

#[tokio::test]
async fn a_416_says_how_long_the_file_is() {
    for (headers, why) in [
        ("Content-Range: bytes */3\r\n", Some("the file has 3 bytes, not 43")),
        ("Content-Range: bytes */43\r\n", Some("43 bytes as expected, but the server does not send byte 5")),
        ("Content-Range: bytes */99999999999999999999\r\n", None),
        ("", None),
    ] {
        let error = fetch(plain("416 Range Not Satisfiable", headers, b""), 5).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Http(failure) if failure.status == 416), "{error:?}");
        let chain = chain(&error);
        assert!(why.is_none_or(|why| chain.contains(why)), "{chain}");
    }
}

#[tokio::test]
async fn the_version_is_the_strong_tag_or_else_the_date() {
    let date = "Last-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n";
    for (headers, version) in [
        ("ETag: \"a\"\r\n".to_owned() + date, Some("\"a\"")),
        ("ETag: W/\"a\"\r\n".to_owned() + date, Some("Wed, 21 Oct 2015 07:28:00 GMT")),
        ("ETag: W/\"a\"\r\n".to_owned(), None),
    ] {
        let files = Files::answering(plain("200 OK", &headers, FILE)).await;
        let download = client().download(files.link("/f"), 0..SIZE).await.unwrap();
        assert_eq!(download.version(), version);
    }
}
