//! Finding out the generation of a server.

use super::reply::{self, Reply};
use crate::codes::nemesis::ErrorCode;
use crate::error::{Cause, Delivery, Error, ProtocolViolation, Redaction};
use crate::policy::ConnectOptions;
use crate::rpc::{Expect, Matching, Message, Outgoing, Protocol, Repeat, Routes, Unroutable, Window};
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
/// It asks for the server's information as the current generation does (`SV_INFO`). Only if the answer is not that of the
/// current generation, it asks the questions of the others (`SH_INFO_ALL`, `KV_SERVER_INFO`). None of them changes data.
///
/// # Errors
///
/// Those of connecting. A question without an answer fails with its cause, and no other is asked then.
/// [`Cause::Protocol`] if the answers are those of no known generation.
pub async fn probe(url: &str, options: ConnectOptions) -> Result<Generation, Error> {
    let excerpt = options.limits().excerpt;
    let client = ws::Builder::new(url, Probe).options(options).connect().await?;
    let mut answers = Vec::new();
    let mut found = Ok(None);
    for question in QUESTIONS {
        found = client.call(question).await.map(|answer| {
            answers.push(Redaction::default().excerpt(answer.text(), excerpt));
            (question.recognizes)(&answer).then_some(question.generation)
        });
        if !matches!(found, Ok(None)) {
            break;
        }
    }
    client.shutdown(Duration::ZERO).await;
    found?.ok_or_else(|| {
        let answers = answers.join(", ");
        let unknown = ProtocolViolation::new(format_args!("the server answers as no known NemesisDB: {answers}"));
        Error::new(Cause::Protocol(unknown), Delivery::Answered)
    })
}

/// A question that one generation answers.
#[derive(Clone, Copy)]
struct Question {
    name: &'static str,
    generation: Generation,
    recognizes: fn(&Reply) -> bool,
}

const QUESTIONS: [Question; 3] = [
    Question {
        name: "SV_INFO",
        generation: Generation::Current,
        recognizes: |answer| {
            answer.open(0).is_ok_and(|body| body.status == ErrorCode::Ok && body.name == "SV_INFO_RSP")
        },
    },
    Question {
        name: "SH_INFO_ALL",
        generation: Generation::Sessions,
        recognizes: |answer| answer.read(0).is_ok_and(|body| body.has("totalSessions")),
    },
    Question {
        name: "KV_SERVER_INFO",
        generation: Generation::Fusion,
        recognizes: |answer| answer.read(0).is_ok_and(|body| body.has("version")),
    },
];

/// The protocol of all generations, with one question at a time.
struct Probe;

impl Protocol for Probe {
    type Command = Question;
    type Reply = Reply;
    type Event = ();
    type Key = ();

    fn service(&self) -> &'static str {
        "nemesis"
    }

    fn matching(&self) -> Matching {
        Matching::InOrder
    }

    fn window(&self) -> Window {
        Window::commands(1)
    }

    fn command_name(&self, question: &Question) -> Cow<'static, str> {
        question.name.into()
    }

    fn encode(&self, question: &Question, _seq: u64, out: &mut Outgoing) -> Result<Expect<()>, Error> {
        out.payload.extend_from_slice(format!("{{\"{}\":{{}}}}", question.name).as_bytes());
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
