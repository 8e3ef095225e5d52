//! Sessions: opened, proved, lost, renewed, kept and ended.

use crate::fake::{self, answer, api, api_error, cookie, json, site, with_cookie};
use serde_json::json;
use statuswire::ConnectOptions;
use statuswire::drupal::{
    Client, Credentials, ErrorCode, FileStore, LoggedOut, MemoryStore, SESSION_KEY, SessionStore,
};
use statuswire::error::Delivery;
use statuswire::http::Request;
use statuswire::policy::Retry;
use statuswire::reexport::secrecy::ExposeSecret;
use statuswire_sandbox::reexport::bytes::Bytes;
use statuswire_sandbox::reexport::http::Response;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

/// The answer to a login. The number makes each session another one.
fn logged_in(number: usize) -> Response<Bytes> {
    let body = json!({
        "current_user": {"uid": "2", "name": "mara"},
        "csrf_token": format!("csrf-{number}"),
        "logout_token": format!("logout-{number}"),
    });
    with_cookie(json(200, &body), &format!("session%2C{number}"))
}

fn user_login() -> Credentials {
    Credentials::session("mara", "mara-pass-1")
}

#[tokio::test]
async fn a_login_opens_the_session_of_all_clones() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" => {
            assert_eq!(asked.json(), json!({"name": "mara", "pass": "mara-pass-1"}));
            logged_in(1)
        }
        _ => {
            assert_eq!(cookie(asked), Some("session%2C1"));
            assert_eq!(asked.header("x-csrf-token"), asked.header("content-type").map(|_| "csrf-1"));
            answer(204, "", "")
        }
    })
    .await;
    let client = fake::client(&server.url());
    let clone = client.clone();
    let user = client.login("mara", "mara-pass-1").await.unwrap();
    assert_eq!((user.uid.as_deref(), user.name.as_deref(), user.roles), (Some("2"), Some("mara"), None));
    assert_eq!(clone.current_user().unwrap().uid.as_deref(), Some("2"));
    clone.send(Request::post("anything").body("x").header("content-type", "text/plain")).await.unwrap();
    clone.send(Request::get("anything")).await.unwrap();
}

#[tokio::test]
async fn a_login_without_an_account_in_the_answer() {
    let server = site(|_, _| with_cookie(json(200, &json!({"csrf_token": "a", "logout_token": "b"})), "s")).await;
    let user = fake::client(&server.url()).login("mara", "mara-pass-1").await.unwrap();
    assert_eq!(user, statuswire::drupal::CurrentUser::default());
}

#[tokio::test]
async fn a_page_of_html_is_no_login() {
    let server = site(|_, _| answer(200, "text/html; charset=UTF-8", "<!DOCTYPE html>")).await;
    let error = fake::client(&server.url()).login("mara", "mara-pass-1").await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::InvalidJson));
    assert!(!format!("{error:?}").contains("mara-pass-1"));
}

/// The token of the session is asked for once, and once more if the site refuses it.
#[tokio::test]
async fn the_csrf_token_is_fetched_when_needed_and_renewed_once() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" => with_cookie(json(200, &json!({})), "s"),
        "GET /session/token" => answer(200, "text/plain; charset=UTF-8", format!("token-{}", asked.times())),
        "POST /stubborn" => api_error(403, "X-CSRF-Token request header is invalid"),
        "GET /reading" => answer(204, "", ""),
        _ if asked.header("x-csrf-token") == Some("token-2") => answer(204, "", ""),
        _ => api_error(403, "X-CSRF-Token request header is invalid"),
    })
    .await;
    let client = fake::client(&server.url());
    client.login("mara", "mara-pass-1").await.unwrap();
    client.send(Request::get("reading")).await.unwrap();
    assert_eq!(server.record().received("GET /session/token"), 0, "reading needs no token");
    client.send(Request::delete("writing")).await.unwrap();
    assert_eq!(server.record().received("GET /session/token"), 2);
    assert_eq!(server.record().received("DELETE /writing"), 2);
    client.send(Request::delete("writing")).await.unwrap();
    assert_eq!(server.record().received("GET /session/token"), 2, "the token is kept");

    let error = client.send(Request::post("stubborn")).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::InvalidSessionToken));
    assert_eq!(server.record().received("POST /stubborn"), 2, "it is repeated once");
}

