//! What arrays and lists have in common: a client, a name, and ranges of items.

use super::batch::Batch;
use super::client::Client;
use super::command::Command;
use super::reply::Body;
use super::span::Span;
use super::verb::Verb;
use crate::error::Error;
use futures_util::TryStreamExt;
use std::future::Future;
use std::sync::Arc;

/// A named array or list.
#[derive(Clone, Debug)]
pub(super) struct Container {
    pub(super) client: Client,
    pub(super) name: Arc<str>,
}

impl Container {
    pub(super) fn new(client: &Client, name: &str) -> Self {
        Self { client: client.clone(), name: name.into() }
    }

    /// Begins a command with the name.
    pub(super) fn command(&self, verb: Verb) -> Command {
        self.client.command(verb).text("name", &self.name)
    }

    /// Sends a command that has only the name and may be repeated.
    pub(super) async fn ask<T>(&self, verb: Verb, read: impl Fn(Body<'_>) -> Result<T, Error>) -> Result<T, Error> {
        self.client.call(self.command(verb).repeatable(), read).await
    }

    /// Begins a command that reads a range. `longest` is the longest text of an item, if the type has one.
    pub(super) fn range(&self, verb: Verb, span: Span, longest: Option<usize>) -> Command {
        let bytes = self.client.options().reply_bytes(span.count(), longest);
        self.command(verb).range("rng", span.start, span.stop).repeatable().reply_bytes(bytes)
    }

    /// Reads the items between those that the server answered and the end of the range, one by one.
    pub(super) async fn complete<T, F: Future<Output = Result<T, Error>>>(
        mut items: Vec<T>,
        start: u64,
        stop: u64,
        get: impl Fn(u64) -> F,
    ) -> Result<Vec<T>, Error> {
        let rest = start.saturating_add(items.len() as u64)..stop;
        let mut singly = Batch::new(rest.map(get));
        while let Some(item) = singly.try_next().await? {
            items.push(item);
        }
        Ok(items)
    }
}
