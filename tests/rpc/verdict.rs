//! The verdict on a command that was sent several times is that of all its attempts.

use crate::support::setup::Setup;
use crate::support::{Lines, MS, Server, command, receive, send, within};
use statuswire::error::{Cause, Delivery, Error, Phase, ServerStatus};
use statuswire::policy::{Backoff, Limits, Repeat, Retry};
use statuswire::rpc::{
    CallOptions, Expect, Matching, Message, Outgoing, Protocol, Replies, Routes, Unroutable, Window,
};
use statuswire::ws::Upgrade;
use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How an attempt ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It never leaves the client.
    Unsent,
    /// The server asks to wait.
    Answered,
    /// The server answers what cannot be read, and asks to wait.
    Garbled,
    /// The server has the command and drops the connection.
    Dropped,
}

const OUTCOMES: [Outcome; 4] = [Outcome::Unsent, Outcome::Answered, Outcome::Garbled, Outcome::Dropped];

/// The command is the outcomes of its attempts.
#[derive(Default)]
struct Attempts(AtomicUsize);

impl Protocol for Attempts {
    type Command = Vec<Outcome>;
    type Reply = String;
    type Event = ();
    type Key = u64;

    fn service(&self) -> &'static str {
        "attempts"
    }
    fn matching(&self) -> Matching {
        Matching::ById
    }
    fn window(&self) -> Window {
        Window::commands(8)
    }
    fn command_name(&self, _: &Vec<Outcome>) -> Cow<'static, str> {
        "ATTEMPT".into()
    }
    fn encode(&self, outcomes: &Vec<Outcome>, seq: u64, out: &mut Outgoing) -> Result<Expect<u64>, Error> {
        let outcome = outcomes[self.0.fetch_add(1, SeqCst)];
        if outcome == Outcome::Unsent {
            let busy = Cause::Status(Box::new(ServerStatus::new()));
            return Err(Error::new(busy, Delivery::NotSent)
                .with_code(statuswire::codes::blazeauth::ErrorCode::TooManyRequests)
                .with_retry_after(MS));
        }
        out.payload = format!("{seq} {outcome:?} ").into_bytes();
        Ok(Expect::one(seq).repeat(Repeat::Safe))
    }
    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        let Message::Text(text) = message else { return Err(Unroutable::new("it is binary")) };
        let (seq, outcome) = text.split_once(' ').ok_or_else(|| Unroutable::new("no id"))?;
        routes.answer(seq.parse().map_err(|_| Unroutable::new("no id"))?, outcome.to_owned());
        Ok(())
    }
}

impl Upgrade for Attempts {}

fn decode(reply: String) -> Result<(), Error> {
    let cause = match reply.as_str() {
        "Garbled" => Cause::Decode(Box::new(statuswire::error::DecodeFailure::new("", "garbled", reply))),
        _ => Cause::Status(Box::new(ServerStatus::new())),
    };
    Err(Error::new(cause, Delivery::Answered).with_retry_after(MS))
}

/// Every sequence of up to four attempts, held against what the server received.
#[tokio::test]
async fn the_verdict_covers_every_attempt() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let server = {
        let log = Arc::clone(&log);
        Server::start(move |mut socket, _| {
            let log = Arc::clone(&log);
            async move {
                while let Some(command) = receive(&mut socket).await {
                    log.lock().unwrap().push(command.name.clone());
                    if command.name == "Dropped" {
                        return;
                    }
                    send(&mut socket, format!("{} {}", command.seq, command.name)).await;
                }
            }
        })
        .await
    };
    let at_once = Backoff::default().with_base(Duration::ZERO).with_hint_cap(Duration::ZERO);
    let client = Setup::new(&server.url, Attempts::default()).backoff(at_once.clone()).connect().await.unwrap();
    let mut sequences = vec![Vec::new()];
    for _ in 0..4 {
        let longer = sequences.iter().flat_map(|begin| {
            OUTCOMES.map(|outcome| {
                let mut sequence: Vec<Outcome> = begin.clone();
                sequence.push(outcome);
                sequence
            })
        });
        sequences = longer.collect();
        for outcomes in &sequences {
            client.protocol().0.store(0, SeqCst);
            log.lock().unwrap().clear();
            let attempts = outcomes.len();
            let retry = Retry::default().with_attempts(attempts as u32).with_backoff(at_once.clone());
            let options = CallOptions::default().with_retry(retry);
            let error = within(client.call_with(outcomes.clone(), &options, decode)).await.unwrap_err();
            assert_eq!((error.context().attempt, client.protocol().0.load(SeqCst)), (attempts as u32, attempts));

            let received = log.lock().unwrap().clone();
            assert_eq!(received.len(), outcomes.iter().filter(|it| **it != Outcome::Unsent).count());
            assert_eq!(error.delivery() == Delivery::NotSent, received.is_empty(), "{outcomes:?}: {error:?}");
            // An answer that cannot be read tells the outcome of no attempt.
            let (last, earlier) = outcomes.split_last().unwrap();
            let unknown = outcomes.contains(&Outcome::Dropped) || earlier.contains(&Outcome::Garbled);
            assert_eq!(error.delivery() == Delivery::MaybeSent, unknown, "{outcomes:?}: {error:?}");
            assert_eq!(error.is_outcome_unknown(), unknown || *last == Outcome::Garbled, "{outcomes:?}: {error:?}");
        }
    }
}

/// A decoder that passes on the error of another call.
#[tokio::test]
async fn an_error_of_the_decoder_does_not_make_an_answered_command_unsent() {
    let ran = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&ran);
    let server = Server::start(move |mut socket, _| {
        let count = Arc::clone(&count);
        async move {
            while let Some(command) = receive(&mut socket).await {
                count.fetch_add(1, SeqCst);
                send(&mut socket, format!("{}.done", command.seq)).await;
            }
        }
    })
    .await;
    let client = Setup::new(&server.url, Lines::new(Matching::ById)).connect().await.unwrap();
    let other = |_| -> Result<(), Error> { Err(Error::new(Cause::Timeout(Phase::Connect), Delivery::NotSent)) };
    let error = within(client.call_with(command("A", ""), &CallOptions::default(), other)).await.unwrap_err();
    assert_eq!((error.delivery(), ran.load(SeqCst)), (Delivery::Answered, 1));
}

/// A fence that is answered says nothing about the command after it.
#[tokio::test]
async fn a_command_behind_a_failed_fence_was_not_sent() {
    let server = Server::start(|mut socket, _| async move {
        while let Some(command) = receive(&mut socket).await {
            if command.name == "FENCE" {
                send(&mut socket, format!("{}.done", command.seq)).await;
            }
        }
    })
    .await;
    let limits = Limits::default().with_one_way(1);
    let client = Setup::new(&server.url, Lines::new(Matching::ById)).limits(limits).connect().await.unwrap();
    let one_way = command("A", "").replies(Replies::OnlyOnFailure);
    within(client.send_one_way(&one_way)).await.unwrap();
    let error = within(client.send_one_way(&one_way)).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
}
