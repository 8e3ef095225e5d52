//! What a program sees of attempts: the hook and the traces.

use super::{Plain, options};
use crate::support::traced::Traced;
use crate::support::within;
use statuswire::http::{Builder, Request};
use statuswire::reexport::http::StatusCode;
use statuswire_sandbox::http::{Fault, Routes, Server, text};
use statuswire_sandbox::reexport::bytes::Bytes;
use statuswire_sandbox::reexport::http::Response;
use std::sync::{Arc, Mutex};

const SECRET: &str = "c4nAry-secret";

#[tokio::test]
async fn each_attempt_is_seen_and_no_secret() {
    let traced = Traced::start();
    let there = Response::builder().status(302).header("location", format!("/thing?token={SECRET}"));
    let routes = Routes::new(())
        .reply("/here", there.body(Bytes::new()).unwrap())
        .reply("/thing", text(StatusCode::OK, SECRET))
        .reply("/bad", text(StatusCode::BAD_REQUEST, SECRET));
    let server = Server::start(routes).await.unwrap();
    server.fault(Fault::on("/thing").nth(1).drop_connection());
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let record = Arc::clone(&seen);
    let base = server.url();
    let client = Builder::new(&base, Plain)
        .options(options().with_secret_header("authorization", SECRET))
        .on_attempt(move |attempt| {
            let outcome = match attempt.outcome {
                Ok(status) => status.as_u16().to_string(),
                Err(error) => format!("{} {}", error.kind(), error.delivery()),
            };
            let url = attempt.url.strip_prefix(&base).unwrap();
            record.lock().unwrap().push(format!("{} {} {url}: {outcome}", attempt.number, attempt.method));
        })
        .build()
        .unwrap();
    within(client.send(Request::get("here").query("key", SECRET))).await.unwrap();
    let error = within(client.send(Request::post("bad").query("key", SECRET).body(SECRET).secret())).await.unwrap_err();
    let expected = [
        "1 GET /here?key=***: 302",
        "1 GET /thing?token=***: UNAVAILABLE maybe_sent",
        "2 GET /here?key=***: 302",
        "2 GET /thing?token=***: 200",
        "1 POST /bad?key=***: INVALID_ARGUMENT answered",
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
    assert_eq!(&*error.context().command, "POST /bad?key=***");
    let ours: Vec<String> =
        traced.text().lines().filter(|line| line.contains("statuswire")).map(str::to_owned).collect();
    assert!(ours.iter().any(|line| line.contains("trying again")), "{ours:?}");
    assert!(ours.iter().any(|line| line.contains("GET /here?key=***")), "{ours:?}");
    assert!(!ours.iter().any(|line| line.contains(SECRET)), "{ours:?}");
}
