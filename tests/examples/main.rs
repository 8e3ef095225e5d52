//! The example programs, run as a user runs them.
#![allow(unreachable_pub, reason = "the modules of a test program are its own")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails with a panic")]

mod blazeauth;
mod blazeauth_files;
mod blazeauth_user;
mod documentation;
mod drupal;
#[path = "../drupal/fake.rs"]
#[allow(dead_code, reason = "the tests of the client need all of it")]
mod drupal_fake;
mod drupal_raw;
#[path = "../drupal/recording.rs"]
#[allow(dead_code, reason = "the tests of the client need all of it")]
mod drupal_recording;
mod drupal_user;
mod explain;
mod growth;
mod ideas;
mod nemesis;
mod nemesis_load;
mod own_service;
mod packages;
mod program;
mod sandbox;
mod sources;
mod spawned;
#[path = "../support/mod.rs"]
mod support;
