//! One attempt of a call: the request, the redirects that are followed, and the judgement about the answer.

use super::address::{REDIRECTS, is_redirect, redirected};
use super::chunks::Chunks;
use super::credentials::is_secret;
use super::deadline::Deadline;
use super::outgoing::Outgoing;
use super::response::Response;
use super::sender::Sender;
use super::sent::Sent;
use super::wire::{Call, Wire, late};
use crate::error::{Delivery, Error};
use bytes::Bytes;
use http::header::{HOST, LOCATION};
use http::{HeaderMap, Method, StatusCode};
use reqwest::Url;
use std::error::Error as StdError;
use std::future::Future;
use std::sync::Arc;
use tokio::time::Instant;

/// The most bytes of an error body that are read.
const ERROR_BODY: usize = 256 << 10;

/// What composes requests.
pub(super) trait Compose: Sync {
    fn compose(&self, request: &mut Outgoing, sender: &Sender<'_>) -> impl Future<Output = Result<(), Error>> + Send;
}

/// What is read of the answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// All of it.
    Whole,
    /// The head.
    Head,
}

/// An answer that is a success, or a redirect that is followed.
pub(super) struct Arrived {
    pub(super) response: Response,
    /// Where the redirect leads.
    next: Option<Url>,
    /// The body, if it was not read.
    pub(super) body: Option<Chunks>,
}

/// An attempt that failed.
pub(super) struct Failed {
    pub(super) error: Error,
    /// The answer, if there was one and it may tell that a session is lost.
    pub(super) response: Option<Box<Response>>,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, response: None }
    }
}

impl Wire {
    /// Sends a request, follows redirects, and judges the answer.
    pub(super) async fn attempt(
        self: &Arc<Self>,
        composer: &impl Compose,
        call: &Call,
        mode: Mode,
        deadline: Deadline,
        number: u32,
    ) -> Result<Arrived, Failed> {
        let mut url = call.url.clone();
        // Once a redirect has left the origin, no credentials are sent any more, even if another one comes back.
        let mut owned = self.base.owns(&url);
        let mut hops = 0;
        loop {
            let started = Instant::now();
            let mut sent = match owned {
                true => self.composed(composer, call, url, deadline, hops).await?,
                false => foreign(call, url),
            };
            let mut step = self.step(call, &mut sent, owned, hops, mode, deadline).await;
            // What another origin answers says nothing about a session.
            if !owned && let Err(failed) = &mut step {
                failed.response = None;
            }
            let outcome = step.as_ref().map(|arrived| arrived.response.status).map_err(|failed| &failed.error);
            self.observe(&sent, number, outcome, started);
            let mut arrived = step?;
            let Some(next) = arrived.next.take() else { return Ok(arrived) };
            owned = owned && self.base.owns(&next);
            hops += 1;
            self.pay();
            url = next;
        }
    }

    /// Composes a request to the service.
    async fn composed(
        self: &Arc<Self>,
        composer: &impl Compose,
        call: &Call,
        url: Url,
        deadline: Deadline,
        hops: usize,
    ) -> Result<Sent, Error> {
        let mut headers = self.headers.clone();
        replace(&mut headers, &call.request.headers);
        let mut outgoing = Outgoing(call.sent(url, headers));
        let sender = Sender { wire: self, deadline };
        let composed = deadline.run(composer.compose(&mut outgoing, &sender)).await;
        let Outgoing(sent) = outgoing;
        // What failed is another request: this one was not sent.
        let unsent = unsent(hops);
        match composed {
            Ok(Ok(())) => Ok(sent),
            Ok(Err(error)) => {
                let error = error.clone_with_delivery(unsent);
                Err(if error.context().command.is_empty() { self.in_call(error, &sent) } else { error })
            }
            Err(_) => Err(self.failed(late(unsent), &sent)),
        }
    }

