//! The error: what happened, whether the command may have run, and what to do next.
//!
//! Every fallible operation of this crate fails with one type, [`Error`]. It answers the same questions whatever went
//! wrong, so that one `match` serves every service:
//!
//! | question | answer |
//! |---|---|
//! | what happened? | [`Error::cause`], a [`Cause`] with all that is known |
//! | which code of which table? | [`Error::code`], [`Error::code_as`] |
//! | what sort of failure is it? | [`Error::kind`], one of the canonical RPC codes |
//! | may the command have run? | [`Error::delivery`] |
//! | what helps? | [`Error::recovery`], [`Error::retry_after`], [`Error::is_retryable`] |
//! | where was it? | [`Error::context`] |
//!
//! `Display` is one line for a person and does not repeat [`source()`](std::error::Error::source); print the chain of
//! sources beside it. `{:#}` adds lines with what the tables say about the code. [`Error::to_problem`] makes an RFC
//! 9457 problem document of it. None of these shows a secret: endpoints lose their credentials ([`redacted_endpoint`])
//! and excerpts what [`Redaction`] is told to hide.

mod cause;
mod classify;
mod context;
mod delivery;
mod display;
mod http_failure;
mod predicates;
mod problem;
mod redaction;

pub use cause::{
    Cause, CloseFrame, DecodeFailure, InvalidRequest, IoFailure, Measure, Overflow, Phase, ProtocolViolation,
    ServerStatus,
};
pub use context::{Context, redacted_endpoint};
pub use delivery::Delivery;
pub use http_failure::HttpFailure;
pub use problem::Problem;
pub use redaction::Redaction;

use crate::codes::{AnyCode, Code, Kind, Recovery};
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Any failure of this crate. One word wide; `Clone` is a copy of what is known.
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

// `Result<(), Error>` travels by value through every layer.
const _: () = assert!(size_of::<Error>() == size_of::<usize>());
const _: () = {
    const fn is_portable<T: Send + Sync + 'static>() {}
    is_portable::<Error>();
};

impl Error {
    /// An error from what went wrong and the verdict on the command.
    pub fn new(cause: Cause, delivery: Delivery) -> Self {
        let context = Context::default();
        Self(Box::new(Inner { cause, code: None, delivery, retry_after: None, context, source: None }))
    }

    /// A server's answer that is an error.
    pub fn status(code: impl Into<AnyCode>, status: ServerStatus) -> Self {
        Self::new(Cause::Status(Box::new(status)), Delivery::Answered).with_any_code(code.into())
    }

    /// A call that is wrong and was not sent: why, and what to do about it.
    pub fn invalid_request(reason: impl Into<String>) -> Self {
        Self::new(Cause::InvalidRequest(InvalidRequest(reason.into())), Delivery::NotSent)
    }

    /// A failure of a file or a writer on this side, while `doing` something.
    pub fn io(doing: impl Into<String>, error: io::Error, delivery: Delivery) -> Self {
        let local = IoFailure { doing: doing.into(), kind: error.kind() };
        Self::new(Cause::Io(local), delivery).with_source(Arc::new(error))
    }

    /// Sets the code.
    #[must_use]
    pub fn with_code<C: Code>(self, code: C) -> Self {
        self.with_any_code(AnyCode::of(code))
    }

    /// Sets the code, of whatever table.
    #[must_use]
    pub fn with_any_code(mut self, code: AnyCode) -> Self {
        self.0.code = Some(code);
        self
    }

    /// Sets how long the server wants to be left alone.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Sets which call it was.
    #[must_use]
    pub fn with_context(mut self, context: Context) -> Self {
        self.0.context = context;
        self
    }

    /// Sets the [`source()`](StdError::source), if the cause does not bring one: why time ran out, for example. Its
    /// text must be free of secrets.
    #[must_use]
    pub fn with_source(mut self, source: Arc<dyn StdError + Send + Sync>) -> Self {
        self.0.source = Some(source);
        self
    }

    /// Returns a copy with another verdict: one lost connection fails many commands, and each was sent or not.
    #[must_use]
    pub fn clone_with_delivery(&self, delivery: Delivery) -> Self {
        let mut error = self.clone();
        error.0.delivery = delivery;
        error
    }

    /// Replaces the cause, to say more about it. Code, delivery, context and source stay.
    #[must_use]
    pub fn with_cause(mut self, cause: Cause) -> Self {
        self.0.cause = cause;
        self
    }

    /// Returns the source given to [`with_source`](Self::with_source), to be shared with another error. The source that
    /// belongs to a [`Cause::Transport`] is in the cause.
    pub fn shared_source(&self) -> Option<Arc<dyn StdError + Send + Sync>> {
        self.0.source.clone()
    }

    /// What went wrong, to match on.
    pub fn cause(&self) -> &Cause {
        &self.0.cause
    }

    /// The code, of whatever table. Not only servers send codes: some tables have codes for failures that only the
    /// client can see.
    pub fn code(&self) -> Option<AnyCode> {
        self.0.code.or(match &self.0.cause {
            Cause::Closed(close) => close.known,
            _ => None,
        })
    }

    /// The code as one of the table `C`; `None` if there is no code or it is another table's.
    pub fn code_as<C: Code>(&self) -> Option<C> {
        self.code()?.downcast()
    }

    /// What sort of failure it is: that of the code, or else what the cause amounts to.
    pub fn kind(&self) -> Kind {
        self.code().map_or_else(|| classify::kind(self.cause()), |code| code.classification().kind)
    }

    /// What helps: as the code says, or else as the cause suggests.
    pub fn recovery(&self) -> Recovery {
        self.code().map_or_else(|| classify::recovery(self.cause()), |code| code.classification().recovery)
    }

    /// Whether the command may have been carried out.
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// How long the server wants to be left alone, if it said so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Which call it was.
    pub fn context(&self) -> &Context {
        &self.0.context
    }

    /// Which call it was, to be filled in by the layers that the error passes.
    pub fn context_mut(&mut self) -> &mut Context {
        &mut self.0.context
    }

    /// The error as an RFC 9457 problem document, to be handed on by a web service.
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
            .field("source", &source.as_ref().map(|source| format_args!("{source}").to_string()))
            .finish()
    }
}
