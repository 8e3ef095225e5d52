//! The example program `sandbox`, run as a user would. `cargo test` builds it; with `--test
//! example_sandbox` alone, run `cargo build --example sandbox` before.

use std::path::PathBuf;
use std::process::Stdio;

use crate::support::raw::{Got, Raw};
use statuswire_sandbox::blazeauth::demo;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

fn command(arguments: &[&str]) -> Command {
    // The test is `target/PROFILE/deps/NAME`, the example `target/PROFILE/examples/sandbox`.
    let test = std::env::current_exe().unwrap();
    let examples: PathBuf = test.ancestors().nth(2).unwrap().join("examples");
    let mut command = Command::new(examples.join(format!("sandbox{}", std::env::consts::EXE_SUFFIX)));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Starts it on a free port; the program, and a connection to it.
async fn start(service: &str, arguments: &[&str]) -> (Child, Raw) {
    let mut program = command(&[&[service, "--listen", "127.0.0.1:0"], arguments].concat()).spawn().unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let url = lines.next_line().await.unwrap().unwrap();
    let addr = url.strip_prefix("ws://").and_then(|url| url.strip_suffix('/')).unwrap().parse().unwrap();
    (program, Raw::connect(addr).await)
}

#[tokio::test]
async fn the_older_generations_of_nemesis() {
    let (_program, mut raw) = start("nemesis-sessions", &["--no-save", "--fail", "SH_OPEN=102"]).await;
    assert_eq!(raw.ask(r#"{"SH_SAVE":{"name":"x"}}"#).await, r#"{"SH_SAVE_RSP":{"st":14,"m":""}}"#);
    assert_eq!(raw.ask(r#"{"SH_OPEN":{"name":"x"}}"#).await, r#"{"SH_OPEN_RSP":{"st":102,"tkn":null,"m":""}}"#);
    let (_program, mut raw) = start("nemesis-fusion", &["--fail", "KV_COUNT=100"]).await;
    assert_eq!(raw.ask(r#"{"KV_SET":{"key_one":1}}"#).await, r#"{"KV_SET_RSP":{"st":20,"k":"key_one"}}"#);
    assert_eq!(raw.ask(r#"{"KV_COUNT":{}}"#).await, r#"{"KV_COUNT_RSP":{"st":100,"k":""}}"#);
}

#[tokio::test]
async fn a_taken_port_is_told_with_what_to_do() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    for service in ["nemesis", "nemesis-sessions", "nemesis-fusion", "blazeauth", "drupal"] {
        let ended = command(&[service, "--listen", &taken]).output().await.unwrap();
        let errors = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{errors}");
        assert!(errors.contains("cannot listen on") && errors.contains("--listen 127.0.0.1:0"), "{service}: {errors}");
    }
}

/// Starts BlazeAuth; the program, and a session that is logged in.
async fn serve(arguments: &[&str]) -> (Child, Raw) {
    let (program, mut raw) = start("blazeauth", arguments).await;
    let key = demo::API_KEY;
    raw.ask(&format!(r#"{{"type":0,"id":1,"websocket_api_key":"{key}","client_id":"a-test"}}"#)).await;
    let reply = raw.ask(&format!(r#"{{"type":2,"id":2,"license":"{}"}}"#, demo::LICENSE)).await;
    assert!(reply.ends_with(r#""status":1}"#), "{reply}");
    (program, raw)
}

const PATCH: &str = r#"{"type":7,"id":3,"filename":"patch-0007","resume_at":0}"#;

#[tokio::test]
async fn streams_in_chunks_and_packets_that_fail() {
    let (mut program, mut raw) = serve(&["--chunk", "4", "--fail", "get_variable=6"]).await;
    raw.send(PATCH).await;
    let first = [r#"{"id":3,"file_size":10}"#.as_bytes(), b"ab}{"].concat();
    assert_eq!(raw.next().await, Got::Binary(first));
    for _ in 0..2 {
        assert!(matches!(raw.next().await, Got::Binary(_)));
    }
    assert_eq!(raw.ask(r#"{"type":11,"id":4,"name":"motd_text"}"#).await, r#"{"id":4,"status":6}"#);
    // Who serves by hand finds the demonstration's credentials on standard error.
    program.start_kill().unwrap();
    let errors = program.wait_with_output().await.unwrap().stderr;
    let errors = String::from_utf8(errors).unwrap();
    for credential in [demo::API_KEY, demo::LICENSE, demo::LOGIN, demo::PASSWORD] {
        assert!(errors.contains(credential), "{errors}");
    }
}

#[tokio::test]
async fn links() {
    let (_program, mut raw) = serve(&["--links"]).await;
    let reply = raw.ask(PATCH).await;
    assert!(reply.starts_with(r#"{"id":3,"presigned_url":"http://127.0.0.1:"#), "{reply}");
}

#[tokio::test]
async fn a_rate_limit_of_ones_own() {
    let (_program, mut raw) = serve(&["--rate-limit", "3"]).await;
    raw.ask(r#"{"type":10,"id":3}"#).await;
    raw.send(r#"{"type":10,"id":4}"#).await;
    assert_eq!(raw.next().await, Got::Close(4201, "rate limit hit".into()));
}

#[tokio::test]
async fn rules_that_would_never_apply_are_refused() {
    for (service, rule, expected) in [
        ("nemesis", "KV_GTE=1000", "there is no command `KV_GTE`; similar are KV_GET, KV_"),
        ("nemesis", "kv_get=1000", "there is no command `kv_get`"),
        ("nemesis", "IARR_MAX=1000", "similar are SIARR_MAX, "),
        ("nemesis", "KV_GET=777", "the table `nemesis` lists no status 777; it lists 1, 2, 3,"),
        ("nemesis-sessions", "SH_NWE=1000", "there is no command `SH_NWE`; similar are SH_NEW, "),
        ("nemesis-sessions", "KV_GET=777", "the table `nemesis-sessions` lists no status 777"),
        ("nemesis-fusion", "KV_CONTAINS=1", "there is no command `KV_CONTAINS`"),
        ("blazeauth", "get_variable=777", "the table `blazeauth` lists no status 777"),
    ] {
        let output = command(&[service, "--fail", rule]).output().await.unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && text.contains(expected), "{rule}: {text}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    for (arguments, expected) in [
        (&["--fail", "get_variable"] as &[&str], "expected NAME=STATUS"),
        (&["--fail", "get_variable=x"], "`x` is not a status number"),
        (&["--fail", "get_varable=6"], "there is no packet `get_varable`; known are initialize, create_account,"),
        (&["--chunk", "0"], "0 is not in 1.."),
        (&["--links", "--chunk", "1"], "cannot be used with"),
        (&["--no-rate-limit", "--rate-limit", "1"], "cannot be used with"),
    ] {
        let output = command(&[&["blazeauth"], arguments].concat()).output().await.unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && text.contains(expected), "{arguments:?}: {text}");
    }
}

/// Asks for a path and returns the whole answer.
async fn get(addr: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: drupal.test\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_site_whose_settings_change_while_it_runs() {
    let arguments = ["drupal", "--listen", "127.0.0.1:0", "--world", "harbor", "--set", "linkset=off"];
    let mut program = command(&arguments).stdin(Stdio::piped()).spawn().unwrap();
    let mut urls = BufReader::new(program.stdout.take().unwrap()).lines();
    let url = urls.next_line().await.unwrap().unwrap();
    let addr = url.strip_prefix("http://").unwrap();
    assert!(get(addr, "/system/menu/main/linkset").await.starts_with("HTTP/1.1 404"));
    let mut stdin = program.stdin.take().unwrap();
    let mut notes = BufReader::new(program.stderr.take().unwrap()).lines();
    for (line, reply) in [("set linkset on", "ok"), ("set linkset often", "error: `often` is neither on nor off")] {
        stdin.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        assert_eq!(notes.next_line().await.unwrap().unwrap(), reply);
    }
    let answer = get(addr, "/system/menu/main/linkset").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"Home\""), "{answer}");
    // The end of standard input is not the end of the site.
    drop(stdin);
    assert!(get(addr, "/jsonapi").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn settings_that_do_not_exist_are_refused() {
    for (setting, expected) in [("nope=on", "there is no setting `nope`"), ("read_only", "expected NAME=VALUE")] {
        let output = command(&["drupal", "--listen", "127.0.0.1:0", "--set", setting]).output().await.unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && text.contains(expected), "{setting}: {text}");
    }
}
