//! What holds across the site: settings, methods, REST, menus, languages.
use serde_json::{Value, json};

use super::client::{Client, JSON, JSON_API, typed, uuid, vessel};

#[test]
fn settings_are_named() {
    let mut client = Client::new();
    for line in ["set nope on", "set read_only maybe", "set page_max_age x", "block nobody", "nonsense", "draft x y"] {
        let error = client.site.control(line).unwrap_err();
        assert!(error.contains('`'), "{line}: {error}");
    }
}

#[test]
fn caching_needs_both_headers() {
    let mut client = Client::new();
    client.control("set page_max_age 300");
    let path = vessel(501);
    let first = client.get(&path);
    let (etag, modified) = (first.header("etag").to_owned(), first.header("last-modified").to_owned());
    let tag = ("if-none-match", etag);
    assert_eq!(client.send("GET", &path, std::slice::from_ref(&tag), "").status, 200);
    let both = client.send("GET", &path, &[tag, ("if-modified-since", modified)], "");
    assert_eq!((both.status, both.text.as_str(), both.header("content-type")), (304, "", ""));
    let mara = client.log_in("mara");
    assert_eq!(client.send("GET", &path, &mara, "").header("etag"), "");
    assert_eq!(client.get("/session/token").header("etag"), "");
    assert_eq!(client.get("/no/such").header("cache-control"), "max-age=300, public");
}

#[test]
fn modes() {
    let mut client = Client::new();
    let mara = typed(&client.log_in("mara"), JSON_API);
    client.control("set read_only on");
    let answer = client.send("PATCH", &vessel(501), &mara, "{}");
    answer.expect(405, "JSON:API is configured to accept only read operations.");
    assert_eq!(answer.header("allow"), "GET");
    client.control("set maintenance on");
    for (path, kind, retries) in [
        ("/jsonapi/node/vessel", JSON_API, true),
        ("/user/login_status?_format=json", "text/plain; charset=UTF-8", false),
        ("/system/menu/main/linkset", "text/plain; charset=UTF-8", false),
        ("/session/token", "text/html; charset=UTF-8", false),
    ] {
        let answer = client.get(path);
        assert_eq!((answer.status, answer.header("content-type")), (503, kind), "{path}");
        assert_eq!(answer.headers.contains_key("retry-after"), retries, "{path}");
    }
    client.try_login("admin", "admin-pass-1").expect(503, "Harbor is currently under maintenance.");
}

#[test]
fn methods() {
    let mut client = Client::new();
    for (method, path, status, allow) in [
        ("PUT", "/jsonapi/node/vessel", 405, "GET, HEAD, POST"),
        ("GET", &format!("{}/nope", vessel(501)), 405, "POST"),
        ("POST", "/jsonapi/node_type/node_type", 405, "GET, HEAD"),
        ("OPTIONS", "/jsonapi/node/vessel", 200, "GET, POST"),
        ("DELETE", "/session/token", 405, "GET, POST, HEAD"),
        ("PUT", "/node/2?_format=json", 405, "GET, POST, HEAD, DELETE, PATCH"),
    ] {
        let answer = client.send(method, path, &[], "");
        assert_eq!((answer.status, answer.header("allow")), (status, allow), "{method} {path}");
    }
    let head = client.send("HEAD", "/jsonapi/node/article/17", &[], "");
    assert_eq!((head.status, head.text.as_str()), (404, ""));
    client
        .send("POST", &vessel(501), &[("content-type", JSON_API.to_owned())], "")
        .expect(415, "No route found that matches");
}

