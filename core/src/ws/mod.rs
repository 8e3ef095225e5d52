//! The WebSocket transport of [`rpc`](crate::rpc).
//!
//! [`Builder`] connects to a `ws://` or `wss://` address and speaks the [`Protocol`](crate::rpc::Protocol) that it is
//! given. [`Upgrade`] adds what the protocol needs for the upgrade.
//!
//! - **TLS** is the same for all of this crate: see [`tls`](crate::tls).
//! - **Proxies**: with [`ConnectOptions::with_proxy`](crate::ConnectOptions::with_proxy), `ws://` and `wss://` go through
//!   a tunnel.
//! - **Credentials** (headers marked sensitive) are sent without TLS only to loopback addresses and not through a proxy,
//!   unless the options allow more.
//! - **Frames** are written and read here, with the header codec of tungstenite. Callers frame and mask their own
//!   messages, which makes many small commands fast. No extension is negotiated, so messages are not compressed.
//! - **Liveness**: pings are answered, and an idle server is pinged; see [`Timeouts`](crate::policy::Timeouts).

mod builder;
mod connect;
mod connection;
mod driver;
mod endpoint;
mod frame;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod handshake;
mod socket;
mod upgrade;

pub use builder::Builder;
pub use upgrade::{Request, Upgrade};
