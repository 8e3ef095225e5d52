//! The contenders. Each sends a command and decodes its reply, one after the other.

use crate::Failure;
use serde::Deserialize;
use statuswire::http::{Builder, Client, Request, Service};
use std::time::{Duration, Instant};

#[derive(Deserialize)]
struct Reply {
    id: u64,
    text: String,
}

impl Reply {
    fn check(&self) -> Result<(), Failure> {
        if self.id == 17 && self.text.len() == 1000 { Ok(()) } else { Err("another reply came".into()) }
    }
}

/// reqwest and nothing else.
pub(crate) struct Alone {
    client: reqwest::Client,
    url: String,
}

impl Alone {
    pub(crate) fn new(url: &str) -> Result<Self, Failure> {
        // It fails if there is one already.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        Ok(Self { client, url: format!("{url}/things/17") })
    }

    pub(crate) async fn run(&self, commands: usize) -> Result<Duration, Failure> {
        let started = Instant::now();
        for _ in 0..commands {
            let request = self.client.get(&self.url).header("accept", "application/json");
            let body = request.send().await?.error_for_status()?.bytes().await?;
            serde_json::from_slice::<Reply>(&body)?.check()?;
        }
        Ok(started.elapsed())
    }
}

struct Things;

impl Service for Things {
    fn service(&self) -> &'static str {
        "things"
    }
}

/// This crate.
pub(crate) struct Engine(Client<Things>);

impl Engine {
    pub(crate) fn new(url: &str) -> Result<Self, Failure> {
        Ok(Self(Builder::new(url, Things).build()?))
    }

    pub(crate) async fn run(&self, commands: usize) -> Result<Duration, Failure> {
        let started = Instant::now();
        for _ in 0..commands {
            let reply: Reply = self.0.json(Request::get("things/17")).await?;
            reply.check()?;
        }
        Ok(started.elapsed())
    }
}
