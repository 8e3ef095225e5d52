//! The NemesisDB client.
#![allow(unreachable_pub, reason = "the modules of a test program are its own")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails with a panic")]

mod arrays;
mod batch;
mod dangers;
mod errors;
mod fusion;
mod fusion_matching;
mod kv;
mod lists;
mod probe;
mod server;
mod sessions;
mod sessions_lies;
mod sessions_matching;
mod sizes;
#[path = "../support/mod.rs"]
mod support;
mod wrong_generation;
