//! Everything that is logged at the finest level, also by the libraries, while secrets go back and forth.

use crate::service::*;
use crate::setup::Setup;
use crate::support::traced::Traced;
use statuswire::blazeauth::{Credentials, NewAccount, State};
use statuswire::policy::Backoff;
use statuswire_sandbox::blazeauth::{Account, Application, License, RateLimit, Variable};
use statuswire_sandbox::{BlazeAuth, ConnectFault, Fault};

const API_KEY: &str = "BAcAnArY-key-0000041x";

// One test, for it looks at the log of the whole process. The sandbox writes frames of its own, so that no library
// logs what it says, except where the client uses one.
#[tokio::test]
async fn no_log_shows_a_secret() {
    let log = Traced::start();

    let application = Application::new(API_KEY, "Harbour Kiosk")
        .license(License::new("cAnArY-licence").comment("cAnArY-comment"))
        .account(Account::new("somebody", "cAnArY-password"))
        .variable(Variable::new("name", "cAnArY-variable"));
    let sandbox = BlazeAuth::builder().application(application);
    let sandbox = sandbox.configure(|settings| settings.rate_limit = RateLimit::off()).start().await.unwrap();
    let soon = Backoff::default().with_base(SECOND / 1000).with_cap(SECOND / 200);
    let builder = Setup::new(&sandbox.url(), API_KEY, "cAnArY-client").backoff(soon);
    let client = builder.rate_limit(None).connect().await.unwrap();
    client.subscribe(true).await.unwrap();
    let account = Credentials::account("somebody", "cAnArY-password");
    let made = NewAccount::new("somebody-else", "cAnArY-other").license("cAnArY-wrong");
    for round in 0..4 {
        client.login_by_license("cAnArY-licence").await.unwrap();
        assert!(client.login_by_account(&account).await.is_err() && client.create_account(&made).await.is_err());
        client.store().set("k", "cAnArY-value", None).await.unwrap();
        assert_eq!(client.store().get("k").await.unwrap().as_deref(), Some("cAnArY-value"));
        assert_eq!(client.variable("name").await.unwrap(), "cAnArY-variable");
        session(&sandbox).push_event(207, Some(serde_json::json!({ "secret": "cAnArY-event" })));
        sandbox.fault(Fault::on("get_variable").nth(1).reply_text(r#"{"id":"cAnArY-licence"}"#));
        match round {
            0 => session(&sandbox).cut(),
            1 => session(&sandbox).close(1000, "cAnArY-licence"),
            2 => {
                sandbox.fault(ConnectFault::upgrade().nth(1).refuse(503, &[("X", "cAnArY-client")], "cAnArY-licence"));
                session(&sandbox).cut();
            }
            _ => assert_eq!(client.variable("name").await.unwrap(), "cAnArY-variable"),
        }
        if round < 3 {
            state(&client, |state| !state.is_ready()).await;
            state(&client, State::is_authorized).await;
        }
        sandbox.clear_faults();
        client.logout().await.unwrap();
    }
    client.shutdown(SECOND).await;
    let text = log.text();
    assert!(text.contains("statuswire_core::rpc") && text.contains("Waiting"), "{text}");
    for line in text.lines() {
        assert!(!line.contains("cAnArY"), "{line}");
    }
}
