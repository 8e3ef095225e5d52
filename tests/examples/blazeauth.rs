//! The example program `blazeauth`: its tour and its commands, used rightly and wrongly.

use crate::blazeauth_user::{CLIENT_ID, User, finished, private};
use crate::program::{interrupt, parsed};
use serde_json::{Value, json};
use statuswire_sandbox::blazeauth::demo;
use statuswire_sandbox::{ConnectFault, Fault};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

#[tokio::test]
async fn the_tour_needs_no_server() {
    let user = User::new().await;
    let (code, output, errors) = finished(&mut user.bare(&[])).await;
    assert_eq!((code, errors.as_str()), (0, ""));
    for expected in [
        "state: Ready",
        "Harbour Kiosk",
        "LicenseExpired (103)",
        "kind     PERMISSION_DENIED",
        "recovery ask-operator",
        "delivery answered",
        "the table says",
        "\"staff\"",
        "high",
        "is the Unix time of the end",
        "01:30:00",
        "north 4",
        "5000011",
        "AppVersionChanged",
        "LicenseBlacklisted",
        "3 NotAuthorized",
    ] {
        assert!(output.contains(expected), "{expected}: {output}");
    }
    assert!(!output.contains('\x1b'), "no colours in a pipe");
}

#[tokio::test]
async fn logins() {
    let user = User::new().await;
    let (code, text, errors) = user.licensed(&["login"]).await;
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(text.contains("Harbour Kiosk 2.4.1") && text.contains("by licence") && text.contains("staff"), "{text}");
    assert!(text.contains("which the service does not explain, is the Unix time of the end"), "{text}");

    // The same licence once more: it is active by now, so the number has the other meaning.
    let license = user.file("license.txt", &format!("{}\r\n", demo::LICENSE));
    let (code, text, errors) = user.run(&["login", "--license-file", &license, "--json"]).await;
    let login = parsed(&text);
    assert_eq!((code, errors.as_str(), &login["way"], &login["login"]), (0, "", &json!("license"), &Value::Null));
    assert_eq!((&login["levels"], &login["application"]["version"]), (&json!(["staff"]), &json!("2.4.1")));
    assert_eq!((&login["time_left"]["reading"], &login["time_left"]["certain"]), (&json!("remaining"), &json!(false)));

    let whoami = parsed(&user.licensed(&["whoami", "--json"]).await.1);
    assert_eq!(whoami["time_left"]["certain"], true);
    assert!(!user.licensed(&["whoami"]).await.1.contains("does not explain"));

    let mut by_environment = user.program(&["login"]);
    by_environment.env("BLAZEAUTH_LOGIN", demo::LOGIN).env("BLAZEAUTH_PASSWORD", demo::PASSWORD);
    let (code, text, errors) = finished(&mut by_environment).await;
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(text.contains("by account as harbour-master") && text.contains("no active licence"), "{text}");

    // Options go before the environment.
    let password = user.file("password.txt", demo::PASSWORD);
    let account = ["whoami", "--login", demo::LOGIN, "--password-file", &password, "--json"];
    let (code, text, errors) = user.licensed(&account).await;
    let login = parsed(&text);
    assert_eq!(
        (code, errors.as_str(), &login["way"], &login["login"]),
        (0, "", &json!("account"), &json!(demo::LOGIN))
    );
    assert_eq!(login["time_left"], Value::Null);
}

#[tokio::test]
async fn refused_logins() {
    let user = User::new().await;
    let mail = user.file("mail-password", "difference engine");
    let wrong = user.file("wrong-password", "canary-password");
    for (arguments, status, expected) in [
        (
            &["--login", "ada@example.org", "--email", "--password-file", &mail] as &[&str],
            4,
            "AppUserHasNoValidLicenses",
        ),
        (&["--login", demo::LOGIN, "--password-file", &wrong], 4, "AppUserNotFound"),
        (&["--license-file", &user.file("short", "canar")], 4, "LicenseTooShort"),
        (&["--license-file", &user.file("unknown", "canary-license")], 1, "LicenseNotFound"),
        (&["--license-file", &user.file("paused", "HBR-2000-PAUSED")], 4, "LicensePaused"),
    ] {
        let (code, output, errors) = user.run(&[&["login"], arguments].concat()).await;
        assert!(errors.contains(expected), "{arguments:?}: {errors}");
        assert_eq!((code, output.as_str()), (status, ""), "{arguments:?}: {errors}");
        assert!(!errors.contains("canary") && !errors.contains("engine"), "{errors}");
    }

    // What the service says of a refused licence is told, too.
    let expired = user.file("expired", "HBR-0000-OVER");
    let (code, _, errors) = user.run(&["login", "--license-file", &expired]).await;
    assert!(code == 4 && errors.contains("LicenseExpired (103)") && errors.contains("levels      staff"), "{errors}");
    assert!(!errors.contains("HBR-0000-OVER"), "{errors}");
    let (code, _, errors) = user.run(&["login", "--license-file", &expired, "--json"]).await;
    let told = parsed(&errors);
    assert_eq!((code, &told["name"]), (4, &json!("LicenseExpired")));
    assert_eq!(told["refusal"]["levels"], json!(["staff"]), "what the service says is told to machines, too");
}

