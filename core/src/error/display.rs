//! The error as one line of text.

use super::classify::close_name;
use super::problem::seconds_up;
use super::{Cause, Delivery, Error, Measure, Phase, Redaction};
use crate::codes::{AnyCode, Recovery, websocket_close};
use http::StatusCode;
use std::fmt;

/// Maximum characters of foreign text (a server's message, a reason) in the line.
const FOREIGN_TEXT: usize = 200;
/// Maximum characters of an invalid request's reason: it is this crate's own text and ends with what to do.
const REFUSAL_TEXT: usize = 500;

/// Writes one line. `{:#}` adds lines with what the tables say about the code.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let context = self.context();
        let where_it_was = self.is_connection() || matches!(self.cause(), Cause::Http(_));
        let endpoint = if where_it_was { &*context.endpoint } else { "" };
        let proxy = match self.cause() {
            Cause::Http(failure) => failure.proxy.as_deref(),
            _ => None,
        };
        let call = [context.service, &*context.command].join(" ");
        match (call.trim(), endpoint) {
            ("", "") => {}
            (call, "") => write!(f, "{call}: ")?,
            ("", endpoint) => write!(f, "{endpoint}: ")?,
            (call, endpoint) => write!(f, "{call} at {endpoint}: ")?,
        }
        if let Some(proxy) = proxy {
            write!(f, "through {}: ", foreign(proxy))?;
        }
        write!(f, "{}", self.what())?;
        write!(f, "; {}", Advice(self))?;
        match self.explained() {
            Some(code) if f.alternate() => write!(f, "\n{}", code.describe()),
            _ => Ok(()),
        }
    }
}

impl Error {
    /// Returns the code that `{:#}` explains: the error's own, or else the registered close code.
    fn explained(&self) -> Option<AnyCode> {
        self.code().or(match self.cause() {
            Cause::Closed(close) => Some(AnyCode::of(websocket_close::ErrorCode::from_value(close.code))),
            _ => None,
        })
    }

    /// Returns what happened, without the call and the advice.
    pub(super) fn what(&self) -> impl fmt::Display + '_ {
        What(self)
    }
}

struct What<'a>(&'a Error);

impl fmt::Display for What<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.0.code();
        match self.0.cause() {
            Cause::Status(status) => {
                match code {
                    Some(code) => write!(f, "{}", Named(code))?,
                    None => f.write_str("the server answered with an error")?,
                }
                let meaning = || code?.info().map(|info| first_sentence(info.meaning));
                if let Some(message) = status.message.as_deref().filter(|message| !message.is_empty()).or_else(meaning)
                {
                    write!(f, ": {}", foreign(message).trim_end_matches('.'))?;
                }
                for (index, child) in status.children.iter().enumerate() {
                    write!(f, "{} {}", if index == 0 { ", with" } else { "," }, Named(*child))?;
                }
                Ok(())
            }
            cause => {
                if let Some(code) = code {
                    write!(f, "{}: ", Named(code))?;
                }
                match (cause, self.0.delivery()) {
                    // An earlier attempt left.
                    (Cause::Timeout(Phase::Queue), Delivery::MaybeSent) => {
                        f.write_str("the command could not be sent again in time")
                    }
                    _ => cause_without_code(cause, f),
                }
            }
        }
    }
}