    /// Sends one request, and judges the answer.
    async fn step(
        self: &Arc<Self>,
        call: &Call,
        sent: &mut Sent,
        owned: bool,
        hops: usize,
        mode: Mode,
        deadline: Deadline,
    ) -> Result<Arrived, Failed> {
        let head = match self.exchange(call, sent, owned, unsent(hops), deadline).await {
            Ok(head) => head,
            Err(error) if error.is_invalid_request() => return Err(self.in_call(error, sent).into()),
            Err(error) => return Err(self.failed(error, sent).into()),
        };
        let (head, body) = head.into_parts();
        let chunks = Chunks::new(body, self.timeouts.idle);
        let (status, headers, wire) = (head.status, head.headers, Some(Arc::clone(self)));
        let mut response = Response { sent: sent.clone(), status, headers, body: Bytes::new(), wire };
        let is_allowed = call.request.allowed.contains(&response.status);
        if !is_allowed && is_redirect(response.status) && response.headers.contains_key(LOCATION) {
            return match next(call, &response, hops) {
                Ok(next) => Ok(Arrived { response, body: None, next: Some(next) }),
                Err(why) => {
                    response.body = chunks.beginning(ERROR_BODY, deadline).await;
                    let why: Box<dyn StdError + Send + Sync> = format!("the redirect is not followed: {why}").into();
                    Err(self.refused(response, |error| error.with_source(why.into()), hops))
                }
            };
        }
        if !is_allowed && !response.status.is_success() {
            response.body = chunks.beginning(ERROR_BODY, deadline).await;
            return Err(self.refused(response, |error| error, hops));
        }
        let is_wrong = is_unexpected(call, &response);
        let mut body = None;
        match mode {
            Mode::Head if !is_wrong => body = Some(chunks),
            Mode::Whole if !is_wrong => {
                let whole = chunks.collect(self.limits.message_in, deadline).await;
                response.body = whole.map_err(|error| self.failed(error, sent))?;
            }
            _ => response.body = chunks.beginning(ERROR_BODY, deadline).await,
        }
        if let Err(error) = self.service.check(&response) {
            return Err(Failed { error: self.in_call(error, sent), response: Some(Box::new(response)) });
        }
        if is_wrong {
            let expected = call.request.expected.as_deref().unwrap_or_default();
            let reason = format!("the answer is {:?}, not {expected}", response.media_type());
            return Err(response.decode_failure("", reason).into());
        }
        Ok(Arrived { response, body, next: None })
    }

    /// Makes the failure that an answer is.
    fn refused(&self, response: Response, with_reason: impl FnOnce(Error) -> Error, hops: usize) -> Failed {
        let error = self.connector.attribute(with_reason(response.failure()), &response.sent.url, unsent(hops));
        // What a proxy refuses says nothing about the service.
        if error.http_failure().is_some_and(|failure| failure.proxy.is_some()) {
            return error.into();
        }
        let error = self.service.refused(&response, error);
        Failed { error, response: Some(Box::new(response)) }
    }

    /// Completes the error of a request without a usable answer.
    fn failed(&self, error: Error, sent: &Sent) -> Error {
        self.service.failed(self.in_call(error, sent))
    }

    /// Adds the request to an error.
    fn in_call(&self, error: Error, sent: &Sent) -> Error {
        error.with_context(sent.context(self.service.name()))
    }
}

/// Returns the delivery of a request that was not sent after a number of redirects.
fn unsent(hops: usize) -> Delivery {
    if hops == 0 { Delivery::NotSent } else { Delivery::MaybeSent }
}

/// Returns where a redirect leads, or why it is not followed.
fn next(call: &Call, response: &Response, hops: usize) -> Result<Url, String> {
    let method = &call.request.method;
    if !method.is_safe() {
        return Err(format!("a {method} request is not sent to another address"));
    }
    if hops == REDIRECTS {
        return Err(format!("there were more than {REDIRECTS}"));
    }
    let location = response.headers.get(LOCATION).ok_or("there is no Location")?;
    let next = redirected(&response.sent.url, location)?;
    if call.request.secret && next.origin() != response.sent.url.origin() {
        return Err("a secret request is not sent to another origin".to_owned());
    }
    Ok(next)
}

/// Returns a request to another origin: without the headers of the options and the service, cookies and secrets. `Host` names
/// the origin that it was meant for.
fn foreign(call: &Call, url: Url) -> Sent {
    let headers = call.request.headers.iter().filter(|(name, value)| !is_secret(name, value) && *name != HOST);
    call.sent(url, headers.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Puts headers in place of those with the same names.
fn replace(headers: &mut HeaderMap, by: &HeaderMap) {
    for (name, value) in by {
        headers.insert(name, value.clone());
    }
}

/// Returns whether a success has another media type than the request expects.
fn is_unexpected(call: &Call, response: &Response) -> bool {
    let Some(expected) = &call.request.expected else { return false };
    let has_none =
        matches!(response.status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED);
    !has_none && call.request.method != Method::HEAD && response.media_type() != **expected
}
