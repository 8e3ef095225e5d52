//! `raw` of the example program `drupal`, and the recorded exchanges of a real site sent through it.

use crate::drupal_fake::{answer, site};
use crate::drupal_recording::{Exchange, exchanges};
use crate::drupal_user::{User, finished};
use crate::program::{Done, command, parsed};
use serde_json::{Value, json};
use statuswire_sandbox::reexport::{bytes::Bytes, http};
use std::sync::{Arc, Mutex};

#[tokio::test]
async fn answers_are_printed_as_they_are() {
    let user = User::new().await;
    let status = "/user/login_status?_format=json";
    let (code, output, errors) = user.run(&["raw", "get", status]).await;
    assert_eq!((code, output.as_str(), errors.as_str()), (0, "0\n", "200 OK (text/plain)\n"));
    let (_, output, errors) = user.run(&["raw", "GET", status, "--json"]).await;
    let told = parsed(&output);
    assert_eq!((&told["status"], &told["body"], errors.as_str()), (&json!(200), &json!("0"), ""));
    assert_eq!(told["headers"]["content-length"], "1");

    let login = ["raw", "POST", "user/login?_format=json", "--header", "Content-Type: application/json", "--json"];
    let account = ["--body", r#"{"name":"odo","pass":"odo-pass-1"}"#];
    let (code, output, _) = user.run(&[&login as &[&str], &account].concat()).await;
    let told = parsed(&output);
    assert_eq!((code, &told["body"]["current_user"]["name"]), (0, &json!("odo")));
    let cookie = told["headers"]["set-cookie"].as_str().unwrap().split(';').next().unwrap();
    let (_, output, _) = user.run(&["raw", "GET", status, "--header", &format!("Cookie: {cookie}")]).await;
    assert_eq!(output, "1\n");

    // A file goes as it is, and nothing is added to the request.
    let file = user.file("broken.json", b"{\"name\":\xff");
    let (code, _, errors) = user.run(&[&login as &[&str], &["--body-file", &file]].concat()).await;
    assert_eq!((code, &parsed(&errors)["status"]), (4, &json!(500)));
}

#[tokio::test]
async fn bodies_that_are_no_text() {
    let site = site(|_, _| answer(200, "application/octet-stream", b"\xff\x00\x1b".to_vec())).await;
    let raw = async |arguments: &[&str]| {
        let url = site.url();
        let output =
            command("drupal").args(["--base", &url, "raw", "GET", "/"]).args(arguments).output().await.unwrap();
        assert!(output.status.success());
        output.stdout
    };
    assert_eq!(raw(&[]).await, b"\xff\x00\x1b");
    let told: Value = serde_json::from_slice(&raw(&["--json"]).await).unwrap();
    assert_eq!((&told["body"], &told["bytes"]), (&Value::Null, &json!(3)));
}

/// A request is sent once, whatever comes of it.
#[tokio::test]
async fn nothing_is_tried_again() {
    let asked = Arc::new(Mutex::new(0));
    let server = site({
        let asked = asked.clone();
        move |_, _| {
            *asked.lock().unwrap() += 1;
            answer(503, "text/plain", "busy")
        }
    })
    .await;
    let mut raw = command("drupal");
    let (code, _, errors) = finished(raw.args(["--base", &server.url(), "raw", "GET", "/", "--json"])).await;
    assert_eq!((code, &parsed(&errors)["status"]), (4, &json!(503)), "{errors}");
    assert_eq!(*asked.lock().unwrap(), 1);
}

/// Sends the request of an exchange through the program, to a site that answers as recorded.
async fn replay(url: &str, exchange: &Exchange, file: &str) -> Done {
    let mut raw = command("drupal");
    raw.args(["--base", url, "--json", "raw", exchange.method(), exchange.path()]);
    for (name, value) in exchange.request_headers() {
        if name != "host" && name != "content-length" {
            raw.args(["--header", &format!("{name}: {value}")]);
        }
    }
    match exchange.request_body().map(String::from_utf8) {
        None => {}
        Some(Ok(text)) => {
            raw.args(["--body", &text]);
        }
        Some(Err(bytes)) => {
            std::fs::write(file, bytes.as_bytes()).unwrap();
            raw.args(["--body-file", file]);
        }
    }
    finished(&mut raw).await
}

fn recorded(exchange: &Exchange) -> http::Response<Bytes> {
    let mut response = answer(exchange.status(), "", exchange.response_body());
    for (name, value) in exchange.response_headers() {
        if name != "content-length" {
            response.headers_mut().append(http::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
        }
    }
    response
}

#[tokio::test]
async fn every_recorded_answer_leads_to_its_error() {
    let exchanges = exchanges();
    let present = Arc::new(Mutex::new(exchanges[0].clone()));
    let server = site({
        let present = present.clone();
        move |_, _| recorded(&present.lock().unwrap())
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("body");
    let mut wrong = Vec::new();
    for exchange in &exchanges {
        *present.lock().unwrap() = exchange.clone();
        let (code, output, errors) = replay(&server.url(), exchange, file.to_str().unwrap()).await;
        let found = match code {
            0 => {
                assert_eq!(parsed(&output)["status"], exchange.status(), "{}", exchange.case());
                None
            }
            _ => {
                let error = parsed(&errors);
                // A page of HTML in place of an answer is no failed answer.
                if exchange.status() != 200 {
                    assert_eq!(error["status"], exchange.status(), "{}", exchange.case());
                }
                let number = |error: &Value| error["code"].as_i64().unwrap_or(i64::MIN);
                let children = error["children"].as_array().map(|children| children.iter().map(number).collect());
                Some((number(&error), children.unwrap_or_default()))
            }
        };
        if found != exchange.proposed_error() {
            wrong.push(format!("{}: {found:?}, not {:?}: {errors}", exchange.case(), exchange.proposed_error()));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}
