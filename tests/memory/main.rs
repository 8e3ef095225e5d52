//! What the process takes, by its allocator and by the system: one test at a time.
#![allow(unreachable_pub, reason = "the modules of a test program are its own")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails with a panic")]

mod allocations;
mod commands;
mod foreign;
mod hostile;
mod http;
mod services;
#[path = "../support/mod.rs"]
mod support;
mod usage;
mod waiting;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;
use tokio::sync::{Mutex, MutexGuard};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Keeps the other tests of this process waiting.
async fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::const_new(());
    ALONE.lock().await
}
