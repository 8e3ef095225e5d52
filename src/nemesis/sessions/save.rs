//! Saving to the server's disk and loading from it.

use super::client::Client;
use super::protocol::{Key, Sessions};
use super::reply::{self, Body};
use super::session::{Session, Token};
use crate::codes::Outcome;
use crate::codes::nemesis_sessions::ErrorCode;
use crate::error::{Cause, Delivery, Error, ProtocolViolation};
use crate::json::Members;
use crate::nemesis::command::{Command, ReplyBytes};
use crate::nemesis::connection::Request;
use crate::nemesis::path;
use crate::nemesis::reply::Reply;
use crate::nemesis::save::is_plain_file_name;
use crate::nemesis::verb::{SH_LOAD, SH_SAVE, Verb};
use crate::rpc::{Replies, ReplyStream};
use futures_core::Stream;
use futures_util::{StreamExt, TryStreamExt};
use serde::Deserialize;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// A save to be made; made by [`Client::save`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `run` or `progress`"]
pub struct Save {
    client: Client,
    name: String,
    only: Option<Vec<Token>>,
}

/// A finished save.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// The save's name.
    pub name: String,
    /// How long the server took, as it measured it, in whole milliseconds.
    pub duration: Duration,
}

/// How far a save is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SaveStep {
    /// The server has begun to write.
    Started,
    /// It has written everything.
    Complete(Saved),
}

/// A finished load.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// The save's name.
    pub name: String,
    /// The number of sessions that were loaded. Sessions that existed are not counted: they were left as they are.
    pub sessions: u64,
    /// The number of keys in the sessions that were loaded.
    pub keys: u64,
    /// Whether the server said that a session of the save existed. It looks at the last one only (observed), so that
    /// `false` does not mean that all were loaded.
    pub found_existing: bool,
}

/// Saves and loads are carried out by the thread that reads commands, so nothing else is answered on this connection until
/// they are done. Their time limit is [`Builder::save_timeout`](super::Builder::save_timeout), nothing else is on the wire
/// meanwhile, and they are never sent twice. The name of a save must consist of letters, digits, `.`, `_` and `-`: the server
/// uses it as a path without checking it.
impl Client {
    /// Prepares a save of all sessions with their keys, tokens and expiry (`SH_SAVE`).
    #[inline]
    pub fn save(&self, name: impl Into<String>) -> Save {
        Save { client: self.clone(), name: name.into(), only: None }
    }

    /// Loads the sessions of a save (`SH_LOAD`). Those that exist are left as they are; the time of those that expire starts
    /// again.
    ///
    /// # Errors
    ///
    /// See [`Client`]. [`LoadError`](ErrorCode::LoadError) if there is no such save, or if it is damaged.
    pub async fn load(&self, name: &str) -> Result<Loaded, Error> {
        let command = self.disk_command(SH_LOAD, |command| command.strings("names", [name]), name);
        let request = Request::new(command, Key::new(SH_LOAD, None));
        self.connection.call(request, |got, excerpt| loaded(got, excerpt, name)).await
    }

    /// Loads several saves, one after the other, and returns what became of each. They are loaded by a command each: given
    /// several names, the server looks only for the last one (observed).
    pub async fn load_many(&self, names: impl IntoIterator<Item: AsRef<str>>) -> Vec<(String, Result<Loaded, Error>)> {
        let names: Vec<String> = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
        let mut results = Vec::with_capacity(names.len());
        for name in names {
            let result = self.load(&name).await;
            results.push((name, result));
        }
        results
    }

    fn disk_command(&self, verb: Verb, write: impl FnOnce(Command) -> Command, name: &str) -> Command {
        let command = write(self.command(verb)).blocking().reply_bytes(ReplyBytes::UNKNOWN);
        if is_plain_file_name(name) {
            return command;
        }
        command.refuse(Error::invalid_request(format!(
            "the save name {name:?} is not one of letters, digits, '.', '_' and '-': the server uses it as a path \
             without checking it; use a plain name"
        )))
    }
}

