//! The example programs, run as a user runs them.
#![allow(unreachable_pub, reason = "the modules of a test program are its own")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails with a panic")]

mod blazeauth;
mod blazeauth_files;
mod blazeauth_user;
mod documentation;
mod explain;
mod growth;
mod ideas;
mod nemesis;
mod own_service;
mod packages;
mod program;
mod sandbox;
mod sources;
mod spawned;
#[path = "../support/mod.rs"]
mod support;
