//! One exchange with a server: a request and the head of its answer.

use super::address;
use super::base::Base;
use super::body::Opened;
use super::connect::Connector;
use super::cookies::Jar;
use super::deadline::Deadline;
use super::observer::{Attempt, Observer};
use super::request::Request;
use super::sent::Sent;
use super::service::Judge;
use super::upload::{Sending, Upload};
use crate::error::{Cause, Delivery, Error, Phase, Redaction, is_secret_name, redacted_endpoint};
use crate::policy::{HeldBack, Limits, RateLimit, Retry, Timeouts, TokenBucket};
use http::header::{CONTENT_LENGTH, COOKIE, HeaderName, HeaderValue, TRANSFER_ENCODING};
use http::{HeaderMap, Method, StatusCode};
use reqwest::Url;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::{Instant, sleep_until};

/// What all clones of a client share, without the type of the service.
pub(super) struct Wire {
    pub(super) connector: Connector,
    pub(super) base: Base,
    pub(super) headers: HeaderMap,
    pub(super) timeouts: Timeouts,
    pub(super) limits: Limits,
    pub(super) retry: Retry,
    pub(super) plaintext_credentials: bool,
    pub(super) limiter: Option<(RateLimit, Mutex<TokenBucket>)>,
    pub(super) jar: Option<Jar>,
    pub(super) observer: Option<Observer>,
    pub(super) service: Arc<dyn Judge>,
}

/// A request that can be sent.
pub(super) struct Call {
    pub(super) request: Request,
    pub(super) url: Url,
}

/// The head of an answer, and its body.
pub(super) type Head = http::Response<reqwest::Body>;

impl Wire {
    /// Checks a request.
    pub(super) fn prepare(&self, mut request: Request) -> Result<Call, Error> {
        if let Some(invalid) = request.invalid.take() {
            return Err(invalid);
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

    /// Refuses secrets of the caller for another origin.
    fn refuse_secrets(&self, request: &Request, url: &Url) -> Result<(), Error> {
        let header = request.headers.iter().find(|(name, value)| is_secret(name, value));
        let what = match header {
            Some((name, _)) => format!("the header {name:?}"),
            None if request.secret => "a secret request".to_owned(),
            None => return Ok(()),
        };
        Err(Error::invalid_request(format!(
            "{what} would be sent to {}, which is another origin than {}; make a client for that origin",
            address::origin(url),
            self.base.shown
        )))
    }

    /// Refuses to send credentials without TLS to another host.
    fn permit(&self, request: &Request, sent: &Sent) -> Result<(), Error> {
        let has_secrets = request.secret || sent.headers.iter().any(|(name, value)| is_secret(name, value));
        // A proxy has its own idea of which machine is `localhost`.
        let stays_here = self.connector.proxy.is_none() && address::is_loopback(&sent.url);
        if !has_secrets || sent.url.scheme() == "https" || stays_here || self.plaintext_credentials {
            return Ok(());
        }
        Err(Error::invalid_request(format!(
            "credentials would be sent without TLS to {}{}; use https://, or allow it with \
             `ConnectOptions::with_plaintext_credentials`",
            address::origin(&sent.url),
            if self.connector.proxy.is_some() { " through a proxy" } else { "" }
        )))
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
        if owned
            && let Some(jar) = &self.jar
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
        self.permit(&call.request, sent)?;
        let opened = match &call.request.body {
            Some(body) => body.open().await?,
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
        let response = self.answered(request, &sending, unsent, deadline, &sent.url).await?;
        let head = Head::from(response);
        if owned && let Some(jar) = &self.jar {
            jar.take(head.headers(), &sent.url);
        }
        Ok(head)
    }

    /// Waits for the head of the answer.
    async fn answered(
        &self,
        request: reqwest::Request,
        sending: &Sending,
        unsent: Delivery,
        deadline: Deadline,
        url: &Url,
    ) -> Result<reqwest::Response, Error> {
        let delivery = || if sending.last().is_some() { Delivery::MaybeSent } else { unsent };
        let mut answer = pin!(self.connector.http.execute(request));
        loop {
            // The limit for the answer counts from the last part of the request. The one for connecting is reqwest's.
            let reply = Deadline::after(sending.last().unwrap_or_else(Instant::now), self.timeouts.reply);
            match deadline.min(reply).run(&mut answer).await {
                Ok(Ok(response)) => return Ok(response),
                Ok(Err(error)) => {
                    if let Some(failure) = sending.failure() {
                        return Err(Error::io("reading the request body", failure, delivery()));
                    }
                    let unanswered = self.connector.failed(error, unsent, delivery());
                    let explained = deadline.run(self.connector.explained(unanswered, url)).await;
                    return Err(explained.unwrap_or_else(|_| Error::new(Cause::Timeout(Phase::Connect), unsent)));
                }
                Err(_) => {
                    let now = Instant::now();
                    let is_silent = |last| Deadline::after(last, self.timeouts.reply).has_passed(now);
                    if deadline.has_passed(now) || sending.last().is_some_and(is_silent) {
                        let phase = if sending.last().is_some() { Phase::Reply } else { Phase::Connect };
                        return Err(Error::new(Cause::Timeout(phase), delivery()));
                    }
                }
            }
        }
    }

    /// Tells the observer about a request.
    pub(super) fn observe(&self, sent: &Sent, number: u32, outcome: Result<StatusCode, &Error>, started: Instant) {
        if let Some(observer) = &self.observer {
            let url = redacted_endpoint(sent.url.as_str());
            observer(&Attempt { method: &sent.method, url: &url, number, outcome, elapsed: started.elapsed() });
        }
    }

    /// Waits for the rate limit, and returns the deadline of the call: the default one restarts afterwards.
    pub(super) async fn turn(&self, deadline: Deadline, is_default: bool) -> Result<Deadline, Error> {
        let Some((limit, bucket)) = &self.limiter else { return Ok(deadline) };
        let now = Instant::now();
        let at = {
            let mut bucket = lock(bucket);
            let next = Instant::from_std(bucket.next(now.into_std()));
            if !is_default && deadline.is_before(next) {
                let late = Error::new(Cause::Timeout(Phase::Queue), Delivery::NotSent);
                return Err(late.with_source(Arc::new(HeldBack(*limit))));
            }
            Instant::from_std(bucket.reserve(now.into_std()))
        };
        if at <= now {
            return Ok(deadline);
        }
        sleep_until(at).await;
        Ok(if is_default { Deadline::after(at, self.timeouts.call) } else { deadline })
    }

    /// Counts a request that does not wait for the rate limit.
    pub(super) fn pay(&self) {
        if let Some((_, bucket)) = &self.limiter {
            lock(bucket).take_anyway(Instant::now().into_std());
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

fn lock(bucket: &Mutex<TokenBucket>) -> MutexGuard<'_, TokenBucket> {
    // Each change is complete, also if a panic follows it.
    bucket.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns whether a header is a credential.
pub(super) fn is_secret(name: &HeaderName, value: &HeaderValue) -> bool {
    value.is_sensitive() || is_secret_name(name.as_str())
}