#[tokio::test]
async fn anonymous_callers_fetch_no_token() {
    let server = site(|_, _| answer(204, "", "")).await;
    fake::client(&server.url()).send(Request::post("x")).await.unwrap();
    assert_eq!(server.record().total_received(), 1);
}

#[tokio::test]
async fn credentials_open_one_session_for_many_calls() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" => logged_in(1),
        _ if cookie(asked).is_some() => answer(204, "", ""),
        _ => api_error(403, ""),
    })
    .await;
    let client = fake::builder(&server.url()).credentials(user_login()).build().unwrap();
    let calls = (0..20).map(|_| client.send(Request::get("x")));
    for result in futures_util::future::join_all(calls).await {
        result.unwrap();
    }
    assert_eq!(server.record().received("POST /user/login"), 1);
}

/// The site forgets the first session. It removes its cookie, and answers as to anybody.
#[tokio::test]
async fn a_lost_session_is_opened_again_once() {
    for status in [200, 403] {
        let server = site(move |asked, _| match asked.line() {
            "POST /user/login?_format=json" => logged_in(asked.times()),
            _ if cookie(asked) == Some("session%2C1") => with_cookie(api(status, &json!({"data": []})), "deleted"),
            _ if cookie(asked) == Some("session%2C2") => api(200, &json!({"data": ["mine"]})),
            _ => api(200, &json!({"data": []})),
        })
        .await;
        let client = fake::builder(&server.url()).credentials(user_login()).build().unwrap();
        let response = client.send(Request::get("x")).await.unwrap();
        assert!(response.text().contains("mine"), "{status}");
        assert_eq!(server.record().received("POST /user/login"), 2);
    }
}

#[tokio::test]
async fn many_calls_that_lose_the_session_open_one() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" => logged_in(asked.times()),
        _ if cookie(asked) == Some("session%2C1") => with_cookie(api_error(403, ""), "deleted"),
        _ if cookie(asked) == Some("session%2C2") => answer(204, "", ""),
        _ => api_error(403, "not anonymously"),
    })
    .await;
    let client = fake::builder(&server.url()).credentials(user_login()).build().unwrap();
    let calls = (0..20).map(|_| client.send(Request::get("x")));
    for result in futures_util::future::join_all(calls).await {
        result.unwrap();
    }
    assert_eq!(server.record().received("POST /user/login"), 2);
}

#[tokio::test]
async fn a_session_that_is_lost_again_and_again_is_an_error() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" => logged_in(asked.times()),
        _ => with_cookie(api(200, &json!({"data": []})), "deleted"),
    })
    .await;
    let client = fake::builder(&server.url()).credentials(user_login()).build().unwrap();
    let error = client.send(Request::get("x")).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::InvalidSessionToken));
    assert_eq!(server.record().received("GET /x"), 2);
}

#[tokio::test]
async fn without_credentials_a_lost_session_is_told_and_forgotten() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" => logged_in(1),
        "GET /user/login_status?_format=json" => {
            answer(200, "text/plain", if cookie(asked).is_some() { "1" } else { "0" })
        }
        _ => with_cookie(api_error(403, ""), "deleted"),
    })
    .await;
    let client = fake::client(&server.url());
    client.login("mara", "mara-pass-1").await.unwrap();
    let error = client.send(Request::post("x")).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::InvalidSessionToken));
    assert!(client.current_user().is_none());
    assert!(!client.is_logged_in().await.unwrap());
}

/// A changed password ends the sessions of the account. Calls that were on their way do not send it again.
#[tokio::test]
async fn credentials_that_are_refused_after_a_lost_session_are_sent_once() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" if asked.times() == 1 => logged_in(1),
        "POST /user/login?_format=json" => json(400, &json!({"message": "Sorry, unrecognized username or password."})),
        _ => with_cookie(api_error(403, ""), "deleted"),
    })
    .await;
    let client = fake::builder(&server.url()).credentials(user_login()).build().unwrap();
    for _ in 0..5 {
        let error = client.send(Request::get("x")).await.unwrap_err();
        assert_eq!(error.code_as(), Some(ErrorCode::ObjectNotFound));
        // As if the next call had been sent before the session was lost.
        client.http().cookies().unwrap().set(fake::COOKIE, "session%2C1").unwrap();
    }
    assert_eq!(server.record().received("POST /user/login"), 2);
}

