//! The client: what the service's protocol is, and a method for each command.

use crate::codes::adding::ErrorCode;
use serde::Deserialize;
use serde_json::json;
use statuswire::error::{Cause, DecodeFailure, Delivery, Error, ServerStatus};
use statuswire::rpc::{
    self, CallOptions, Expect, Matching, Message, Outgoing, Protocol, Repeat, Routes, Unroutable, Window,
};
use statuswire::ws;
use std::borrow::Cow;
use std::time::Duration;

/// The protocol. State of a session would be kept here, behind a lock.
struct Adding;

#[derive(Deserialize)]
struct Reply {
    id: u64,
    status: u16,
    sum: Option<i64>,
}

impl Protocol for Adding {
    /// The numbers to add.
    type Command = Vec<i64>;
    type Reply = Reply;
    /// The server sends nothing without being asked.
    type Event = ();
    /// The id.
    type Key = u64;

    fn service(&self) -> &'static str {
        "adding"
    }

    fn matching(&self) -> Matching {
        Matching::ById
    }

    /// At most 64 commands are on the wire. The others wait for their turn.
    fn window(&self) -> Window {
        Window::commands(64)
    }

    fn command_name(&self, _: &Vec<i64>) -> Cow<'static, str> {
        "add".into()
    }

    /// `seq` is unique for the life of the client, so it makes a good id.
    fn encode(&self, numbers: &Vec<i64>, seq: u64, out: &mut Outgoing) -> Result<Expect<u64>, Error> {
        if numbers.is_empty() {
            return Err(Error::invalid_request("there is nothing to add: give at least one number"));
        }
        out.payload = json!({ "id": seq, "add": numbers }).to_string().into_bytes();
        // Adding twice does no harm.
        Ok(Expect::one(seq).repeat(Repeat::Safe))
    }

    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        let reply: Reply =
            serde_json::from_slice(message.bytes()).map_err(|error| Unroutable::new(error.to_string()))?;
        routes.answer(reply.id, reply);
        Ok(())
    }
}

/// The upgrade to WebSocket needs nothing special.
impl ws::Upgrade for Adding {}

/// Returns the sum, or the error that the reply is.
fn sum(reply: Reply) -> Result<i64, Error> {
    match (ErrorCode::from_value(reply.status), reply.sum) {
        (ErrorCode::Ok, Some(sum)) => Ok(sum),
        (ErrorCode::Ok, None) => {
            let failure = DecodeFailure::new("$.sum", "a number is missing", "");
            Err(Error::new(Cause::Decode(Box::new(failure)), Delivery::Answered))
        }
        (code, _) => {
            let status = Cause::Status(Box::new(ServerStatus::new()));
            Err(Error::new(status, Delivery::Answered).with_code(code))
        }
    }
}

/// A client of the adding service.
pub(crate) struct Client(rpc::Client<Adding>);

impl Client {
    pub(crate) async fn connect(url: &str) -> Result<Self, Error> {
        ws::Builder::new(url, Adding).connect().await.map(Self)
    }

    /// Adds numbers.
    pub(crate) async fn add(&self, numbers: &[i64]) -> Result<i64, Error> {
        self.0.call_with(numbers.to_vec(), &CallOptions::default(), sum).await
    }

    pub(crate) async fn shutdown(&self, limit: Duration) {
        self.0.shutdown(limit).await;
    }
}
