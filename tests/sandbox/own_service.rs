//! A service that this crate does not know gets a fake server, with faults and a record.

use std::time::Duration;

use crate::support::raw::{Got, Raw, masked};
use statuswire_sandbox::{
    Admission, ConnectFault, Fault, Link, Message, Options, Response, Server, Service, SlowClient, UpgradeRequest,
    Violation,
};
use tokio::time::Instant;

/// Stores lines. `put TEXT` adds one, `get` returns all, `watch` announces each later `put`, `halt` crashes the server.
#[derive(Default)]
struct Lines {
    lines: Vec<String>,
    links: Vec<(u64, Link, Instant)>,
    watchers: Vec<u64>,
    pings: u32,
    ends: Vec<(u64, bool)>,
}

impl Service for Lines {
    type Request = (String, String);

    fn read(message: &Message) -> (String, String) {
        let text = message.as_text().unwrap_or_default();
        let (command, argument) = text.split_once(' ').unwrap_or((text, ""));
        (command.to_owned(), argument.to_owned())
    }

    fn command((command, _): &(String, String)) -> Option<&str> {
        Some(command).filter(|command| !command.is_empty()).map(String::as_str)
    }

    fn carry_out(&mut self, connection: u64, (command, argument): (String, String)) -> Response {
        match command.as_str() {
            "put" => {
                for (_, link, _) in self.links.iter().filter(|(number, ..)| self.watchers.contains(number)) {
                    link.send(format!("new {argument}"));
                }
                self.lines.push(argument);
                Response::executed().reply("ok")
            }
            "get" => self.lines.iter().fold(Response::executed(), |response, line| response.reply(line.as_str())),
            "bytes" => Response::executed().reply(vec![1, 2]),
            "watch" => {
                self.watchers.push(connection);
                Response::executed()
            }
            "halt" => Response::crashed(),
            _ => Response::refused().reply("error 404"),
        }
    }

    fn connect(&mut self, request: &UpgradeRequest<'_>, link: Link) -> Admission {
        if request.headers.contains_key("x-stranger") {
            return Admission::Refused { status: 403, headers: vec![("X-Why".into(), "stranger".into())] };
        }
        self.links.push((request.connection, link, Instant::now() + Duration::from_secs(60)));
        Admission::Accepted { headers: vec![("X-Number".into(), request.connection.to_string())] }
    }

    fn pinged(&mut self, _connection: u64) {
        self.pings += 1;
    }

    fn deadline(&self, connection: u64) -> Option<Instant> {
        self.links.iter().find(|(number, ..)| *number == connection).map(|(_, _, deadline)| *deadline)
    }

    fn timed_out(&mut self, connection: u64) {
        for (_, link, _) in self.links.iter().filter(|(number, ..)| *number == connection) {
            link.close(4001, "an hour is enough");
        }
        self.links.retain(|(number, ..)| *number != connection);
    }

    fn disconnected(&mut self, connection: u64, closed: bool) {
        self.ends.push((connection, closed));
    }

    fn violation(violation: Violation) -> Option<u16> {
        (violation != Violation::TooLong).then_some(4002)
    }

    fn restarted(&mut self) {
        self.lines.clear();
    }
}

async fn start() -> (Server<Lines>, Raw) {
    let server = Server::start(Lines::default()).await.unwrap();
    let raw = Raw::connect(server.addr()).await;
    (server, raw)
}

#[tokio::test]
async fn faults_and_the_record_know_its_commands() {
    let (server, mut raw) = start().await;
    server.fault(Fault::on("put").nth(2).reply_status(503));
    server.fault(Fault::on("put").nth(3).carried_out().drop_connection());
    assert_eq!(raw.ask("put a").await, "ok");
    assert_eq!(raw.ask("put b").await, r#"{"status":503}"#);
    raw.send("put c").await;
    assert_eq!(raw.next().await, Got::Eof(0));
    let mut raw = Raw::connect(server.addr()).await;
    raw.send("get").await;
    assert_eq!((raw.text().await, raw.text().await), ("a".into(), "c".into()));
    assert_eq!(raw.ask("steal").await, "error 404");
    raw.send("bytes").await;
    assert_eq!(raw.next().await, Got::Binary(vec![1, 2]));
    let record = server.record();
    assert_eq!((record.received("put"), record.executed("put")), (3, 2));
    assert_eq!((record.received("steal"), record.executed("steal")), (1, 0));
    assert_eq!(server.service().lines, ["a", "c"]);
    assert!(server.url().ends_with(&format!("{}/", server.addr())));
}

#[tokio::test]
async fn it_speaks_on_its_own() {
    let (server, mut raw) = start().await;
    let mut other = Raw::connect(server.addr()).await;
    raw.send("watch").await;
    raw.expect_nothing_more().await;
    assert_eq!(other.ask("put x").await, "ok");
    assert_eq!(raw.text().await, "new x");
    assert_eq!(server.service().pings, 1);
    server.service().links[0].1.cut();
    assert_eq!(raw.next().await, Got::Eof(0));
    server.record().wait_for(|record| record.closed() == 1).await;
    assert_eq!(server.service().ends, [(1, false)]);
}

#[tokio::test]
async fn it_decides_who_connects_and_for_how_long() {
    let (server, mut raw) = start().await;
    server.fault(ConnectFault::upgrade().connection(3).refuse(503, &[], ""));
    let head = Raw::tcp(server.addr()).await.upgrade("/", "X-Stranger: yes\r\n").await;
    assert!(head.starts_with("HTTP/1.1 403 ") && head.contains("\r\nX-Why: stranger\r\n"), "{head}");
    let head = Raw::tcp(server.addr()).await.upgrade("/", "").await;
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    let head = Raw::tcp(server.addr()).await.upgrade("/", "").await;
    assert!(head.contains("\r\nX-Number: 4\r\n"), "{head}");
    tokio::time::pause();
    assert_eq!(raw.next().await, Got::Close(4001, "an hour is enough".into()));
}

#[tokio::test]
async fn violations_are_closed_as_it_says() {
    let options = Options::new().max_payload(10).max_waiting(1000, SlowClient::Waits);
    let server = Server::start_with(options, Lines::default()).await.unwrap();
    let mut raw = Raw::connect(server.addr()).await;
    raw.write(&masked(0x83, b"")).await;
    assert_eq!(raw.next().await, Got::Close(4002, String::new()));
    let mut raw = Raw::connect(server.addr()).await;
    raw.send("put longer than ten").await;
    assert_eq!(raw.next().await, Got::Eof(0));
}

#[tokio::test]
async fn it_crashes_and_starts_again() {
    let (server, mut raw) = start().await;
    raw.ask("put a").await;
    raw.send("halt").await;
    assert_eq!(raw.next().await, Got::Eof(0));
    assert_eq!(server.record().crashes(), 1);
    server.restart().await.unwrap();
    let mut raw = Raw::connect(server.addr()).await;
    raw.send("get").await;
    raw.expect_nothing_more().await;
    server.stop().await;
    assert_eq!(raw.next().await, Got::Close(1000, String::new()));
}

#[tokio::test]
#[should_panic(expected = "the condition of a fault")]
async fn a_panic_reaches_the_test() {
    let (server, mut raw) = start().await;
    server.fault(Fault::any().when(|_| panic!("the condition of a fault")));
    raw.send("get").await;
    raw.next().await;
    server.stop().await;
}