/// What a proxy says about the login is no verdict about the credentials.
#[tokio::test]
async fn a_login_that_is_not_judged_is_tried_by_the_next_call() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" if asked.times() == 1 => answer(429, "text/html", "<html>"),
        "POST /user/login?_format=json" => logged_in(1),
        _ => answer(204, "", ""),
    })
    .await;
    let options = ConnectOptions::default().with_retry(Retry::never());
    let client = Client::builder(&server.url()).options(options).credentials(user_login()).build().unwrap();
    assert_eq!(client.send(Request::get("x")).await.unwrap_err().code_as(), Some(ErrorCode::RequestLimitExceeded));
    client.send(Request::get("x")).await.unwrap();
}

/// Otherwise every further request would be that of an anonymous caller.
#[tokio::test]
async fn a_login_without_a_cookie_opens_no_session() {
    let server = site(|_, _| json(200, &json!({"csrf_token": "a", "logout_token": "b"}))).await;
    let client = fake::builder(&server.url()).credentials(user_login()).build().unwrap();
    let error = client.send(Request::get("x")).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::InvalidJson));
    assert!(error.to_string().contains("cookie"), "{error}");
    assert_eq!(server.record().received("GET /x"), 0);
}

/// The site carries out what anonymous callers may do, also for a session that it forgot.
#[tokio::test]
async fn what_was_written_anonymously_is_not_written_again() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" => logged_in(asked.times()),
        _ if cookie(asked) == Some("session%2C1") => with_cookie(json(201, &json!({})), "deleted"),
        _ => json(201, &json!({})),
    })
    .await;
    let client = fake::builder(&server.url()).credentials(user_login()).build().unwrap();
    let error = client.send(Request::post("x")).await.unwrap_err();
    assert_eq!((error.code_as(), error.delivery()), (Some(ErrorCode::InvalidSessionToken), Delivery::Answered));
    assert_eq!(server.record().received("POST /x"), 1);
    client.send(Request::post("x")).await.unwrap();
    assert_eq!(server.record().received("POST /user/login"), 2);
}

/// A few failed logins block an account for hours.
#[tokio::test]
async fn refused_credentials_are_sent_once() {
    let server = site(|_, _| json(400, &json!({"message": "Sorry, unrecognized username or password."}))).await;
    let client = fake::builder(&server.url()).credentials(user_login()).build().unwrap();
    for _ in 0..3 {
        let error = client.send(Request::get("x")).await.unwrap_err();
        assert_eq!((error.code_as(), error.delivery()), (Some(ErrorCode::ObjectNotFound), Delivery::NotSent));
    }
    assert_eq!(server.record().total_received(), 1);
}

#[tokio::test]
async fn the_status_is_the_text_of_the_answer() {
    let server = site(|_, times| match times {
        0 => answer(200, "text/plain; charset=UTF-8", "1"),
        1 => answer(200, "text/plain; charset=UTF-8", "0"),
        _ => answer(200, "text/plain", "yes"),
    })
    .await;
    let client = fake::client(&server.url());
    assert!(client.is_logged_in().await.unwrap());
    assert!(!client.is_logged_in().await.unwrap());
    assert_eq!(client.is_logged_in().await.unwrap_err().code_as(), Some(ErrorCode::InvalidJson));
}

#[tokio::test]
async fn a_logout_ends_and_forgets_the_session() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" => logged_in(1),
        "POST /user/logout?_format=json&token=logout-1" => with_cookie(answer(204, "", ""), "deleted"),
        _ => answer(204, "", ""),
    })
    .await;
    let store = Arc::new(MemoryStore::new());
    let client = fake::builder(&server.url()).session_store(store.clone()).credentials(user_login()).build();
    let client = client.unwrap();
    client.send(Request::get("x")).await.unwrap();
    assert!(SessionStore::get(&*store, SESSION_KEY).await.unwrap().is_some());
    assert_eq!(client.logout().await.unwrap(), LoggedOut::Ended);
    assert!(client.current_user().is_none());
    assert!(SessionStore::get(&*store, SESSION_KEY).await.unwrap().is_none());
    // Who logged out stays so, credentials or not.
    client.send(Request::get("x")).await.unwrap();
    assert_eq!(server.record().received("POST /user/login"), 1);
    client.login("mara", "mara-pass-1").await.unwrap();
}

