//! The BlazeAuth client.
#![allow(unreachable_pub, reason = "the modules of a test program are its own")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails with a panic")]

mod authorization;
mod closes;
mod connecting;
mod events;
mod exactly_once;
mod file_server;
mod files_path;
mod files_sandbox;
mod files_stop;
mod files_stream;
mod hostile;
mod ids;
mod log;
mod packets;
mod rate;
mod resumption;
mod resumption_refused;
mod secrets;
mod service;
mod setup;
mod statuses;
#[path = "../support/mod.rs"]
mod support;
mod watchers;