impl Save {
    /// Saves these sessions only. Those that do not exist are left out without an error.
    pub fn only<'a>(mut self, sessions: impl IntoIterator<Item = &'a Session>) -> Self {
        self.only = Some(sessions.into_iter().map(|session| session.token().clone()).collect());
        self
    }

    /// Saves, and waits until everything is written.
    ///
    /// # Errors
    ///
    /// See [`Client`]. [`CommandDisabled`](ErrorCode::CommandDisabled) if the server does not save,
    /// [`SaveError`](ErrorCode::SaveError) if it failed after it had begun. If the connection is lost after that, the error
    /// has the code [`SaveStart`](ErrorCode::SaveStart).
    pub async fn run(self) -> Result<Saved, Error> {
        let client = self.client.clone();
        let mut progress = self.progress().await?;
        while let Some(step) = progress.try_next().await? {
            if let SaveStep::Complete(saved) = step {
                return Ok(saved);
            }
        }
        let ended =
            ProtocolViolation::new("the last reply to the save says neither that it is complete nor that it failed");
        Err(Error::new(Cause::Protocol(ended), Delivery::Answered)
            .with_context(client.connection.context(SH_SAVE.name)))
    }

    /// Saves, and returns the steps as a stream. Dropping it does not stop the server.
    ///
    /// # Errors
    ///
    /// If the command is refused, or finds no free slot within its time limit. Everything else arrives through the stream,
    /// as [`run`](Self::run) says.
    pub async fn progress(self) -> Result<SaveProgress, Error> {
        let command = self.client.disk_command(SH_SAVE, |command| self.write(command), &self.name);
        let request = Request { replies: Replies::UntilLast, ..Request::new(command, Key::new(SH_SAVE, None)) };
        let replies = self.client.connection.stream(request).await?;
        Ok(SaveProgress { replies, client: self.client, name: self.name, over: false })
    }

    fn write(&self, command: Command) -> Command {
        let command = command.text("name", &self.name);
        let Some(tokens) = &self.only else { return command };
        let list: Vec<String> = tokens.iter().map(|token| token.expose_secret().to_string()).collect();
        let command = command.json("tkns", &format!("[{}]", list.join(",")));
        if !list.is_empty() {
            return command;
        }
        command.refuse(Error::invalid_request("a save of no sessions: name one, or save all of them without `only`"))
    }
}

/// The steps of a save; made by [`Save::progress`]. It ends after [`SaveStep::Complete`] or an error.
#[must_use = "the steps arrive through the stream"]
pub struct SaveProgress {
    replies: ReplyStream<Sessions>,
    client: Client,
    name: String,
    over: bool,
}

impl Stream for SaveProgress {
    type Item = Result<SaveStep, Error>;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.over {
            return Poll::Ready(None);
        }
        let step = match ready!(self.replies.poll_next_unpin(cx)) {
            None => return Poll::Ready(None),
            Some(Err(error)) => Err(error),
            Some(Ok(got)) => {
                let connection = &self.client.connection;
                reply::open(&got, connection.excerpt(), None)
                    .and_then(|body| step(&body, &self.name))
                    .map_err(|error| error.with_context(connection.context(SH_SAVE.name)))
            }
        };
        self.over = step.is_err();
        Poll::Ready(Some(step))
    }
}

impl fmt::Debug for SaveProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SaveProgress").finish_non_exhaustive()
    }
}

fn step(body: &Body<'_>, asked: &str) -> Result<SaveStep, Error> {
    let name: String = body.field("name")?;
    if name != asked {
        return Err(body.unreadable(body.path() + ".name", "this save was not asked for"));
    }
    if body.status == ErrorCode::SaveStart {
        return Ok(SaveStep::Started);
    }
    Ok(SaveStep::Complete(Saved { name, duration: body.field("duration").map(Duration::from_millis)? }))
}

/// Reads what became of a load. The result stands under the name of the save, which may be `st`: the reply is an error of
/// the whole only if that is a number.
fn loaded(got: &Reply, excerpt: usize, name: &str) -> Result<Loaded, Error> {
    #[derive(Deserialize)]
    struct One {
        sessions: u64,
        keys: u64,
        st: u16,
    }
    let body = got.read(excerpt)?;
    if let Ok(status) = body.field::<u16>("st") {
        return Err(reply::failed(&body, ErrorCode::from_value(status)));
    }
    let Members(members): Members<'_> = body.whole()?;
    let at = || body.path() + &path::key(name);
    let Some(one) = members.iter().find(|(saved, _)| *saved == name).map(|(_, one)| one) else {
        return Err(body.unreadable(at(), "the result of this save is missing"));
    };
    let One { sessions, keys, st } = serde_json::from_str(one.get()).map_err(|error| body.unreadable(at(), error))?;
    let status = ErrorCode::from_value(st);
    if status.outcome() == Outcome::Error {
        return Err(reply::failed(&body, status));
    }
    Ok(Loaded { name: name.to_owned(), sessions, keys, found_existing: status == ErrorCode::LoadDuplicate })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(body: &str, name: &str) -> Result<Loaded, Error> {
        loaded(&Reply::new(format!("{{\"SH_LOAD_RSP\":{body}}}").into()), 120, name)
    }

    #[test]
    fn a_save_named_like_the_status() {
        let one = load(r#"{"st":{"m":"","sessions":2,"keys":3,"st":141}}"#, "st").unwrap();
        assert_eq!((one.sessions, one.keys, one.found_existing), (2, 3, false));
        let error = load(r#"{"st":142,"m":"st does not exist"}"#, "st").unwrap_err();
        assert_eq!(error.code_as(), Some(ErrorCode::LoadError));
    }

    #[test]
    fn results_of_one_save() {
        assert!(load(r#"{"m":{"m":"","sessions":0,"keys":0,"st":143}}"#, "m").unwrap().found_existing);
        let error = load(r#"{"a":{"m":"","sessions":1,"keys":0,"st":142}}"#, "a").unwrap_err();
        assert_eq!(error.code_as(), Some(ErrorCode::LoadError));
        for body in [r#"{}"#, r#"{"b":{}}"#, r#"{"a":{"st":141}}"#, r#"{"a":7}"#] {
            assert!(matches!(load(body, "a").unwrap_err().cause(), Cause::Decode(_)), "{body}");
        }
    }
}
