//! What a program can see of each request on the wire.

use crate::error::Error;
use http::{Method, StatusCode};
use std::time::Duration;

/// One request on the wire and what became of it, for [`Builder::on_attempt`](super::Builder::on_attempt). It shows no secret.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// The method.
    pub method: &'a Method,
    /// The URL, as [`redacted_endpoint`](crate::error::redacted_endpoint) shows it.
    pub url: &'a str,
    /// The number of the attempt in its call, counted from 1. Redirects that are followed belong to one attempt.
    pub number: u32,
    /// The status of the answer, or the error.
    pub outcome: Result<StatusCode, &'a Error>,
    /// The time from the request to its outcome.
    pub elapsed: Duration,
}

/// Gets each attempt.
pub(super) type Observer = Box<dyn Fn(&Attempt<'_>) + Send + Sync>;
