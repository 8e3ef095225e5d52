//! The Drupal client.
#![allow(unreachable_pub, reason = "the modules of a test program are its own")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails with a panic")]

mod fake;
mod hostile;
mod js_sdk_faults;
mod life;
mod reading;
mod recorded;
mod recording;
mod rest;
mod session;
mod site;
mod writing;
