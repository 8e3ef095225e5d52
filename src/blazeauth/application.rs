//! The application that an API key belongs to.

use super::reply::Body;
use crate::error::Error;

/// The application that the session was initialized for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Application {
    /// Its name.
    pub name: String,
    /// Its version, as its operator set it.
    pub version: String,
}

impl Application {
    pub(super) fn read(body: &Body<'_>) -> Result<Self, Error> {
        Ok(Self { name: body.required("app_name")?, version: body.required("app_version")? })
    }
}
