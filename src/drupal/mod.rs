//! A client for Drupal sites: sessions, JSON:API, menus, REST resources and views.
//!
//! It speaks to stock Drupal, 10.1 to 12; older sites lack menus. [`Client`] holds the session. [`Resources`] reads and
//! writes resources of one type, with attributes as a struct of yours or as JSON. [`Query`] and [`Filter`] say what to ask
//! for; only what Drupal understands can be written with them.
//!
//! ```no_run
//! # async fn doc() -> Result<(), statuswire::Error> {
//! use serde::Deserialize;
//! use serde_json::json;
//! use statuswire::drupal::{Attributes, Client, ErrorCode, Fields, Filter, Query};
//!
//! #[derive(Deserialize)]
//! struct Vessel {
//!     title: String,
//!     field_berths: Option<u32>,
//! }
//!
//! let site = Client::new("https://harbor.example")?;
//! site.login("mara", "her password").await?;
//! let vessels = site.resources::<Vessel>(&"node--vessel".parse()?);
//!
//! let sloops = Query::new().filter(Filter::eq("field_class", "sloop")).include("field_port").sort("title");
//! let page = vessels.page(&sloops).await?;
//! for vessel in &page.data {
//!     let ports = page.included.related::<Attributes, _>(vessel, "field_port")?;
//!     println!("{} lies in {:?}", vessel.attributes.title, ports.first().map(|port| &port.attributes["name"]));
//! }
//!
//! match vessels.create(&Fields::new(json!({"title": "", "field_berths": 99}))).await {
//!     Ok(vessel) => println!("created {}", vessel.id),
//!     Err(error) => {
//!         let title = error.details_of("title").map(|detail| &detail.text);
//!         println!("{:?}: {:?}", error.code_as::<ErrorCode>(), title.collect::<Vec<_>>());
//!     }
//! }
//! site.logout().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # What the client protects from
//!
//! Drupal has properties that its users should know, all observed on a running site:
//!
//! - **A page may be short or empty although more follow**, because the site removes what the caller may not see after it has
//!   cut the page. [`Resources::pages`] follows the links of the site, and each [`Page`] tells what was
//!   [omitted](Document::omitted). The site does not count: [`Resources::count`] does, and says when it cannot know.
//! - **Without `_format=json` a login answers 200 with a page of HTML.** An answer that is not of the expected type is an
//!   error.
//! - **A resource of another type is an answer too**, if the id is that of one. Type and id are compared.
//! - **A reference to another type of entity is not noticed**: see [`Resources::with_targets`].
//! - **A session that the site forgot makes the caller anonymous**, without an error where anonymous callers may read. The
//!   client sees it by the cookie that the site removes, and logs in again if it has
//!   [credentials](Credentials::session).
//! - **A failed login is counted**, by account and by address. After five the right password is refused too, for hours. The
//!   client never tries a refused password again by itself.
//! - **Some filters end in a server error**: they cannot be written with [`Filter`].
//! - **A created resource is lost with its answer.** The client chooses the id, so that it can send the request again:
//!   [`Resources::create_as`].
//!
//! A fresh site takes no writes over JSON:API until its setting "read only" is changed: they fail with
//! [`OperationForbidden`](ErrorCode::OperationForbidden).
//!
//! # Errors
//!
//! Drupal answers with HTTP statuses and sentences. [`ErrorCode`] are the numbers of its JavaScript SDK, which
//! [`RULES`](crate::codes::drupal::RULES) find by status, request and text. [`Client`] says what else an error has.
//!
//! # Coming from the JavaScript SDK
//!
//! | `drupal-js-sdk` | here |
//! |---|---|
//! | `auth.login`, `loginStatus`, `logout`, `forcedLogout` | [`Client::login`], [`is_logged_in`](Client::is_logged_in), [`logout`](Client::logout) for both |
//! | `auth.passwordResetByUserName`, `passwordResetByMail`, `register` | [`Client::reset_password_by_name`], [`reset_password_by_mail`](Client::reset_password_by_mail), [`register`](Client::register) |
//! | the session under `DRUPAL_AUTH.SESSION` | [`SESSION_KEY`] in a [`SessionStore`], the same layout and the cookies; [`Client::restore`] |
//! | `entities.entity(id)` | [`Client::resources`]; no adapter must be registered |
//! | `load`, `get` | [`Resources::get`], [`get_with`](Resources::get_with) |
//! | `list`, `listPage` | [`Resources::stream`], [`pages`](Resources::pages), [`page`](Resources::page) |
//! | `count`, `findOne` | [`Resources::count`], [`first`](Resources::first) |
//! | `select`, `include`, `sort`, `page`, `params` | [`Query::fields`], [`include`](Query::include), [`sort`](Query::sort), [`offset`](Query::offset) and [`limit`](Query::limit), [`parameter`](Query::parameter) |
//! | `whereEq`, `whereContains`, `whereIn`, `whereRange` | [`Filter::eq`], [`contains`](Filter::contains), [`one_of`](Filter::one_of), [`between`](Filter::between) |
//! | `record.rel(name).load()` | [`Resources::related`], or [`Query::include`] and [`Included::related`] |
//! | `menu.getMenu`, `getMenuRaw` | [`Client::menu`]; [`Client::send`] for the answer as it is |
//! | `xhr.call` | [`Client::send`] |

mod builder;
mod client;
mod credentials;
mod error;
mod jsonapi;
mod menu;
mod rest;
mod service;
mod session;
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
