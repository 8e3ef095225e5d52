//! Downloads from sources of any kind.
#![allow(unreachable_pub, reason = "the modules of a test program are its own")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails with a panic")]

mod changed;
mod fake;
mod http;
mod local;
mod path;
mod source;
#[path = "../support/mod.rs"]
mod support;
