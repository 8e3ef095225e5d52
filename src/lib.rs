//! Status-code tables become typed errors.
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "explain")]
extern crate alloc;

#[cfg(feature = "blazeauth")]
pub mod blazeauth;
pub mod codes;
#[cfg(feature = "download")]
pub mod download;
#[cfg(feature = "std")]
pub mod error;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "std")]
pub mod json;
#[cfg(feature = "nemesis")]
pub mod nemesis;
#[cfg(feature = "std")]
pub mod policy;
#[cfg(feature = "rpc")]
pub mod rpc;
#[cfg(any(feature = "http", feature = "ws"))]
mod tls;
#[cfg(feature = "ws")]
pub mod ws;

/// What generated code is written against; not for people.
#[doc(hidden)]
pub mod __private {
    pub use crate::codes::v1;
}

pub use codes::{AnyCode, ErrorCode, tables};
#[cfg(feature = "std")]
pub use error::{Cause, Delivery, Error};
#[cfg(feature = "std")]
pub use policy::ConnectOptions;

/// Keeps the examples in the README working.
#[cfg(all(doctest, feature = "blazeauth", feature = "nemesis"))]
#[doc = include_str!("../README.md")]
mod readme {}
