//! Finding out the generation of a server.

use super::command::Command;
use super::protocol::SERVICE;
use super::reply::{self, Reply};
use super::verb::{KV_SERVER_INFO, SH_INFO_ALL, SV_INFO, Verb};
use crate::codes::nemesis::ErrorCode;
use crate::error::{Cause, Context, Delivery, Error, ProtocolViolation, Redaction, redacted_endpoint};
use crate::policy::ConnectOptions;
use crate::rpc::{
    CallOptions, Client, Expect, Matching, Message, Outgoing, Protocol, Repeat, Routes, Unroutable, Window,
};
use crate::ws::{self, Upgrade};
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// A generation of NemesisDB servers. Each speaks its own protocol and has its own client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Generation {
    /// 0.9: [`nemesis::Client`](super::Client).
    Current,
    /// 0.3.6, with sessions: [`sessions::Client`](super::sessions::Client).
    Sessions,
    /// 0.2.3: [`fusion::Client`](super::fusion::Client).
    Fusion,
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Current => "current",
            Self::Sessions => "sessions",
            Self::Fusion => "fusion",
        })
    }
}

/// Finds out the generation of the server at `url`, over a connection of its own.
///
/// It asks for the server's information as the current generation does (`SV_INFO`). Only if the answer is not in the form of
/// the current generation, it asks the questions of the others (`SH_INFO_ALL`, `KV_SERVER_INFO`). None of them changes data
/// or how the server behaves.
///
/// # Errors
///
/// - Those of connecting, and those of a question that gets no answer.
/// - [`Cause::Status`] if the server answers the first question with an error of the current generation.
/// - [`Cause::Protocol`] if its answers are those of no known generation.
///
/// Dropping the future ends the connection.
pub async fn probe(url: &str, options: ConnectOptions) -> Result<Generation, Error> {
    let excerpt = options.limits().excerpt;
    let client = ws::Builder::new(url, Probe).options(options).connect().await?;
    let found = ask(&client, url, excerpt).await;
    client.shutdown(Duration::ZERO).await;
    found
}

async fn ask(client: &Client<Probe>, url: &str, excerpt: usize) -> Result<Generation, Error> {
    let mut answers = Vec::new();
    for question in QUESTIONS {
        let read = |answer: Reply| {
            let tells = (question.tells)(&answer, excerpt)?;
            Ok((tells, Redaction::default().excerpt(answer.text(), excerpt)))
        };
        let (tells, answer) = client.call_with(question, &CallOptions::default(), read).await?;
        if tells {
            return Ok(question.generation);
        }
        answers.push(answer);
    }
    let answers = answers.join(", ");
    let unknown = ProtocolViolation::new(format_args!("the server answers as no known NemesisDB: {answers}"));
    let context = Context::new(SERVICE).with_endpoint(&redacted_endpoint(url));
    Err(Error::new(Cause::Protocol(unknown), Delivery::Answered).with_context(context))
}

/// A question that one generation answers.
#[derive(Clone, Copy)]
struct Question {
    verb: Verb,
    generation: Generation,
    /// Returns whether the answer is that of the generation. An error ends the questions.
    tells: fn(&Reply, usize) -> Result<bool, Error>,
}

const QUESTIONS: [Question; 3] = [
    Question { verb: SV_INFO, generation: Generation::Current, tells: is_current },
    Question {
        verb: SH_INFO_ALL,
        generation: Generation::Sessions,
        tells: |answer, _| Ok(answer.read(0).is_ok_and(|body| body.has("totalSessions"))),
    },
    Question {
        verb: KV_SERVER_INFO,
        generation: Generation::Fusion,
        tells: |answer, _| Ok(answer.read(0).is_ok_and(|body| body.has("version"))),
    },
];

/// Returns whether the current generation answers so, or the error that it answers. Then no other question may follow: the
/// first command that such a server does not know changes how it names errors to all its clients (observed).
fn is_current(answer: &Reply, excerpt: usize) -> Result<bool, Error> {
    let Ok(body) = answer.read(0) else { return Ok(false) };
    if body.name != SV_INFO.reply && body.name != "ERR" {
        return Ok(false);
    }
    // Errors of the older generations have more than a status.
    let is_older = ["m", "k", "tkn"].iter().any(|member| body.has(member));
    match answer.open(excerpt) {
        Ok(body) => Ok(body.status == ErrorCode::Ok),
        Err(_) if is_older => Ok(false),
        Err(error) => Err(error),
    }
}

/// The protocol of all generations, with one question at a time.
struct Probe;

impl Protocol for Probe {
    type Command = Question;
    type Reply = Reply;
    type Event = ();
    type Key = ();

    fn service(&self) -> &'static str {
        SERVICE
    }

    fn matching(&self) -> Matching {
        Matching::InOrder
    }

    fn window(&self) -> Window {
        Window::commands(1)
    }

    fn command_name(&self, question: &Question) -> Cow<'static, str> {
        question.verb.name.into()
    }

    fn encode(&self, question: &Question, _seq: u64, out: &mut Outgoing) -> Result<Expect<()>, Error> {
        out.payload.extend_from_slice(Command::new(question.verb, usize::MAX).finish().encoded()?);
        Ok(Expect::one(()).repeat(Repeat::Safe))
    }

    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        let Message::Text(text) = message else {
            return Err(Unroutable::new("a binary message, and NemesisDB sends only text"));
        };
        reply::name(&text).map_err(Unroutable::new)?;
        routes.answer((), Reply::new(text));
        Ok(())
    }
}

impl Upgrade for Probe {}
