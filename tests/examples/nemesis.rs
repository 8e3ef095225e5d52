//! The example program `nemesis`.

use crate::program::{Done, command, done, interrupt, output};
use serde_json::value::RawValue;
use statuswire::nemesis::Client;
use statuswire_sandbox::{Fault, Nemesis, NemesisFusion, NemesisSessions};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use tokio::io::AsyncWriteExt;

async fn run(arguments: &[&str]) -> Output {
    output(command("nemesis").args(arguments)).await
}

/// Runs the program on a server.
async fn on(sandbox: &Nemesis, arguments: &[&str]) -> Done {
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

/// A file with `count` lines.
fn lines(directory: &Path, count: usize) -> PathBuf {
    let file = directory.join("rows.jsonl");
    let rows = (0..count).map(|n| format!("{{\"key\":\"k{n}\",\"value\":{{\"n\":{n}}}}}\n"));
    std::fs::write(&file, rows.collect::<String>()).unwrap();
    file
}

/// The number that stands before ` lines are confirmed`.
fn confirmed(errors: &str) -> u64 {
    let before = errors.split(" lines are confirmed;").next().unwrap();
    before.rsplit('\n').next().unwrap().parse().unwrap_or_else(|_| panic!("{errors}"))
}

#[tokio::test]
async fn load_says_what_a_killed_server_confirmed() {
    const LINES: usize = 30_000;
    let sandbox = Nemesis::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = lines(directory.path(), LINES);
    let load = ["load", file.to_str().unwrap(), "--timeout", "2"];
    let kill = async {
        sandbox.record().wait_for(|record| record.executed("KV_SET") >= 3000).await;
        sandbox.kill().await;
    };
    let ((code, _, errors), ()) = tokio::join!(on(&sandbox, &load), kill);
    assert!([5, 6].contains(&code), "{code}: {errors}");
    let (confirmed, executed) = (confirmed(&errors), sandbox.record().executed("KV_SET"));
    assert!(confirmed <= executed && executed < LINES as u64, "{confirmed} confirmed, {executed} carried out");
    assert!(errors.contains(&format!("the first unconfirmed one is line {}", confirmed + 1)), "{errors}");

    // All data went with the server, so all of it is stored again.
    sandbox.restart().await.unwrap();
    let (code, output, errors) = on(&sandbox, &load).await;
    assert_eq!((code, output), (0, format!("stored {LINES} lines, 0 of them before\n")), "{errors}");
    if confirmed > 0 {
        assert!(errors.contains("the server does not have them any more"), "{errors}");
    }
    assert_eq!(on(&sandbox, &["kv", "count"]).await.1, format!("{LINES}\n"));
    assert!(!directory.path().join("rows.jsonl.progress").exists());
}

#[tokio::test]
async fn load_notices_that_the_server_was_restarted_meanwhile() {
    const LINES: usize = 30_000;
    let sandbox = Nemesis::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = lines(directory.path(), LINES);
    let load = ["load", file.to_str().unwrap()];
    let restart = async {
        sandbox.record().wait_for(|record| record.executed("KV_SET") >= 3000).await;
        sandbox.stop().await;
        sandbox.restart().await.unwrap();
    };
    let ((code, output, errors), ()) = tokio::join!(on(&sandbox, &load), restart);
    assert_eq!((code, output.as_str()), (5, ""), "{errors}");
    assert!(errors.contains("does not have all lines that it confirmed"), "{errors}");

    let (code, output, errors) = on(&sandbox, &load).await;
    assert_eq!((code, output), (0, format!("stored {LINES} lines, 0 of them before\n")), "{errors}");
    assert_eq!(on(&sandbox, &["kv", "count"]).await.1, format!("{LINES}\n"));
}

#[tokio::test]
async fn load_begins_again_with_a_changed_file() {
    let sandbox = Nemesis::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = lines(directory.path(), 50);
    let load = ["load", file.to_str().unwrap()];
    let fault = sandbox.fault(Fault::on("KV_SET").calls(41..).reply_status(1000));
    assert_eq!(on(&sandbox, &load).await.0, 4);
    fault.remove();
    // As long as before.
    let changed = std::fs::read_to_string(&file).unwrap().replacen("\"n\":0", "\"n\":9", 1);
    std::fs::write(&file, changed).unwrap();
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
    std::fs::File::options().write(true).open(&file).unwrap().set_modified(later).unwrap();
    let (code, output, errors) = on(&sandbox, &load).await;
    assert_eq!((code, output.as_str()), (0, "stored 50 lines, 0 of them before\n"), "{errors}");
    assert!(errors.contains("the file has changed"), "{errors}");
    assert_eq!(on(&sandbox, &["kv", "get", "k0"]).await.1, "{\"n\":9}\n");
}

#[tokio::test]
async fn load_says_what_was_confirmed_even_if_it_cannot_keep_it() {
    let sandbox = Nemesis::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = lines(directory.path(), 5000);
    // No file can be put in its place.
    std::fs::create_dir(directory.path().join("rows.jsonl.progress")).unwrap();
    let _fault = sandbox.fault(Fault::on("KV_SET").calls(4001..).reply_status(1000));
    let (code, _, errors) = on(&sandbox, &["load", file.to_str().unwrap()]).await;
    assert_eq!((code, confirmed(&errors)), (4, 4000), "{errors}");
    assert!(
        errors.contains("this could not be stored for the next run") && errors.contains("Unknown (1000)"),
        "{errors}"
    );
    // It is named, and gone, since no run will look for it.
    let marker = errors.split_whitespace().find(|word| word.starts_with("statuswire-load-")).expect(&errors);
    assert_eq!(on(&sandbox, &["list", "exist", marker]).await.1, "no\n");
}

#[tokio::test]
async fn a_load_that_is_interrupted_says_how_far_it_came() {
    let sandbox = Nemesis::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = lines(directory.path(), 5000);
    let load = ["load", file.to_str().unwrap()];
    let fault = sandbox.fault(Fault::on("KV_SET").calls(4001..).silence());
    let program = command("nemesis").args(load).args(["--url", &sandbox.url()]).spawn().unwrap();
    sandbox.record().wait_for(|record| record.received("KV_SET") > 4000).await;
    interrupt(&program).await;
    let (code, _, errors) = done(program.wait_with_output().await.unwrap());
    // The replies to the last ones may not have been read.
    let before = confirmed(&errors);
    assert!(code == 130 && (3000..=4000).contains(&before), "{errors}");
    fault.remove();
    let (code, output, errors) = on(&sandbox, &load).await;
    assert_eq!((code, output), (0, format!("stored 5000 lines, {before} of them before\n")), "{errors}");
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

#[tokio::test]
async fn load_goes_on_where_it_was_interrupted_and_dump_gives_it_back() {
    let sandbox = Nemesis::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = lines(directory.path(), 5000);
    let load = ["load", file.to_str().unwrap()];
    let fault = sandbox.fault(Fault::on("KV_SET").calls(4001..).reply_status(1000));
    let (code, _, errors) = on(&sandbox, &load).await;
    assert_eq!((code, confirmed(&errors)), (4, 4000), "{errors}");
    fault.remove();
    let (code, output, errors) = on(&sandbox, &load).await;
    assert_eq!((code, output.as_str()), (0, "stored 5000 lines, 4000 of them before\n"), "{errors}");
    assert!(errors.contains("4000 lines are confirmed already"), "{errors}");
    assert_eq!(sandbox.record().executed("KV_SET"), 5000);

    let (code, dumped, errors) = on(&sandbox, &["dump"]).await;
    assert_eq!((code, dumped == std::fs::read_to_string(&file).unwrap()), (0, true), "{errors}");

    std::fs::write(&file, "{\"key\":\"a\",\"value\":1}\n{\"key\":\"b\"}\n").unwrap();
    let (code, _, errors) = on(&sandbox, &load).await;
    assert_eq!((code, confirmed(&errors)), (3, 1), "{errors}");
    assert!(errors.contains("line 2 is not") && errors.contains("missing field `value`"), "{errors}");
    assert!(!errors.contains("run the same command again"), "{errors}");
    std::fs::write(&file, "{\"key\":\"a\",\"value\":1,\"expires\":5}\n").unwrap();
    let (code, _, errors) = on(&sandbox, &load).await;
    assert!(code == 3 && errors.contains("unknown field `expires`"), "{errors}");
}

/// Nothing in the file tells one server from another: each of its keys is stored again after the restart.
#[tokio::test]
async fn load_notices_a_restart_whatever_keys_the_file_has() {
    const LINES: usize = 30_000;
    let sandbox = Nemesis::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = lines(directory.path(), LINES);
    let rows = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, rows + "{\"key\":\"k0\",\"value\":{\"n\":0}}\n").unwrap();
    let load = ["load", file.to_str().unwrap()];
    let restart = async {
        sandbox.record().wait_for(|record| record.executed("KV_SET") >= 3000).await;
        sandbox.kill().await;
        sandbox.restart().await.unwrap();
    };
    let ((code, output, errors), ()) = tokio::join!(on(&sandbox, &load), restart);
    assert_eq!((code, output.as_str()), (5, ""), "{errors}");
    assert!(errors.contains("it was restarted") && errors.contains("run the same command again"), "{errors}");
    let (code, output, errors) = on(&sandbox, &load).await;
    assert_eq!((code, output), (0, format!("stored {} lines, 0 of them before\n", LINES + 1)), "{errors}");
    assert_eq!(on(&sandbox, &["kv", "count"]).await.1, format!("{LINES}\n"));
    // It leaves nothing behind.
    assert_eq!(sandbox.record().executed("OLST_CREATE"), 2);
    assert_eq!(sandbox.record().executed("OLST_DELETE"), 1);
    assert!(!directory.path().join("rows.jsonl.progress").exists());
}

#[tokio::test]
async fn the_last_value_of_a_key_stays_after_a_lost_connection() {
    let sandbox = Nemesis::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rows.jsonl");
    let rows = (0..300).map(|n| format!("{{\"key\":\"k{}\",\"value\":{n}}}\n", n % 2));
    std::fs::write(&file, rows.collect::<String>()).unwrap();
    sandbox.fault(Fault::on("KV_SET").nth(100).drop_connection());
    let (code, output, errors) = on(&sandbox, &["load", file.to_str().unwrap()]).await;
    assert_eq!((code, output.as_str()), (0, "stored 300 lines, 0 of them before\n"), "{errors}");
    assert_eq!(on(&sandbox, &["kv", "get", "k0", "k1"]).await.1, "{\"k0\":298,\"k1\":299}\n");
}

#[tokio::test]
async fn blank_lines_are_no_lines() {
    let sandbox = Nemesis::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rows.jsonl");
    std::fs::write(&file, "{\"key\":\"a\",\"value\":1}\r\n\n{\"key\":\"b\",\"value\":2}\n \n\n").unwrap();
    let load = ["load", file.to_str().unwrap()];
    let fault = sandbox.fault(Fault::on("KV_SET").nth(2).reply_status(1000));
    let (code, _, errors) = on(&sandbox, &load).await;
    assert_eq!((code, confirmed(&errors)), (4, 1), "{errors}");
    assert!(errors.contains("the first unconfirmed one is line 3"), "{errors}");
    fault.remove();
    let (code, output, errors) = on(&sandbox, &load).await;
    assert_eq!((code, output.as_str()), (0, "stored 2 lines, 1 of them before\n"), "{errors}");
}

#[tokio::test]
async fn a_line_that_is_too_long_for_the_server_is_named() {
    let sandbox = Nemesis::builder().options(|options| options.max_payload(1000)).start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rows.jsonl");
    let rows = (1..=300).map(|n| {
        let bytes = [(120, 1500), (150, 3000)].iter().find(|(line, _)| *line == n).map_or(10, |(_, bytes)| *bytes);
        format!("{{\"key\":\"k{n}\",\"value\":\"{}\"}}\n", "x".repeat(bytes))
    });
    std::fs::write(&file, rows.collect::<String>()).unwrap();
    let load = ["load", file.to_str().unwrap()];
    let (code, _, errors) = on(&sandbox, &load).await;
    assert_eq!((code, confirmed(&errors)), (5, 119), "{errors}");
    assert!(errors.contains("whenever line 120 is sent") && errors.contains("--max-payload"), "{errors}");
    let (code, _, errors) = on(&sandbox, &[&load[..], &["--max-payload", "1000"]].concat()).await;
    assert_eq!((code, confirmed(&errors)), (3, 119), "{errors}");
    assert!(errors.contains("the first unconfirmed one is line 120"), "{errors}");

    // A connection that is lost for another reason is not explained so.
    let sandbox = Nemesis::start().await.unwrap();
    sandbox.fault(Fault::on("KV_SET").calls(41..).drop_connection());
    let file = lines(directory.path(), 50);
    let (code, _, errors) = on(&sandbox, &["load", file.to_str().unwrap()]).await;
    assert_eq!((code, confirmed(&errors)), (5, 40), "{errors}");
    assert!(!errors.contains("maxPayload") && errors.contains("run the same command again"), "{errors}");
}

#[tokio::test]
async fn dump_writes_what_load_reads_and_names_the_rest() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::builder(&sandbox.url()).allow_unsavable_keys(true).connect().await.unwrap();
    db.kv().set("a", &1).await.unwrap();
    db.kv().set("b\"", &2).await.unwrap();
    // Comes back as 100000.0.
    let grows = RawValue::from_string(format!("[{}1e5]", "1e5,".repeat(6000))).unwrap();
    db.kv().set_raw("grows", &grows).await.unwrap();
    db.kv().set_raw("short", &RawValue::from_string("[1e5]".to_owned()).unwrap()).await.unwrap();

    let (code, dumped, errors) = on(&sandbox, &["dump"]).await;
    assert_eq!((code, dumped.lines().count()), (7, 2), "{errors}");
    for part in ["the key \"b\\\"\", which makes saves unreadable", "the key \"grows\", whose command", "dump --all"] {
        assert!(errors.contains(part), "{part}: {errors}");
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rows.jsonl");
    std::fs::write(&file, &dumped).unwrap();
    let other = Nemesis::start().await.unwrap();
    let (code, output, errors) = on(&other, &["load", file.to_str().unwrap()]).await;
    assert_eq!((code, output.as_str()), (0, "stored 2 lines, 0 of them before\n"), "{errors}");
    assert_eq!(on(&other, &["dump"]).await, (0, dumped, String::new()));

    let (code, dumped, errors) = on(&sandbox, &["dump", "--all"]).await;
    assert_eq!((code, dumped.lines().count()), (0, 4), "{errors}");
    let (code, dumped, errors) = on(&sandbox, &["dump", "--any-key"]).await;
    assert_eq!((code, dumped.lines().count()), (7, 3), "{errors}");
    std::fs::write(&file, &dumped).unwrap();
    let (code, _, errors) = on(&other, &["load", "--any-key", file.to_str().unwrap()]).await;
    assert_eq!(code, 0, "{errors}");
}

/// What a run leaves that is killed is found by the next one: the list on the server among it.
#[cfg(unix)]
#[tokio::test]
async fn a_killed_load_leaves_no_list_on_the_server() {
    let sandbox = Nemesis::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = lines(directory.path(), 5000);
    let load = ["load", file.to_str().unwrap()];
    let silence = sandbox.fault(Fault::on("KV_SET").calls(1000..).silence());
    let mut program = command("nemesis").args(["--url", &sandbox.url()]).args(load).spawn().unwrap();
    sandbox.record().wait_for(|record| record.received("KV_SET") >= 1001).await;
    program.kill().await.unwrap();
    silence.remove();
    let (code, output, errors) = on(&sandbox, &load).await;
    assert_eq!((code, output.as_str(), errors.as_str()), (0, "stored 5000 lines, 0 of them before\n", ""));
    let record = sandbox.record();
    assert_eq!((record.received("OLST_CREATE"), record.executed("OLST_DELETE")), (1, 1));
}

/// The reader of the messages is gone: that changes no exit status.
#[tokio::test]
async fn closed_standard_error_is_no_failure() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::builder(&sandbox.url()).allow_unsavable_keys(true).connect().await.unwrap();
    db.kv().set("b\"", &2).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = lines(directory.path(), 50);
    let fault = sandbox.fault(Fault::on("KV_SET").calls(41..).reply_status(1000));
    let load = ["load", file.to_str().unwrap()];
    for (arguments, status) in [(&["dump"] as &[&str], 7), (&load, 4), (&load, 4), (&["kv", "get", "nope"], 1)] {
        let mut program = command("nemesis").args(["--url", &sandbox.url()]).args(arguments).spawn().unwrap();
        drop(program.stderr.take());
        assert_eq!(program.wait().await.unwrap().code(), Some(status), "{arguments:?}");
    }
    fault.remove();
    for arguments in [&["kv", "count"] as &[&str], &["info"]] {
        let mut program = command("nemesis").args(arguments).spawn().unwrap();
        drop(program.stderr.take());
        assert_eq!(program.wait().await.unwrap().code(), Some(0), "the note on the sandbox");
    }
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