fn cause_without_code(cause: &Cause, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match cause {
        // Written by `What`.
        Cause::Status(_) => Ok(()),
        Cause::Closed(close) => {
            write!(f, "the server closed the connection with code {}", close.code)?;
            if let Some(name) = close_name(close.code) {
                write!(f, " ({name})")?;
            }
            if !close.reason.is_empty() {
                write!(f, ", saying \"{}\"", foreign(&close.reason))?;
            }
            Ok(())
        }
        Cause::Http(failure) => {
            let who = if failure.proxy.is_some() { "proxy" } else { "server" };
            write!(f, "the {who} answered HTTP {}", failure.status)?;
            if let Some(location) = &failure.location {
                write!(f, ", which redirects to {}", foreign(location))?;
            }
            let mut texts = failure.details.iter().filter(|detail| !detail.text.is_empty());
            match texts.next() {
                Some(detail) => {
                    let field = detail.field.as_deref().filter(|field| !detail.text.contains(field));
                    let field = field.map(|field| format!("{}: ", foreign(field))).unwrap_or_default();
                    write!(f, ", saying \"{field}{}\"", foreign(&detail.text))?;
                    match texts.count() {
                        0 => Ok(()),
                        more => write!(f, " and {more} more"),
                    }
                }
                None if failure.excerpt.is_empty() => Ok(()),
                None => write!(f, ", saying \"{}\"", foreign(&failure.excerpt)),
            }
        }
        Cause::Transport(_) => f.write_str("the connection failed"),
        Cause::Timeout(phase) => f.write_str(match phase {
            Phase::Connect => "connecting timed out",
            Phase::Handshake => "the handshake timed out",
            Phase::Queue => "the command could not be sent in time",
            Phase::Reply => "no reply came in time",
            Phase::Idle => "the peer sent nothing within the idle timeout",
            Phase::Runtime => "the client's tokio runtime is not running",
        }),
        Cause::Decode(it) => {
            f.write_str("the reply cannot be decoded")?;
            if !it.path.is_empty() {
                write!(f, " at {}", foreign(&it.path))?;
            }
            write!(f, ": {}", foreign(&it.reason))?;
            if !it.excerpt.is_empty() {
                write!(f, ", in {}", foreign(&it.excerpt))?;
            }
            Ok(())
        }
        Cause::Protocol(it) => write!(f, "the peer violated the protocol: {}", foreign(&it.0)),
        Cause::InvalidRequest(it) => {
            write!(f, "invalid request: {}", Redaction::default().excerpt(&it.0, REFUSAL_TEXT))
        }
        Cause::Overflow(it) => {
            let of = if it.measure == Measure::Bytes { "bytes of replies" } else { "replies" };
            write!(f, "more than {} {of} were waiting for their consumer", it.limit)
        }
        Cause::Io(it) => write!(f, "{} failed", Redaction::default().excerpt(&it.doing, REFUSAL_TEXT)),
        Cause::Shutdown => f.write_str("the client was shut down"),
    }
}

/// What to do, and whether the command may have run.
struct Advice<'a>(&'a Error);

impl fmt::Display for Advice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = self.0;
        let by_proxy = match error.cause() {
            Cause::Http(failure) if failure.proxy.is_some() => Some(failure.status),
            _ => None,
        };
        match (error.recovery(), error.retry_after()) {
            (Recovery::Wait | Recovery::Reconnect, Some(wait)) => {
                write!(f, "try again in {} s", seconds_up(wait))?;
            }
            (Recovery::Nothing, _) => f.write_str("trying again does not help")?,
            (Recovery::Correct, _) if by_proxy == Some(StatusCode::PROXY_AUTHENTICATION_REQUIRED) => {
                f.write_str("give valid credentials with `ConnectOptions::with_proxy_credentials`")?;
            }
            (Recovery::Correct, _) if by_proxy.is_some() => {
                f.write_str("correct the address of the proxy or of the service")?;
            }
            (Recovery::AskOperator, _) if by_proxy.is_some() => f.write_str("ask the operator of the proxy")?,
            (Recovery::Correct, _) if matches!(error.cause(), Cause::Overflow(_)) => {
                f.write_str("take replies faster or raise the limit")?;
            }
            (Recovery::Correct, _) if matches!(error.cause(), Cause::Timeout(Phase::Runtime)) => {
                f.write_str("drive the runtime in which the client connected, and do not block it")?;
            }
            (Recovery::Correct, _) if matches!(error.cause(), Cause::Io(_)) => {
                f.write_str("fix the cause on this machine")?;
            }
            (Recovery::Correct, _) => f.write_str("correct the request")?,
            (Recovery::Wait, None) => f.write_str("try again later")?,
            (Recovery::Reconnect, None) => f.write_str("try again once reconnected")?,
            (Recovery::LogIn, _) => f.write_str("log in again")?,
            (Recovery::AskOperator, _) => f.write_str("ask the operator of the service")?,
        }
        match error.delivery() {
            Delivery::NotSent => f.write_str(" (not sent)"),
            Delivery::MaybeSent if error.is_retryable() => {
                f.write_str(", if running it twice does no harm (it may have run)")
            }
            Delivery::MaybeSent => f.write_str(" (it may have run)"),
            Delivery::Answered => f.write_str(" (answered)"),
        }
    }
}

/// Writes a code's name and number.
struct Named(AnyCode);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(code) = self;
        if code.is_listed() {
            write!(f, "{} ({})", code.label(), code.value())
        } else {
            write!(f, "unlisted status {}", code.value())
        }
    }
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(sentence, _)| sentence)
}

/// Returns untrusted text as part of one line.
fn foreign(text: &str) -> String {
    Redaction::default().excerpt(text, FOREIGN_TEXT)
}
