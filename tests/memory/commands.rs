//! What a command of the NemesisDB client allocates, from the call to its result.

use crate::{ALLOCATOR, alone};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use statuswire::Error;
use statuswire::nemesis::Client;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

/// Commands that are counted.
const COMMANDS: usize = 2000;

const STORED: &str = r#"{"KV_SET_RSP":{"st":1}}"#;
const FOUND: &str = r#"{"KV_GET_RSP":{"keys":{"user:1":{"age":36,"name":"Ada Lovelace"}},"st":1}}"#;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct User {
    name: String,
    age: u32,
}

/// Answers every command with the same reply, and allocates nothing for it.
fn server(reply: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        drop(tokio_tungstenite::tungstenite::accept(stream.try_clone().unwrap()).unwrap());
        answer(stream, &[&[0x81, reply.len() as u8], reply.as_bytes()].concat());
    });
    url
}

/// Reads short masked frames, and writes a reply for each: all at once that are there.
fn answer(mut stream: TcpStream, reply: &[u8]) {
    let mut buffer = [0; 64 << 10];
    let replies = reply.repeat(buffer.len() / 6);
    let mut filled = 0;
    while let Ok(length @ 1..) = stream.read(&mut buffer[filled..]) {
        filled += length;
        let (mut at, mut commands) = (0, 0);
        while let Some(end) = (at + 1 < filled).then(|| at + 6 + usize::from(buffer[at + 1] & 0x7f))
            && end <= filled
        {
            at = end;
            commands += 1;
        }
        stream.write_all(&replies[..commands * reply.len()]).unwrap();
        buffer.copy_within(at..filled, 0);
        filled -= at;
    }
}

fn allocations() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}

/// Returns the allocations of a command in a batch, after a batch that fills all buffers.
async fn per_command<T, F: Future<Output = Result<T, Error>>>(db: &Client, call: impl Fn() -> F) -> f64 {
    let mut counted = 0;
    for _ in 0..2 {
        let before = allocations();
        let mut results = db.batch((0..COMMANDS).map(|_| call()));
        while results.try_next().await.unwrap().is_some() {}
        counted = allocations() - before;
    }
    counted as f64 / COMMANDS as f64
}

#[tokio::test]
async fn a_command_takes_few_allocations() {
    let _alone = alone().await;
    let user = User { name: "Ada Lovelace".to_owned(), age: 36 };
    let db = Client::connect(&server(STORED)).await.unwrap();
    let kv = db.kv();
    let set = per_command(&db, || kv.set("user:1", &user)).await;
    let set_number = per_command(&db, || kv.set("user:1", &7)).await;

    let db = Client::connect(&server(FOUND)).await.unwrap();
    let kv = db.kv();
    assert_eq!(kv.get::<User>("user:1").await.unwrap().as_ref(), Some(&user));
    let get = per_command(&db, || kv.get::<User>("user:1")).await;
    println!("allocations: set {set:.2}, of a number {set_number:.2}; get {get:.2}");
    // The task in the batch, the text, its copy for the connection, the reply; of an object its names. Of what is read: two
    // for what `serde_json` skips, the list of keys, and the text in the value.
    assert!(set_number < 4.5, "{set_number:.2} allocations to store a number");
    assert!(set < 5.5, "{set:.2} allocations to store an object");
    assert!(get < 8.5, "{get:.2} allocations to read an object");
}
