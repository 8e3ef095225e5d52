//! Credentials stay at their origin, whatever a server or a caller says.

use super::{options, with};
use crate::support::within;
use statuswire::http::{Builder, Client, Jar, Outgoing, Request, Sender, Service};
use statuswire::reexport::http::{HeaderValue, StatusCode};
use statuswire::{Cause, ConnectOptions, Delivery, Error};
use statuswire_sandbox::http::{Routes, Server, text};
use statuswire_sandbox::reexport::bytes::Bytes;
use statuswire_sandbox::reexport::http::Response;

const SECRET: &str = "c4nAry-secret";

/// Sends a token with each request.
struct Guarded;

impl Service for Guarded {
    fn service(&self) -> &'static str {
        "guarded"
    }

    async fn compose(&self, request: &mut Outgoing, _: &Sender<'_>) -> Result<(), Error> {
        // Not marked as sensitive: its name says enough.
        request.headers_mut().insert("x-csrf-token", HeaderValue::from_static(SECRET));
        request.headers_mut().insert("x-composed", HeaderValue::from_static(SECRET));
        Ok(())
    }
}

fn redirect(status: u16, to: &str) -> Response<Bytes> {
    Response::builder().status(status).header("location", to).body(Bytes::new()).unwrap()
}

fn jar() -> Jar {
    let jar = Jar::new();
    jar.set("session", SECRET).unwrap();
    jar
}

fn guarded(url: &str) -> Client<Guarded> {
    let options = options().with_secret_header("authorization", SECRET).with_header("x-api-key", SECRET);
    Builder::new(url, Guarded).options(options).cookies(jar()).build().unwrap()
}

/// The names of the headers that hold the secret.
fn secrets(request: &statuswire_sandbox::reexport::http::Request<Bytes>) -> Vec<String> {
    let holding = request.headers().iter().filter(|(_, value)| value.to_str().unwrap().contains(SECRET));
    let mut names: Vec<_> = holding.map(|(name, _)| name.to_string()).collect();
    names.sort();
    names
}

const ALL: [&str; 5] = ["authorization", "cookie", "x-api-key", "x-composed", "x-csrf-token"];

#[tokio::test]
async fn redirects_to_another_origin_carry_no_credentials() {
    let elsewhere = Server::start(Routes::new(()).reply("/*", text(StatusCode::OK, "elsewhere"))).await.unwrap();
    let back = format!("{}/back", elsewhere.url());
    let server = Server::start(
        Routes::new(())
            .reply("/here", redirect(301, "/there?x=1"))
            .reply("/away", redirect(302, &back))
            .reply("/*", text(StatusCode::OK, "home")),
    )
    .await
    .unwrap();
    let home = format!("{}/home", server.url());
    elsewhere.fault(statuswire_sandbox::http::Fault::on("/back").reply(redirect(307, &home)));
    let client = guarded(&server.url());

    // Within the origin they go along.
    let answer = within(client.send(Request::get("here").header("x-own", "1"))).await.unwrap();
    assert_eq!((answer.text().as_ref(), answer.request().path()), ("home", "/there"));
    let seen = server.record().exchanges();
    assert_eq!(seen[1].request.headers()["x-own"], "1");
    assert!(seen.iter().all(|exchange| secrets(&exchange.request) == ALL), "{seen:?}");

    // To another one they do not, and not even back.
    server.record().clear();
    let own = Request::get("away").header("x-own", "1").secret_header("x-other", SECRET);
    let answer = within(client.send(own)).await.unwrap();
    assert_eq!(answer.text(), "home");
    let away = elsewhere.record().exchanges();
    assert_eq!(
        (secrets(&away[0].request), &away[0].request.headers()["x-own"]),
        (vec![], &HeaderValue::from_static("1"))
    );
    let seen = server.record().exchanges();
    assert_eq!(seen.len(), 2);
    assert_eq!(secrets(&seen[1].request), Vec::<String>::new());
}

#[tokio::test]
async fn absolute_urls_of_another_origin_carry_no_credentials() {
    let elsewhere = Server::start(Routes::new(()).reply("/*", text(StatusCode::OK, "elsewhere"))).await.unwrap();
    let server = Server::start(Routes::new(()).reply("/*", text(StatusCode::OK, "home"))).await.unwrap();
    let client = guarded(&format!("{}/folder", server.url()));
    let own = format!("{}/outside", server.url());
    within(client.send(Request::get(own))).await.unwrap();
    assert_eq!(secrets(&server.record().exchanges()[0].request), ALL);
    let url = format!("{}/x", elsewhere.url());
    within(client.send(Request::get(&url))).await.unwrap();
    assert_eq!(secrets(&elsewhere.record().exchanges()[0].request), Vec::<String>::new());
    // Secrets of the caller are refused, not dropped.
    for request in [
        Request::get(&url).header("authorization", SECRET),
        Request::get(&url).secret_header("x-mine", SECRET),
        Request::post(&url).body(SECRET).secret(),
    ] {
        let error = within(client.send(request)).await.unwrap_err();
        assert!(error.is_invalid_request() && error.delivery() == Delivery::NotSent, "{error:?}");
        assert!(!format!("{error} {error:?}").contains(SECRET));
    }
    assert_eq!(elsewhere.record().total_received(), 1);
}

