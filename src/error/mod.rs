//! The error.
use crate::codes::{AnyCode, Code, Kind, Recovery};
use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

/// One word wide.
#[derive(Clone, Debug)]
pub struct Error(Box<Inner>);
#[derive(Clone, Debug)]
struct Inner {
    cause: Cause,
    code: Option<AnyCode>,
    delivery: Delivery,
    retry_after: Option<Duration>,
    context: Context,
}
/// May the command have run?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Delivery {
    NotSent,
    MaybeSent,
    Answered,
}
/// Where it happened.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct Context {
    pub service: &'static str,
    pub endpoint: Arc<str>,
    pub command: &'static str,
    pub correlation: Option<u64>,
    pub attempt: u32,
    pub elapsed: Duration,
}
/// What happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Cause {
    Status(Box<ServerStatus>),
    Closed(Close),
    Http(Box<HttpFailure>),
    Transport(Arc<dyn StdError + Send + Sync>),
    Timeout(Phase),
    Unreadable(Box<Unreadable>),
    Violation(Violation),
    Refused(Refusal),
    Overflow(Overflow),
    Shutdown,
}
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct ServerStatus {
    pub message: Option<String>,
    pub body: Option<serde_json::Value>,
    pub children: Vec<AnyCode>,
}
#[derive(Debug, Clone)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct Close {
    pub code: u16,
    pub reason: Arc<str>,
    pub known: Option<AnyCode>,
}
#[derive(Debug, Clone)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct HttpFailure {
    pub status: http::StatusCode,
    pub excerpt: String,
}
#[derive(Debug, Clone)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct Unreadable {
    pub path: String,
    pub reason: String,
    pub excerpt: String,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Phase {
    Connect,
    Handshake,
    Queue,
    Reply,
    Silence,
}
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Violation(pub String);
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Refusal(pub String);
/// Replies came faster than their consumer took them.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct Overflow {
    pub limit: usize,
}

#[allow(missing_docs)]
impl Close {
    pub fn new(code: u16, reason: impl Into<Arc<str>>) -> Self {
        Self { code, reason: reason.into(), known: None }
    }
}
#[allow(missing_docs)]
impl Unreadable {
    pub fn new(path: impl Into<String>, reason: impl Into<String>, excerpt: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into(), excerpt: excerpt.into() }
    }
}
#[allow(missing_docs)]
impl HttpFailure {
    pub fn new(status: http::StatusCode, excerpt: impl Into<String>) -> Self {
        Self { status, excerpt: excerpt.into() }
    }
}
#[allow(missing_docs)]
impl Overflow {
    pub fn new(limit: usize) -> Self {
        Self { limit }
    }
}

#[allow(missing_docs)]
impl Error {
    pub fn new(cause: Cause, delivery: Delivery) -> Self {
        Self(Box::new(Inner { cause, code: None, delivery, retry_after: None, context: Context::default() }))
    }
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::new(Cause::Refused(Refusal(reason.into())), Delivery::NotSent)
    }
    pub fn with_code<C: Code>(self, c: C) -> Self {
        self.with_any_code(AnyCode::of(c))
    }
    pub fn with_any_code(mut self, c: AnyCode) -> Self {
        self.0.code = Some(c);
        self
    }
    pub fn with_retry_after(mut self, d: Duration) -> Self {
        self.0.retry_after = Some(d);
        self
    }
    pub fn with_context(mut self, context: Context) -> Self {
        self.0.context = context;
        self
    }
    pub(crate) fn replica(&self, delivery: Delivery) -> Self {
        let mut error = self.clone();
        error.0.delivery = delivery;
        error
    }
    pub fn cause(&self) -> &Cause {
        &self.0.cause
    }
    pub fn code(&self) -> Option<AnyCode> {
        self.0.code
    }
    pub fn code_as<C: Code>(&self) -> Option<C> {
        self.0.code?.downcast()
    }
    pub fn kind(&self) -> Kind {
        self.0.code.map_or(Kind::Unknown, |c| c.facts().kind)
    }
    pub fn recovery(&self) -> Recovery {
        self.0.code.map_or(Recovery::Nothing, |c| c.facts().recovery)
    }
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }
    pub fn context(&self) -> &Context {
        &self.0.context
    }
    pub fn context_mut(&mut self) -> &mut Context {
        &mut self.0.context
    }
}
impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0.cause)
    }
}
impl StdError for Error {}
const _: () = assert!(size_of::<Error>() == size_of::<usize>());
