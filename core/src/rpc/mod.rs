//! The request/reply engine over a message connection: matches replies to calls, enforces time limits, and handles lost
//! connections.
//!
//! It does no I/O: a transport ([`ws`](crate::ws)) moves the bytes. A service implements [`Protocol`], and callers use
//! a [`Client`].

#![cfg_attr(not(feature = "ws"), allow(dead_code, unused_imports, reason = "a transport drives the engine"))]

mod call;
mod client;
mod close;
mod contained;
mod core;
mod deadlines;
mod engine;
mod events;
mod expect;
mod fallback;
mod message;
mod options;
mod outbox;
mod pending;
mod protocol;
mod session;
mod slot;
mod state;
mod stream;
mod throttle;
mod transport;

pub use client::Client;
pub use close::{Close, CloseAction, InFlight, Opened, Reconnect};
pub use core::OneWayFailure;
pub use events::{Events, Pushed};
pub use expect::{Expect, Matching, Priority, Repeat, Replies, Window};
pub use message::{Message, Outgoing, Part, Unroutable};
pub use options::{Backlog, CallOptions, StreamOptions};
pub use protocol::{Heartbeat, OneWay, Opening, Protocol, Routes};
pub use state::State;
pub use stream::ReplyStream;
pub use throttle::Throttle;

pub(crate) use contained::contained;
pub(crate) use deadlines::saturating_deadline;
pub(crate) use engine::{Engine, Loss, Settings};
pub(crate) use outbox::Framing;
pub(crate) use transport::{Tick, Timer};
