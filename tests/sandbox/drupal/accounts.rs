//! Sessions, basic authentication, failed logins, registration, mails for passwords.
use serde_json::{Value, json};

use super::client::{Client, JSON, JSON_API, typed, uuid};

const LOGIN: &str = "/user/login?_format=json";
const REGISTER: &str = "/user/register?_format=json";

fn basic(name: &str, pass: &str) -> Vec<(&'static str, String)> {
    // Base64 by hand: three bytes are four digits.
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text = format!("{name}:{pass}");
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        encoded.extend((0..=chunk.len()).map(|place| char::from(DIGITS[(bits >> (18 - 6 * place) & 63) as usize])));
        encoded.push_str(&"=".repeat(3 - chunk.len()));
    }
    vec![("authorization", format!("Basic {encoded}"))]
}

#[test]
fn logins_that_fail() {
    let mut client = Client::new();
    for (body, status, part) in [
        ("[]", 400, "Missing credentials."),
        ("\"x\"", 400, "Missing credentials."),
        (r#"{"pass": "x"}"#, 400, "Missing credentials.name."),
        (r#"{"name": "mara", "pass": null}"#, 400, "Missing credentials.pass."),
        (r#"{"name": "mara@harbor.test", "pass": "mara-pass-1"}"#, 400, "Sorry, unrecognized username or password."),
        (r#"{"name": "barred", "pass": "wrong"}"#, 400, "The user has not been activated or is blocked."),
        ("", 500, "The website encountered an unexpected error."),
        ("name=mara&pass=mara-pass-1", 500, "The website encountered an unexpected error."),
    ] {
        client.send("POST", LOGIN, &[], body).expect(status, part);
    }
    client.send("POST", "/user/login?_format=yaml", &[], "{}").expect(406, "only supports the HTML format");
    let mara = client.log_in("mara");
    let again = r#"{"name": "mara", "pass": "mara-pass-1"}"#;
    client.send("POST", LOGIN, &mara, again).expect(403, "This route can only be accessed by anonymous users.");
}

#[test]
fn failed_logins_are_counted_by_account_and_by_address() {
    let mut client = Client::new();
    for _ in 0..5 {
        client.try_login("floody", "wrong").expect(400, "unrecognized");
    }
    // The right password is refused as well, until the window is over.
    client.try_login("floody", "floody-pass-1").expect(403, "Too many failed login attempts from your IP address.");
    client.try_login("odo", "odo-pass-1").expect(200, "");
    client.control("advance 21601");
    client.try_login("floody", "floody-pass-1").expect(200, "");
    client.control("set flood_ip_limit 2");
    client.try_login("ghost", "x").expect(400, "unrecognized");
    client.try_login("ghost", "x").expect(400, "unrecognized");
    client.try_login("odo", "odo-pass-1").expect(403, "Access is blocked because of IP based flood prevention.");
    client.control("clear-flood");
    client.control("set flood_uid_only on");
    client.control("set flood_user_limit 1");
    client.try_login("odo", "x").expect(400, "unrecognized");
    client.try_login("odo", "x").expect(403, "There have been more than 1 failed login attempts for this account.");
}

#[test]
fn tokens_serve_one_session_and_one_purpose() {
    let mut client = Client::new();
    let (one, two) = (client.log_in("mara"), client.log_in("mara"));
    let post = |client: &mut Client, cookie: &str, token: Option<&str>| {
        let mut headers = vec![("cookie", cookie.to_owned()), ("content-type", JSON_API.to_owned())];
        headers.extend(token.map(|token| ("x-csrf-token", token.to_owned())));
        client.send("POST", "/jsonapi/node/vessel", &headers, r#"{"data": {}}"#)
    };
    let cookie = one[0].1.clone();
    post(&mut client, &cookie, None).expect(403, "X-CSRF-Token request header is missing");
    post(&mut client, &cookie, Some("")).expect(403, "X-CSRF-Token request header is invalid");
    post(&mut client, &cookie, Some(&two[1].1)).expect(403, "X-CSRF-Token request header is invalid");
    let anonymous = client.get("/session/token").text;
    post(&mut client, &cookie, Some(&anonymous)).expect(403, "X-CSRF-Token request header is invalid");
    let own = client.send("GET", "/session/token", &one[..1], "").text;
    post(&mut client, &cookie, Some(&own)).expect(400, "Resource object must include a \"type\".");
    // Neither token stands in for the one of the logout.
    for token in [&own, &one[1].1] {
        let path = format!("/user/logout?_format=json&token={token}");
        client.send("POST", &path, &one, "").expect(403, "'csrf_token' URL query argument is invalid.");
    }
    client
        .send("POST", "/user/logout?_format=json", &one, "")
        .expect(403, "'csrf_token' URL query argument is missing.");
}

#[test]
fn a_lost_logout_token_is_in_the_account_menu() {
    let mut client = Client::new();
    let mara = client.log_in("mara");
    let menu = client.send("GET", "/system/menu/account/linkset", &mara, "");
    let items = menu.body["linkset"][0]["item"].as_array().unwrap();
    let href =
        items.iter().find_map(|item| item["href"].as_str()?.strip_prefix("/user/logout?token=").map(str::to_owned));
    let path = format!("/user/logout?_format=json&token={}", href.unwrap());
    let answer = client.send("POST", &path, &mara, "");
    assert!(answer.status == 204 && answer.header("set-cookie").contains("=deleted;"));
    let status = client.send("GET", "/user/login_status?_format=json", &mara, "");
    assert!(status.text == "0" && status.header("set-cookie").contains("Max-Age=0;"));
}

#[test]
fn a_page_for_people_ends_no_session_without_a_token() {
    let mut client = Client::new();
    let mara = client.log_in("mara");
    for path in ["/user/logout", "/user/logout?token=wrong"] {
        let answer = client.send("GET", path, &mara, "");
        assert_eq!((answer.status, answer.header("location")), (302, "/user/logout/confirm?check_logged_in=1"));
    }
    assert_eq!(client.send("GET", "/user/login_status?_format=json", &mara, "").text, "1");
}

#[test]
fn lost_sessions_are_cleared_and_blocked_accounts_are_not() {
    let mut client = Client::new();
    let (mara, admin) = (client.log_in("mara"), client.log_in("admin"));
    client.control("block mara");
    let answer = client.send("GET", "/user/login_status?_format=json", &mara, "");
    assert_eq!((answer.text.as_str(), answer.header("set-cookie")), ("0", ""));
    client.control("unblock mara");
    assert_eq!(client.send("GET", "/user/login_status?_format=json", &mara, "").text, "1");
    let path = format!("/jsonapi/user/user/{}", uuid(301));
    let body = json!({"data": {"type": "user--user", "id": uuid(301), "attributes": {"pass": {"value": "new-pass"}}}});
    client.send("PATCH", &path, &typed(&admin, JSON_API), body.to_string()).expect(200, "");
    let answer = client.send("GET", "/user/login_status?_format=json", &mara, "");
    assert!(answer.text == "0" && answer.header("set-cookie").contains("=deleted;"));
    // A login with a lost session opens a new one; its cookie is not cleared by the same answer.
    let headers = [mara[0].clone()];
    let login = client.send("POST", LOGIN, &headers, r#"{"name": "mara", "pass": "new-pass"}"#);
    assert_eq!(login.headers.get_all("set-cookie").iter().count(), 1, "{:?}", login.headers);
    assert!(!login.header("set-cookie").contains("deleted"));
}

#[test]
fn basic_authentication() {
    let mut client = Client::new();
    let mara = basic("mara", "mara-pass-1");
    let draft = format!("/jsonapi/node/article/{}", uuid(407));
    client.send("GET", &draft, &mara, "").expect(200, "");
    client.send("GET", "/node/7?_format=json", &mara, "").expect(200, "");
    // Credentials that are wrong make an anonymous request, which is not asked for credentials again.
    for (name, pass) in [("mara", "wrong"), ("barred", "barred-pass-1")] {
        client.send("GET", &draft, &basic(name, pass), "").expect(403, "");
    }
    client.get(&draft).expect(401, "No authentication credentials provided.");
    let with_cookie: Vec<_> = mara.iter().cloned().chain([client.log_in("odo")[0].clone()]).collect();
    let posted = client.send("POST", "/jsonapi/node/vessel", &typed(&with_cookie, JSON_API), "{}");
    posted.expect(403, "X-CSRF-Token request header is missing");
    client.send("GET", "/user/login_status?_format=json", &mara, "").expect(403, "not allowed on this route");
    client.control("set basic_auth off");
    client.send("GET", &draft, &mara, "").expect(403, "The current user is not allowed to GET the selected resource.");
}

#[test]
fn registrations_that_fail() {
    let mut client = Client::new();
    let field =
        |name: &str, value: Value| json!({"name": {"value": "pilot"}, "mail": {"value": "p@h.test"}, name: value});
    let headers = typed(&Vec::new(), JSON);
    for (body, status, part) in [
        (json!({"name": "pilot"}), 422, "Field values for \"name\" must use an array structure"),
        (field("nope", json!([])), 500, "The website encountered an unexpected error."),
        (field("status", json!({"value": true})), 403, "Access denied on creating field 'status'."),
        (field("roles", json!([{"target_id": "administrator"}])), 403, "Access denied on creating field 'roles'."),
        (field("pass", json!({"value": "x"})), 422, "A Password cannot be specified. It will be generated on login."),
        (field("uid", json!([{"value": 99}])), 400, "An ID has been set"),
        (field("name", json!({"value": "trailing "})), 422, "name: The username cannot end with a space.\n"),
        (
            field("mail", json!({"value": "ODO@harbor.test"})),
            422,
            "mail: The email address ODO@harbor.test is already taken.\n",
        ),
        (
            json!({"mail": {"value": "p@h.test"}}),
            422,
            "name: You must enter a username.\nname: This value should not be null.\n",
        ),
    ] {
        client.send("POST", REGISTER, &headers, body.to_string()).expect(status, part);
    }
    let body = field("name", json!({"value": "pilot"})).to_string();
    client.send("POST", REGISTER, &[], body.clone()).expect(406, "only supports the HTML format");
    let odo = client.log_in("odo");
    client.send("POST", REGISTER, &typed(&odo, JSON), body.clone()).expect(403, "'restful post user_registration'");
    let admin = client.log_in("admin");
    client
        .send("POST", REGISTER, &typed(&admin, JSON), body.clone())
        .expect(403, "Only anonymous users can register a user.");
    client.control("set registration_resource off");
    client.send("POST", REGISTER, &headers, body.clone()).expect(406, "only supports the HTML format");
    client.control("set registration_resource on");
    client.control("set registration with_approval");
    client.send("POST", REGISTER, &headers, body).expect(200, "");
    client.try_login("pilot", "x").expect(400, "has not been activated");
    client.control("set registration admin_only");
    client.send("POST", REGISTER, &headers, "{}").expect(403, "You cannot register a new user account.");
}

#[test]
fn mails_for_passwords_tell_nothing() {
    let mut client = Client::new();
    let mut ask = |body: &str| client.send("POST", "/user/password?_format=json", &[], body.to_owned());
    for body in
        [r#"{"name": "odo"}"#, r#"{"name": "nobody"}"#, r#"{"name": "barred"}"#, r#"{"mail": "odo@harbor.test"}"#]
    {
        let answer = ask(body);
        assert_eq!((answer.status, answer.text.as_str(), answer.header("content-type")), (200, "", JSON));
    }
    ask("{}").expect(400, "Missing credentials.name or credentials.mail");
    ask("").expect(500, "The website encountered an unexpected error.");
    client.control("set mail_works off");
    let body = r#"{"name": "odo"}"#;
    client.send("POST", "/user/password?_format=json", &[], body).expect(400, "Unable to send email.");
}

#[test]
fn an_account_finds_its_own_uuid() {
    let mut client = Client::new();
    assert!(client.get("/jsonapi").body["meta"].is_null());
    let mara = client.log_in("mara");
    let me = client.send("GET", "/jsonapi", &mara, "").body["meta"]["links"]["me"].clone();
    assert_eq!(me["meta"]["id"], uuid(301));
    assert_eq!(me["href"], format!("http://drupal.test/jsonapi/user/user/{}", uuid(301)));
}
