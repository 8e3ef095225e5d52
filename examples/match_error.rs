//! Match on an error: by the service's own code, by its general kind, and by what to do next.
//!
//! Run it with `cargo run --example match_error`. It starts a fake NemesisDB.

#[path = "common/print.rs"]
mod print;

use print::println;
use statuswire::codes::{Kind, Recovery};
use statuswire::nemesis::{Client, ErrorCode};
use statuswire::{Cause, Delivery, Error};
use statuswire_sandbox::{Fault, Nemesis};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let server = Nemesis::start().await?;
    let db = Client::connect(&server.url()).await?;

    // 1. The server answers with a status: nothing was saved under this name.
    if let Err(error) = db.kv().load("monday").await {
        report(&error);
    }
    // 2. The client does not send what it can see to be wrong: JSON has no NaN.
    if let Err(error) = db.kv().set("temperature", &f64::NAN).await {
        report(&error);
    }
    // 3. The connection is lost after the server added the item: the client cannot know that.
    server.fault(Fault::on("OLST_ADD").carried_out().drop_connection());
    let list = db.list::<serde_json::Value>("orders");
    list.create().await?;
    if let Err(error) = list.push(serde_json::json!({ "item": "tea" })).await {
        report(&error);
    }
    Ok(())
}

fn report(error: &Error) {
    println!("{error}");

    // The code of one service, as its enum.
    match error.code_as::<ErrorCode>() {
        Some(ErrorCode::LoadError) => println!("    code: there is no such save"),
        Some(code) => println!("    code: {code}"),
        None => println!("    code: none, the failure did not come from the server's table"),
    }
    // The same question for every service: one of the seventeen codes of gRPC.
    match error.kind() {
        Kind::Unavailable => println!("    kind: the server cannot be reached at the moment"),
        kind => println!("    kind: {kind}"),
    }
    // What helps.
    match error.recovery() {
        Recovery::Correct => println!("    recovery: correct the request"),
        recovery => println!("    recovery: {recovery}"),
    }
    // What happened, with all details.
    match error.cause() {
        Cause::Status(status) => match &status.body {
            Some(body) => println!("    cause: the server answered {body}"),
            None => println!("    cause: the server answered with this status alone"),
        },
        Cause::InvalidRequest(why) => println!("    cause: not sent, {}", why.0),
        cause => println!("    cause: {cause:?}"),
    }
    // Whether the command may have run.
    match error.delivery() {
        Delivery::NotSent => println!("    delivery: it did not run"),
        Delivery::MaybeSent => println!("    delivery: it may have run"),
        Delivery::Answered => println!("    delivery: the server answered, and its code says what happened"),
        other => println!("    delivery: {other}"),
    }
}
