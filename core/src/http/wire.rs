//! One exchange with a server: a request and the head of its answer.

use super::base::Base;
use super::body::Opened;
use super::connect::Connector;
use super::cookies::Jar;
use super::deadline::Deadline;
use super::limiter::Limiter;
use super::observer::{Attempt, Observer};
use super::request::Request;
use super::sent::Sent;
use super::service::Judge;
use super::upload::{Sending, Upload};
use crate::error::{Cause, Delivery, Error, Phase, Redaction, is_secret_name, redacted_endpoint};
use crate::policy::{Limits, Retry, Timeouts};
use http::header::{CONTENT_LENGTH, COOKIE, HeaderValue, TRANSFER_ENCODING};
use http::{HeaderMap, Method, StatusCode};
use reqwest::Url;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What all clones of a client share, without the type of the service.
pub(super) struct Wire {
    pub(super) connector: Connector,
    /// For other origins: without the client certificate.
    pub(super) foreign: Connector,
    pub(super) base: Base,
    pub(super) headers: HeaderMap,
    pub(super) timeouts: Timeouts,
    pub(super) limits: Limits,
    pub(super) retry: Retry,
    pub(super) plaintext_credentials: bool,
    pub(super) limiter: Option<Limiter>,
    pub(super) jar: Option<Jar>,
    pub(super) observer: Option<Observer>,
    pub(super) service: Arc<dyn Judge>,
}

/// A request that can be sent.
pub(super) struct Call {
    pub(super) request: Request,
    pub(super) url: Url,
}

impl Call {
    /// Returns the request as it is sent to a URL.
    pub(super) fn sent(&self, url: Url, headers: HeaderMap) -> Sent {
        let Request { method, body, secret, .. } = &self.request;
        Sent { method: method.clone(), url, headers, has_body: body.is_some(), secret: *secret }
    }
}

/// The head of an answer, and its body.
pub(super) type Head = http::Response<reqwest::Body>;

impl Wire {
    /// Checks a request.
    pub(super) fn prepare(&self, mut request: Request) -> Result<Call, Error> {
        if let Some(invalid) = request.invalid.take() {
            return Err(invalid);
        }
        if request.method == Method::CONNECT {
            return Err(Error::invalid_request("CONNECT asks a proxy for a tunnel; use `ConnectOptions::with_proxy`"));
        }
        let url = self.base.join(&request.path, &request.query)?;
        if let Some(super::body::Content::Bytes(bytes)) = request.body.as_ref().map(|body| &body.content) {
            let (size, limit) = (bytes.len(), self.limits.message_out);
            if size > limit {
                return Err(Error::invalid_request(format!(
                    "the request body has {size} bytes, more than the limit of {limit}; send less at once, raise \
                     `Limits::message_out` if the server accepts more, or stream it"
                )));
            }
        }
        if !self.base.owns(&url) {
            self.refuse_secrets(&request, &url)?;
        }
        Ok(Call { request, url })
    }

