//! Fake NemesisDB servers: the current generation (project version 0.9), and in modules of their own the older ones.
mod array;
mod arrays;
mod commands;
mod database;
mod fake;
pub mod fusion;
mod json;
mod kv;
mod lists;
mod params;
mod paths;
mod saves;
pub mod sessions;
mod settings;

pub use fake::{Nemesis, NemesisBuilder};
