//! The example program `nemesis`, run as a user would. `cargo test` builds it; with `--test example_nemesis` alone, run
//! `cargo build --example nemesis` before.
#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

use statuswire::sandbox::{Fault, Nemesis};
use std::path::PathBuf;
use std::process::{Output, Stdio};
use tokio::process::Command;

fn program() -> PathBuf {
    // The test is `target/PROFILE/deps/NAME`, the example `target/PROFILE/examples/nemesis`.
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    profile.join("examples").join(format!("nemesis{}", std::env::consts::EXE_SUFFIX))
}

async fn run(arguments: &[&str]) -> Output {
    let program = program();
    let mut command = Command::new(&program);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    command.output().await.unwrap_or_else(|error| panic!("{}: {error}; build the example", program.display()))
}

/// Runs the program on a server: exit status, standard output, standard error.
async fn on(sandbox: &Nemesis, arguments: &[&str]) -> (i32, String, String) {
    let url = sandbox.url();
    let output = run(&[&["--url", &url], arguments].concat()).await;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn the_tour_needs_no_server() {
    let output = run(&[]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for expected in ["Ada Lovelace", "142 LoadError", "FAILED_PRECONDITION", "recovery correct", "delivery answered"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains('\x1b'), "no colours in a pipe");
    assert!(output.stderr.is_empty());
}

#[tokio::test]
async fn keys_and_values() {
    let sandbox = Nemesis::start().await.unwrap();
    for (arguments, expected) in [
        (&["kv", "set", "user:1", r#"{"name":"Ada"}"#] as &[&str], "ok\n"),
        (&["kv", "get", "user:1"], "{\"name\":\"Ada\"}\n"),
        (&["kv", "add", "n", "-5"], "ok (a value that was there stays)\n"),
        (&["kv", "get", "n", "user:1"], "{\"n\":-5,\"user:1\":{\"name\":\"Ada\"}}\n"),
        (&["kv", "count"], "2\n"),
        (&["kv", "count", "--json"], "{\"count\":2}\n"),
        (&["kv", "keys"], "user:1\nn\n"),
        (&["kv", "keys", "--json"], "[\"user:1\",\"n\"]\n"),
        (&["kv", "contains", "n"], "n\n"),
        (&["raw", r#"{"KV_COUNT":{}}"#], "KV_COUNT_RSP 1 Ok {\"cnt\":2,\"st\":1}\n"),
        (&["info"], "NemesisDB 0.9, can save\n"),
        (&["kv", "rm", "n", "nope"], "ok\n"),
        (&["kv", "clear"], "removed 1 keys\n"),
    ] {
        assert_eq!(on(&sandbox, arguments).await, (0, expected.to_owned(), String::new()), "{arguments:?}");
    }
    assert!(on(&sandbox, &["save", "monday"]).await.1.starts_with("saved as monday in "));
    assert!(on(&sandbox, &["load", "monday"]).await.1.starts_with("loaded 0 keys of monday in "));
}

#[tokio::test]
async fn the_exit_status_tells_the_kind_of_failure() {
    let sandbox = Nemesis::start().await.unwrap();
    sandbox.fault(Fault::on("KV_COUNT").reply_text(r#"{"KV_COUNT_RSP":{"st":1}}"#));
    sandbox.fault(Fault::on("KV_CLEAR").drop_connection());
    sandbox.fault(Fault::on("SV_INFO").silence());
    for (arguments, status, expected) in [
        (&["kv", "get", "nope"] as &[&str], 1, "error: there is no key \"nope\"\n"),
        (&["kv", "contains", "nope", "--json"], 1, "{\"missing\":[\"nope\"]}\n"),
        (&["raw", r#"{"OARR_LEN":{"name":"x"}}"#], 1, "NotExist (22)"),
        (&["kv", "set", "a", "Ada"], 2, "'\"Ada\"'"),
        (&["kv", "set", "a"], 2, "Usage: nemesis kv set"),
        (&["--timeout", "0", "info"], 2, "positive number"),
        (&[], 2, "say what to do"),
        (&["kv", "set", "a\"b", "1"], 3, "makes every save unreadable"),
        (&["save", "../x"], 3, "save name"),
        (&["raw", "nonsense"], 3, "no valid JSON"),
        (&["load", "nope"], 4, "LoadError (142)"),
        (&["load", "nope", "--json"], 4, r#""name":"LoadError""#),
        (&["kv", "clear"], 5, "it may have run"),
        (&["info", "--timeout", "0.2"], 6, "no reply came in time"),
        (&["kv", "count"], 7, "$.KV_COUNT_RSP.cnt"),
    ] {
        let (code, output, errors) = on(&sandbox, arguments).await;
        assert!(errors.contains(expected), "{arguments:?}: {errors}");
        assert_eq!(code, status, "{arguments:?}: {errors}");
        assert!(output.is_empty() || output == "{\"nope\":false}\n", "{arguments:?}: {output}");
    }
}

#[tokio::test]
async fn no_server() {
    let sandbox = Nemesis::start().await.unwrap();
    sandbox.stop().await;
    let (code, _, errors) = on(&sandbox, &["info"]).await;
    assert_eq!(code, 5);
    assert!(errors.contains("the connection failed") && errors.contains("because: "), "{errors}");
}

#[tokio::test]
async fn commands_without_a_server_use_a_sandbox_and_say_so() {
    let output = run(&["kv", "count"]).await;
    assert_eq!(output.stdout, b"0\n");
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("note: no --url given"));
}
