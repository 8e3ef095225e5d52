//! A fake Drupal site: sessions, JSON:API, menus, REST resources.
//!
//! It imitates what a client of Drupal 10.6 can notice: statuses, content types, documents, the texts and pointers of
//! errors, links, paging, access. Pages for people have one line. Requests come from one address, so that failed logins
//! count together. Filters and sorts compare as SQLite does.
mod access;
mod cache;
mod call;
mod clock;
mod control;
mod cors;
mod failure;
mod fake;
mod flood;
mod jsonapi;
mod login;
mod logout;
mod menu;
mod pages;
mod password;
mod query;
mod register;
mod reply;
mod rest;
mod routes;
mod saving;
mod schema;
mod sessions;
mod settings;
mod site;
mod store;
mod text;
mod upload;
mod user_rules;
mod value;
mod view_export;
mod viewer;
mod world;

pub use fake::{Drupal, DrupalBuilder};
pub use settings::{FloodLimits, Registration, Settings};
pub use site::Site;
pub use world::World;