#[tokio::test]
async fn cookies_of_another_origin_are_not_taken() {
    let stranger = Response::builder().header("set-cookie", "session=stolen; Path=/").body(Bytes::new()).unwrap();
    let elsewhere = Server::start(Routes::new(()).reply("/*", stranger)).await.unwrap();
    let server = Server::start(Routes::new(()).reply("/*", redirect(302, &elsewhere.url()))).await.unwrap();
    let client = guarded(&server.url());
    within(client.send(Request::get("x"))).await.unwrap();
    let kept = client.cookies().unwrap().get("session").unwrap();
    assert_eq!(statuswire::reexport::secrecy::ExposeSecret::expose_secret(&kept), SECRET);
}

#[tokio::test]
async fn redirects_that_are_not_followed_tell_where_they_lead() {
    let routes = Routes::new(())
        .reply("/loop", redirect(302, "/loop"))
        .reply("/scheme", redirect(302, "ftp://files.example/x"))
        .reply("/login", redirect(302, "https://id.example/login?token=s3cret"))
        .reply("/user", redirect(302, "https://ada:s3cret@id.example/"));
    let server = Server::start(routes).await.unwrap();
    let client = guarded(&server.url());
    for (request, location, why) in [
        (Request::get("loop"), "/loop", "more than 5"),
        (Request::get("scheme"), "ftp://files.example/x", "neither http nor https"),
        (Request::post("login").body("x"), "https://id.example/login?token=***", "POST request"),
        (Request::get("user"), "https://***", "user name or a password"),
    ] {
        let error = within(client.send(request)).await.unwrap_err();
        let failure = error.http_failure().unwrap();
        assert_eq!((failure.status, error.delivery()), (StatusCode::FOUND, Delivery::Answered));
        let shown = failure.location.as_deref().unwrap_or_default();
        assert!(shown == location || why.starts_with("user name"), "{shown}");
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains(why), "{source}");
        assert!(!format!("{error} {error:?} {source}").contains("s3cret"), "{error:?}");
    }
    assert_eq!(server.record().received("/loop"), 6);
    // The caller may want the redirect itself.
    let answer = within(client.send(Request::get("loop").allow_status(StatusCode::FOUND))).await.unwrap();
    assert_eq!(answer.header("location"), Some("/loop"));
}

#[tokio::test]
async fn credentials_without_tls_are_not_sent_to_another_host() {
    // Nothing listens there; what is refused does not even try.
    let url = "http://192.0.2.1:9";
    let timeouts = statuswire::policy::Timeouts::default().with_call(50 * crate::support::MS);
    let quick = options().with_timeouts(timeouts);
    let refused = async |client: &Client<super::Plain>, request: Request| {
        let error = within(client.send(request)).await.unwrap_err();
        assert!(!format!("{error:?}").contains(SECRET));
        error.is_invalid_request()
    };
    let plain = with(url, quick.clone());
    for request in [
        Request::get("x").header("authorization", SECRET),
        Request::get("x").header("x-csrf-token", SECRET),
        Request::get("x").secret_header("x-mine", SECRET),
        Request::post("x").body(SECRET).secret(),
    ] {
        assert!(refused(&plain, request.clone()).await, "{request:?}");
        let allowing = with(url, quick.clone().with_plaintext_credentials(true));
        assert!(!refused(&allowing, request).await);
    }
    assert!(!refused(&plain, Request::get("x")).await);
    assert!(refused(&with(url, quick.clone().with_secret_header("x-mine", SECRET)), Request::get("x")).await);
    // A proxy has its own idea of which machine is localhost.
    let proxied = with("http://localhost:9", quick.clone().with_proxy("http://127.0.0.1:9"));
    assert!(refused(&proxied, Request::get("x").header("authorization", SECRET)).await);
    let cookies = Builder::new(url, super::Plain).options(quick).cookies(jar()).build().unwrap();
    assert!(refused(&cookies, Request::get("x")).await);
}

#[tokio::test]
async fn what_an_answer_repeats_is_hidden() {
    let body = format!(r#"{{"message":"no {SECRET}","authorization":"x","errors":[]}}"#);
    let answer = Response::builder()
        .status(403)
        .header("content-type", "application/json")
        .header("www-authenticate", format!("Basic realm=\"{SECRET}\""))
        .body(body.into())
        .unwrap();
    let server = Server::start(Routes::new(()).reply("/*", answer)).await.unwrap();
    let error = within(guarded(&server.url()).send(Request::get("x"))).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Http(_)));
    assert_eq!(error.details()[0].text, "no ***");
    let problem = serde_json::to_string(&error.to_problem()).unwrap();
    assert!(!format!("{error} {error:?} {error:#?} {problem}").contains(SECRET), "{error:?}");
    let _ = ConnectOptions::default();
}