/// The login that another call has begun is waited for: its session is ended too.
#[tokio::test]
async fn a_logout_ends_a_session_that_is_being_opened() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" => logged_in(1),
        "POST /user/logout?_format=json&token=logout-1" => with_cookie(answer(204, "", ""), "deleted"),
        _ => answer(204, "", ""),
    })
    .await;
    let client = fake::builder(&server.url()).credentials(user_login()).build().unwrap();
    let (sent, ended) = futures_util::join!(client.send(Request::get("x")), client.logout());
    sent.unwrap();
    assert_eq!(ended.unwrap(), LoggedOut::Ended);
    assert_eq!(server.record().received("POST /user/logout"), 1);
    assert!(client.current_user().is_none() && client.http().cookies().unwrap().is_empty());
}

/// A logout by the page for browsers is an answer, not a page in place of one.
#[tokio::test]
async fn a_redirect_after_a_write_is_an_answer() {
    let server = site(|_, _| {
        let mut response = answer(303, "text/html; charset=UTF-8", "<!DOCTYPE html>");
        response.headers_mut().insert("location", "/".parse().unwrap());
        response
    })
    .await;
    let response = fake::client(&server.url()).send(Request::post("user/logout").query("token", "a")).await.unwrap();
    assert_eq!(response.status(), 303);
}

#[tokio::test]
async fn the_time_limit_of_a_client_is_that_of_all_its_calls() {
    let server = site(|_, _| answer(204, "", "")).await;
    let client = fake::client(&server.url()).with_timeout(Duration::ZERO);
    let error = client.send(Request::get("x")).await.unwrap_err();
    assert_eq!((error.code_as(), error.delivery()), (Some(ErrorCode::Timeout), Delivery::NotSent));
    assert_eq!(server.record().received("GET /x"), 0);
}

fn account_menu(href: &str) -> Response<Bytes> {
    let item = json!({"href": href, "title": "Log out", "hierarchy": ["1"], "machine-name": ["account"]});
    answer(200, "application/linkset+json", json!({"linkset": [{"anchor": "/", "item": [item]}]}).to_string())
}

/// After a restart only the cookie is known, as after a login with the JavaScript SDK's server.
#[tokio::test]
async fn a_lost_logout_token_is_read_from_the_menu() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" => with_cookie(json(200, &json!({"csrf_token": "a"})), "s"),
        "GET /user/login_status?_format=json" => answer(200, "text/plain", "1"),
        "GET /system/menu/account/linkset" => account_menu("/user/logout?token=from-menu"),
        "POST /user/logout?_format=json&token=from-menu" => with_cookie(answer(204, "", ""), "deleted"),
        line => panic!("{line}"),
    })
    .await;
    let client = fake::client(&server.url());
    client.login("mara", "mara-pass-1").await.unwrap();
    assert_eq!(client.logout().await.unwrap(), LoggedOut::Ended);
}

#[tokio::test]
async fn a_session_that_cannot_be_ended_is_forgotten_here() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" => with_cookie(json(200, &json!({"csrf_token": "a"})), "s"),
        "GET /user/login_status?_format=json" => answer(200, "text/plain", "1"),
        "GET /system/menu/account/linkset" if asked.times() == 1 => answer(404, "text/html", "<html>"),
        "GET /system/menu/account/linkset" => answer(200, "text/html", "<html>"),
        line => panic!("{line}"),
    })
    .await;
    let client = fake::client(&server.url());
    for _ in 0..2 {
        client.login("mara", "mara-pass-1").await.unwrap();
        assert_eq!(client.logout().await.unwrap(), LoggedOut::OnlyHere);
    }
    assert_eq!(client.logout().await.unwrap(), LoggedOut::Ended, "there is no session any more");
}

