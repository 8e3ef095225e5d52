//! A client for Drupal sites.

mod jsonapi;
mod menu;
mod session;

pub use crate::codes::drupal::ErrorCode;
pub use jsonapi::{
    Attributes, Document, Fields, Filter, FilterValue, Identifier, Included, Link, Linkage, Links, Omission, Page,
    Query, Resource, ResourceId, ResourceType, Version,
};
pub use menu::{Menu, MenuLink};
pub use session::{CurrentUser, FileStore, MemoryStore, SESSION_KEY, SessionStore};
