//! The application that an API key belongs to.

use serde::Deserialize;

/// The application that the session was initialized for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Application {
    /// Its name.
    #[serde(rename = "app_name")]
    pub name: String,
    /// Its version, as its operator set it.
    #[serde(rename = "app_version")]
    pub version: String,
}
