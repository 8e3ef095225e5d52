//! What the clients of [statuswire](https://docs.rs/statuswire) stand on, without a client, for any service.
//!
//! A program depends on `statuswire`, which shows everything here under its own name and whose documentation explains it.
//! This is a crate of its own for two reasons: the compiler proves that a client needs nothing but public parts, and cargo
//! compiles the clients while this crate becomes machine code.
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod codes;
#[cfg(feature = "download")]
pub mod download;
#[cfg(feature = "std")]
pub mod error;
#[cfg(all(feature = "std", any(test, fuzzing)))]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "std")]
pub mod json;
#[cfg(any(feature = "http", feature = "ws"))]
mod net;
#[cfg(feature = "std")]
pub mod policy;
#[cfg(feature = "std")]
pub mod reexport;
#[cfg(feature = "rpc")]
pub mod rpc;
#[cfg(any(feature = "http", feature = "ws"))]
pub mod tls;
#[cfg(feature = "ws")]
pub mod ws;

/// What generated code is written against; not for people.
#[doc(hidden)]
pub mod __private {
    pub use crate::codes::v1;
}

pub use codes::AnyCode;
#[cfg(feature = "std")]
pub use error::{Cause, Delivery, Error};
#[cfg(feature = "std")]
pub use policy::ConnectOptions;
