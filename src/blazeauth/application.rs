//! The application that an API key belongs to.

use super::lenient::Told;
use serde::Deserialize;

/// The application that the session was initialized for. A member that the server did not send, or not as a text, is
/// empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Told")]
#[non_exhaustive]
pub struct Application {
    /// Its name.
    pub name: String,
    /// Its version, as its operator set it.
    pub version: String,
    /// The names of the members that the server sent in a form that cannot be read.
    pub unread: Vec<&'static str>,
}
