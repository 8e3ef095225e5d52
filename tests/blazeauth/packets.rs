//! The packets of BlazeAuth through their methods: results, refusals, and what exactly is sent.

use crate::service::*;
use crate::setup::Setup;
use serde_json::json;
use statuswire::blazeauth::{Credentials, ErrorCode, License, NewAccount, Reading};
use statuswire::error::Error;
use statuswire::reexport::secrecy::ExposeSecret;
use statuswire_sandbox::{BlazeAuth, Fault};
use std::fmt::Debug;
use std::time::{Duration, UNIX_EPOCH};

#[track_caller]
fn code<T: Debug>(result: Result<T, Error>) -> ErrorCode {
    result.unwrap_err().code_as().unwrap()
}

/// The members of the latest packet of a kind, but for its id.
fn sent(sandbox: &BlazeAuth, command: &str) -> serde_json::Value {
    let message = sandbox.record().messages(command).pop().unwrap();
    let mut members: serde_json::Value = serde_json::from_str(&message).unwrap();
    assert!(members.as_object_mut().unwrap().remove("id").unwrap().is_u64());
    members
}

#[tokio::test]
async fn initialize_tells_the_application() {
    let (sandbox, client) = start().await;
    let application = client.application();
    assert_eq!((&*application.name, &*application.version), ("Harbour Kiosk", "2.4.1"));
    assert_eq!(sent(&sandbox, "initialize"), json!({"type": 0, "websocket_api_key": KEY, "client_id": CLIENT}));
    assert_eq!(sandbox.record().total_received(), 1);
}

#[tokio::test]
async fn initialize_is_refused() {
    let sandbox = sandbox().await;
    let attempt = async |key: &str, client_id: &str| {
        let client = Setup::new(&sandbox.url(), key, client_id);
        code(client.connect().await)
    };
    assert_eq!(attempt("BAshort", CLIENT).await, ErrorCode::InvalidAPIKey);
    assert_eq!(attempt("BAquietharbour000041y", CLIENT).await, ErrorCode::AppNotFound);
    assert_eq!(attempt(KEY, "abc").await, ErrorCode::ClientIDTooShort);
    assert_eq!(attempt(KEY, &"x".repeat(65)).await, ErrorCode::ClientIDTooLong);
    let app = sandbox.application(KEY).unwrap();
    app.blacklist_client(CLIENT);
    // By a close code, or by a status.
    assert_eq!(attempt(KEY, CLIENT).await, ErrorCode::ClientIDBlacklisted);
    let status = sandbox.fault(Fault::on("initialize").reply_status(503));
    assert_eq!(attempt(KEY, CLIENT).await, ErrorCode::ClientIDBlacklisted);
    status.remove();
    app.unblacklist_client(CLIENT);
    app.set_max_sessions(0);
    assert_eq!(attempt(KEY, CLIENT).await, ErrorCode::AppSessionsQuotaExceeded);
    app.pause();
    assert_eq!(attempt(KEY, CLIENT).await, ErrorCode::AppPaused);
}

