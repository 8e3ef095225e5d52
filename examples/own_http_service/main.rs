//! An HTTP service of your own: a table (`codes/lending.md`), its enum (`generated.rs`; a build script can write it, see
//! `examples/foreign`), a client, and a fake server (`server.rs`). Run it with `cargo run --example own_http_service`.

#[path = "../common/print.rs"]
mod print;
mod server;

/// The codes of the table `codes/lending.md`.
mod codes {
    include!("generated.rs");
}

use clap::Parser;
use codes::lending::ErrorCode;
use print::println;
use serde_json::json;
use statuswire::Error;
use statuswire::http::{self, Outgoing, Request, Response, Sender, Service};
use statuswire::reexport::http::HeaderValue;
use statuswire_sandbox::http::{Fault, Server};
use tokio::sync::Mutex;

/// The service: the card with which its requests are made, and what its error answers mean.
struct Library {
    card: Mutex<HeaderValue>,
}

impl Service for Library {
    fn service(&self) -> &'static str {
        "lending"
    }

    async fn compose(&self, request: &mut Outgoing, _: &Sender<'_>) -> Result<(), Error> {
        request.headers_mut().insert("x-card-token", self.card.lock().await.clone());
        Ok(())
    }

    /// An error body is `{"code":12,"message":"..."}`. The engine has read both.
    fn refused(&self, _: &Response, error: Error) -> Error {
        let code = error.details().first().and_then(|detail| detail.label.as_deref()?.parse::<u16>().ok());
        match code {
            Some(code) => error.with_code(ErrorCode::from_value(code)),
            None => error,
        }
    }

    /// An expired card is replaced, and the request is sent once more.
    async fn renew(&self, _: &Response, error: &Error, sender: &Sender<'_>) -> Result<bool, Error> {
        if error.code_as() != Some(ErrorCode::CardExpired) {
            return Ok(false);
        }
        let token = sender.send(Request::post("cards")).await?.text().parse();
        let token = token.map_err(|_| Error::invalid_request("the new card cannot be a header"))?;
        *self.card.lock().await = token;
        Ok(true)
    }
}

/// The client.
struct Client(http::Client<Library>);

impl Client {
    fn new(url: &str) -> Result<Self, Error> {
        let card = Mutex::new(HeaderValue::from_static("card-0"));
        http::Builder::new(url, Library { card }).build().map(Self)
    }

    async fn titles(&self) -> Result<Vec<String>, Error> {
        self.0.json(Request::get("books").query("on shelf", true)).await
    }

    async fn borrow_book(&self, title: &str) -> Result<(), Error> {
        self.0.send(Request::post("loans").json(&json!({ "title": title }))).await.map(drop)
    }
}

/// Shows an HTTP service of your own: calls its client, with a fake server to talk to. Takes no arguments.
#[derive(Parser)]
#[command(name = "own_http_service")]
struct Arguments {}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let Arguments {} = Arguments::parse();
    let server = Server::start(server::library()).await?;
    let client = Client::new(&server.url())?;
    println!("{}", client.titles().await?.join(", "));
    client.borrow_book("Moby Dick").await?;

    let error = client.borrow_book("Moby Dick").await.err().ok_or("the book must be on loan")?;
    assert_eq!(error.code_as(), Some(ErrorCode::OnLoan));
    println!("{error}\n    kind {}, recovery {}, delivery {}", error.kind(), error.recovery(), error.delivery());

    // Reading is safe to repeat: a lost connection is no failure.
    server.fault(Fault::on("GET /books").nth(1).drop_connection());
    println!("{} books after a lost connection", client.titles().await?.len());
    Ok(())
}
