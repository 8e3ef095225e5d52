//! The clients that are compared. Each keeps a fixed number of commands in flight until all are done.

use crate::Failure;
use crate::message::{Body, Command, KEY, Reply, check, command};
use futures_util::{FutureExt, SinkExt, StreamExt};
use jsonrpsee::core::client::ClientT;
use jsonrpsee::ws_client::{WsClient, WsClientBuilder};
use statuswire::error::{Cause, DecodeFailure, Delivery};
use statuswire::rpc::{CallOptions, Client, Expect, Matching, Message, Outgoing, Protocol, Routes, Unroutable, Window};
use statuswire::{Error, ws};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// The floor: one task that fills the window, flushes once, and reads all that is ready.
pub(crate) struct Loop(WebSocketStream<TcpStream>);

impl Loop {
    pub(crate) async fn connect(url: &str, read_buffer: Option<usize>) -> Result<Self, Failure> {
        let config = read_buffer.map(|size| WebSocketConfig::default().read_buffer_size(size));
        let stream = TcpStream::connect(url.trim_start_matches("ws://")).await?;
        stream.set_nodelay(true)?;
        let (socket, _) = tokio_tungstenite::client_async_with_config(url, stream, config).await?;
        Ok(Self(socket))
    }

    pub(crate) async fn run(&mut self, in_flight: usize, commands: usize) -> Result<Duration, Failure> {
        let start = Instant::now();
        let (mut sent, mut done) = (0, 0);
        while done < commands {
            while sent < commands && sent - done < in_flight {
                let text = serde_json::to_string(&command())?;
                self.0.feed(tungstenite::Message::text(text)).await?;
                sent += 1;
            }
            self.0.flush().await?;
            let mut next = self.0.next().await;
            while let Some(message) = next {
                let reply: Reply = serde_json::from_str(message?.to_text()?)?;
                check(&reply.body)?;
                done += 1;
                next = self.0.next().now_or_never().flatten();
            }
        }
        Ok(start.elapsed())
    }
}

/// A task for each of the callers, which share the commands evenly.
async fn callers<C, F>(in_flight: usize, commands: usize, call: C) -> Result<Duration, Failure>
where
    C: Fn() -> F + Clone + Send + 'static,
    F: Future<Output = Result<(), Failure>> + Send,
{
    let start = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..in_flight {
        let call = call.clone();
        tasks.spawn(async move {
            for _ in 0..commands / in_flight {
                call().await?;
            }
            Ok::<_, Failure>(())
        });
    }
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    Ok(start.elapsed())
}

/// This crate.
pub(crate) struct Engine(Client<InOrder>);

impl Engine {
    pub(crate) async fn connect(url: &str, window: usize) -> Result<Self, Failure> {
        Ok(Self(ws::Builder::new(url, InOrder { window }).connect().await?))
    }

    pub(crate) async fn run(&self, in_flight: usize, commands: usize) -> Result<Duration, Failure> {
        let client = self.0.clone();
        callers(in_flight, commands, move || {
            let client = client.clone();
            async move {
                let reply = client.call_with(command(), &CallOptions::default(), parse).await?;
                Ok(check(&reply.body)?)
            }
        })
        .await
    }
}

fn parse(message: Message) -> Result<Reply, Error> {
    let unreadable = |reason: String| {
        let what = DecodeFailure::new("", reason, "");
        Error::new(Cause::Decode(Box::new(what)), Delivery::Answered)
    };
    match message {
        Message::Text(text) => serde_json::from_str(&text).map_err(|error| unreadable(error.to_string())),
        _ => Err(unreadable("it is binary".to_owned())),
    }
}

/// Replies come in order and all look alike.
struct InOrder {
    window: usize,
}

impl Protocol for InOrder {
    type Command = Command<'static>;
    type Reply = Message;
    type Event = ();
    type Key = ();

    fn service(&self) -> &'static str {
        "bench"
    }

    fn matching(&self) -> Matching {
        Matching::InOrder
    }

    fn window(&self) -> Window {
        Window::commands(self.window)
    }

    fn command_name(&self, _: &Self::Command) -> std::borrow::Cow<'static, str> {
        "KV_GET".into()
    }

    fn encode(&self, command: &Self::Command, _: u64, out: &mut Outgoing) -> Result<Expect<()>, Error> {
        serde_json::to_writer(&mut out.payload, command).map_err(|error| Error::invalid_request(error.to_string()))?;
        Ok(Expect::one(()))
    }

    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        routes.answer((), message);
        Ok(())
    }
}

impl ws::Upgrade for InOrder {}

/// A well-known client that does a similar job.
pub(crate) struct JsonRpc(Arc<WsClient>);

impl JsonRpc {
    pub(crate) async fn connect(url: &str, window: usize) -> Result<Self, Failure> {
        Ok(Self(Arc::new(WsClientBuilder::default().max_concurrent_requests(window).build(url).await?)))
    }

    pub(crate) async fn run(&self, in_flight: usize, commands: usize) -> Result<Duration, Failure> {
        let client = Arc::clone(&self.0);
        callers(in_flight, commands, move || {
            let client = Arc::clone(&client);
            async move {
                let body: Body = client.request("KV_GET", jsonrpsee::core::rpc_params![KEY]).await?;
                Ok(check(&body)?)
            }
        })
        .await
    }
}
