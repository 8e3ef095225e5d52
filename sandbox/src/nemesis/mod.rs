//! A fake NemesisDB server, generation "current" (project version 0.9).
mod array;
mod arrays;
mod commands;
mod database;
mod fake;
mod json;
mod kv;
mod lists;
mod params;
mod paths;
mod saves;
mod settings;

pub use fake::{Nemesis, NemesisBuilder};
