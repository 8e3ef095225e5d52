//! The error: what happened, whether the command may have run, and what to do next.
//!
//! Every fallible operation, also of every client, fails with one type, [`Error`]. It answers the same questions for every
//! failure, so one `match` serves every service:
//!
//! | question | answer |
//! |---|---|
//! | what happened? | [`Error::cause`], a [`Cause`] with all known details |
//! | which code of which table? | [`Error::code`], [`Error::code_as`] |
//! | what sort of failure is it? | [`Error::kind`], one of the canonical RPC codes |
//! | may the command have run? | [`Error::delivery`] |
//! | what helps? | [`Error::recovery`], [`Error::retry_after`], [`Error::is_retryable`] |
//! | where was it? | [`Error::context`] |
//!
//! `Display` is one line for people and does not repeat [`source()`](std::error::Error::source): print the chain of
//! sources too. `{:#}` adds lines with what the tables say about the code. [`Error::to_problem`] returns an RFC 9457
//! problem document. None of these shows a secret: [`redacted_endpoint`] removes credentials from endpoints, and
//! [`Redaction`] hides secrets in all foreign text. All of them, and `Debug`, are short, however much a peer sent. The
//! `Display` of a source is its own.

mod bounded;
mod cause;
mod classify;
mod context;
mod delivery;
mod detail;
mod display;
mod http_failure;
mod predicates;
mod problem;
mod redaction;

pub use bounded::bounded;
pub use cause::{
    Cause, CloseFrame, DecodeFailure, InvalidRequest, IoFailure, Measure, Overflow, Phase, ProtocolViolation,
    ServerStatus,
};
pub use context::{Context, redacted_endpoint};
pub use delivery::Delivery;
pub use detail::Detail;
pub use http_failure::HttpFailure;
pub use problem::Problem;
pub use redaction::Redaction;
#[cfg(feature = "http")]
pub(crate) use redaction::is_secret_name;

use crate::codes::{AnyCode, Code, Kind, Recovery};
use redaction::Masked;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Any failure of this crate or of a client. It is one word wide and cheap to move.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    cause: Cause,
    code: Option<AnyCode>,
    delivery: Delivery,
    retry_after: Option<Duration>,
    context: Context,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

// Every layer passes `Result<_, Error>` by value.
const _: () = assert!(size_of::<Error>() == size_of::<usize>());
const _: () = {
    const fn is_portable<T: Send + Sync + 'static>() {}
    is_portable::<Error>();
};

impl Error {
    /// Makes an error from its cause and the delivery of the command.
    pub fn new(cause: Cause, delivery: Delivery) -> Self {
        let context = Context::default();
        Self(Box::new(Inner { cause, code: None, delivery, retry_after: None, context, source: None }))
    }

    /// Makes the error for a server's error answer.
    pub fn status(code: impl Into<AnyCode>, status: ServerStatus) -> Self {
        Self::new(Cause::Status(Box::new(status)), Delivery::Answered).with_any_code(code.into())
    }

    /// Makes the error for an invalid call that was not sent. `reason` says why, and how to correct it.
    pub fn invalid_request(reason: impl Into<String>) -> Self {
        Self::new(Cause::InvalidRequest(InvalidRequest(reason.into().into())), Delivery::NotSent)
    }

    /// Makes the error for a local file or writer that failed while `doing` something.
    pub fn io(doing: impl Into<String>, error: io::Error, delivery: Delivery) -> Self {
        let local = IoFailure { doing: doing.into(), kind: error.kind() };
        Self::new(Cause::Io(local), delivery).with_source(Arc::new(error))
    }

    /// Sets the code.
    #[must_use]
    pub fn with_code<C: Code>(self, code: C) -> Self {
        self.with_any_code(AnyCode::of(code))
    }

    /// Sets the code, of any table.
    #[must_use]
    pub fn with_any_code(mut self, code: AnyCode) -> Self {
        self.0.code = Some(code);
        self
    }

    /// Sets how long to wait before trying again.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Sets the context: which call failed.
    #[must_use]
    pub fn with_context(mut self, context: Context) -> Self {
        self.0.context = context;
        self
    }

    /// Sets the [`source()`](StdError::source), if the cause has none: why a time limit passed, for example. Its text
    /// must not contain secrets.
    #[must_use]
    pub fn with_source(mut self, source: Arc<dyn StdError + Send + Sync>) -> Self {
        self.0.source = Some(source);
        self
    }

    /// Returns a copy with another delivery: one lost connection fails many commands, and only some of them were sent.
    #[must_use]
    pub fn clone_with_delivery(&self, delivery: Delivery) -> Self {
        let mut error = self.clone();
        error.0.delivery = delivery;
        error
    }

    /// Replaces the cause. Code, delivery, context and source stay.
    #[must_use]
    pub fn with_cause(mut self, cause: Cause) -> Self {
        self.0.cause = cause;
        self
    }

    /// Returns the source given to [`with_source`](Self::with_source), to share it with another error. The source of a
    /// [`Cause::Transport`] is in the cause.
    pub fn shared_source(&self) -> Option<Arc<dyn StdError + Send + Sync>> {
        self.0.source.clone()
    }

    /// Returns what went wrong.
    pub fn cause(&self) -> &Cause {
        &self.0.cause
    }

    /// Returns the code, of any table. Not only servers produce codes: some tables have codes for failures that only
    /// the client sees.
    pub fn code(&self) -> Option<AnyCode> {
        self.0.code.or(match &self.0.cause {
            Cause::Closed(close) => close.known,
            _ => None,
        })
    }

    /// Returns the code as a `C`; `None` if there is no code or it belongs to another table.
    pub fn code_as<C: Code>(&self) -> Option<C> {
        self.code()?.downcast()
    }

    /// Returns the kind of failure: that of the code, or else that of the cause.
    pub fn kind(&self) -> Kind {
        self.code().map_or_else(|| classify::kind(self.cause()), |code| code.classification().kind)
    }

    /// Returns what helps: by the code, or else by the cause. An HTTP 503 with `Retry-After` is [`Recovery::Wait`], whatever
    /// its code: the server itself says that waiting helps.
    pub fn recovery(&self) -> Recovery {
        if let Cause::Http(failure) = self.cause()
            && failure.status == http::StatusCode::SERVICE_UNAVAILABLE
            && self.retry_after().is_some()
        {
            return Recovery::Wait;
        }
        self.code().map_or_else(|| classify::recovery(self.cause()), |code| code.classification().recovery)
    }

    /// Returns whether the command may have run.
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// Returns how long to wait before trying again, if the server said so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns which call failed.
    pub fn context(&self) -> &Context {
        &self.0.context
    }

    /// Returns the context, for layers that add to it.
    pub fn context_mut(&mut self) -> &mut Context {
        &mut self.0.context
    }

    /// Returns the error as an RFC 9457 problem document, for the answer of a web service.
    pub fn to_problem(&self) -> Problem {
        Problem::new(self)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match (&self.0.cause, &self.0.source) {
            (Cause::Transport(source), _) | (_, Some(source)) => Some(source.as_ref()),
            _ => None,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { cause, code: _, delivery, retry_after, context, source } = &*self.0;
        f.debug_struct("Error")
            .field("cause", cause)
            .field("code", &self.code())
            .field("kind", &self.kind())
            .field("recovery", &self.recovery())
            .field("delivery", delivery)
            .field("retry_after", retry_after)
            .field("context", context)
            // By Display: the Debug of network libraries' errors may print requests with their credentials.
            .field("source", &source.as_ref().map(|it| bounded(it, bounded::SHOWN)).as_deref().map(Masked))
            .finish()
    }
}