    /// Sends a request and waits for the head of the answer. Takes over its cookies. `unsent` is the delivery of a request
    /// that does not leave.
    pub(super) async fn exchange(
        &self,
        call: &Call,
        sent: &mut Sent,
        owned: bool,
        unsent: Delivery,
        deadline: Deadline,
    ) -> Result<Head, Error> {
        // A timer rounds up to milliseconds, in which an exchange with a near server can end.
        if deadline.has_passed(Instant::now()) {
            return Err(late(unsent));
        }
        if owned
            && let Some(jar) = &self.jar
            && !sent.headers.contains_key(COOKIE)
            && let Some(cookies) = jar.header(&sent.url)
        {
            sent.headers.insert(COOKIE, cookies);
        }
        // The length is that of the body, whatever the caller says.
        for framing in [CONTENT_LENGTH, TRANSFER_ENCODING] {
            sent.headers.remove(framing);
        }
        for (name, value) in &mut sent.headers {
            if is_secret_name(name.as_str()) {
                value.set_sensitive(true);
            }
        }
        if owned {
            self.permit(&call.request, sent)?;
        }
        let opened = match &call.request.body {
            Some(body) => deadline.run(body.open(unsent)).await.unwrap_or_else(|_| Err(late(unsent)))?,
            None => Opened::empty(),
        };
        let mut request = reqwest::Request::new(sent.method.clone(), sent.url.clone());
        *request.headers_mut() = sent.headers.clone();
        // hyper leaves it out.
        if opened.length == 0 && matches!(sent.method, Method::POST | Method::PUT | Method::PATCH) {
            request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let sending = Arc::new(Sending::default());
        *request.body_mut() = Some(reqwest::Body::wrap(Upload::new(opened, Arc::clone(&sending))));
        // Who allows a call more time allows its answer more time.
        let reply = call.request.timeout.unwrap_or_default().max(self.timeouts.reply);
        let connector = if owned { &self.connector } else { &self.foreign };
        let response = answered(connector, request, &sending, unsent, (deadline, reply), &sent.url).await?;
        let head = Head::from(response);
        if owned && let Some(jar) = &self.jar {
            jar.take(head.headers(), &sent.url, &sent.headers);
        }
        Ok(head)
    }

    /// Tells the observer about a request.
    pub(super) fn observe(&self, sent: &Sent, number: u32, outcome: Result<StatusCode, &Error>, started: Instant) {
        if let Some(observer) = &self.observer {
            let url = redacted_endpoint(sent.url.as_str());
            observer(&Attempt { method: &sent.method, url: &url, number, outcome, elapsed: started.elapsed() });
        }
    }

    /// Adds the service and its address to the error of a request that was not sent.
    pub(super) fn in_service(&self, mut error: Error) -> Error {
        let context = error.context_mut();
        if context.service.is_empty() {
            context.service = self.service.name();
        }
        if context.endpoint.is_empty() {
            context.endpoint = Arc::clone(&self.base.shown);
        }
        error
    }

    /// Returns what is hidden in errors.
    pub(super) fn redaction(&self) -> Redaction {
        self.connector.redaction(self.service.redaction())
    }
}

/// Waits for the head of the answer: until the deadline, and for at most `reply` from the end of the request on.
async fn answered(
    connector: &Connector,
    request: reqwest::Request,
    sending: &Sending,
    unsent: Delivery,
    (deadline, reply): (Deadline, Duration),
    url: &Url,
) -> Result<reqwest::Response, Error> {
    let answered = {
        let mut answer = pin!(connector.http.execute(request));
        loop {
            // The limit for the answer counts from the last part of the request. The one for connecting is reqwest's.
            let until = Deadline::after(sending.last().unwrap_or_else(Instant::now), reply);
            if let Ok(answered) = deadline.min(until).run(&mut answer).await {
                break Some(answered);
            }
            let now = Instant::now();
            let is_silent = |last| Deadline::after(last, reply).has_passed(now);
            if deadline.has_passed(now) || sending.last().is_some_and(is_silent) {
                break None;
            }
        }
    };
    // A request that is given up can be taken by a connection until here.
    let left = sending.last().is_some();
    let delivery = if left { Delivery::MaybeSent } else { unsent };
    match answered {
        Some(Ok(response)) => Ok(response),
        Some(Err(error)) => {
            if let Some(failure) = sending.failure() {
                return Err(Error::io("reading the request body", failure, delivery));
            }
            let unanswered = connector.failed(error, unsent, delivery);
            let explained = deadline.run(connector.explained(unanswered, url)).await;
            Err(explained.unwrap_or_else(|_| Error::new(Cause::Timeout(Phase::Connect), unsent)))
        }
        None => Err(Error::new(Cause::Timeout(if left { Phase::Reply } else { Phase::Connect }), delivery)),
    }
}

/// Makes the error of a request whose time limit passed before it was sent.
pub(super) fn late(unsent: Delivery) -> Error {
    Error::new(Cause::Timeout(Phase::Queue), unsent)
}