#[tokio::test]
async fn login_by_license_in_all_ways() {
    let (sandbox, client) = start().await;
    for (key, refusal) in [
        ("short", ErrorCode::LicenseTooShort),
        (&*"x".repeat(65), ErrorCode::LicenseTooLong),
        ("HBR-NOWHERE", ErrorCode::LicenseNotFound),
        ("HBR-EXPIRED", ErrorCode::LicenseExpired),
        ("HBR-PAUSED", ErrorCode::LicensePaused),
        ("HBR-BANNED", ErrorCode::LicenseBlacklisted),
        ("HBR-ELSEWHERE", ErrorCode::ClientIDMismatch),
    ] {
        assert_eq!(code(client.login_by_license(key).await), refusal);
        assert!(!client.state().borrow().is_authorized());
    }
    // The call that activates a licence tells when it ends, later ones what remains.
    let begin = sandbox.unix_time();
    let license = client.login_by_license(LICENSE).await.unwrap();
    assert_eq!(license.key.as_ref().map(ExposeSecret::expose_secret), Some(LICENSE));
    assert_eq!((license.levels.names, license.comment.as_deref()), (vec!["staff".to_owned()], Some("bridge")));
    assert_eq!(license.ip_address.as_deref(), Some("127.0.0.1"));
    let time = license.time_left.unwrap();
    let Reading::ExpiresAt(end) = time.reading() else { panic!("{time:?}") };
    assert!(!time.is_certain() && (begin + 172_800..begin + 172_860).contains(&time.raw().try_into().unwrap()));
    assert_eq!(end, UNIX_EPOCH + Duration::from_secs(time.raw().try_into().unwrap()));
    assert_eq!(sent(&sandbox, "authorize_by_license"), json!({"type": 2, "license": LICENSE}));
    assert_eq!(code(client.login_by_license(LICENSE).await), ErrorCode::AlreadyAuthorized);

    let current = client.license().await.unwrap();
    let time = current.time_left.unwrap();
    assert!(time.is_certain() && matches!(time.reading(), Reading::Remaining(left) if left.as_secs() <= 172_800));
    assert_eq!(current.levels.names, ["staff"]);
    assert_eq!(code(client.account().await), ErrorCode::NotAuthorized);

    client.logout().await.unwrap();
    assert_eq!(code(client.logout().await), ErrorCode::NotAuthorized);
    assert_eq!(code(client.license().await), ErrorCode::NotAuthorized);
    let time = client.login_by_license(LICENSE).await.unwrap().time_left.unwrap();
    assert!(matches!(time.reading(), Reading::Remaining(left) if left.as_secs() <= 172_800), "{time:?}");

    // Its time is up while it is logged in.
    sandbox.application(KEY).unwrap().set_license_time(LICENSE, Some(Duration::ZERO));
    let error = client.license().await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::LicenseExpired));
    assert_eq!(License::of_refusal(&error).unwrap().levels.names, ["staff"]);
}

