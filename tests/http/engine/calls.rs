//! Requests as they arrive, and answers as they are read.

use super::{client, options, with};
use crate::support::within;
use statuswire::http::Request;
use statuswire::reexport::http::StatusCode;
use statuswire::{Cause, Delivery};
use statuswire_sandbox::http::{Fault, Routes, Server, json, text};
use statuswire_sandbox::reexport::bytes::Bytes;
use statuswire_sandbox::reexport::http::Response;
use statuswire_sandbox::reexport::serde_json::json as value;

async fn echo() -> Server<Routes<()>> {
    let routes = Routes::new(()).on("/*", |(), call| {
        let headers = call.request.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap()));
        let headers: std::collections::BTreeMap<_, _> = headers.collect();
        let body = String::from_utf8_lossy(call.request.body());
        let target = call.request.uri().to_string();
        json(StatusCode::OK, &value!({ "target": target, "headers": headers, "body": body }))
    });
    Server::start(routes).await.unwrap()
}

#[tokio::test]
async fn requests_arrive_as_they_were_made() {
    let server = echo().await;
    let options = options().with_header("x-team", "harbour").with_header("x-both", "options");
    let client = with(&format!("{}/site/", server.url()), options);
    let request = Request::post("/notes?_format=json")
        .segment("a/b ?")
        .query("filter[name]", "Ann & Bo")
        .query("filter[name]", "+%")
        .header("x-both", "request")
        .json(&value!({ "x": 1 }));
    let answer = within(client.send(request)).await.unwrap();
    let got: serde_json::Value = answer.json().unwrap();
    let target = "/site/notes/a%2Fb%20%3F?_format=json&filter%5Bname%5D=Ann%20%26%20Bo&filter%5Bname%5D=%2B%25";
    assert_eq!(got["target"], target);
    assert_eq!((&got["headers"]["x-team"], &got["headers"]["x-both"]), (&"harbour".into(), &"request".into()));
    assert_eq!((&got["headers"]["content-type"], &got["body"]), (&"application/json".into(), &r#"{"x":1}"#.into()));
    assert_eq!(got["headers"]["content-length"], "7");
    assert_eq!(got["headers"]["accept-encoding"], "gzip");
    assert_eq!(answer.request().path(), "/site/notes/a%2Fb%20%3F");
    assert_eq!((answer.status(), answer.media_type().as_str()), (StatusCode::OK, "application/json"));
    // A request without a body that usually has one says so.
    let got: serde_json::Value = within(client.json(Request::post("x"))).await.unwrap();
    assert_eq!(
        (&got["headers"]["content-length"], &got["headers"]["accept"]),
        (&"0".into(), &"application/json".into())
    );
    let got: serde_json::Value = within(client.json(Request::get("x"))).await.unwrap();
    assert_eq!(got["headers"].get("content-length"), None);
}

#[tokio::test]
async fn invalid_requests_are_not_sent() {
    let server = echo().await;
    let client = client(&server.url());
    let broken: std::collections::HashMap<Vec<u8>, u8> = [(vec![1], 1)].into();
    for (request, why) in [
        (Request::get("a/../b"), "segment of dots"),
        (Request::get("a").segment(".."), "cannot be a segment"),
        (Request::get("a").segment(""), "cannot be a segment"),
        (Request::get("a#b"), "%23"),
        (Request::get("a").header("b c", "d"), "header name"),
        (Request::get("a").secret_header("b", "s3cret\n"), "not allowed in headers"),
        (Request::post("a").json(&broken), "JSON"),
        (Request::get("ftp://host/"), "neither http nor https"),
    ] {
        let error = within(client.send(request)).await.unwrap_err();
        assert!(error.is_invalid_request() && error.to_string().contains(why), "{error}");
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
    }
    assert_eq!(server.record().total_received(), 0);
}

#[tokio::test]
async fn json_errors_tell_the_path_and_the_beginning() {
    let routes = Routes::new(())
        .reply("/list", json(StatusCode::OK, &value!({ "data": [{ "id": 1 }, { "id": "s3cret-token" }] })))
        .reply("/html", html("<html><body>Please log in: token=s3cret</body></html>"))
        .reply("/cut", Response::builder().header("content-type", "application/json").body("{\"a\":".into()).unwrap())
        .reply("/none", Response::builder().status(204).body(Bytes::new()).unwrap())
        .reply("/text", text(StatusCode::OK, "17"));
    let server = Server::start(routes).await.unwrap();
    let client = client(&server.url());
    #[derive(serde::Deserialize, Debug)]
    struct List {
        #[allow(dead_code, reason = "it is only decoded")]
        data: Vec<Item>,
    }
    #[derive(serde::Deserialize, Debug)]
    struct Item {
        #[allow(dead_code, reason = "it is only decoded")]
        id: u32,
    }
    let fails = async |path: &str| within(client.json::<List>(Request::get(path))).await.unwrap_err();
    for (path, place, why) in [
        ("list", "$.data[1].id", "invalid type"),
        ("html", "", "text/html"),
        ("cut", "$.a", "EOF"),
        ("none", "", "no body"),
    ] {
        let error = fails(path).await;
        let Cause::Decode(failure) = error.cause() else { panic!("{error:?}") };
        assert_eq!(failure.path, place, "{error}");
        assert!(failure.reason.contains(why), "{error}");
        assert_eq!(error.delivery(), Delivery::Answered);
        assert_eq!(error.context().command, format!("GET /{path}"));
        assert!(!error.to_string().contains("s3cret\""), "{error}");
    }
    assert!(fails("html").await.to_string().contains("<html><body>Please log in"));
    // JSON of another media type is JSON all the same.
    assert_eq!(within(client.json::<u8>(Request::get("text"))).await.unwrap(), 17);
}

fn html(body: &'static str) -> Response<Bytes> {
    Response::builder().header("content-type", "text/html; charset=UTF-8").body(body.into()).unwrap()
}

#[tokio::test]
async fn a_success_of_another_media_type_is_an_error_if_one_is_expected() {
    let routes = Routes::new(())
        .reply("/html", html("<html>Welcome"))
        .reply("/json", json(StatusCode::OK, &value!(1)))
        .reply("/none", Response::builder().status(204).body(Bytes::new()).unwrap());
    let server = Server::start(routes).await.unwrap();
    let client = client(&server.url());
    let expecting = |path: &str| Request::get(path).expect("application/json");
    for open in [false, true] {
        let result = match open {
            false => within(client.send(expecting("html"))).await.map(drop),
            true => within(client.open(expecting("html"))).await.map(drop),
        };
        let error = result.unwrap_err();
        assert!(matches!(error.cause(), Cause::Decode(_)), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("text/html") && text.contains("application/json"), "{text}");
        assert!(text.contains("<html>Welcome"), "{text}");
    }
    for path in ["json", "none"] {
        within(client.send(expecting(path))).await.unwrap();
    }
    within(client.send(Request::head("html").expect("application/json"))).await.unwrap();
    assert_eq!(server.record().exchanges()[0].request.headers()["accept"], "application/json");
}

#[tokio::test]
async fn an_allowed_status_is_an_answer() {
    let routes = Routes::new(()).reply("/old", text(StatusCode::NOT_FOUND, "gone"));
    let server = Server::start(routes).await.unwrap();
    let client = client(&server.url());
    let answer = within(client.send(Request::get("old").allow_status(StatusCode::NOT_FOUND))).await.unwrap();
    assert_eq!((answer.status(), &*answer.text()), (StatusCode::NOT_FOUND, "gone"));
    let error = within(client.send(Request::get("old"))).await.unwrap_err();
    assert_eq!(error.http_failure().unwrap().status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn heads_without_end_are_refused() {
    let routes = Routes::new(()).reply("/", text(StatusCode::OK, "x"));
    let server = Server::start(routes).await.unwrap();
    let flood = format!("HTTP/1.1 200 OK\r\n{}", format!("x: {}\r\n", "y".repeat(8000)).repeat(200));
    server.fault(Fault::any().raw(flood));
    let error = within(client(&server.url()).send(Request::post("/"))).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::MaybeSent);
}

#[tokio::test]
async fn bases_that_cannot_be_used_are_refused() {
    for base in ["ws://host", "https://a:s3cret@host", "host", "https://host/?a=s3cret"] {
        let error = statuswire::http::Builder::new(base, super::Plain).build().unwrap_err();
        assert!(error.is_invalid_request() && !error.to_string().contains("s3cret"), "{error}");
    }
    let client = client("https://host.example/site/");
    assert_eq!(client.base(), "https://host.example/site");
    assert!(client.is_own("next?page=2") && client.is_own("https://HOST.example:443/x"));
    assert!(!client.is_own("http://host.example/") && !client.is_own("https://host.example.evil/"));
}

#[tokio::test]
async fn answers_can_be_made_for_the_tests_of_a_service() {
    use statuswire::http::{Response, Sent};
    use statuswire::reexport::http::{HeaderMap, Method};
    let sent = Sent::new(Method::POST, "/notes?token=s3cret").unwrap().with_body(true);
    assert_eq!((sent.path(), sent.query(), sent.has_body()), ("/notes", Some("token=s3cret"), true));
    let answer = Response::new(sent, StatusCode::CONFLICT, HeaderMap::new(), r#"{"message":"taken"}"#);
    let error = answer.failure();
    assert_eq!((error.details()[0].text.as_str(), &*error.context().command), ("taken", "POST /notes?token=***"));
    assert!(!format!("{answer:?}").contains("s3cret"));
}
