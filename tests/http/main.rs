//! HTTP: the engine for services, and downloads by link.
#![allow(unreachable_pub, reason = "the modules of a test program are its own")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails with a panic")]

mod client_certificate;
mod disagreements;
mod engine;
mod get;
mod proxy;
mod secrets;
#[path = "../support/mod.rs"]
mod support;
