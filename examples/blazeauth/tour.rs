//! A tour: a session with a login, files and events, and errors that say what happened and what to do.

use crate::download;
use crate::failure::Failure;
use crate::identity::time_left;
use crate::output::Output;
use crate::showing::{DONE, explain, show};
use statuswire::blazeauth::{Client, ErrorCode, License};
use statuswire::rpc::Pushed;
use statuswire_sandbox::BlazeAuth;
use statuswire_sandbox::blazeauth::demo;
use std::time::Duration;

/// An expired licence of the demonstration.
const EXPIRED: &str = "HBR-0000-OVER";

pub(crate) async fn run(sandbox: &BlazeAuth, output: &Output) -> Result<(), Failure> {
    let url = sandbox.url();
    output.line(format_args!("A fake BlazeAuth serves {url}\n"))?;

    let client = Client::builder(&url, demo::API_KEY, "kiosk-17").connect().await?;
    show(output, "Client::builder(url, api_key, client_id).connect(), which initializes the session", &client)?;
    show(output, "client.application()", &client.application())?;

    output.line("\nThe server refuses a login:\n")?;
    let refused = client.login_by_license(EXPIRED).await;
    explain(output, "client.login_by_license(an expired one)", refused.as_ref().map_err(Clone::clone))?;
    if let Err(error) = &refused {
        if let Some(code) = error.code() {
            let table = code.describe().to_string();
            output.line(format_args!("    the table says:\n      {}", table.replace('\n', "\n      ")))?;
        }
        let expired = License::of_refusal(error).map(|license| license.levels.names);
        show(output, "License::of_refusal(&error): the levels that it had", &expired)?;
    }

    output.line("\nAnother licence is good. How much time it has left depends on what the number means:\n")?;
    let license = client.login_by_license(demo::LICENSE).await?;
    show(output, "client.login_by_license(license): levels", &license.levels.names)?;
    let left = time_left(license.time_left.as_ref(), "no end");
    show(output, "its time_left", &format_args!("{left}"))?;
    let left = time_left(client.license().await?.time_left.as_ref(), "no end");
    show(output, "client.license(), whose time_left is certain", &format_args!("{left}"))?;
    show(output, "client.state()", &*client.state().borrow())?;

    output.line("\nVariables, the session's store, files:\n")?;
    show(output, r#"client.variable("tide_table"), which needs the login"#, &client.variable("tide_table").await?)?;
    let store = client.store();
    store.set("berth", "north 4", Some(Duration::from_secs(60))).await?;
    show(output, r#"client.store().set("berth", "north 4", for 60 seconds)"#, &DONE)?;
    show(output, r#"client.store().get("berth")"#, &store.get("berth").await?)?;
    show(output, r#"client.store().get("pier")"#, &store.get("pier").await?)?;
    let directory = tempfile::tempdir().map_err(|error| Failure::Other(format!("no directory: {error}"), 7))?;
    let (prepared, bar) = download::shown(client.download("chart.bin"));
    let done = prepared.save_in(directory.path()).await?;
    bar.finish_and_clear();
    show(
        output,
        r#"client.download("chart.bin").save_in(directory): bytes and what is verified"#,
        &(done.size, done.verified),
    )?;

    output.line("\nEvents of the application's panel:\n")?;
    let mut events = client.events();
    client.subscribe(true).await?;
    let panel = sandbox.application(demo::API_KEY);
    if let Some(panel) = &panel {
        panel.set_version("2.5.0");
        next(output, "events.next(): the operator changed the version", &mut events).await?;
        panel.blacklist_license(demo::LICENSE);
        next(output, "events.next(): the operator banned the licence", &mut events).await?;
    }
    show(output, "client.state()", &*client.state().borrow())?;
    let refused = client.variable("tide_table").await;
    let is_expected = refused.as_ref().is_err_and(|error| error.code_as() == Some(ErrorCode::NotAuthorized));
    explain(output, r#"client.variable("tide_table")"#, refused)?;
    client.shutdown(Duration::from_secs(1)).await;
    if !is_expected {
        return Err(Failure::Other("the sandbox let a banned licence in".to_owned(), 7));
    }
    output.line("\nTo use your own application: cargo run --example blazeauth -- --help")
}

async fn next(
    output: &Output,
    call: &str,
    events: &mut statuswire::rpc::Events<statuswire::blazeauth::Event>,
) -> Result<(), Failure> {
    match events.next().await {
        Some(Pushed::Event(event)) => show(output, call, &event),
        other => show(output, call, &other),
    }
}
