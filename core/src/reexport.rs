//! The crates whose types are part of this crate's public functions and traits.

#[cfg(any(feature = "rpc", feature = "http", feature = "download"))]
pub use bytes;
#[cfg(feature = "rpc")]
pub use bytestring;
#[cfg(any(feature = "rpc", feature = "http"))]
pub use futures_core;
pub use http;
pub use secrecy;
pub use serde_json;
