//! What the client makes of the statuses of BlazeAuth, of all of them, and of answers that have none.

use crate::service::*;
use statuswire::blazeauth::{Credentials, ErrorCode, License, NewAccount};
use statuswire::codes::Outcome;
use statuswire::error::{Cause, Delivery, Error};
use statuswire_sandbox::Fault;
use std::time::Duration;

#[track_caller]
fn assert_is(error: &Error, code: ErrorCode, command: &str) {
    assert_eq!(error.code_as(), Some(code), "{error:?}");
    assert_eq!((error.kind(), error.recovery()), (code.kind(), code.recovery()), "{code}");
    assert_eq!((error.delivery(), &*error.context().command), (Delivery::Answered, command), "{code}");
    assert!(matches!(error.cause(), Cause::Status(status) if status.body.is_some()), "{error:?}");
    assert!(error.to_string().contains(code.name()), "{error}");
}

#[tokio::test]
async fn every_status_of_the_table_is_a_result_or_an_error_as_the_table_says() {
    let (sandbox, client) = start().await;
    for &code in ErrorCode::ALL {
        let fault = sandbox.fault(Fault::on("set_session_value").reply_status(code.value().into()));
        let result = client.store().set("k", "v", None).await;
        fault.remove();
        match result {
            Ok(()) => assert_eq!(code.outcome(), Outcome::Success, "{code}"),
            // No verdict is no success.
            Err(error) if code == ErrorCode::None => assert_eq!(unreadable_at(&error), "$.status"),
            // Neither is a warning: that of another packet does not say that this one was carried out.
            Err(error) => {
                assert!(matches!(code.outcome(), Outcome::Error | Outcome::Warning), "{code}");
                assert_is(&error, code, "set_session_value");
            }
        }
    }
    assert_eq!((sandbox.record().opened(), sandbox.record().executed("set_session_value")), (1, 0));
}

#[tokio::test]
async fn every_status_is_met_at_initialize_too() {
    let sandbox = sandbox().await;
    for &code in ErrorCode::ALL.iter().filter(|code| code.outcome() == Outcome::Error) {
        let fault = sandbox.fault(Fault::on("initialize").reply_status(code.value().into()));
        let error = builder(&sandbox.url()).connect().await.unwrap_err();
        fault.remove();
        assert_eq!((error.code_as(), error.delivery()), (Some(code), Delivery::Answered));
        assert_eq!((error.kind(), error.recovery()), (code.kind(), code.recovery()), "{code}");
        assert!(matches!(error.cause(), Cause::Status(_)), "{error:?}");
    }
    assert_eq!(sandbox.record().opened(), 49 - 3, "an attempt that the caller waits for is not repeated");
}

