//! The example programs, run as a user runs them.
#![allow(unreachable_pub, reason = "the modules of a test program are its own")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails with a panic")]

mod blazeauth;
mod blazeauth_files;
mod blazeauth_user;
mod explain;
mod ideas;
mod nemesis;
mod own_service;
mod program;
mod sandbox;
#[path = "../support/mod.rs"]
mod support;
