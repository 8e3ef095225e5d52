//! A client for Drupal sites.

mod builder;
mod client;
mod credentials;
mod error;
mod jsonapi;
mod menu;
mod rest;
mod service;
mod session;
mod shim;
mod view;

pub use crate::codes::drupal::ErrorCode;
pub use builder::Builder;
pub use client::Client;
pub use credentials::Credentials;
pub use jsonapi::{
    Attributes, Count, Document, Fields, File, FileUri, Filter, FilterValue, Identifier, Included, Link, Linkage,
    Links, Omission, Page, Pages, Query, Relationship, Resource, ResourceId, ResourceType, Resources, Upload, Version,
};
pub use menu::{Menu, MenuLink};
pub use rest::Rest;
pub use session::{CurrentUser, FileStore, LoggedOut, MemoryStore, Registration, SESSION_KEY, SessionStore};
pub use view::View;
