//! None of the faults of the JavaScript SDK that a client must not copy. The numbers are those of the list of its faults.

use crate::fake::{self, answer, api, api_error, cookie, json, site, with_cookie};
use crate::reading::{id, vessel, vessels};
use futures_util::TryStreamExt;
use serde_json::{Value, json};
use statuswire::ConnectOptions;
use statuswire::drupal::{Attributes, Client, Count, ErrorCode, Filter, LoggedOut, Query};
use statuswire::http::Request;
use statuswire::policy::{Retry, Timeouts};
use statuswire_sandbox::http::Fault;
use std::time::Duration;

/// 1: every status but 2xx became `CONNECTION_FAILED`, and status, headers and body were lost.
#[tokio::test]
async fn fault_1_an_answer_keeps_its_status_headers_and_body() {
    let server = site(|_, _| {
        let mut response = api_error(503, "Harbor is currently under maintenance.");
        response.headers_mut().insert("retry-after", "7".parse().unwrap());
        response
    })
    .await;
    let options = ConnectOptions::default().with_retry(Retry::never());
    let client = Client::builder(&server.url()).options(options).build().unwrap();
    let error = vessels(&client).get(id(1)).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::InternalServerError));
    assert_eq!(error.http_failure().unwrap().status, 503);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(error.details()[0].text, "Harbor is currently under maintenance.");
}

/// 2: the status of a login was always true.
#[tokio::test]
async fn fault_2_a_zero_is_no_login() {
    let server = site(|_, _| answer(200, "text/plain; charset=UTF-8", "0")).await;
    assert!(!fake::client(&server.url()).is_logged_in().await.unwrap());
}

/// 3: a logout without a token asked for a page of confirmation, and reported success.
#[tokio::test]
async fn fault_3_a_logout_without_a_token_does_not_claim_success() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" => with_cookie(json(200, &json!({})), "s"),
        "GET /user/login_status?_format=json" => answer(200, "text/plain", "1"),
        "GET /system/menu/account/linkset" => answer(404, "text/html", "<html>"),
        line => panic!("{line}"),
    })
    .await;
    let client = fake::client(&server.url());
    client.login("mara", "mara-pass-1").await.unwrap();
    assert_eq!(client.logout().await.unwrap(), LoggedOut::OnlyHere);

    // Asking for the page by oneself does not report success either.
    let server = site(|_, _| {
        let mut response = answer(302, "text/html", "");
        response.headers_mut().insert("location", "/user/logout/confirm?check_logged_in=1".parse().unwrap());
        response
    })
    .await;
    let error = fake::client(&server.url()).send(Request::get("user/logout")).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::SessionMissing));
}

/// 4: headers of one call replaced the defaults, or stayed for all others.
#[tokio::test]
async fn fault_4_headers_of_a_call_are_its_own() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" => with_cookie(json(200, &json!({"csrf_token": "csrf-1"})), "s"),
        line => {
            let is_post = line.starts_with("POST");
            assert_eq!(asked.header("x-csrf-token"), is_post.then_some("csrf-1"), "{line}");
            assert_eq!(asked.header("if-none-match"), line.ends_with("tagged").then_some("\"1\""), "{line}");
            assert_eq!(asked.header("x-team"), Some("harbor"));
            answer(204, "", "")
        }
    })
    .await;
    let options = ConnectOptions::default().with_header("x-team", "harbor");
    let client = Client::builder(&server.url()).options(options).build().unwrap();
    client.login("mara", "mara-pass-1").await.unwrap();
    client.send(Request::get("tagged").header("if-none-match", "\"1\"")).await.unwrap();
    client.send(Request::post("one").header("x-own", "1")).await.unwrap();
    client.send(Request::get("two")).await.unwrap();
    client.send(Request::post("three")).await.unwrap();
    let own = client.send(Request::post("four").header("x-csrf-token", "csrf-1")).await;
    own.unwrap();
}

/// 5: a token that was fetched before the login was kept.
#[tokio::test]
async fn fault_5_a_login_replaces_the_token() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" => {
            let number = asked.times();
            let body = if number == 1 { json!({}) } else { json!({"csrf_token": "of-the-second-login"}) };
            with_cookie(json(200, &body), &format!("s{number}"))
        }
        "GET /session/token" => answer(200, "text/plain", "of-the-first-login"),
        _ => {
            let expected = if cookie(asked) == Some("s1") { "of-the-first-login" } else { "of-the-second-login" };
            assert_eq!(asked.header("x-csrf-token"), Some(expected));
            answer(204, "", "")
        }
    })
    .await;
    let client = fake::client(&server.url());
    for _ in 0..2 {
        client.login("mara", "mara-pass-1").await.unwrap();
        client.send(Request::post("x")).await.unwrap();
    }
}

/// Three vessels, a page each.
fn three(asked: &fake::Asked<'_>) -> Value {
    let offset: u128 = asked.parameter("page[offset]").map_or(0, |offset| offset.parse().unwrap());
    assert_eq!(asked.parameter("page[number]"), None);
    let next = format!("http://{}/jsonapi/node/vessel?page%5Boffset%5D={}", asked.header("host").unwrap(), offset + 1);
    let links = if offset < 2 { json!({"next": {"href": next}}) } else { json!({}) };
    json!({"data": [vessel(offset)], "links": links})
}

/// 6: a count was the length of one page.
#[tokio::test]
async fn fault_6_a_count_walks_all_pages() {
    let server = site(|asked, _| api(200, &three(asked))).await;
    let count = vessels(&fake::client(&server.url())).count(&Query::new()).await.unwrap();
    assert_eq!(count, Count::Exact(3));
}

