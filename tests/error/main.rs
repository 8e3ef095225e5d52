//! `statuswire::Error`.
#![allow(unreachable_pub, reason = "the modules of a test program are its own")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails with a panic")]

mod classification;
mod codes;
mod display;
mod planted;
mod problem;
mod secrets;
