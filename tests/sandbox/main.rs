//! The fake servers, byte by byte.
#![allow(unreachable_pub, reason = "the modules of a test program are its own")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails with a panic")]

mod arrays;
mod blazeauth_accounts;
mod blazeauth_client;
mod blazeauth_closes;
mod blazeauth_data;
mod blazeauth_demo;
mod blazeauth_events;
mod blazeauth_faults;
mod blazeauth_files;
mod blazeauth_limits;
mod blazeauth_links;
mod blazeauth_login;
mod blazeauth_resume;
mod drupal;
mod faults;
mod http_client;
mod http_faults;
mod http_server;
mod kv;
mod nemesis_fusion;
mod nemesis_older;
mod nemesis_sessions;
mod own_service;
mod replay;
mod server;
#[path = "../support/mod.rs"]
mod support;
