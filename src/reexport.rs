//! The crates whose types are part of this crate's public functions and traits.
//!
//! A program that names such a type can take it from here. Then it needs no dependency of its own, which would have to
//! stay at the same version. The crate `http` is [`reexport::http`](http): the module [`statuswire::http`](crate::http)
//! is this crate's engine.
//!
//! | Crate | Where its types occur |
//! |---|---|
//! | `bytes` | messages and pieces of files: [`rpc::Message`](crate::rpc::Message), [`download::Piece`](crate::download::Piece), [`http::Response::bytes`](crate::http::Response::bytes) |
//! | `bytestring` | text messages: [`rpc::Message`](crate::rpc::Message) |
//! | `futures_core` | the trait `Stream`: [`rpc::ReplyStream`](crate::rpc::ReplyStream), [`nemesis::Batch`](crate::nemesis::Batch), [`http::ResponseStream`](crate::http::ResponseStream) |
//! | `http` | statuses and headers: [`error::HttpFailure`](crate::error::HttpFailure), [`ws::Upgrade`](crate::ws::Upgrade), [`http::Response`](crate::http::Response), [`ConnectOptions::headers`](crate::ConnectOptions::headers) |
//! | `secrecy` | secrets as arguments (`impl Into<SecretString>`: a `String` or `&str` will do) and in results, such as [`blazeauth::License::key`](crate::blazeauth::License::key) |
//! | `serde_json` | undecoded JSON, `RawValue`: [`json`](crate::json), [`nemesis::Kv::get_raw`](crate::nemesis::Kv::get_raw) |
//! | `uuid` | ids of resources: [`drupal::Resource::id`](crate::drupal::Resource::id) |
//!
//! `futures_core` and `secrecy` have versions 0.x. They are the only such crates with types in public functions: a new 0.x
//! version of one of them is a breaking change of this crate. The traits of `serde` and `tokio` are public too; a program
//! that uses them depends on these crates anyway, and both have versions 1.x.
//!
//! This function logs in with a secret header, in an implementation of [`ws::Upgrade`](crate::ws::Upgrade):
//!
//! ```
//! use statuswire::Error;
//! use statuswire::reexport::http::{HeaderValue, header};
//! use statuswire::reexport::secrecy::{ExposeSecret, SecretString};
//! use statuswire::ws::Request;
//!
//! fn authorize(request: &mut Request, token: &SecretString) -> Result<(), Error> {
//!     let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
//!         .map_err(|_| Error::invalid_request("the token has characters that a header cannot hold"))?;
//!     value.set_sensitive(true);
//!     request.headers_mut().insert(header::AUTHORIZATION, value);
//!     Ok(())
//! }
//! # let _ = authorize;
//! ```

#[doc(no_inline)]
pub use statuswire_core::reexport::*;
#[cfg(feature = "drupal")]
pub use uuid;