#[tokio::test]
async fn levels_come_in_two_shapes() {
    let (sandbox, client) = start().await;
    for raw in [json!(["staff"]), json!({"staff": "staff"})] {
        let shape = raw.to_string();
        let change = move |reply: &str| reply.replace(r#"["staff"]"#, &shape);
        let fault = sandbox.fault(Fault::on("authorize_by_license").change_reply(change));
        let levels = client.login_by_license(LICENSE).await.unwrap().levels;
        assert_eq!((&levels.names, &levels.raw), (&vec!["staff".to_owned()], &raw));
        assert!(levels.contains("staff") && !levels.contains("master"));
        client.logout().await.unwrap();
        fault.remove();
    }
}

#[tokio::test]
async fn login_by_account_in_all_ways() {
    let (sandbox, client) = start().await;
    let app = sandbox.application(KEY).unwrap();
    for (credentials, refusal) in [
        (Credentials::account("abc", PASSWORD), ErrorCode::AppUserLoginTooShort),
        (Credentials::account("x".repeat(321), PASSWORD), ErrorCode::AppUserLoginTooLong),
        (Credentials::account(LOGIN, "abc"), ErrorCode::AppUserPasswordTooShort),
        (Credentials::account(LOGIN, "x".repeat(65)), ErrorCode::AppUserPasswordTooLong),
        (Credentials::email(LOGIN, PASSWORD), ErrorCode::AppUserEmailInvalid),
        (Credentials::account(LOGIN, "wrong"), ErrorCode::AppUserNotFound),
        (Credentials::account(LOGIN, PASSWORD).activating("HBR-NOWHERE"), ErrorCode::LicenseNotFound),
        (Credentials::account(LOGIN, PASSWORD).activating("HBR-EXPIRED"), ErrorCode::LicenseAlreadyActivated),
    ] {
        assert_eq!(code(client.login_by_account(&credentials).await), refusal);
    }
    app.blacklist_account(LOGIN, true);
    let credentials = Credentials::account(LOGIN, PASSWORD);
    assert_eq!(code(client.login_by_account(&credentials).await), ErrorCode::AppUserBlacklisted);
    app.blacklist_account(LOGIN, false);

    let account = client.login_by_account(&credentials).await.unwrap();
    assert_eq!((account.login.as_deref(), account.levels.names), (Some(LOGIN), vec!["master".to_owned()]));
    assert_eq!((account.comment.as_deref(), account.license_required), (Some("day shift"), Some(false)));
    assert!(account.time_left.is_none());
    let members = json!({"type": 3, "login": LOGIN, "password": PASSWORD, "credentials_type": 0});
    assert_eq!(sent(&sandbox, "authorize_by_credentials"), members);
    assert_eq!(code(client.login_by_account(&credentials).await), ErrorCode::AlreadyAuthorized);
    assert_eq!(client.account().await.unwrap().login.as_deref(), Some(LOGIN));

    for (key, refusal) in [
        ("short", ErrorCode::LicenseTooShort),
        (&*"x".repeat(65), ErrorCode::LicenseTooLong),
        ("HBR-NOWHERE", ErrorCode::LicenseNotFound),
        ("HBR-RUNNING", ErrorCode::LicenseAlreadyActivated),
    ] {
        assert_eq!(code(client.link_license(key).await), refusal);
    }
    client.link_license("HBR-UNUSED").await.unwrap();
    assert_eq!(sent(&sandbox, "link_license_to_account"), json!({"type": 4, "license": "HBR-UNUSED"}));
    assert_eq!(code(client.link_license("HBR-UNUSED").await), ErrorCode::LicenseAlreadyLinked);
    assert!(client.account().await.unwrap().time_left.is_some());
    app.set_license_time("HBR-UNUSED", Some(Duration::ZERO));
    assert_eq!(code(client.account().await), ErrorCode::AppUserHasNoValidLicenses);

    client.logout().await.unwrap();
    assert_eq!(code(client.link_license(LICENSE).await), ErrorCode::NotAuthorized);
    let activating = Credentials::email("ada@example.org", "battery staple").activating(LICENSE);
    assert!(client.login_by_account(&activating).await.unwrap().time_left.is_some());
    assert_eq!(sent(&sandbox, "authorize_by_credentials")["license"], json!(LICENSE));
}

#[tokio::test]
async fn accounts_are_made() {
    let (sandbox, client) = start().await;
    let app = sandbox.application(KEY).unwrap();
    let account = NewAccount::new("first", "password").comment("a note").license("HBR-UNUSED");
    client.create_account(&account).await.unwrap();
    let members = json!({"type": 1, "login": "first", "password": "password", "credentials_type": 0,
        "comment": "a note", "license": "HBR-UNUSED"});
    assert_eq!(sent(&sandbox, "create_account"), members);
    assert!(!client.state().borrow().is_authorized(), "it does not log in");
    for (account, refusal) in [
        (NewAccount::new("first", "password"), ErrorCode::AppUserAlreadyExists),
        (NewAccount::new("abc", "password"), ErrorCode::AppUserLoginTooShort),
        (NewAccount::with_email("no-address", "password"), ErrorCode::AppUserEmailInvalid),
        (NewAccount::new("second", "password").license("HBR-UNUSED"), ErrorCode::LicenseAlreadyLinked),
        (NewAccount::new("second", "password").license("HBR-NOWHERE"), ErrorCode::LicenseNotFound),
    ] {
        assert_eq!(code(client.create_account(&account).await), refusal);
    }
    for (number, wait) in [(0, None), (1, None), (2, None), (3, Some(86_400)), (4, None)] {
        if number == 4 {
            let without_wait = |reply: &str| reply.replace("\"retry_after\":86400,", "");
            sandbox.fault(Fault::on("create_account").nth(1).change_reply(without_wait));
        }
        let account = NewAccount::with_email(format!("somebody{number}@example.org"), "password");
        match client.create_account(&account).await {
            Ok(()) => assert!(number < 3),
            Err(error) => {
                assert_eq!(error.code_as(), Some(ErrorCode::TooManyRequests), "{error:?}");
                assert_eq!(error.retry_after().map(|wait| wait.as_secs()), wait);
            }
        }
    }
    app.set_max_accounts(1);
    let account = NewAccount::new("one-more", "password").license(LICENSE);
    assert_eq!(code(client.create_account(&account).await), ErrorCode::AppAccountsQuotaExceeded);
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn variables_and_counts_and_files() {
    let (sandbox, client) = start().await;
    assert_eq!(client.variable("motd_text").await.unwrap(), "Mind the gap");
    assert_eq!(sent(&sandbox, "get_variable"), json!({"type": 11, "name": "motd_text"}));
    assert_eq!(code(client.variable("tide_table").await), ErrorCode::NotAuthorized);
    assert_eq!(code(client.variable("ab").await), ErrorCode::VariableInvalidName);
    assert_eq!(code(client.variable("none").await), ErrorCode::VariableNotFound);
    assert_eq!(client.online_users().await.unwrap(), 0);
    client.login_by_license(LICENSE).await.unwrap();
    assert_eq!(client.variable("tide_table").await.unwrap(), r#"{"high":"04:12"}"#);
    assert_eq!(client.online_users().await.unwrap(), 1);

    let info = client.file_info("patch-0007").await.unwrap();
    assert_eq!((info.size, info.transfer_count, info.last_transferred_at), (10, Some(0), None));
    assert_eq!(info.checksum, "61a003b4394ce412b3ab105f4d8335377702e008380067fe998834dc0589aede");
    assert_eq!(sent(&sandbox, "get_file_metadata"), json!({"type": 9, "filename": "patch-0007"}));
    assert_eq!(code(client.file_info("abc").await), ErrorCode::FileInvalidName);
    assert_eq!(code(client.file_info("none").await), ErrorCode::FileNotFound);
}

#[tokio::test(start_paused = true)]
async fn the_store_has_limits_and_life_times() {
    let (sandbox, client) = start().await;
    let store = client.store();
    assert_eq!(store.get("k").await.unwrap(), None);
    store.set("k", "väl\"ue\u{0}", None).await.unwrap();
    assert_eq!(sent(&sandbox, "set_session_value"), json!({"type": 12, "key": "k", "value": "väl\"ue\u{0}", "ttl": 0}));
    assert_eq!(store.get("k").await.unwrap().as_deref(), Some("väl\"ue\u{0}"));
    assert!(store.delete("k").await.unwrap());
    assert!(!store.delete("k").await.unwrap());
    // Parts of a second count as a whole one, and what no server can count is the most it can.
    for (ttl, seconds) in [(Duration::from_millis(1500), 2), (SECOND, 1), (Duration::MAX, i64::MAX)] {
        store.set("k", "v", Some(ttl)).await.unwrap();
        assert_eq!(sent(&sandbox, "set_session_value")["ttl"], json!(seconds));
    }
    store.set("k", "v", Some(2 * SECOND)).await.unwrap();
    sandbox.advance(SECOND);
    assert_eq!(store.get("k").await.unwrap().as_deref(), Some("v"));
    sandbox.advance(SECOND);
    assert_eq!(store.get("k").await.unwrap(), None);
    store.set("days", "v", None).await.unwrap();
    sandbox.advance(72 * 3600 * SECOND - SECOND);
    assert!(store.get("days").await.unwrap().is_some());
    sandbox.advance(SECOND);
    assert!(store.get("days").await.unwrap().is_none());

    store.set("large", &"x".repeat(16_384), None).await.unwrap();
    assert_eq!(code(store.set("more", "x", None).await), ErrorCode::StoreOutOfMemory);
    store.set("large", "", None).await.unwrap();
    for number in 1..64 {
        store.set(&number.to_string(), "", None).await.unwrap();
    }
    assert_eq!(code(store.set("more", "", None).await), ErrorCode::StoreOutOfEntries);
    store.set("63", "again", None).await.unwrap();
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn subscribing_and_the_blacklist() {
    let (sandbox, client) = start().await;
    for wanted in [true, true, false] {
        client.subscribe(wanted).await.unwrap();
        assert_eq!(session(&sandbox).is_subscribed(), wanted);
        assert_eq!(sent(&sandbox, "set_panel_events_subscription"), json!({"type": 17, "subscribed": wanted}));
    }
    let app = sandbox.application(KEY).unwrap();
    app.set_max_blacklist_entries(0);
    assert_eq!(code(client.blacklist(Some("a thief")).await), ErrorCode::AppBlacklistsQuotaExceeded);
    assert_eq!(sent(&sandbox, "blacklist"), json!({"type": 6, "comment": "a thief"}));
    app.set_max_blacklist_entries(1);
    client.blacklist(None).await.unwrap();
    assert_eq!(sent(&sandbox, "blacklist"), json!({"type": 6}));
}