#[tokio::test]
async fn a_session_survives_the_program() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" => logged_in(1),
        _ => {
            assert_eq!((cookie(asked), asked.header("x-csrf-token")), (Some("session%2C1"), Some("csrf-1")));
            answer(204, "", "")
        }
    })
    .await;
    let directory = tempfile::tempdir().unwrap();
    let client = || fake::builder(&server.url()).session_store(FileStore::new(directory.path())).build().unwrap();
    assert!(!client().restore().await.unwrap());
    client().login("mara", "mara-pass-1").await.unwrap();
    let later = client();
    assert!(later.restore().await.unwrap());
    assert_eq!(later.current_user().unwrap().name.as_deref(), Some("mara"));
    later.send(Request::post("x")).await.unwrap();
    // In the layout of the JavaScript SDK.
    let saved = std::fs::read_to_string(directory.path().join("DRUPAL_AUTH.SESSION.json")).unwrap();
    let saved: serde_json::Value = serde_json::from_str(&saved).unwrap();
    assert_eq!((&saved["csrf_token"], &saved["current_user"]["uid"]), (&json!("csrf-1"), &json!("2")));
}

#[tokio::test]
async fn a_saved_session_that_is_not_one_of_the_site_is_told_and_kept() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("DRUPAL_AUTH.SESSION.json");
    let client = Client::builder("http://127.0.0.1:1").session_store(FileStore::new(directory.path())).build().unwrap();
    for saved in [
        "",
        r#"{"csrf_token":"s3cret"#,
        r#"{"csrf_token":"s3cret","cookies":"s3cret\n"}"#,
        r#"{"csrf_token":"s3cret","cookies":"SESS=s3cret\n","site":"https://other.example"}"#,
    ] {
        std::fs::write(&file, saved).unwrap();
        let error = client.restore().await.unwrap_err();
        assert_eq!(error.code_as(), Some(ErrorCode::StorageInWebFail), "{saved}");
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), saved);
        assert!(client.http().cookies().unwrap().is_empty() && client.current_user().is_none());
    }
}

#[tokio::test]
async fn a_store_that_fails_is_told_with_its_code() {
    let server = site(|_, _| logged_in(1)).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let client = fake::builder(&server.url()).session_store(FileStore::new(file)).build().unwrap();
    let error = client.login("mara", "mara-pass-1").await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::StorageInWebFail));
}

#[tokio::test]
async fn basic_authentication_is_sent_with_each_request() {
    let server = site(|asked, _| {
        assert_eq!(asked.header("authorization"), Some("Basic bWFyYTptYXJhLXBhc3MtMQ=="));
        assert_eq!(asked.header("x-csrf-token"), None);
        answer(204, "", "")
    })
    .await;
    let credentials = Credentials::basic("mara", "mara-pass-1");
    assert_eq!(format!("{credentials:?}"), "Basic");
    let client = fake::builder(&server.url()).credentials(credentials).build().unwrap();
    client.send(Request::post("x")).await.unwrap();
    client.send(Request::get("x")).await.unwrap();
}

#[tokio::test]
async fn a_refused_bearer_token_is_replaced_once() {
    let server = site(|asked, _| match (asked.line(), asked.header("authorization")) {
        ("GET /closed", _) | (_, Some("Bearer token-0")) => api_error(401, "No authentication credentials provided."),
        (_, Some(_)) => answer(204, "", ""),
        (_, None) => panic!("no token"),
    })
    .await;
    let asked = Arc::new(AtomicUsize::new(0));
    let credentials = Credentials::bearer({
        let asked = asked.clone();
        move |refused| {
            let number = asked.fetch_add(1, SeqCst);
            let refused = refused.map(|token| token.expose_secret().to_owned());
            assert_eq!(refused, number.checked_sub(1).map(|before| format!("token-{before}")));
            async move { Ok(format!("token-{number}").into()) }
        }
    });
    let client = fake::builder(&server.url()).credentials(credentials).build().unwrap();
    let calls = (0..10).map(|_| client.send(Request::get("x")));
    for result in futures_util::future::join_all(calls).await {
        result.unwrap();
    }
    assert_eq!(asked.load(SeqCst), 2);
    let error = client.send(Request::get("closed")).await.unwrap_err();
    assert_eq!((error.code_as(), asked.load(SeqCst)), (Some(ErrorCode::InvalidSessionToken), 3));
}