/// 7: pages were asked for by a number that Drupal ignores.
#[tokio::test]
async fn fault_7_pages_are_found_by_their_links() {
    let server = site(|asked, _| api(200, &three(asked))).await;
    let vessels = vessels(&fake::client(&server.url()));
    let all: Vec<_> = vessels.stream(&Query::new()).try_collect().await.unwrap();
    assert_eq!(all.iter().map(|vessel| vessel.id).collect::<Vec<_>>(), [id(0), id(1), id(2)]);
    let second = vessels.page(&Query::new().offset(1)).await.unwrap();
    assert_eq!((second.data[0].id, second.has_next(), second.total()), (id(1), true, None));
}

/// 8: the values of a list were joined to one.
#[tokio::test]
async fn fault_8_a_list_of_values_is_sent_as_a_list() {
    let server = site(|asked, _| {
        let values = asked.parameters().into_iter().filter(|(name, _)| name.contains("[value]"));
        assert_eq!(values.map(|(_, value)| value).collect::<Vec<_>>(), ["sloop", "tug"]);
        api(200, &json!({"data": []}))
    })
    .await;
    let query = Query::new().filter(Filter::one_of("field_class", ["sloop", "tug"]));
    vessels(&fake::client(&server.url())).page(&query).await.unwrap();
}

/// 9: every link of a menu became a root, links with a relation of their own were lost, and an empty menu was an error.
#[tokio::test]
async fn fault_9_menus_are_trees_of_all_links() {
    let link = |title: &str, hierarchy: &[&str]| json!({"href": "/", "title": title, "hierarchy": hierarchy});
    let server = site(move |asked, _| {
        let linkset = match asked.uri().path() {
            "/system/menu/main/linkset" => json!([{
                "anchor": "/", "item": [link("b", &["0", "0"]), link("a", &["0"]), link("orphan", &["7", "1"])],
                "noopener": [link("c", &["1"])]
            }]),
            _ => json!([]),
        };
        answer(200, "application/linkset+json", json!({ "linkset": linkset }).to_string())
    })
    .await;
    let client = fake::client(&server.url());
    let menu = client.menu("main").await.unwrap();
    let shape: Vec<_> = menu.iter().map(|link| (&*link.title, &*link.id, link.level)).collect();
    assert_eq!(
        shape,
        [("a", "main.000", 1), ("b", "main.000.000", 2), ("c", "main.001", 1), ("orphan", "main.007.001", 2)]
    );
    assert_eq!(menu.items.len(), 3);
    assert!(client.menu("empty").await.unwrap().items.is_empty());
}

/// 10: related resources were fetched one by one, the marker ids too, and kept under the name of the relationship.
#[tokio::test]
async fn fault_10_related_resources_are_fetched_at_once() {
    let server = site(|asked, _| {
        assert_eq!(asked.uri().path(), format!("/jsonapi/node/vessel/{}/field_crew", id(502)));
        let fields = asked.parameter("fields[user--user]").unwrap();
        api(200, &json!({"data": [{"type": "user--user", "id": id(301), "attributes": {(fields): 1}}]}))
    })
    .await;
    let vessels = vessels(&fake::client(&server.url()));
    for name in ["name", "mail"] {
        let query = Query::new().fields(&"user--user".parse().unwrap(), [name]);
        let crew = vessels.related::<Attributes>(id(502), "field_crew", &query).await.unwrap();
        assert!(crew.data[0].attributes.contains_key(name));
    }
    assert_eq!(server.record().total_received(), 2);
}

/// 11: JSON:API had to be registered by hand.
#[tokio::test]
async fn fault_11_json_api_is_built_in() {
    let server = site(|_, _| api(200, &json!({"data": vessel(1)}))).await;
    let client = Client::new(&server.url()).unwrap();
    assert_eq!(vessels(&client).get(id(1)).await.unwrap().id, id(1));
}

/// 12: what was included or selected replaced what an earlier call had set.
#[tokio::test]
async fn fault_12_included_and_selected_things_add_up() {
    let server = site(|asked, _| {
        assert_eq!(asked.parameter("include").as_deref(), Some("field_port,field_crew"));
        assert_eq!(asked.parameter("fields[node--vessel]").as_deref(), Some("title,field_port"));
        api(200, &json!({"data": []}))
    })
    .await;
    let vessel = "node--vessel".parse().unwrap();
    let query = Query::new().include("field_port").fields(&vessel, ["title"]);
    let query = query.include("field_crew").fields(&vessel, ["field_port"]);
    vessels(&fake::client(&server.url())).page(&query).await.unwrap();
}

/// 13: nothing was tried again, and a timeout was a failed connection.
#[tokio::test]
async fn fault_13_safe_requests_are_tried_again_and_a_timeout_is_one() {
    let server = site(|_, _| api(200, &json!({"data": vessel(1)}))).await;
    server.fault(Fault::on("GET /jsonapi/*").nth(1).drop_connection());
    let client = fake::client(&server.url());
    vessels(&client).get(id(1)).await.unwrap();
    assert_eq!(server.record().total_received(), 2);

    server.fault(Fault::on("GET /jsonapi/*").silence());
    let timeouts = Timeouts::default().with_call(Duration::from_millis(200));
    let options = ConnectOptions::default().with_timeouts(timeouts).with_retry(Retry::never());
    let hasty = Client::builder(&server.url()).options(options).build().unwrap();
    let error = vessels(&hasty).get(id(1)).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::Timeout));
    server.kill().await;
    let error = vessels(&hasty).get(id(1)).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::ConnectionFailed));
}
