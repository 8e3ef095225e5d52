//! Policies: defaults, backoff, retry, rate limits.
#![allow(unreachable_pub, reason = "the modules of a test program are its own")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails with a panic")]

mod backoff;
mod defaults;
mod proxy;
mod rate;
mod retry;
