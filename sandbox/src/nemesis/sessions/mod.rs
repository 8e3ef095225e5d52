//! A fake NemesisDB server of the generation with sessions (project version 0.3.6).
mod answers;
mod commands;
mod database;
mod fake;
mod keys;
mod manage;
mod path;
mod saves;
mod session;

pub use fake::{NemesisSessions, NemesisSessionsBuilder};
