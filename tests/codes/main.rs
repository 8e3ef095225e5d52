//! Code tables: what they become, and what explains them.
#![allow(unreachable_pub, reason = "the modules of a test program are its own")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails with a panic")]

mod any;
mod build;
mod composed;
mod elsewhere;
mod explain;
mod generated;
mod long_texts;
mod ranges;
mod readme;
mod round_trip;
mod rules;
mod strict;
mod tables;
