//! Faults name the packets of BlazeAuth and their ids.

use crate::blazeauth_client::{Session, initialize};
use crate::support::raw::Got;
use statuswire_sandbox::{BlazeAuth, Fault};

async fn start() -> (BlazeAuth, Session) {
    let sandbox = BlazeAuth::start().await.unwrap();
    let session = Session::start(&sandbox).await;
    (sandbox, session)
}

const NAMES: [&str; 18] = [
    "initialize",
    "create_account",
    "authorize_by_license",
    "authorize_by_credentials",
    "link_license_to_account",
    "logout",
    "blacklist",
    "transfer_file",
    "stop_file_transfer",
    "get_file_metadata",
    "get_online_users_count",
    "get_variable",
    "set_session_value",
    "get_session_value",
    "delete_session_value",
    "get_current_license",
    "get_current_account",
    "set_panel_events_subscription",
];

#[tokio::test]
async fn any_status_for_any_packet() {
    let (sandbox, mut session) = start().await;
    for (number, (name, status)) in (0..).zip(NAMES.into_iter().zip(100..)) {
        sandbox.fault(Fault::on(name).reply_status(status));
        assert_eq!(session.ask(number, "").await, format!("\"status\":{status}}}"));
        assert_eq!(sandbox.record().executed(name), u64::from(number == 0));
    }
    assert_eq!(sandbox.record().received("initialize"), 2);
    sandbox.fault(Fault::any().when(|call| call.command.is_none()).reply_status(u32::MAX));
    session.raw.send("no json").await;
    assert_eq!(session.raw.text().await, r#"{"status":4294967295}"#);
}

#[tokio::test]
async fn replies_are_changed_delayed_lost_and_confused() {
    let (sandbox, mut session) = start().await;
    sandbox.fault(Fault::any().id(2).change_reply(|reply| reply.replace("\"status\"", "\"news\":[1],\"status\"")));
    sandbox.fault(Fault::any().id(3).change_reply(|reply| reply.replace("\"id\":3", "\"id\":18446744073709551614")));
    sandbox.fault(Fault::any().id(4).change_reply(|reply| reply.replace("\"id\":4", "\"id\":\"four\"")));
    sandbox.fault(Fault::any().id(5).silence());
    sandbox.fault(Fault::any().id(6).swap_with_next());
    sandbox.fault(Fault::any().id(8).reply_twice());
    assert_eq!(session.ask(5, "").await, r#""news":[1],"status":3}"#);
    session.send(5, "").await;
    assert_eq!(session.raw.text().await, r#"{"id":18446744073709551614,"status":3}"#);
    session.send(5, "").await;
    assert_eq!(session.raw.text().await, r#"{"id":"four","status":3}"#);
    for _ in 5..=8 {
        session.send(5, "").await;
    }
    for id in [7, 6, 8, 8] {
        assert_eq!(session.raw.text().await, format!(r#"{{"id":{id},"status":3}}"#));
    }
    session.raw.expect_nothing_more().await;
}

#[tokio::test]
async fn what_a_fault_keeps_from_happening_is_not_remembered() {
    let (sandbox, mut session) = start().await;
    sandbox.fault(Fault::any().id(7).nth(1).reply_status(6));
    sandbox.fault(Fault::any().id(7).nth(2).silence().carried_out());
    let packet = r#"{"type":12,"id":7,"key":"k","value":"v","ttl":60}"#;
    assert_eq!(session.raw.ask(packet).await, r#"{"id":7,"status":6}"#);
    session.raw.send(packet).await;
    assert_eq!(session.raw.ask(packet).await, r#"{"id":7,"status":1}"#);
    let record = sandbox.record();
    assert_eq!((record.received_id(7), record.executed_id(7)), (3, 1));
    assert_eq!((record.received("set_session_value"), record.executed("set_session_value")), (3, 1));
}

#[tokio::test]
async fn a_failed_initialize_is_no_fault_of_the_session() {
    let sandbox = BlazeAuth::start().await.unwrap();
    sandbox.fault(Fault::on("initialize").nth(1).reply_status(6));
    let mut session = Session::connect(&sandbox, None).await;
    let packet = initialize(1, crate::blazeauth_client::KEY, "kiosk-17");
    assert_eq!(session.raw.ask(&packet).await, r#"{"id":1,"status":6}"#);
    assert!(session.raw.ask(&packet).await.ends_with(r#""status":1}"#));
}

#[tokio::test]
async fn a_client_that_does_not_read_is_not_read_from() {
    const PACKETS: usize = 120;
    let value = "v".repeat(16_000);
    let app = crate::blazeauth_client::application();
    let sandbox = BlazeAuth::builder()
        .application(app.variable(statuswire_sandbox::blazeauth::Variable::new("big", value.clone())))
        .configure(|settings| settings.rate_limit = statuswire_sandbox::blazeauth::RateLimit::off())
        .options(|options| options.send_buffer(4096))
        .start()
        .await
        .unwrap();
    let mut session = Session::start(&sandbox).await;
    for _ in 0..PACKETS {
        session.send(11, r#""name":"big""#).await;
    }
    // Every reply comes, in the end.
    for id in 2..PACKETS + 2 {
        assert_eq!(session.raw.text().await, format!(r#"{{"id":{id},"content":"{value}","status":1}}"#));
    }
    assert_eq!(sandbox.record().dropped_replies(), 0);
    session.raw.send("no json").await;
    assert!(matches!(session.raw.next().await, Got::Close(4300, _)));
}
