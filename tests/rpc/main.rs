//! The request/reply engine, over WebSocket connections to servers that a test scripts.
#![allow(unreachable_pub, reason = "the modules of a test program are its own")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails with a panic")]

mod backlog;
mod faults;
mod gateway;
mod hooks;
mod limits;
mod locks;
mod loss;
mod matching;
mod panics;
mod rate;
mod runtimes;
mod shutdown;
#[path = "../support/mod.rs"]
mod support;
mod verdict;
