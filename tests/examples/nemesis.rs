//! The example program `nemesis`.

use crate::program::{Done, command, done, interrupt, output};
use statuswire::nemesis::Client;
use statuswire_sandbox::{Fault, Nemesis, NemesisFusion, NemesisSessions};
use std::process::{Output, Stdio};
use tokio::io::AsyncWriteExt;

pub(crate) async fn run(arguments: &[&str]) -> Output {
    output(command("nemesis").args(arguments)).await
}

/// Runs the program on a server.
pub(crate) async fn on(sandbox: &Nemesis, arguments: &[&str]) -> Done {
    done(run(&[&["--url", &sandbox.url()], arguments].concat()).await)
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

/// Runs the program on a server of an older generation, found by itself or given.
async fn on_older(url: &str, generation: &str, arguments: &[&str]) -> Done {
    done(run(&[&["--url", url, "--generation", generation], arguments].concat()).await)
}

#[tokio::test]
async fn a_server_with_sessions() {
    let sandbox = NemesisSessions::start().await.unwrap();
    for name in ["default", "ot\"her"] {
        let (status, _, errors) = on_older(&sandbox.url(), "auto", &["--session", name, "kv", "get", "a"]).await;
        let told = format!("no session is named {name:?} yet: `kv set` and `kv add` create it");
        assert!(status == 1 && errors.contains(&told) && errors.contains("SessionOpenFail (102)"), "{errors}");
    }
    assert_eq!(on_older(&sandbox.url(), "auto", &["kv", "get", "a"]).await.0, 1, "there is no session yet");
    for (arguments, expected) in [
        (&["kv", "set", "a", "5"] as &[&str], "ok (the key is new)\n"),
        (&["kv", "set", "a", "6"], "ok (a value was replaced)\n"),
        (&["kv", "add", "a", "7"], "the value that was there stays\n"),
        (&["kv", "get", "a"], "6\n"),
        (&["kv", "keys"], "a\n"),
        (&["--session", "other", "kv", "add", "b", "7"], "ok (the key is new)\n"),
        (&["kv", "contains", "a"], "a\n"),
        (&["kv", "count"], "1\n"),
        (&["info"], "NemesisDB with sessions: 2 sessions, 2 keys\n"),
        (&["load", "monday"], "loaded 0 keys in 0 sessions of monday; sessions that existed stay as they are\n"),
        (&["kv", "rm", "a"], "ok\n"),
        (&["kv", "clear"], "removed 0 keys\n"),
    ] {
        if arguments[0] == "load" {
            assert!(on_older(&sandbox.url(), "sessions", &["save", "monday"]).await.1.starts_with("saved as monday"));
        }
        for generation in if arguments[1..] == ["keys"] { &["sessions", "auto"] as &[&str] } else { &["sessions"] } {
            let done = on_older(&sandbox.url(), generation, arguments).await;
            assert_eq!(done, (0, expected.to_owned(), String::new()), "{arguments:?}");
        }
    }
    let (status, _, errors) = on_older(&sandbox.url(), "sessions", &["list", "create", "x"]).await;
    assert!(status == 2 && errors.contains("on a server with sessions: `kv`"), "{errors}");
}

#[tokio::test]
async fn a_fusion_server() {
    let sandbox = NemesisFusion::start().await.unwrap();
    for (arguments, expected) in [
        (&["kv", "set", "key_one", "5"] as &[&str], "ok (the key is new)\n"),
        (&["kv", "add", "key_one", "7"], "the value that was there stays\n"),
        (&["kv", "get", "key_one"], "5\n"),
        (&["kv", "count"], "1\n"),
        (&["kv", "rm", "key_one"], "ok\n"),
        (&["kv", "clear"], "removed 0 keys\n"),
    ] {
        let done = on_older(&sandbox.url(), "fusion", arguments).await;
        assert_eq!(done, (0, expected.to_owned(), String::new()), "{arguments:?}");
    }
    assert!(on_older(&sandbox.url(), "auto", &["info"]).await.1.starts_with("NemesisDB 0.2.3, "));
    assert_eq!(on_older(&sandbox.url(), "fusion", &["kv", "set", "short", "1"]).await.0, 3);
    let (status, _, errors) = on_older(&sandbox.url(), "auto", &["kv", "keys"]).await;
    assert!(status == 2 && errors.contains("on a fusion server: `info`, `kv set`"), "{errors}");
    let no_command = run(&["--generation", "fusion"]).await;
    assert!(no_command.status.code() == Some(2) && no_command.stdout.is_empty(), "{no_command:?}");
    for generation in ["fusion", "auto", "current"] {
        let (status, _, errors) = on_older(&sandbox.url(), generation, &["--session", "x", "kv", "count"]).await;
        assert!(status == 2 && errors.contains("add --generation sessions"), "{errors}");
    }
    sandbox.fault(Fault::on("SV_INFO").silence());
    assert_eq!(on_older(&sandbox.url(), "auto", &["--timeout", "0.1", "info"]).await.0, 6);
    assert_eq!(run(&["--generation", "fusion", "kv", "count"]).await.stdout, b"0\n");
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
        (&["raw", "nonsense"], 3, "is not valid JSON"),
        (&["load", "nope"], 4, "LoadError (142)"),
        (&["load", "nope", "--json"], 4, r#""name":"LoadError""#),
        (&["kv", "clear"], 5, "it may have run"),
        // On a slow machine it is the connection that is too late.
        (&["info", "--timeout", "0.5"], 6, "time"),
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

#[tokio::test]
async fn arrays() {
    let sandbox = Nemesis::start().await.unwrap();
    for (kind, items, more, all) in [
        ("objects", r#"[{"a":1}]"#, r#"{"a":2}"#, "{\"a\":1}\n{\"a\":2}\n"),
        ("ints", "[5]", "-7", "5\n-7\n"),
        ("strings", r#"["b"]"#, r#""a""#, "\"b\"\n\"a\"\n"),
        ("sorted-ints", "[5]", "-7", "-7\n5\n"),
        ("sorted-strings", r#"["b"]"#, r#""a""#, "\"a\"\n\"b\"\n"),
    ] {
        for (arguments, expected) in [
            (&["create", "x", "4"] as &[&str], "ok\n"),
            (&["exist", "x"], "yes\n"),
            (&["set-range", "x", items], "ok\n"),
            (&["set", "x", more], "ok\n"),
            (&["get-range", "x"], all),
            (&["len", "x"], "4\n"),
            (&["used", "x", "--json"], "{\"used\":2}\n"),
            (&["clear", "x", "1"], "ok\n"),
            (&["used", "x"], "1\n"),
        ] {
            let arguments = [&["arr", kind], arguments].concat();
            assert_eq!(on(&sandbox, &arguments).await, (0, expected.to_owned(), String::new()), "{arguments:?}");
        }
    }
    for (arguments, status, expected) in [
        (&["arr", "ints", "set", "x", "9", "--at", "2"] as &[&str], 0, "ok\n"),
        (&["arr", "ints", "swap", "x", "0", "2"], 0, "ok\n"),
        (&["arr", "ints", "get", "x", "0"], 0, "9\n"),
        (&["arr", "sorted-ints", "min", "x", "1"], 0, "-7\n"),
        (&["arr", "sorted-ints", "max", "x", "3", "--json"], 0, "[-7]\n"),
        (&["arr", "sorted-ints", "create", "y", "1"], 0, "ok\n"),
        (&["arr", "sorted-ints", "intersect", "x", "y"], 0, ""),
        (&["arr", "ints", "delete", "x"], 0, "ok\n"),
        (&["arr", "ints", "exist", "x"], 1, "no\n"),
        (&["arr", "ints", "get", "x", "0"], 1, ""),
        (&["arr", "ints", "max", "x", "1"], 2, ""),
        (&["arr", "sorted-ints", "swap", "x", "0", "0"], 2, ""),
        (&["arr", "ints", "set", "x", "18446744073709551615"], 2, ""),
        (&["arr", "strings", "clear", "x", "3"], 3, ""),
        (&["arr", "strings", "get", "x", "4"], 4, ""),
    ] {
        let (code, output, errors) = on(&sandbox, arguments).await;
        assert_eq!((code, output.as_str()), (status, expected), "{arguments:?}: {errors}");
    }
}

#[tokio::test]
async fn lists() {
    let sandbox = Nemesis::start().await.unwrap();
    for (arguments, status, expected) in [
        (&["list", "create", "l"] as &[&str], 0, "ok\n"),
        (&["list", "add", "l", r#"[{"a":1},{"a":2}]"#], 0, "2\n"),
        (&["list", "add", "l", r#"[{"a":0}]"#, "--at", "0"], 0, "3\n"),
        (&["list", "set-range", "l", "1", r#"[{"b":1}]"#], 0, "ok\n"),
        (&["list", "get-range", "l"], 0, "{\"a\":0}\n{\"b\":1}\n{\"a\":2}\n"),
        (&["list", "get", "l"], 0, "{\"a\":2}\n"),
        (&["list", "get", "l", "1", "--json"], 0, "[{\"b\":1}]\n"),
        (&["list", "splice", "l", "m", "1", "2"], 0, "ok\n"),
        (&["list", "rm-head", "l"], 0, "1\n"),
        (&["list", "rm", "l", "0"], 0, "0\n"),
        (&["list", "rm-tail", "l"], 3, ""),
        (&["list", "splice", "m", "m"], 3, ""),
        (&["list", "len", "m"], 0, "1\n"),
        (&["list", "delete", "m"], 0, "yes\n"),
        (&["list", "exist", "m"], 1, "no\n"),
    ] {
        let (code, output, errors) = on(&sandbox, arguments).await;
        assert_eq!((code, output.as_str()), (status, expected), "{arguments:?}: {errors}");
    }
}

#[tokio::test]
async fn a_shell_carries_out_lines() {
    let sandbox = Nemesis::start().await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut command = command("nemesis");
    command.args(["--url", &sandbox.url(), "shell"]).env("HOME", home.path()).stdin(Stdio::piped());
    let mut shell = command.spawn().unwrap();
    let lines = "kv set a '{\"n\": 1}'\n\nkv get a\n{\"KV_COUNT\":{}}\nkv nope\nkv get b\nexit\n";
    shell.stdin.take().unwrap().write_all(lines.as_bytes()).await.unwrap();
    let output = shell.wait_with_output().await.unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    // The first failure decides.
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "ok\n{\"n\":1}\nKV_COUNT_RSP 1 Ok {\"cnt\":1,\"st\":1}\n");
    assert!(errors.contains("unrecognized subcommand 'nope'") && errors.contains("there is no key \"b\""), "{errors}");
    let history = std::fs::read_to_string(home.path().join(".nemesis_history")).unwrap();
    assert!(history.contains("kv get a"), "{history}");
}

#[tokio::test]
async fn ctrl_c_ends_a_hanging_call_and_in_the_shell_nothing_else() {
    let sandbox = Nemesis::start().await.unwrap();
    sandbox.fault(Fault::on("KV_COUNT").silence());
    let program = command("nemesis").args(["--url", &sandbox.url(), "kv", "count"]).spawn().unwrap();
    sandbox.record().wait_for(|record| record.received("KV_COUNT") == 1).await;
    interrupt(&program).await;
    let (code, output, errors) = done(program.wait_with_output().await.unwrap());
    assert_eq!((code, output.as_str()), (130, ""), "{errors}");
    assert!(errors.contains("stopped by ctrl-c"), "{errors}");

    let mut program = command("nemesis");
    program.args(["--url", &sandbox.url(), "shell"]).env("HOME", "/nonexistent").stdin(Stdio::piped());
    let mut shell = program.spawn().unwrap();
    let mut typed = shell.stdin.take().unwrap();
    typed.write_all(b"kv count\n").await.unwrap();
    sandbox.record().wait_for(|record| record.received("KV_COUNT") == 2).await;
    interrupt(&shell).await;
    typed.write_all(b"kv set a 1\nexit\n").await.unwrap();
    let (code, output, errors) = done(shell.wait_with_output().await.unwrap());
    assert_eq!((code, output.as_str()), (130, "ok\n"), "{errors}");
}

#[tokio::test]
async fn a_shell_without_a_home_keeps_no_history() {
    let sandbox = Nemesis::start().await.unwrap();
    let mut command = command("nemesis");
    command.args(["--url", &sandbox.url(), "shell"]).env("HOME", "/nonexistent").stdin(Stdio::piped());
    let mut shell = command.spawn().unwrap();
    shell.stdin.take().unwrap().write_all(b"kv count\n").await.unwrap();
    let output = shell.wait_with_output().await.unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && errors.contains("the history cannot be saved"), "{errors}");
    assert_eq!(output.stdout, b"0\n");
}

/// What others stored is shown and not obeyed.
#[tokio::test]
async fn a_terminal_is_not_given_orders() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    let spoilt = serde_json::json!({ "a": "\u{202e}evil\u{9b}2J\u{7f}" });
    db.kv().set("k", &spoilt).await.unwrap();
    let list = db.list::<serde_json::Value>("l");
    list.create().await.unwrap();
    list.push(&spoilt).await.unwrap();
    for arguments in [
        &["kv", "get", "k"] as &[&str],
        &["kv", "get", "k", "l"],
        &["kv", "get", "k", "--json"],
        &["list", "get", "l"],
        &["list", "get-range", "l", "--json"],
        &["raw", r#"{"KV_GET":{"keys":["k"]}}"#],
        &["raw", r#"{"KV_GET":{"keys":["k"]}}"#, "--json"],
    ] {
        let (_, output, errors) = on(&sandbox, arguments).await;
        let shown = output + &errors;
        assert!(
            shown.contains("evil") && !shown.contains(['\u{202e}', '\u{9b}', '\u{7f}']),
            "{arguments:?}: {shown:?}"
        );
    }
    let (code, output, _) = on(&sandbox, &["kv", "get", "k"]).await;
    assert_eq!((code, serde_json::from_str(&output).ok()), (0, Some(spoilt)), "and nothing is lost");
}