#[tokio::test]
async fn data() {
    let user = User::new().await;
    for (arguments, expected) in [
        (&["var", "motd_text"] as &[&str], "Mind the gap\n"),
        (&["var", "motd_text", "--json"], "{\"content\":\"Mind the gap\",\"name\":\"motd_text\"}\n"),
        (&["store", "set", "berth", "-4"], "ok\n"),
        (&["store", "set", "berth", "north", "--ttl", "60", "--json"], "{\"ok\":true}\n"),
        (&["online"], "0\n"),
        (&["online", "--json"], "{\"online_users\":0}\n"),
    ] {
        assert_eq!(user.run(arguments).await, (0, expected.to_owned(), String::new()), "{arguments:?}");
    }
    assert_eq!(user.licensed(&["var", "tide_table"]).await.1, "{\"high\":\"04:12\"}\n");
    let logins = |name: &str| user.sandbox.record().executed(name);
    assert_eq!(logins("authorize_by_license"), 1, "only what needs it logs in");
    user.licensed(&["online"]).await;
    assert_eq!(logins("authorize_by_license"), 1);

    let info = parsed(&user.run(&["files", "info", "patch-0007", "--json"]).await.1);
    let sum = "61a003b4394ce412b3ab105f4d8335377702e008380067fe998834dc0589aede";
    let expected = json!({"name":"patch-0007","size":10,"sha256":sum,"transfers":0,"last_transferred_at":null});
    assert_eq!(info, expected);
    let (code, text, _) = user.run(&["files", "info", "patch-0007"]).await;
    assert!(code == 0 && text.contains(sum) && text.contains("never"), "{text}");
}

#[tokio::test]
async fn a_shell_keeps_one_session() {
    let user = User::new().await;
    let secret = user.file("value", "canary value\nof two lines\n");
    let mut command = user.program(&["shell"]);
    let mut shell = command.env("BLAZEAUTH_LICENSE", demo::LICENSE).stdin(Stdio::piped()).spawn().unwrap();
    let lines = format!(
        "store set a 'b c'\nstore get a\nstore set d --value-file {secret}\nstore get d\nstore del a\nstore get a\n\
         var tide_table\nwhoami\nonline\nlogin\nshell\nnope\nstore get \"\nexit\n"
    );
    shell.stdin.take().unwrap().write_all(lines.as_bytes()).await.unwrap();
    let (code, output, errors) = private(shell.wait_with_output().await.unwrap());
    // The first failure decides: `store get a` after it was deleted.
    assert_eq!(code, 1, "{errors}");
    let expected = "ok\nb c\nok\ncanary value\nof two lines\nok\n{\"high\":\"04:12\"}\n";
    let rest = output.strip_prefix(expected).unwrap_or_else(|| panic!("{output}"));
    assert!(rest.starts_with("application ") && rest.contains("by licence") && rest.ends_with("\n1\n"), "{rest}");
    for expected in [
        "there is no key \"a\"",
        "AlreadyAuthorized (7)",
        "this is the shell already",
        "unrecognized subcommand 'nope'",
        "a quotation mark is missing",
    ] {
        assert!(errors.contains(expected), "{expected}: {errors}");
    }
    assert_eq!(user.sandbox.record().upgraded(), 1);
    assert!(!user.home.path().join(".blazeauth_history").exists());
}

