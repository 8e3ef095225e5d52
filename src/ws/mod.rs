//! rpc over WebSocket.
//!
//! [`Client::builder`] connects to a `ws://` or `wss://` address and speaks the [`Protocol`](crate::rpc::Protocol)
//! that it is given.
//!
//! - **TLS** is rustls with the ring provider; nothing is installed process-wide. The public roots are trusted, or the
//!   certificates given with [`Builder::root_certificates`]; verification cannot be switched off.
//! - **Credentials** (headers marked sensitive) go in the clear to loopback addresses only, unless
//!   [`Builder::allow_plaintext_credentials`] says otherwise.
//! - **Frames** are written and read here, message by message, on top of the header codec of tungstenite: callers frame
//!   and mask their own messages, which is what makes many small commands fast. No extension is negotiated, so no
//!   message is compressed.
//! - **Liveness**: pings are answered, and a silent server is pinged; see [`Timeouts`](crate::policy::Timeouts).

mod builder;
mod connect;
mod connection;
mod driver;
mod endpoint;
mod frame;
mod upgrade;

pub use crate::rpc::Client;
pub use builder::Builder;
