//! Initializing and logging in, by licence and by account.
#![allow(clippy::unwrap_used, reason = "a test fails with a panic")]

mod blazeauth_client;
mod sandbox_client;

use blazeauth_client::{KEY, initialize};
use sandbox_client::Raw;
use statuswire::sandbox::BlazeAuth;

#[tokio::test]
async fn initialize_tells_the_application_once() {
    let sandbox = BlazeAuth::start().await.unwrap();
    let mut raw = Raw::connect(sandbox.addr()).await;
    assert_eq!(
        raw.ask(&initialize(1, KEY, "kiosk-17")).await,
        r#"{"id":1,"app_name":"Harbour Kiosk","app_version":"2.4.1","status":1}"#
    );
    assert_eq!(raw.ask(&initialize(2, KEY, "kiosk-17")).await, r#"{"id":2,"status":4}"#);
    assert_eq!(raw.ask(r#"{"type":10,"id":3}"#).await, r#"{"id":3,"online_users_count":0,"status":1}"#);
}