#[test]
fn rest_resources() {
    let mut client = Client::new();
    let mara = typed(&client.log_in("mara"), JSON);
    let kind = json!([{"target_id": "article"}]);
    for (method, path, body, status, part) in [
        (
            "POST",
            "/node",
            json!({"type": kind, "title": "x"}),
            422,
            "Field values for \"title\" must use an array structure",
        ),
        ("POST", "/node", json!({"type": kind, "nope": []}), 500, "The website encountered an unexpected error."),
        (
            "POST",
            "/node",
            json!({"type": kind, "sticky": [{"value": true}]}),
            403,
            "Access denied on creating field 'sticky'.",
        ),
        ("POST", "/node", json!({"type": [{"target_id": "page"}]}), 403, "of bundle page"),
        ("PATCH", "/node/1", json!({"title": [{"value": "x"}]}), 422, "Could not determine entity type bundle"),
        (
            "PATCH",
            "/node/1",
            json!({"type": kind, "sticky": [{"value": true}]}),
            403,
            "Access denied on updating field 'sticky'. The 'administer nodes' permission is required.",
        ),
        ("PATCH", "/node/2", json!({"type": kind}), 403, "The 'edit any article content' permission is required."),
        ("PATCH", "/node/1", json!({"type": kind, "title": []}), 422, "title: This value should not be null.\n"),
        ("PATCH", "/node/9999", json!({"type": kind}), 404, "rest.entity.node.PATCH"),
        ("PATCH", "/node/1", json!({"type": kind, "title": [{"value": "Changed"}]}), 200, ""),
        ("GET", "/taxonomy/term/1", Value::Null, 406, "only supports the HTML format"),
        ("GET", "/user/4", Value::Null, 403, "the user must be active"),
    ] {
        client.send(method, &format!("{path}?_format=json"), &mara, body.to_string()).expect(status, part);
    }
    let text = typed(&mara[..2].to_vec(), "text/plain");
    client.send("POST", "/node?_format=json", &text, "{}").expect(406, "only supports the HTML format");
    // A forgotten format is the page for people.
    for (method, path) in [("POST", "/node"), ("PATCH", "/node/1"), ("GET", "/node/1"), ("POST", "/user/login")] {
        let page = client.send(method, path, &mara, "{}");
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=UTF-8"), "{method} {path}");
    }
    client.control("set view_page_size 4");
    let rows = |answer: super::client::Answer| answer.body.as_array().unwrap().len();
    assert_eq!(rows(client.get("/api/notes?page=1")), 2);
    assert_eq!(rows(client.get("/api/notes?page=9")), 0);
    assert_eq!(client.get("/api/notes?_format=xml").status, 406);
}

#[test]
fn menus() {
    let mut client = Client::new();
    assert_eq!(client.get("/system/menu/empty-guide/linkset").body, json!({"linkset": []}));
    client.get("/system/menu/nope/linkset").expect(404, "The \"menu\" parameter was not converted");
    // Links that the viewer may not follow leave a gap.
    let admin = client.log_in("admin");
    let items = |answer: super::client::Answer| answer.body["linkset"][0]["item"].as_array().unwrap().len();
    let path = "/system/menu/harbor-guide/linkset";
    let (all, visible) = (items(client.send("GET", path, &admin, "")), items(client.get(path)));
    assert_eq!((all, visible), (8, 6));
    let account = client.get("/system/menu/account/linkset");
    assert_eq!(account.body["linkset"][0]["item"][0]["hierarchy"], json!(["1"]));
    client.control("set linkset off");
    assert_eq!(client.get(path).header("content-type"), "text/html; charset=UTF-8");
}

#[test]
fn languages() {
    let mut client = Client::new();
    let first = format!("/jsonapi/node/article/{}", uuid(401));
    assert_eq!(client.get(&format!("/es{first}")).status, 404);
    client.control("set languages es");
    let mara = typed(&client.log_in("mara"), JSON_API);
    let third = format!("/es/jsonapi/node/article/{}", uuid(403));
    let body = json!({"data": {"type": "node--article", "id": uuid(403), "attributes": {"title": "x"}}}).to_string();
    client.send("PATCH", &third, &mara, body).expect(405, "instead modify one of the translations that do exist: en.");
    client.send("DELETE", &format!("/es{first}"), &mara, "").expect(405, "Deleting a resource object translation");
    let found = client.get("/jsonapi/node/article?filter[langcode]=es&fields[node--article]=title");
    assert_eq!(found.each("/attributes/title"), ["Harbor note 1"]);
    assert!(client.get("/jsonapi").text.contains("configurable_language--configurable_language"));
}

#[test]
fn errors_have_the_form_of_their_family() {
    let mut client = Client::new();
    for (path, kind) in [
        ("/no/such", "text/html; charset=UTF-8"),
        ("/no/such?_format=json", JSON),
        ("/no/such?_format=api_json", JSON_API),
        ("/no/such?_format=xml", "text/xml; charset=UTF-8"),
        ("/jsonapi/node/nope", "text/html; charset=UTF-8"),
        ("/jsonapi/node/article/17", JSON_API),
        ("/node/9999?_format=json", JSON),
        ("/sites/default/files/none.txt", "text/html; charset=UTF-8"),
    ] {
        let answer = client.get(path);
        assert_eq!((answer.status, answer.header("content-type")), (404, kind), "{path}");
    }
    client.control("set verbose_errors on");
    let admin = client.log_in("admin");
    let answer = client.send("GET", "/jsonapi/node/article/17", &admin, "");
    assert!(answer.body["errors"][0]["meta"]["trace"].is_string());
    assert!(client.get("/jsonapi/node/article/17").body["errors"][0]["meta"].is_null());
}
