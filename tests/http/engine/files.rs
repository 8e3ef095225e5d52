//! Files of a service, downloaded by ranges.

use super::client;
use crate::support::within;
use statuswire::download::{Download, Sum, Verified};
use statuswire::http::Request;
use statuswire::reexport::http::StatusCode;
use statuswire_sandbox::Then;
use statuswire_sandbox::http::{Fault, Routes, Server, text};
use statuswire_sandbox::reexport::bytes::Bytes;
use statuswire_sandbox::reexport::http::Response;

const FILE: &[u8] = b"the quick brown fox jumps over the lazy dog, and over again";

async fn serving() -> Server<Routes<()>> {
    let routes = Routes::new(()).on("/file", |(), call| {
        assert_eq!(call.request.headers()["accept-encoding"], "identity");
        let range = call.request.headers().get("range").map(|range| range.to_str().unwrap().to_owned());
        let from = range.map_or(0, |range| range.trim_matches(|c: char| !c.is_ascii_digit()).parse::<usize>().unwrap());
        let answer = Response::builder().header("etag", "\"v1\"");
        match from {
            0 => answer.body(Bytes::from_static(FILE)),
            from => answer
                .status(StatusCode::PARTIAL_CONTENT)
                .header("content-range", format!("bytes {from}-{}/{}", FILE.len() - 1, FILE.len()))
                .body(Bytes::from_static(&FILE[from..])),
        }
        .unwrap()
    });
    Server::start(routes).await.unwrap()
}

#[tokio::test]
async fn an_interrupted_file_is_continued_and_verified() {
    let server = serving().await;
    server.fault(Fault::any().nth(1).cut_body(10, Then::Eof));
    server.fault(Fault::any().nth(2).cut_body(10, Then::Reset));
    let dir = tempfile::TempDir::new().unwrap();
    let source = client(&server.url()).file(Request::get("file")).with_sum(Sum::of(FILE));
    let saved = within(Download::new("file").save_in(source, dir.path())).await.unwrap();
    assert_eq!(saved.verified, Verified::File);
    assert_eq!(std::fs::read(saved.path.unwrap()).unwrap(), FILE);
    assert!(server.record().total_received() >= 3);
}

#[tokio::test]
async fn failures_name_the_request() {
    let server = serving().await;
    server.fault(Fault::any().reply(text(StatusCode::NOT_FOUND, "no such file")));
    let dir = tempfile::TempDir::new().unwrap();
    let source = client(&server.url()).file(Request::get("file"));
    let error = within(Download::new("file").save_in(source, dir.path())).await.unwrap_err();
    assert_eq!((&*error.context().command, error.details()[0].text.as_str()), ("GET /file", "no such file"));
    // A body in chunks does not tell its size.
    server.clear_faults();
    let chunked = Response::builder().header("transfer-encoding", "chunked").body(Bytes::from_static(FILE)).unwrap();
    server.fault(Fault::any().reply(chunked));
    let source = client(&server.url()).file(Request::get("file"));
    let error = within(Download::new("file").save_in(source, dir.path())).await.unwrap_err();
    assert!(error.to_string().contains("does not tell the size"), "{error}");
}
