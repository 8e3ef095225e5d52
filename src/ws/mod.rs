//! The WebSocket transport of [`rpc`](crate::rpc).
//!
//! [`Builder`] connects to a `ws://` or `wss://` address and speaks the [`Protocol`](crate::rpc::Protocol) that it is
//! given. [`Upgrade`] adds what the protocol needs for the upgrade.
//!
//! - **TLS** is rustls with the ring provider; nothing is installed process-wide. The public roots are trusted, or the
//!   certificates of [`ConnectOptions`](crate::ConnectOptions). Verification cannot be disabled.
//! - **Credentials** (headers marked sensitive) are sent without TLS only to loopback addresses, unless the options
//!   allow more.
//! - **Frames** are written and read here, with the header codec of tungstenite. Callers frame and mask their own
//!   messages, which makes many small commands fast. No extension is negotiated, so messages are not compressed.
//! - **Liveness**: pings are answered, and an idle server is pinged; see [`Timeouts`](crate::policy::Timeouts).

mod answer;
mod builder;
mod connect;
mod connection;
mod dial;
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
