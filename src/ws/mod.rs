//! The WebSocket transport of [`rpc`](crate::rpc).
//!
//! [`Builder`] connects to a `ws://` or `wss://` address and speaks the [`Protocol`](crate::rpc::Protocol) that it is
//! given; what the protocol says about the upgrade is [`Upgrade`].
//!
//! - **TLS** is rustls with the ring provider; nothing is installed process-wide. The public roots are trusted, or the
//!   certificates of [`ConnectOptions`](crate::ConnectOptions); verification cannot be switched off.
//! - **Credentials** (headers marked sensitive) go in the clear to loopback addresses only, unless the options allow it.
//! - **Frames** are written and read here, message by message, with the header codec of tungstenite: callers frame and
//!   mask their own messages, which makes many small commands fast. No extension is negotiated, so no message is
//!   compressed.
//! - **Liveness**: pings are answered, and an idle server is pinged; see [`Timeouts`](crate::policy::Timeouts).

mod builder;
mod connect;
mod connection;
mod driver;
mod endpoint;
mod frame;
mod handshake;
mod socket;
mod upgrade;

pub use builder::Builder;
pub use upgrade::{Request, Upgrade};
