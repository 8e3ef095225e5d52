//! What tests say to the BlazeAuth sandbox, byte by byte.

use std::sync::mpsc;

use statuswire_sandbox::BlazeAuth;
use statuswire_sandbox::blazeauth::Application;

use crate::support::raw::{Got, Raw};

/// Key of the demonstration application, and of the tests' own.
pub(crate) const KEY: &str = "BAquietharbour000041x";

pub(crate) fn application() -> Application {
    Application::new(KEY, "Harbour Kiosk").version("2.4.1")
}

pub(crate) async fn sandbox_of(application: Application) -> BlazeAuth {
    BlazeAuth::builder().application(application).start().await.unwrap()
}

pub(crate) fn initialize(id: u64, key: &str, client: &str) -> String {
    format!(r#"{{"type":0,"id":{id},"websocket_api_key":"{key}","client_id":"{client}"}}"#)
}

/// Stops tokio's clock until it is dropped: time only goes on by `advance`. `tokio::time::pause` alone lets it jump to
/// the next timer when all tasks wait, as for bytes on their way through the loopback interface.
pub(crate) struct Frozen(#[allow(dead_code, reason = "its end is the signal")] mpsc::Sender<()>);

pub(crate) fn freeze() -> Frozen {
    tokio::time::pause();
    let (sender, receiver) = mpsc::channel::<()>();
    // While a blocking task runs, time does not jump.
    tokio::task::spawn_blocking(move || receiver.recv().is_err());
    Frozen(sender)
}

impl Drop for Frozen {
    fn drop(&mut self) {
        tokio::time::resume();
    }
}

/// A session whose ids count up.
pub(crate) struct Session {
    pub(crate) raw: Raw,
    pub(crate) resume_id: Option<String>,
    next: u64,
}

impl Session {
    /// Connects, with a Resume-Id or without.
    pub(crate) async fn connect(sandbox: &BlazeAuth, resume_id: Option<&str>) -> Self {
        let mut raw = Raw::tcp(sandbox.addr()).await;
        let header = resume_id.map(|id| format!("Resume-Id: {id}\r\n")).unwrap_or_default();
        let head = raw.upgrade("/", &header).await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        let resume_id = head.lines().find_map(|line| line.strip_prefix("Resume-Id: ")).map(str::to_owned);
        Self { raw, resume_id, next: 1 }
    }

    /// Connects and initializes as this client.
    pub(crate) async fn start_as(sandbox: &BlazeAuth, client: &str) -> Self {
        let mut session = Self::connect(sandbox, None).await;
        let reply = session.raw.ask(&initialize(1, KEY, client)).await;
        assert!(reply.ends_with(r#""status":1}"#), "{reply}");
        session.next = 2;
        session
    }

    /// Connects and initializes as `kiosk-17`.
    pub(crate) async fn start(sandbox: &BlazeAuth) -> Self {
        Self::start_as(sandbox, "kiosk-17").await
    }

    /// Sends a packet of this type with the next id and returns what follows the `id` in its reply.
    pub(crate) async fn ask(&mut self, number: u8, members: &str) -> String {
        let id = self.next;
        self.send(number, members).await;
        let reply = self.raw.text().await;
        let start = format!("{{\"id\":{id},");
        reply.strip_prefix(&start).unwrap_or_else(|| panic!("{reply} is no reply to {id}")).to_owned()
    }

    pub(crate) async fn send(&mut self, number: u8, members: &str) {
        let id = self.next;
        self.next += 1;
        let comma = if members.is_empty() { "" } else { "," };
        self.raw.send(&format!("{{\"type\":{number},\"id\":{id}{comma}{members}}}")).await;
    }

    /// The status of the reply.
    pub(crate) async fn status(&mut self, number: u8, members: &str) -> u32 {
        let reply = self.ask(number, members).await;
        let (_, status) = reply.rsplit_once(r#""status":"#).unwrap();
        status.trim_end_matches('}').parse().unwrap()
    }

    pub(crate) async fn expect_close(&mut self, code: u16, reason: &str) {
        assert_eq!(self.raw.next().await, Got::Close(code, reason.to_owned()));
        assert_eq!(self.raw.next().await, Got::Eof(0));
    }

    /// Logs in by licence and expects success.
    pub(crate) async fn login(&mut self, license: &str) {
        assert_eq!(self.status(2, &format!(r#""license":"{license}""#)).await, 1);
    }
}