/// Every packet has the statuses of its page.
#[tokio::test]
async fn every_packet_meets_each_of_its_statuses() {
    let (sandbox, client) = start().await;
    let account = NewAccount::new("somebody", "password");
    let login = Credentials::account(LOGIN, PASSWORD);
    for &code in ErrorCode::ALL.iter().filter(|code| code.outcome() == Outcome::Error) {
        for &command in code.info().unwrap().commands {
            let fault = sandbox.fault(Fault::on(command).reply_status(code.value().into()));
            let store = client.store();
            let result = match command {
                "initialize" | "transfer_file" | "create_file_download_url" | "stop_file_transfer" => continue,
                "create_account" => client.create_account(&account).await,
                "authorize_by_license" => client.login_by_license(LICENSE).await.map(drop),
                "authorize_by_credentials" => client.login_by_account(&login).await.map(drop),
                "link_license_to_account" => client.link_license(LICENSE).await,
                "logout" => client.logout().await,
                "blacklist" => client.blacklist(None).await,
                "get_file_metadata" => client.file_info("file").await.map(drop),
                "get_online_users_count" => client.online_users().await.map(drop),
                "get_variable" => client.variable("name").await.map(drop),
                "set_session_value" => store.set("k", "v", None).await,
                "get_session_value" => store.get("k").await.map(drop),
                "delete_session_value" => store.delete("k").await.map(drop),
                "get_current_license" => client.license().await.map(drop),
                "get_current_account" => client.account().await.map(drop),
                "set_panel_events_subscription" => client.subscribe(true).await,
                other => panic!("{other}"),
            };
            assert_eq!(fault.hits(), 1, "{command}");
            fault.remove();
            match result {
                // A value that is missing is an answer.
                Ok(()) => assert_eq!(code, ErrorCode::StoreValueNotFound, "{command}"),
                Err(error) => assert_is(&error, code, command),
            }
        }
    }
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn unlisted_statuses_keep_their_numbers() {
    let (sandbox, client) = start().await;
    for status in [9, 99, 777, 65_535] {
        let fault = sandbox.fault(Fault::any().reply_status(status));
        let error = client.variable("motd_text").await.unwrap_err();
        fault.remove();
        let code = error.code_as::<ErrorCode>().unwrap();
        assert_eq!((u32::from(code.value()), code.is_listed()), (status, false));
        assert!(error.to_string().contains(&status.to_string()), "{error}");
    }
}

#[tokio::test]
async fn answers_of_the_wrong_form_say_where_it_is_wrong() {
    let (sandbox, client) = start().await;
    for (members, path) in [
        (r#""online_users_count":5"#, "$.status"),
        (r#""online_users_count":5,"status":null"#, "$.status"),
        (r#""online_users_count":5,"status":"1""#, "$.status"),
        (r#""online_users_count":5,"status":1.0"#, "$.status"),
        (r#""online_users_count":5,"status":-1"#, "$.status"),
        (r#""online_users_count":5,"status":70000"#, "$.status"),
        (r#""online_users_count":5,"status":99999999999999999999999"#, "$.status"),
        (r#""online_users_count":5,"status":[1]"#, "$.status"),
        (r#""online_users_count":5,"status":true"#, "$.status"),
        (r#""status":1"#, "$.online_users_count"),
        (r#""online_users_count":null,"status":1"#, "$.online_users_count"),
        (r#""online_users_count":-5,"status":1"#, "$.online_users_count"),
        (r#""online_users_count":"5","status":1"#, "$.online_users_count"),
    ] {
        let change = move |reply: &str| {
            let id: serde_json::Value = serde_json::from_str(reply).unwrap();
            format!(r#"{{"id":{},{members}}}"#, id["id"])
        };
        let fault = sandbox.fault(Fault::on("get_online_users_count").change_reply(change));
        let error = client.online_users().await.unwrap_err();
        fault.remove();
        assert_eq!(unreadable_at(&error), path, "{members}");
        assert!(error.code().is_none());
    }
    // Unknown members are ignored, wherever they are.
    let _fault = sandbox.fault(Fault::on("get_online_users_count").change_reply(|reply| {
        let nested = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
        format!(r#"{{"type":"x","more":{nested},"event_type":{{}},"content":[1],{}"#, &reply[1..])
    }));
    assert_eq!(client.online_users().await.unwrap(), 0);
    assert_eq!(sandbox.record().opened(), 1, "none of these costs the connection");
}

/// All members that answers have, each with what it cannot be.
#[tokio::test]
async fn no_member_is_believed_blindly() {
    let server = server(|mut peer| async move {
        peer.initialize().await;
        while let Some(packet) = peer.packet().await {
            let name = packet.members["name"].as_str().or(packet.members["license"].as_str());
            let name = name.or(packet.members["filename"].as_str()).unwrap().to_owned();
            peer.answer(packet.id, &format!(r#"{name},"status":1"#)).await;
        }
    })
    .await;
    let client = builder(&server.url).connect().await.unwrap();
    // An odd one of the optional members is left out and named.
    for (members, unread) in [
        (r#""license":5"#, "license"),
        (r#""levels":5"#, "levels"),
        (r#""levels":[1]"#, "levels"),
        (r#""levels":"pro""#, "levels"),
        (r#""comment":{}"#, "comment"),
        (r#""ip_address":1"#, "ip_address"),
        (r#""time_left":"soon""#, "time_left"),
        (r#""time_left":1.5"#, "time_left"),
        (r#""time_left":9223372036854775808"#, "time_left"),
    ] {
        let license = client.login_by_license(members).await.unwrap();
        assert_eq!(license.unread, [unread], "{members}");
        assert!(license.levels.names.is_empty() && license.comment.is_none() && license.time_left.is_none());
    }
    let license = client.login_by_license(r#""levels":["staff"],"comment":5,"time_left":5400.0"#).await.unwrap();
    assert_eq!((license.levels.names, license.time_left.unwrap().raw()), (vec!["staff".to_owned()], 5400));
    assert!(client.state().borrow().is_authorized());
    let odd = r#""license":null,"levels":null,"comment":null,"ip_address":null,"time_left":null"#;
    let license = client.login_by_license(odd).await.unwrap();
    assert!(license.key.is_none() && license.levels.names.is_empty() && license.time_left.is_none());
    for (members, path) in
        [(r#""size":1"#, "$.checksum"), (r#""checksum":"""#, "$.size"), (r#""checksum":"","size":-1"#, "$.size")]
    {
        assert_eq!(unreadable_at(&client.file_info(members).await.unwrap_err()), path);
    }
    let odd = r#""checksum":"","size":1,"transfer_count":1.5,"last_transferred_at":-1"#;
    assert_eq!(client.file_info(odd).await.unwrap().unread, ["last_transferred_at", "transfer_count"]);
    let twice = r#""checksum":"","size":1,"transfer_count":1,"transfer_count":1"#;
    assert_eq!(client.file_info(twice).await.unwrap().unread, ["transfer_count"]);
    assert_eq!(unreadable_at(&client.file_info(r#""checksum":"","size":1,"size":1"#).await.unwrap_err()), "$");
    let far = r#""checksum":"","size":1,"transfer_count":1,"last_transferred_at":18446744073709551615"#;
    let _ = client.file_info(far).await.unwrap();
    assert_eq!(unreadable_at(&client.variable(r#""content":5"#).await.unwrap_err()), "$.content");
}

#[tokio::test]
async fn a_refusal_brings_what_the_server_says_with_it() {
    let (sandbox, client) = start().await;
    let error = client.login_by_license("HBR-EXPIRED").await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::LicenseExpired));
    let license = License::of_refusal(&error).unwrap();
    assert_eq!((license.levels.names, license.comment), (vec!["staff".to_owned()], Some("was good".to_owned())));
    assert!(license.key.is_none() && license.time_left.is_none() && license.ip_address.is_some());

    let error = client.login_by_license("HBR-NOWHERE").await.unwrap_err();
    assert!(License::of_refusal(&error).is_none(), "{error:?}");
    let error = client.variable("no").await.unwrap_err();
    assert!(License::of_refusal(&error).is_none(), "{error:?}");

    for (wait, read) in [("7", Some(7)), ("-7", None), ("1.5", None), ("\"7\"", None), ("null", None), ("[]", None)] {
        let change = move |reply: &str| reply.replace(r#""status":1"#, &format!(r#""retry_after":{wait},"status":5"#));
        let fault = sandbox.fault(Fault::on("set_session_value").change_reply(change));
        let error = client.store().set("k", "v", None).await.unwrap_err();
        fault.remove();
        assert_eq!(error.code_as(), Some(ErrorCode::TooManyRequests));
        assert_eq!(error.retry_after(), read.map(Duration::from_secs), "{wait}");
    }
}

/// Status 305 is an answer to packet 8 alone.
#[tokio::test]
async fn a_status_that_is_no_success_is_no_success_of_any_packet() {
    let (sandbox, client) = start().await;
    let _fault = sandbox.fault(Fault::any().reply_status(305));
    let (account, credentials) = (NewAccount::new("somebody", "password"), Credentials::account(LOGIN, PASSWORD));
    for (command, result) in [
        ("authorize_by_license", client.login_by_license(LICENSE).await.map(drop)),
        ("authorize_by_credentials", client.login_by_account(&credentials).await.map(drop)),
        ("create_account", client.create_account(&account).await),
        ("link_license_to_account", client.link_license(LICENSE).await),
        ("logout", client.logout().await),
        ("blacklist", client.blacklist(None).await),
        ("get_current_license", client.license().await.map(drop)),
        ("get_current_account", client.account().await.map(drop)),
        ("delete_session_value", client.store().delete("k").await.map(drop)),
        ("set_panel_events_subscription", client.subscribe(true).await),
    ] {
        assert_is(&result.unwrap_err(), ErrorCode::FileNotBeingTransferred, command);
    }
    let state = client.state().borrow().clone();
    assert!(state.is_ready() && !state.is_authorized() && !state.is_subscribed(), "{state:?}");
    let sandbox = service_refusing_initialize().await;
    let error = builder(&sandbox.url()).connect().await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::FileNotBeingTransferred));
}

async fn service_refusing_initialize() -> statuswire_sandbox::BlazeAuth {
    let sandbox = sandbox().await;
    sandbox.fault(Fault::on("initialize").reply_status(305));
    sandbox
}

/// JSON does not say which of two members of one name counts, so neither is believed, and the rest is.
#[tokio::test]
async fn members_that_are_there_twice_do_not_fail_a_login() {
    let (sandbox, client) = start().await;
    let add = |members: &'static str| {
        sandbox.fault(
            Fault::on("authorize_by_license")
                .change_reply(move |reply| format!("{{{members},{}", reply.strip_prefix('{').unwrap_or_default())),
        )
    };
    let fault = add(r#""comment":"a","comment":"b","levels":["x"],"content":1,"content":2,"more":1,"more":2"#);
    let license = client.login_by_license(LICENSE).await.unwrap();
    fault.remove();
    assert_eq!(license.comment, None);
    assert_eq!(license.unread, ["levels", "comment"]);
    assert!(license.key.is_some() && client.state().borrow().is_authorized());

    // Of two statuses none is believed, and the session stays.
    client.logout().await.unwrap();
    let fault = add(r#""status":3"#);
    assert_eq!(unreadable_at(&client.login_by_license(LICENSE).await.unwrap_err()), "$.status");
    fault.remove();
    assert_eq!(sandbox.record().opened(), 1);
}
