//! What every connection shares, whatever carries it: who waits for which reply, for how long, and what happens
//! when the connection is lost.
//!
//! Nothing here does I/O. A carrier ([`ws`](crate::ws)) moves the bytes; this module decides. The public face is
//! [`Protocol`]: what somebody's service must say about itself so that a [`Client`] can speak it.

mod call;
mod client;
mod core;
mod deadlines;
mod engine;
mod entry;
mod events;
mod expect;
mod outbox;
mod pending;
mod protocol;
mod slot;
mod state;
mod supervisor;
mod throttle;

pub use call::{Backlog, CallOptions, Opening, ReplyStream};
pub use client::Client;
pub use core::OneWayFailure;
pub use events::{Events, Pushed};
pub use expect::{Expect, Matching, Repeat, Replies, Window};
pub use protocol::{AfterLoss, Message, Opened, Outgoing, Part, Protocol, Reconnect, Routes, Unroutable};
pub use state::State;
pub use throttle::Throttle;

pub(crate) use deadlines::saturating_deadline;
pub(crate) use engine::{Engine, Settings, Tick, Timer};
pub(crate) use outbox::Framing;
pub(crate) use supervisor::{Loss, Supervisor};
