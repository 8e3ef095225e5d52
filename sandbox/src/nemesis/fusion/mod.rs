//! A fake NemesisDB server of the generation "fusion" (project version 0.2.3).
mod commands;
mod database;
mod fake;
mod store;

pub use fake::{NemesisFusion, NemesisFusionBuilder};