#[tokio::test]
async fn the_exit_status_tells_the_kind_of_failure() {
    let user = User::new().await;
    user.sandbox.fault(Fault::on("get_online_users_count").reply_text(r#"{"id":2,"status":1}"#));
    user.sandbox.fault(Fault::on("get_file_metadata").silence());
    user.sandbox.fault(Fault::on("set_session_value").close(4300, ""));
    for (arguments, status, expected) in [
        (&["store", "get", "nope"] as &[&str], 1, "error: there is no key \"nope\"\n"),
        (&["store", "del", "nope", "--json"], 1, "{\"missing\":[\"nope\"]}\n"),
        (&["var", "nope"], 1, "VariableNotFound (400)"),
        (&["var", "tide_table"], 4, "note: this needs a login"),
        (&["files", "get", "patch-0007"], 4, "note: this needs a login"),
        (&["var", "tide_table", "--json"], 4, "\"NotAuthorized\""),
        (&["online"], 7, "$.online_users_count"),
        (&["files", "info", "patch-0007", "--timeout", "0.2"], 6, "no reply came in time"),
        (&["store", "set", "a", "b"], 4, "4300"),
    ] {
        let (code, output, errors) = user.run(arguments).await;
        assert!(errors.contains(expected), "{arguments:?}: {errors}");
        assert_eq!((code, output.as_str()), (status, ""), "{arguments:?}: {errors}");
    }

    user.sandbox.fault(ConnectFault::upgrade().refuse(429, &[("Retry-After", "37")], ""));
    let (code, _, errors) = user.run(&["online"]).await;
    assert!(code == 4 && errors.contains("429") && errors.contains("37"), "{errors}");
    user.sandbox.stop().await;
    let (code, _, errors) = user.run(&["online"]).await;
    assert!(code == 5 && errors.contains("the connection failed") && errors.contains("because: "), "{errors}");
}

#[tokio::test]
async fn wrong_use_is_told_before_anything_is_sent() {
    let user = User::new().await;
    let empty = user.file("empty", "\n");
    let two = user.file("two", "canary-one\ncanary-two\n");
    let license = user.file("license", demo::LICENSE);
    for (arguments, expected) in [
        (&[] as &[&str], "say what to do"),
        (&["var"], "Usage: blazeauth var"),
        (&["nope"], "unrecognized subcommand"),
        (&["files", "get"], "Usage: blazeauth files get"),
        (&["store", "set"], "Usage: blazeauth store set"),
        (&["store", "set", "a", "b", "--value-file", "c"], "cannot be used with"),
        (&["store", "set", "a", "b", "--ttl", "0"], "--ttl"),
        (&["online", "--timeout=-1"], "not a positive number"),
        (&["online", "--timeout", "x"], "not a number of seconds"),
        (&["login"], "say how to log in"),
        (&["whoami"], "say how to log in"),
        (&["login", "--license-file", "/nonexistent"], "/nonexistent: No such file"),
        (&["login", "--license-file", &empty], "is empty"),
        (&["login", "--license-file", &two], "has more than one line"),
        (&["login", "--license-file", &license, "--login", "ada"], "either by licence or by account"),
        (&["login", "--login", "ada"], "the password is missing: set BLAZEAUTH_PASSWORD"),
        (&["login", "--email"], "need an account"),
        (&["online", "--api-key-file", &two], "has more than one line"),
    ] {
        let (code, output, errors) = user.run(arguments).await;
        assert!(errors.contains(expected), "{arguments:?}: {errors}");
        assert_eq!((code, output.as_str()), (2, ""), "{arguments:?}: {errors}");
        assert!(!errors.contains("canary-one"), "{errors}");
    }
    let mut both = user.program(&["login"]);
    both.env("BLAZEAUTH_LICENSE", demo::LICENSE).env("BLAZEAUTH_LOGIN", "ada");
    let (code, _, errors) = finished(&mut both).await;
    assert!(code == 2 && errors.contains("both BLAZEAUTH_LICENSE and BLAZEAUTH_LOGIN are set"), "{errors}");

    let mut keyless = user.bare(&["online", "--url", &user.sandbox.url()]);
    let (code, _, errors) = finished(&mut keyless).await;
    assert!(code == 2 && errors.contains("the API key is missing: set BLAZEAUTH_API_KEY"), "{errors}");
    assert_eq!(user.sandbox.record().opened(), 0);
}

#[tokio::test]
async fn plaintext_to_other_hosts_needs_a_permission() {
    let user = User::new().await;
    let online = ["online", "--url", "ws://192.0.2.1:9", "--client-id", CLIENT_ID, "--timeout", "0.2"];
    let (code, _, errors) = finished(user.bare(&online).env("BLAZEAUTH_API_KEY", demo::API_KEY)).await;
    assert!(code == 3 && errors.contains("without TLS") && errors.contains("with --allow-plaintext"), "{errors}");
    assert!(!errors.contains("ConnectOptions"), "{errors}");
    let permitted = [&online as &[&str], &["--allow-plaintext"]].concat();
    let (code, _, errors) = finished(user.bare(&permitted).env("BLAZEAUTH_API_KEY", demo::API_KEY)).await;
    assert!([5, 6].contains(&code), "no server answers at a documentation address: {errors}");
}

#[tokio::test]
async fn commands_without_a_key_use_a_sandbox_and_say_so() {
    let user = User::new().await;
    let (code, output, errors) = finished(&mut user.bare(&["var", "tide_table"])).await;
    assert!(code == 4 && output.is_empty() && errors.starts_with("note: there is no API key"), "{errors}");
    let (code, output, errors) = finished(&mut user.bare(&["files", "get", "welcome.txt", "-o", "-"])).await;
    assert_eq!((code, output.as_str()), (0, "Welcome to the harbour.\n"), "{errors}");
    assert!(std::fs::read_dir(user.home.path()).unwrap().next().is_none(), "a sandbox leaves nothing behind");
}

#[tokio::test]
async fn an_installation_keeps_its_client_id() {
    let user = User::new().await;
    let path = user.home.path().join(".local/state/statuswire/blazeauth-client-id");
    let online = || {
        let mut command = user.bare(&["online", "--url", &user.sandbox.url()]);
        command.env("BLAZEAUTH_API_KEY", demo::API_KEY);
        command
    };
    let (code, _, errors) = finished(&mut online()).await;
    assert!(code == 0 && errors.contains(&format!("now has a client id, stored in {}", path.display())), "{errors}");
    let id = std::fs::read_to_string(&path).unwrap();
    assert!(id.trim().len() == 32 && !errors.contains(id.trim()), "{errors}");
    assert_eq!(finished(&mut online()).await, (0, "0\n".to_owned(), String::new()));
    let sent = user.sandbox.record().messages("initialize");
    assert!(sent.len() == 2 && sent.iter().all(|packet| packet.contains(id.trim())), "{sent:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
    }

    std::fs::write(&path, "").unwrap();
    let (code, _, errors) = finished(&mut online()).await;
    assert!(code == 2 && errors.contains("is empty"), "{errors}");
    let (code, output, errors) = finished(online().env("BLAZEAUTH_CLIENT_ID", CLIENT_ID)).await;
    assert_eq!((code, output.as_str(), errors.as_str()), (0, "0\n", ""));
    std::fs::remove_dir_all(user.home.path().join(".local")).unwrap();
    user.file(".local", "no directory");
    let (code, _, errors) = finished(&mut online()).await;
    assert!(code == 2 && errors.contains("give --client-id"), "{errors}");
}

#[tokio::test]
async fn events_are_followed_until_ctrl_c() {
    let user = User::new().await;
    let panel = user.sandbox.application(demo::API_KEY).unwrap();
    let mut program = user.program(&["events", "--json"]);
    let mut program = program.env("BLAZEAUTH_LICENSE", demo::LICENSE).spawn().unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    user.sandbox.record().wait_for(|record| record.executed("set_panel_events_subscription") == 1).await;
    panel.set_version("2.5.0");
    panel.push_event(207, None);
    panel.pause_license(demo::LICENSE);
    for expected in [
        json!({"event_type": 102, "name": "AppVersionChanged", "content": {"version": "2.5.0"}}),
        json!({"event_type": 207, "name": null, "content": null}),
        json!({"event_type": 205, "name": "LicensePaused", "content": null}),
    ] {
        assert_eq!(parsed(&lines.next_line().await.unwrap().unwrap()), expected);
    }
    interrupt(&program).await;
    assert_eq!(private(program.wait_with_output().await.unwrap()), (0, String::new(), String::new()));
}

#[tokio::test]
async fn events_end_with_the_session() {
    let user = User::new().await;
    let panel = user.sandbox.application(demo::API_KEY).unwrap();
    let program = user.program(&["events"]).spawn().unwrap();
    user.sandbox.record().wait_for(|record| record.executed("set_panel_events_subscription") == 1).await;
    panel.set_version("2.5.0");
    panel.pause();
    let (code, output, errors) = private(program.wait_with_output().await.unwrap());
    assert_eq!((code, output.as_str()), (4, "AppVersionChanged {\"version\":\"2.5.0\"}\nAppPaused\n"), "{errors}");
    assert!(errors.contains("note: waiting for events") && errors.contains("4101"), "{errors}");
}

/// A banned client id is told by a status or by a close, and too much traffic by a close or by HTTP 429.
#[tokio::test]
async fn one_failure_has_one_exit_status() {
    for (status, close) in [(503, 4204), (601, 4101), (8, 4201)] {
        let user = User::new().await;
        let fault = user.sandbox.fault(Fault::on("initialize").reply_status(status));
        let (by_status, _, _) = user.run(&["online"]).await;
        fault.remove();
        user.sandbox.fault(Fault::on("initialize").close(close, ""));
        let (by_close, _, _) = user.run(&["online"]).await;
        assert_eq!((by_status, by_close), (4, 4), "{status} {close}");
    }
}

/// What the service sends is shown and not obeyed.
#[tokio::test]
async fn a_terminal_is_not_given_orders() {
    let user = User::new().await;
    let spoilt = "\u{1b}[2J\u{202e}evil\u{9b}";
    user.sandbox.fault(Fault::on("get_online_users_count").close(4100, spoilt));
    user.sandbox.fault(Fault::on("get_file_metadata").change_reply(move |reply| {
        let id = parsed(reply)["id"].clone();
        format!(r#"{{"id":{id},"status":1,"size":1,"checksum":"\u202e\u001b[2J"}}"#)
    }));
    let disturbs = |text: &str| text.contains(['\u{1b}', '\u{202e}', '\u{9b}']);
    for arguments in [&["online"] as &[&str], &["online", "--json"], &["files", "info", "patch-0007", "--json"]] {
        let (_, output, errors) = user.run(arguments).await;
        assert!(!disturbs(&output) && !disturbs(&errors), "{arguments:?}: {output:?} {errors:?}");
    }
    let (code, output, _) = user.run(&["files", "info", "patch-0007", "--json"]).await;
    assert_eq!((code, &parsed(&output)["sha256"]), (0, &json!("\u{202e}\u{1b}[2J")), "and nothing is lost");
}

#[tokio::test]
async fn ctrl_c_ends_a_call_in_the_shell_and_not_the_shell() {
    let user = User::new().await;
    user.sandbox.fault(Fault::on("get_variable").silence());
    let mut shell = user.program(&["shell"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = shell.stdin.take().unwrap();
    input.write_all(b"var motd_text\n").await.unwrap();
    user.sandbox.record().wait_for(|record| record.received("get_variable") == 1).await;
    interrupt(&shell).await;
    input.write_all(b"online\nexit\n").await.unwrap();
    let (_, output, errors) = private(shell.wait_with_output().await.unwrap());
    assert!(output == "0\n" && errors.contains("stopped"), "{output} {errors}");

    let program = user.program(&["var", "motd_text"]).spawn().unwrap();
    user.sandbox.record().wait_for(|record| record.received("get_variable") == 2).await;
    interrupt(&program).await;
    let (code, _, errors) = private(program.wait_with_output().await.unwrap());
    assert!(code == 130 && errors.contains("stopped"), "{errors}");
}

/// The reader of the messages is gone: that changes no exit status.
#[tokio::test]
async fn closed_standard_error_is_no_failure() {
    let user = User::new().await;
    for (arguments, status) in [(&["var", "nope"] as &[&str], 1), (&["var", "tide_table"], 4)] {
        let mut program = user.program(arguments).spawn().unwrap();
        drop(program.stderr.take());
        let done = program.wait().await.unwrap();
        assert_eq!(done.code(), Some(status), "{arguments:?}");
    }
}

#[tokio::test]
async fn the_wait_for_the_rate_limit_is_told() {
    let user = User::new().await;
    let mut shell = user.program(&["shell"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = shell.stdin.take().unwrap();
    input.write_all("online\n".repeat(60).as_bytes()).await.unwrap();
    let mut errors = BufReader::new(shell.stderr.take().unwrap()).lines();
    let line = errors.next_line().await.unwrap().unwrap();
    assert!(line.contains("the limit of 60 actions in 61s is used up; this goes on in"), "{line}");
    assert_eq!(user.sandbox.record().received("get_online_users_count"), 59);
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_at_a_hidden_prompt_restores_the_terminal() {
    use rustix::fs::OFlags;
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{LocalModes, tcgetattr};
    use std::os::unix::fs::OpenOptionsExt;

    let user = User::new().await;
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
    let side = || {
        let flags = OFlags::NOCTTY.bits() as i32;
        std::fs::File::options().read(true).write(true).custom_flags(flags).open(&name).unwrap()
    };
    let ours = side();
    let shows_what_is_typed = || tcgetattr(&ours).unwrap().local_modes.contains(LocalModes::ECHO);
    assert!(shows_what_is_typed());
    let mut program = user.program(&["whoami"]).stdin(side()).stderr(side()).spawn().unwrap();
    while shows_what_is_typed() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    interrupt(&program).await;
    assert_eq!(program.wait().await.unwrap().code(), Some(130));
    assert!(shows_what_is_typed());
}
