//! The example program `drupal`: its tour and its commands, used rightly and wrongly.

use crate::drupal_fake::{answer, api, api_error, site};
use crate::drupal_user::{User, finished, uuid};
use crate::program::{done, interrupt, parsed};
use serde_json::{Value, json};
use statuswire_sandbox::http::Fault;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(parsed).collect()
}

#[tokio::test]
async fn the_tour_needs_no_site() {
    let user = User::new().await;
    let (code, output, errors) = done(user.bare(&[]).output().await.unwrap());
    assert_eq!((code, errors.as_str()), (0, ""), "{output}");
    for expected in [
        "101 OBJECT_NOT_FOUND",
        "Kittiwake, a ketch with 8 berths, lies in Birch Dock",
        "600 AGGREGATE_ERROR",
        "162 INVALID_VALUE: field_berths.0.value: Berths: the value may be no greater than 40.",
        "delivery not_sent",
        r#"title: "Lapwing", field_berths: Some(3)"#,
        "Tide tables -> https://tides.example/table?port=a%20b",
        "Ended",
    ] {
        assert!(output.contains(expected), "{expected}: {output}");
    }
    assert!(!output.contains('\x1b'), "no colours in a pipe");
}

#[tokio::test]
async fn a_session_lasts_from_command_to_command() {
    let user = User::new().await;
    let session = ["--session-file", "mara.json"];
    let with = |arguments: &[&'static str]| [arguments, &session].concat();
    assert_eq!(user.run(&with(&["status"])).await, (1, "not logged in\n".to_owned(), String::new()));
    assert_eq!(user.mara(&with(&["login"])).await, (0, "mara is logged in\n".to_owned(), String::new()));
    assert_eq!(user.mara(&with(&["login"])).await.1, "mara is logged in already\n");
    assert_eq!(user.run(&with(&["status"])).await.1, "logged in as mara\n");
    let whoami = format!("mara (number 2, {})\n", uuid(301));
    assert_eq!(user.run(&with(&["whoami"])).await, (0, whoami, String::new()));
    let status = parsed(&user.run(&with(&["status", "--json"])).await.1);
    assert_eq!(status, json!({"logged_in": true, "user": {"uid": "2", "name": "mara"}}));

    let mut as_odo = user.program(&with(&["whoami", "--user", "odo"]));
    let (code, _, errors) = finished(as_odo.env("DRUPAL_PASSWORD", "odo-pass-1")).await;
    assert!(code == 2 && errors.contains("the session in mara.json is that of mara"), "{errors}");

    // A session that the site forgot is opened again, if there is a password.
    user.site.control("end-sessions").unwrap();
    assert_eq!(user.mara(&with(&["whoami", "--json"])).await.0, 0);
    assert_eq!(user.run(&with(&["status"])).await.0, 0);

    assert_eq!(user.run(&with(&["logout"])).await, (0, "logged out\n".to_owned(), String::new()));
    let (code, _, errors) = user.run(&with(&["logout"])).await;
    assert!(code == 2 && errors.contains("there is no session file mara.json"), "{errors}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_session_file_is_for_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    let user = User::new().await;
    let file = user.file("mara.json", b"{}");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(user.mara(&["login", "--session-file", &file]).await.0, 0);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_session_for_one_command_ends_with_it() {
    let user = User::new().await;
    let login = user.mara(&["login"]).await;
    assert!(login.0 == 0 && login.2.contains("--session-file keeps it"), "{login:?}");
    assert_eq!(user.mara(&["whoami"]).await.0, 0);
    assert_eq!(user.mara(&["list", "node--vessel", "--fields", "nope.nope"]).await.0, 3);
    assert_eq!(user.site.record().received("POST /user/login"), 2);
    assert_eq!(user.site.record().received("POST /user/logout"), 2);
}

#[tokio::test]
async fn ways_to_say_who_one_is() {
    let user = User::new().await;
    let password = user.file("password", b"mara-pass-1\n");
    for arguments in [&["--basic"] as &[&str], &[]] {
        let arguments = [&["whoami", "--user", "mara", "--password-file", &password], arguments].concat();
        assert!(user.run(&arguments).await.1.starts_with("mara (number 2,"), "{arguments:?}");
    }
    assert_eq!(user.site.record().received("POST /user/login"), 1, "--basic opens no session");
    assert_eq!(user.run(&["whoami"]).await, (0, "anonymous\n".to_owned(), String::new()));
    assert_eq!(user.run(&["whoami", "--json"]).await.1, "{\"id\":null}\n");
    // The sandbox has no module that takes tokens, and ignores them.
    assert_eq!(finished(user.program(&["whoami"]).env("DRUPAL_TOKEN", "canary")).await.1, "anonymous\n");
    let (code, _, errors) = finished(user.program(&["whoami"]).env("DRUPAL_TOKEN", "a").env("DRUPAL_USER", "b")).await;
    assert!(code == 2 && errors.contains("both DRUPAL_TOKEN and DRUPAL_USER are set"), "{errors}");
}

#[tokio::test]
async fn lists() {
    let user = User::new().await;
    for (filter, expected) in [
        (&["title=Heron"] as &[&str], &["Heron"] as &[&str]),
        (&["title!=Heron", "field_berths<=4"], &["Gannet", "Ibis", "Jaeger"]),
        (&["field_berths>4"], &["Heron", "Kittiwake"]),
        (&["field_berths>=4"], &["Heron", "Jaeger", "Kittiwake"]),
        (&["field_berths<3"], &["Ibis"]),
        (&["title~STARTS_WITH:G"], &["Gannet"]),
        (&["title~contains:wak"], &["Kittiwake"]),
        (&["title~ENDS_WITH:n"], &["Heron"]),
        (&["field_class~IN:sloop,tug"], &["Gannet", "Ibis", "Jaeger"]),
        (&["field_class~NOT_IN:sloop,tug"], &["Heron", "Kittiwake"]),
        (&["field_berths~BETWEEN:3,6"], &["Gannet", "Heron", "Jaeger"]),
        (&["field_berths~NOT_BETWEEN:3,6"], &["Ibis", "Kittiwake"]),
        (&["field_length~IS_NULL"], &["Jaeger"]),
        (&["field_crew.id~IS_NOT_NULL"], &["Heron"]),
        (&["field_port.name=Birch Dock"], &["Heron", "Kittiwake"]),
        (&["title=Ibis || field_berths>=8"], &["Ibis", "Kittiwake"]),
        (&["status=true", "title=a=b"], &[]),
    ] {
        let filters = filter.iter().flat_map(|filter| ["--filter", filter]);
        let arguments: Vec<_> = ["list", "node--vessel", "--sort", "title"].into_iter().chain(filters).collect();
        let (code, output, errors) = user.run(&arguments).await;
        assert_eq!(code, 0, "{filter:?}: {errors}");
        // An operator IS NOT NULL finds a vessel once for each member of its crew.
        let mut titles: Vec<_> = lines(&output).iter().map(|it| it["attributes"]["title"].clone()).collect();
        titles.dedup();
        assert_eq!(titles, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn what_a_list_shows() {
    let user = User::new().await;
    let arguments = ["list", "node--vessel", "--sort=-title,drupal_internal__nid", "--limit", "2", "--json"];
    let fields = ["--fields", "title,field_port", "--fields", "taxonomy_term--port=name", "--include", "field_port"];
    let (code, output, errors) = user.run(&[&arguments as &[&str], &fields].concat()).await;
    assert_eq!((code, errors.as_str()), (0, ""));
    let [kittiwake, jaeger] = &lines(&output)[..] else { panic!("{output}") };
    assert_eq!(kittiwake["attributes"], json!({"title": "Kittiwake"}));
    assert_eq!(jaeger["relationships"]["field_port"]["data"]["id"], uuid(101));
    assert_eq!(jaeger["included"][0]["attributes"], json!({"name": "Aster Quay"}));

    // Pages are followed, and what the site leaves out is told.
    let (code, output, errors) = user.run(&["list", "node--vessel", "--sort", "drupal_internal__nid"]).await;
    assert_eq!((code, lines(&output).len()), (0, 5));
    assert!(errors.starts_with("note: resources that the site left out: 1; it says: "), "{errors}");
    assert!(lines(&output)[0].get("included").is_none());

    // Each resource has what it leads to, at any depth.
    let deep = ["get", "node--vessel", &uuid(504), "--include", "field_tender.field_port"];
    let (code, output, _) = user.run(&deep).await;
    let included = parsed(&output)["included"].clone();
    assert_eq!((code, included.as_array().map(Vec::len)), (0, Some(0)), "its tender does not exist");
    let deep = ["get", "node--vessel", &uuid(503), "--include", "field_tender.field_port"];
    let included = parsed(&user.run(&deep).await.1)["included"].clone();
    let types: Vec<_> = included.as_array().unwrap().iter().map(|it| it["type"].clone()).collect();
    assert_eq!(types, ["node--vessel", "taxonomy_term--port"]);
}

#[tokio::test]
async fn resources_are_written() {
    let user = User::new().await;
    let port = format!("field_port=taxonomy_term--port/{}", uuid(101));
    let crew = format!("field_crew=user--user/{},user--user/{}", uuid(301), uuid(302));
    let id = uuid(900);
    let create = ["create", "node--vessel", "title=Lapwing", "field_berths:=4", "--to-one", &port, "--id", &id];
    let (code, output, errors) = user.mara(&create).await;
    assert_eq!((code, errors.as_str()), (0, ""));
    let created = parsed(&output);
    assert_eq!((&created["id"], &created["attributes"]["field_berths"]), (&json!(id), &json!(4)));
    assert_eq!(user.mara(&create).await.0, 4, "the id is taken");

    let patch = ["patch", "node--vessel", &id, "field_berths:=null", "field_aka:=[\"Peewit\"]", "--to-many", &crew];
    let changed = parsed(&user.mara(&patch).await.1);
    assert_eq!(changed["attributes"]["field_aka"], json!(["Peewit"]));
    assert_eq!(changed["attributes"]["field_berths"], Value::Null);
    assert_eq!(changed["relationships"]["field_crew"]["data"].as_array().unwrap().len(), 2);
    let cleared = parsed(&user.mara(&["patch", "node--vessel", &id, "--to-many", "field_crew="]).await.1);
    assert_eq!(cleared["relationships"]["field_crew"]["data"], json!([]));

    let paper = user.file("deck.txt", b"two decks");
    let attach = ["upload", "node--vessel", "field_papers", &paper, "--to", &id];
    let (code, output, errors) = user.mara(&attach).await;
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(output.starts_with("deck.txt  file--file/") && output.ends_with("  9 bytes\n"), "{output}");
    let upload = ["upload", "node--vessel", "field_papers", &paper, "--name", "plan.txt", "--json"];
    let file = parsed(&user.mara(&upload).await.1)[0].clone();
    assert_eq!((&file["filename"], &file["size"], &file["kept"]), (&json!("plan.txt"), &json!(9), &json!(false)));
    let image = user.file("deck.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x02\x08\0\0\0\0");
    let (_, image, errors) = user.mara(&["upload", "node--vessel", "field_photo", &image, "--json"]).await;
    assert_eq!(errors, "");
    let photo = json!({"type": "file--file", "id": parsed(&image)[0]["id"], "meta": {"alt": "A deck"}});
    let photo = format!("field_photo={photo}");
    let changed = parsed(&user.mara(&["patch", "node--vessel", &id, "--to-one", &photo]).await.1);
    assert_eq!(changed["relationships"]["field_photo"]["data"]["meta"]["alt"], "A deck");

    assert_eq!(user.mara(&["delete", "node--vessel", &id]).await, (0, "ok\n".to_owned(), String::new()));
    assert_eq!(user.mara(&["delete", "node--vessel", &id, "--json"]).await.0, 1);
}

#[tokio::test]
async fn types_and_menus() {
    let user = User::new().await;
    let (code, output, _) = user.run(&["types"]).await;
    assert!(code == 0 && output.contains("\nnode--vessel\n"), "{output}");
    assert!(parsed(&user.run(&["types", "--json"]).await.1).as_array().unwrap().contains(&json!("node--vessel")));
    let (code, output, errors) = user.run(&["menu", "harbor-guide"]).await;
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(output.starts_with("Notes  /node\n  First note  /notes/first\n    Deep  "), "{output}");
    assert!(output.contains("\nFleet\n"), "a link that leads nowhere: {output}");
    let menu = parsed(&user.run(&["menu", "harbor-guide", "--json"]).await.1);
    assert_eq!(menu["items"][0]["items"][0]["parentId"], "harbor-guide.000");
    assert_eq!(user.run(&["menu", "empty-guide"]).await, (0, String::new(), String::new()));
    assert_eq!(user.run(&["menu", "no-such-menu"]).await.0, 1);
}

#[tokio::test]
async fn errors_name_the_fields() {
    let user = User::new().await;
    let create = ["create", "node--vessel", "title=", "field_berths:=99", "field_class=raft"];
    let (code, output, errors) = user.mara(&create).await;
    assert_eq!((code, output.as_str()), (4, ""));
    assert!(errors.contains("AGGREGATE_ERROR (600)"), "{errors}");
    for line in [
        "\n  title: This value should not be null. [142 VALIDATION_ERROR]\n",
        "\n  field_class.0: The value you selected is not a valid choice. [162 INVALID_VALUE]\n",
        "\n  field_port: This value should not be null. [142 VALIDATION_ERROR]\n",
    ] {
        assert!(errors.contains(line), "{line}: {errors}");
    }
    let (code, _, errors) = user.mara(&[&create as &[&str], &["--json"]].concat()).await;
    let error = parsed(&errors);
    assert_eq!((code, &error["code"], &error["name"]), (4, &json!(600), &json!("AGGREGATE_ERROR")));
    assert_eq!((&error["status"], &error["delivery"]), (&json!(422), &json!("answered")));
    assert_eq!(error["recovery"], "correct");
    assert_eq!(error["details"].as_array().map(Vec::len), Some(4));
    let berths = &error["children"][1];
    assert_eq!((&berths["code"], &berths["name"]), (&json!(162), &json!("INVALID_VALUE")), "{error}");
    assert_eq!(berths["details"][0]["field"], "field_berths");
    assert_eq!(berths["details"][0]["pointer"], "/data/attributes/field_berths/value");

    // An error that is one is not its own child.
    let (_, _, errors) = user.mara(&["create", "node--vessel", "title=Lapwing", "--json"]).await;
    let error = parsed(&errors);
    assert_eq!((&error["code"], &error["children"]), (&json!(142), &json!([])));
    assert_eq!(error["details"][0]["field"], "field_port");
}

#[tokio::test]
async fn the_exit_status_tells_the_kind_of_failure() {
    let user = User::new().await;
    user.site.fault(Fault::on("GET /system/menu/main/linkset").drop_connection());
    user.site.fault(Fault::on("GET /system/menu/tools/linkset").silence());
    let absent = uuid(777);
    let directory = user.file("session", b"not a session");
    for (arguments, status, expected) in [
        (&["get", "node--vessel", &absent] as &[&str], 1, "OBJECT_NOT_FOUND (101)"),
        (&["list", "vessel"], 2, "node--article"),
        (&["get", "node--vessel", "502"], 2, "<UUID>"),
        (&["list", "node--vessel", "--filter", "title"], 2, "`title` is compared with nothing; write PATH=VALUE"),
        (&["list", "node--vessel", "--filter", "title="], 2, "there is no value behind `title=`"),
        (&["list", "node--vessel", "--filter", "title%x"], 2, "`%x` does not begin with a comparison"),
        (&["list", "node--vessel", "--filter", "=x"], 2, "does not begin with the name of a field"),
        (&["list", "node--vessel", "--filter", "a..b=x"], 2, "does not begin with the name of a field"),
        (&["list", "node--vessel", "--filter", "title~LIKE:x"], 2, "there is no comparison ~LIKE"),
        (&["list", "node--vessel", "--filter", "title~IN:"], 2, "~IN needs a value"),
        (&["list", "node--vessel", "--filter", "title~IN:a,,b"], 2, "a value of ~IN is empty"),
        (&["list", "node--vessel", "--filter", "a~BETWEEN:3"], 2, "~BETWEEN needs two values"),
        (&["list", "node--vessel", "--filter", "a~IS_NULL:3"], 2, "~IS_NULL takes no value"),
        (&["list", "node--vessel", "--filter", "a=1 || b"], 2, "`b` is compared with nothing"),
        (&["list", "node--vessel", "--limit", "0"], 2, "0 is not in 1.."),
        (&["list", "node--vessel", "--fields", "a,"], 2, "a name is missing"),
        (&["create", "node--vessel"], 2, "say which fields to set"),
        (&["create", "node--vessel", "title"], 2, "a name and `=` are missing"),
        (&["create", "node--vessel", "a:=b"], 2, "is not JSON"),
        (&["create", "node--vessel", "a=1", "a=2"], 2, "the field a is given twice"),
        (&["create", "node--vessel", "--to-one", "a=b/c"], 2, "`b/c` is no reference"),
        (&["login"], 2, "say who logs in"),
        (&["login", "--user", "mara"], 2, "the password is missing: set DRUPAL_PASSWORD"),
        (&["login", "--user", "mara", "--basic"], 2, "--basic opens no session"),
        (&["logout"], 2, "say which session to end"),
        (&["status", "--basic"], 2, "--basic needs --user"),
        (&["raw", "GET", "/", "--header", "x"], 2, "a header is written 'Name: value'"),
        (&["raw", "GET", "/", "--body-file", "absent"], 2, "absent: "),
        (&["--timeout", "0", "types"], 2, "positive number"),
        (&[], 2, "say what to do"),
        (&["list", "node--vessel", "--include", "a,,b"], 3, "not a field"),
        (&["status", "--session-file", &directory], 3, "remove it and log in again"),
        (&["create", "node--vessel", "title=Lapwing"], 4, "SESSION_MISSING (206)"),
        (&["list", "node--vessel", "--filter", "no_such=1"], 4, "INVALID_KEY_NAME (105)"),
        (&["menu", "main", "--timeout", "1"], 5, "the connection failed"),
        (&["menu", "tools", "--timeout", "0.2"], 6, "no reply came in time"),
        (&["upload", "node--vessel", "field_papers", "absent"], 7, "FILE_READ_ERROR (601)"),
    ] {
        let (code, output, errors) = user.run(arguments).await;
        assert!(errors.contains(expected), "{arguments:?}: {errors}");
        assert_eq!((code, output.as_str()), (status, ""), "{arguments:?}: {errors}");
    }
}

#[tokio::test]
async fn no_site() {
    let user = User::new().await;
    user.site.stop().await;
    let (code, output, errors) = user.run(&["types"]).await;
    assert_eq!((code, output.as_str()), (5, ""));
    assert!(errors.contains("CONNECTION_FAILED (100)") && errors.contains("because: "), "{errors}");
    let elsewhere = ["types", "--base", "http://192.0.2.1", "--user", "mara", "--basic"];
    let (code, _, errors) = finished(user.bare(&elsewhere).env("DRUPAL_PASSWORD", "mara-pass-1")).await;
    assert!(code == 3 && errors.contains("allow it with --allow-plaintext"), "{errors}");
}

#[tokio::test]
async fn commands_without_a_site_use_a_sandbox_and_say_so() {
    let user = User::new().await;
    let (code, output, errors) = finished(&mut user.bare(&["whoami"])).await;
    assert_eq!((code, output.starts_with("mara (number 2,")), (0, true), "{output}{errors}");
    assert!(errors.starts_with("note: no --base given"), "{errors}");
}

#[tokio::test]
async fn a_reader_may_stop_early() {
    let user = User::new().await;
    let mut list = user.program(&["types"]).spawn().unwrap();
    drop(list.stdout.take());
    let output = list.wait_with_output().await.unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_ends_a_command_and_its_session() {
    let user = User::new().await;
    user.site.fault(Fault::on("DELETE /jsonapi/node/vessel/00000000-0000-4000-8000-000000000501").silence());
    let mut command = user.program(&["delete", "node--vessel", &uuid(501)]);
    command.env("DRUPAL_USER", "mara").env("DRUPAL_PASSWORD", "mara-pass-1").stderr(Stdio::piped());
    let mut program = command.spawn().unwrap();
    user.site
        .record()
        .wait_for(|record| record.received("DELETE /jsonapi/node/vessel/00000000-0000-4000-8000-000000000501") > 0)
        .await;
    interrupt(&program).await;
    let mut lines = BufReader::new(program.stderr.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    assert_eq!(line, "note: the site may carry it out all the same");
    assert_eq!(program.wait().await.unwrap().code(), Some(130));
    assert_eq!(user.site.record().received("POST /user/logout"), 1);
}

#[tokio::test]
async fn what_a_site_says_does_not_disturb_a_terminal() {
    let says = "\u{1b}[31mred\u{202e}";
    let server = site(move |asked, _| match asked.uri().path() {
        "/system/menu/main/linkset" => {
            let link = json!({"href": says, "title": says, "hierarchy": ["0"]});
            answer(200, "application/linkset+json", json!({"linkset": [{"item": [link]}]}).to_string())
        }
        "/jsonapi/node/vessel" => {
            let vessel = json!({"type": "node--vessel", "id": uuid(501), "attributes": {says: says}});
            api(200, &json!({"data": [vessel], "meta": {"omitted": {"links": {"item": {"href": "", "meta": {"detail": says}}}}}}))
        }
        _ => api_error(404, says),
    })
    .await;
    let user = User::new().await;
    for arguments in [&["menu", "main"] as &[&str], &["list", "node--vessel"], &["types"], &["types", "--json"]] {
        let (_, output, errors) = finished(user.bare(arguments).args(["--base", &server.url()])).await;
        assert!(output.contains("red") || errors.contains("red"), "{arguments:?}: {output}{errors}");
        let disturbs = |c: char| c == '\u{1b}' || c == '\u{202e}';
        assert!(!output.contains(disturbs) && !errors.contains(disturbs), "{arguments:?}: {output:?}{errors:?}");
    }
}
