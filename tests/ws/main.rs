//! The WebSocket transport.
#![allow(unreachable_pub, reason = "the modules of a test program are its own")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails with a panic")]

mod client_certificate;
mod closing;
mod connect;
mod last_words;
mod paused;
mod proxy;
mod roots;
#[path = "../support/mod.rs"]
mod support;
mod tls;
mod upgrade;
