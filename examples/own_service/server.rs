//! The fake server: it does what the real one does, and faults on demand.

use crate::codes::adding::ErrorCode;
use serde::Deserialize;
use serde_json::json;
use statuswire_sandbox::{Message, Response, Service};

pub(crate) struct Adding;

#[derive(Deserialize)]
pub(crate) struct Request {
    id: u64,
    add: Vec<i64>,
}

impl Service for Adding {
    /// `None` if the message is not understood.
    type Request = Option<Request>;

    fn read(message: &Message) -> Self::Request {
        serde_json::from_str(message.as_text()?).ok()
    }

    fn command(request: &Self::Request) -> Option<&str> {
        request.as_ref().map(|_| "add")
    }

    fn id(request: &Self::Request) -> Option<u64> {
        request.as_ref().map(|request| request.id)
    }

    fn carry_out(&mut self, _connection: u64, request: Self::Request) -> Response {
        let Some(Request { id, add }) = request else {
            return Response::refused().reply(status(0, ErrorCode::Malformed));
        };
        match add.into_iter().try_fold(0, i64::checked_add) {
            Some(sum) => Response::executed().reply(json!({ "id": id, "status": 0, "sum": sum }).to_string()),
            None => Response::refused().reply(status(id, ErrorCode::TooLarge)),
        }
    }
}

fn status(id: u64, code: ErrorCode) -> String {
    json!({ "id": id, "status": code.value() }).to_string()
}
