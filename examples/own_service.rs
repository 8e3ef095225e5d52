//! A client for a service of one's own: say how commands look and what the replies answer, and the connection,
//! its time limits, reconnecting and errors come from the crate.
//!
//! The service adds numbers. A command is `{"id":1,"add":[2,3]}`, its reply `{"id":1,"sum":5}` or
//! `{"id":1,"error":"..."}`; replies come in any order. Run it with `cargo run --example own_service`.

use anyhow::Context;
use futures_util::{SinkExt, StreamExt, future::try_join_all};
use serde_json::{Value, json};
use statuswire::error::{Cause, DecodeFailure, Delivery, Error, ServerStatus};
use statuswire::rpc::{CallOptions, Expect, Matching, Message, Outgoing, Protocol, Repeat, Routes, Unroutable, Window};
use statuswire::ws::Client;
use tokio::net::TcpListener;
use tokio_tungstenite::{accept_async, tungstenite};

/// What the service is. State of a connection (a session, say) would live in here, behind a lock.
struct Adding;

impl Protocol for Adding {
    /// The numbers to add.
    type Command = Vec<i64>;
    type Reply = Value;
    type Event = ();
    type Key = u64;

    fn service(&self) -> &'static str {
        "adding"
    }

    /// Replies bear the id of their command.
    fn matching(&self) -> Matching {
        Matching::ById
    }

    /// At most so many commands are on the wire; the others wait their turn.
    fn window(&self) -> Window {
        Window::commands(64)
    }

    fn command_name(&self, _: &Vec<i64>) -> std::borrow::Cow<'static, str> {
        "add".into()
    }

    /// `seq` is unique for the life of the client, so it makes a good id. Adding twice does no harm: it may be
    /// repeated if the connection is lost.
    fn encode(&self, numbers: &Vec<i64>, seq: u64, out: &mut Outgoing) -> Result<Expect<u64>, Error> {
        if numbers.is_empty() {
            return Err(Error::invalid_request("there is nothing to add: give one number at least"));
        }
        out.payload = json!({ "id": seq, "add": numbers }).to_string().into_bytes();
        Ok(Expect::one(seq).repeat(Repeat::Safe))
    }

    /// Reads as much of a message as is needed to know whose it is.
    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        let reply: Value = serde_json::from_slice(message.bytes()).map_err(|e| Unroutable::new(e.to_string()))?;
        let id = reply["id"].as_u64().ok_or_else(|| Unroutable::new("it has no id"))?;
        routes.answer(id, reply);
        Ok(())
    }
}

/// The sum in a reply, or the error that it is.
fn sum(reply: Value) -> Result<i64, Error> {
    if let Some(message) = reply["error"].as_str() {
        let status = ServerStatus::new().with_message(message);
        return Err(Error::new(Cause::Status(Box::new(status)), Delivery::Answered));
    }
    reply["sum"].as_i64().ok_or_else(|| {
        let what = DecodeFailure::new("$.sum", "a number was expected", reply.to_string());
        Error::new(Cause::Decode(Box::new(what)), Delivery::Answered)
    })
}

async fn add(client: &Client<Adding>, numbers: Vec<i64>) -> Result<i64, Error> {
    client.call_with(numbers, &CallOptions::default(), sum).await
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let client = Client::builder(&serve().await?, Adding).connect().await?;

    println!("2 + 3 = {}", add(&client, vec![2, 3]).await?);
    // Many at once share the connection.
    let sums = try_join_all((0..1000).map(|n| add(&client, vec![n, n]))).await?;
    println!("the sum of {} sums is {}", sums.len(), sums.iter().sum::<i64>());
    for wrong in [vec![], vec![i64::MAX, 1]] {
        let error = add(&client, wrong).await.err().context("it was added after all")?;
        println!("{error} [{:?}, {:?}]", error.kind(), error.delivery());
    }
    client.shutdown(std::time::Duration::from_secs(1)).await;
    Ok(())
}

/// The service itself; returns its address.
async fn serve() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}/", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut socket) = accept_async(stream).await else { continue };
            while let Some(Ok(tungstenite::Message::Text(text))) = socket.next().await {
                let Ok(command) = serde_json::from_str::<Value>(&text) else { break };
                let numbers = command["add"].as_array().into_iter().flatten().filter_map(Value::as_i64);
                let sum = numbers.map(Some).reduce(|a, b| a?.checked_add(b?)).flatten();
                let reply = match sum {
                    Some(sum) => json!({ "id": command["id"], "sum": sum }),
                    None => json!({ "id": command["id"], "error": "the sum is beyond what I can count" }),
                };
                if socket.send(tungstenite::Message::text(reply.to_string())).await.is_err() {
                    break;
                }
            }
        }
    });
    Ok(url)
}
