//! The example program `nemesis` moves data: `load` and `dump`.

use crate::nemesis::on;
use crate::program::{command, done, interrupt};
use serde_json::value::RawValue;
use statuswire::nemesis::Client;
use statuswire_sandbox::{Fault, Nemesis};
use std::path::{Path, PathBuf};

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