#[tokio::test]
async fn accounts_are_registered_and_get_mails() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/password?_format=json" => {
            assert!([json!({"name": "odo"}), json!({"mail": "odo@harbor.example"})].contains(&asked.json()));
            answer(200, "application/json", "")
        }
        "POST /user/register?_format=json" if asked.times() == 1 => {
            let fields =
                json!({"name": {"value": "pilot"}, "mail": {"value": "p@harbor.example"}, "field_x": [{"value": 1}]});
            assert_eq!(asked.json(), fields);
            json(200, &json!({"uid": [{"value": 7}]}))
        }
        _ => {
            assert_eq!(asked.json()["pass"], json!({"value": "s3cret"}));
            let lines = "Unprocessable Entity: validation failed.\nname: The username odo is already taken.\n\
                         mail.0.value: This value is not a valid email address.\n";
            json(422, &json!({"message": lines}))
        }
    })
    .await;
    let client = fake::client(&server.url());
    client.reset_password_by_name("odo").await.unwrap();
    client.reset_password_by_mail("odo@harbor.example").await.unwrap();
    let pilot = statuswire::drupal::Registration::new("pilot", "p@harbor.example");
    let account = client.register(&pilot.clone().field("field_x", json!([{"value": 1}]))).await.unwrap();
    assert_eq!(account["uid"][0]["value"], 7);
    let error = client.register(&pilot.password("s3cret")).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::AggregateError));
    let of = |field| error.details_of(field).next().unwrap().code.unwrap().downcast();
    assert_eq!((of("name"), of("mail")), (Some(ErrorCode::UsernameTaken), Some(ErrorCode::InvalidEmailAddress)));
    assert!(!format!("{error:?}").contains("s3cret"));
}

#[tokio::test]
async fn ones_own_account_is_changed_with_the_password() {
    const ME: &str = "00000000-0000-4000-8000-000000000301";
    let server = site(|asked, _| match asked.line() {
        "GET /jsonapi" if asked.times() < 3 => {
            api(200, &json!({"data": [], "links": {}, "meta": {"links": {"me": {"meta": {"id": ME}}}}}))
        }
        "GET /jsonapi" => api(200, &json!({"data": [], "links": {"user--user": {"href": "x"}, "self": {"href": "y"}}})),
        _ => {
            let attributes = &asked.json()["data"]["attributes"];
            assert_eq!(attributes["pass"]["existing"], "mara-pass-1");
            assert!(attributes["mail"] == "m@harbor.example" || attributes["pass"]["value"] == "mara-pass-2");
            assert_eq!(asked.uri().path(), format!("/jsonapi/user/user/{ME}"));
            api(200, &json!({"data": {"type": "user--user", "id": ME}}))
        }
    })
    .await;
    let client = fake::client(&server.url());
    client.change_password("mara-pass-1", "mara-pass-2").await.unwrap();
    client.change_mail("mara-pass-1", "m@harbor.example").await.unwrap();
    assert_eq!(client.whoami().await.unwrap(), None);
    assert_eq!(client.types().await.unwrap(), ["user--user"]);
    let error = client.change_mail("mara-pass-1", "m@harbor.example").await.unwrap_err();
    assert_eq!((error.code_as(), error.is_invalid_request()), (Some(ErrorCode::SessionMissing), true));

    let server = site(|_, _| api(200, &json!({"data": [], "meta": {"links": {"me": {"meta": {"id": "17"}}}}}))).await;
    let error = fake::client(&server.url()).whoami().await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::InvalidJson));
}

#[test]
fn secrets_are_not_shown() {
    let builder = Client::builder("http://127.0.0.1:1").credentials(Credentials::session("mara", "s3cret"));
    assert!(!format!("{builder:?} {:?}", builder).contains("s3cret"));
    let registration = statuswire::drupal::Registration::new("a", "b").password("s3cret");
    assert!(!format!("{registration:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_password_may_be_a_word_of_the_answer() {
    let server = site(|_, _| json(400, &json!({"message": "Sorry, unrecognized username or password."}))).await;
    for password in ["unrecognized", "username", "password", "Sorry"] {
        let client = fake::builder(&server.url()).credentials(Credentials::session("mara", password)).build().unwrap();
        let error = client.send(Request::get("anything")).await.unwrap_err();
        assert_eq!(error.code_as(), Some(ErrorCode::ObjectNotFound), "{password}: {error}");
        assert!(!error.details()[0].text.contains(password), "{password}: {error}");
    }
}
