//! Events: messages that the server sends without being asked.
//!
//! Run it with `cargo run --example events`. It starts a fake BlazeAuth with a demonstration application.

#[path = "common/print.rs"]
mod print;

use print::println;
use statuswire::blazeauth::Client;
use statuswire::rpc::Pushed;
use statuswire_sandbox::BlazeAuth;
use statuswire_sandbox::blazeauth::demo;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let service = BlazeAuth::start().await?;
    let client = Client::builder(&service.url(), demo::API_KEY, "kiosk-17").connect().await?;
    client.login_by_license(demo::LICENSE).await?;

    // A subscriber gets the events from this moment on. There may be several; each has a queue of its own.
    let mut events = client.events();
    client.subscribe(true).await?;

    // The operator of the application acts. With a real service this happens elsewhere.
    let operator = service.application(demo::API_KEY).ok_or("the demonstration application is missing")?;
    operator.set_version("2.5.0");
    operator.blacklist_license(demo::LICENSE);

    for _ in 0..2 {
        match events.next().await {
            Some(Pushed::Event(event)) => println!("event: {event:?}"),
            // A slow subscriber loses the oldest events and is told how many. The connection does not wait for it.
            Some(Pushed::Missed(count)) => println!("{count} events were dropped"),
            // Later versions may have more to tell.
            Some(_) => {}
            // The client was shut down.
            None => break,
        }
    }
    println!("state: {:?}", *client.state().borrow());
    Ok(())
}
