//! From a text to the codes that it speaks of.

/// Tables of another crate.
mod foreign {
    include!("../../codegen/tests/golden/all.rs");
}

use statuswire::codes::explain::{Explanation, How, Registry, Remark, explain};
use statuswire::codes::{Field, Kind};

fn found(text: &str) -> Vec<String> {
    explain(text).matches.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn nothing_in(text: &str) {
    assert!(found(text).is_empty(), "{text}: {:?}", found(text));
}

#[test]
fn a_number_is_looked_up_in_all_tables() {
    assert_eq!(
        found("22"),
        ["nemesis 22 NotExist", "nemesis-fusion 22 KeyNotExist", "nemesis-sessions 22 KeyNotExist"]
    );
    assert_eq!(found(" -1 "), ["drupal -1 UNDEFINED"]);
    assert_eq!(found("3500"), ["websocket-close 3500 in 3000-3999 Registered"]);
    assert_eq!(found("3003"), ["websocket-close 3003 Forbidden"]);
    assert_eq!(found("4201"), ["blazeauth-close 4201 RateLimited", "websocket-close 4201 in 4000-4999 Private Use"]);
    assert_eq!(found("1014"), ["websocket-close 1014 Bad Gateway"]);
    assert_eq!(found("950"), ["websocket-close 950 in 0-999 Not Used"], "only if there is nothing better");
    nothing_in("4711123");
    nothing_in("99999999999999999999999");
}

#[test]
fn a_number_may_be_hexadecimal() {
    assert_eq!(found("0x79"), found("121"));
    assert_eq!(found("0X79"), found("121"));
    assert_eq!(found("nemesis 0x79"), ["nemesis 121 SaveDirWriteFail"]);
    assert_eq!(found("edgware 0x2030d"), found("edgware 2030d"));
    assert_eq!(found("0x16, 0x79"), [found("22"), found("121")].concat());
    assert_eq!(found("nemesis: KV_SAVE failed with status 0x79"), found("nemesis: KV_SAVE failed with status 121"));
    nothing_in("0x");
    nothing_in("0xzz");
}

#[test]
fn a_number_that_no_table_lists_is_said_to_be_one() {
    for (text, expected) in [
        ("999999", "no table lists 999999"),
        ("-99", "no table lists -99"),
        ("0xfffff", "no table lists 0xfffff"),
        ("[999999]", "no table lists 999999"),
        ("888888, 999999", "no table lists 888888\nno table lists 999999"),
        ("99999999999999999999999999999999", "no table lists 999999999999999999999999…"),
    ] {
        assert_eq!(explain(text).to_string(), expected, "{text}");
    }
    let some = explain("26 999999");
    assert_eq!(some.matches.len(), 3);
    assert!(some.to_string().contains("\nno table lists 999999\n"), "{some}");
    assert_eq!(explain("nothing here").to_string(), "no code was found in this text");
}

#[test]
fn generations_that_differ_are_told() {
    let explanation = explain("121");
    let codes: Vec<_> = explanation.matches.iter().map(ToString::to_string).collect();
    assert_eq!(
        codes,
        ["drupal 121 INVALID_NESTED_KEY", "nemesis 121 SaveDirWriteFail", "nemesis-sessions 121 SaveComplete"]
    );
    let [Remark::GenerationsDiffer(differing)] = explanation.remarks.as_slice() else { panic!("{explanation:?}") };
    assert_eq!(differing.iter().map(|code| code.name()).collect::<Vec<_>>(), ["SaveDirWriteFail", "SaveComplete"]);
    assert!(explanation.to_string().contains("121 means different things in generations of the same service"));
    assert!(explain("22").remarks.is_empty(), "the same under an alias");
}

#[test]
fn a_name_is_found_in_every_style() {
    for name in ["KeyNotExist", "keynotexist", "KEY_NOT_EXIST", "key not exist", "key-not-exist"] {
        assert_eq!(found(name), found("22"), "{name}");
    }
    assert_eq!(found("INVALID_JSON"), ["drupal 107 INVALID_JSON"]);
    assert_eq!(found("Private Use"), ["websocket-close 4000-4999 Private Use"]);
    assert_eq!(found("deregister"), ["edgware/operation 03 Deregister"]);
    assert_eq!(explain("Going Away").matches[0].how, How::Name);
}

#[test]
fn a_table_can_be_named() {
    assert_eq!(found("nemesis-sessions 22"), ["nemesis-sessions 22 KeyNotExist"]);
    assert_eq!(found("NEMESIS 22"), ["nemesis 22 NotExist"]);
    assert_eq!(found("drupal timeout"), ["drupal 124 TIMEOUT"]);
    assert_eq!(found("edgware 2030D"), ["edgware 2030d Action Deregister User"]);
    assert_eq!(found("edgware/operation 0a"), ["edgware/operation 0a Request"]);
    assert_eq!(found("edgware/operation 3"), ["edgware/operation 03 Deregister"]);
    assert_eq!(found("edgware request"), ["edgware/operation 0a Request"]);
    assert_eq!(found("websocket-close 4500"), ["websocket-close 4500 in 4000-4999 Private Use"]);
    assert_eq!(found("nemesis").len(), 24);
    assert_eq!(found("websocket-close").len(), 23, "rows and ranges");
}

#[test]
fn what_a_table_does_not_list_is_told() {
    let explanation = explain("nemesis 4711");
    assert!(matches!(explanation.remarks[..], [Remark::NotListed(..)]) && explanation.matches.is_empty());
    assert!(explanation.to_string().starts_with("the table nemesis does not list 4711: "));
    assert!(matches!(explain("edgware 2997f").remarks[..], [Remark::NotListed(..)]));
    let explanation = explain("drupal timeuot");
    assert!(matches!(explanation.remarks[..], [Remark::NotInTable(_)]));
    assert_eq!(explanation.nearest[0].name, "TIMEOUT");
    assert_eq!(explanation.nearest[0].places, ["drupal 124"]);
}

#[test]
fn composed_codes_are_taken_apart() {
    assert_eq!(found("2030d"), ["edgware 2030d Action Deregister User"]);
    assert_eq!(found("00000"), ["edgware 00000 Ok"]);
    assert_eq!(found("20303"), ["edgware 20303 DeregisterNodeFailed"]);
    let text = explain("2030d").to_string();
    for line in ["  edgware/error 2 Action: ", "  edgware/operation 03 Deregister: ", "  edgware/entity 0d User: "] {
        assert!(text.contains(line), "{text}");
    }
    assert_eq!(
        found("edgware 2"),
        ["edgware/error 2 Action", "edgware/operation 02 Register", "edgware/entity 02 Json"]
    );
    assert_eq!(found("edgware 0d"), ["edgware/entity 0d User"]);
    nothing_in("edgware 7f");
    nothing_in("decaf");
    nothing_in("9030d");
}

#[test]
fn a_reason_gives_its_fields() {
    for text in [
        "4201 rate limited, 37 seconds left",
        "blazeauth-close 4201 rate limited, 37 seconds left",
        "rate limited, 37 seconds left",
        "closed (code 4201): rate limited, 37 seconds left",
        r#"{"code":4201,"reason":"rate limited, 37 seconds left"}"#,
    ] {
        let explanation = explain(text);
        assert_eq!(explanation.matches[0].to_string(), "blazeauth-close 4201 RateLimited", "{text}");
        let reading = explanation.matches[0].reading.unwrap();
        assert_eq!(reading.get("seconds"), Some(Field::Unsigned(37)), "{text}");
        assert!(explanation.to_string().contains("seconds = 37"), "{text}");
    }
    let explanation = explain("4201 some other reason");
    assert_eq!(explanation.matches[0].to_string(), "blazeauth-close 4201 RateLimited");
    assert!(explanation.matches[0].reading.is_none());
}

#[test]
fn a_reply_is_read_by_its_members() {
    let reply = r#"{"KV_GET_RSP":{"st":26}}"#;
    assert_eq!(
        found(reply),
        ["nemesis 26 ParamMissing", "nemesis-fusion 26 KeyMissing", "nemesis-sessions 26 ParamMissing"]
    );
    assert_eq!(explain(reply).matches[0].how, How::Member);
    assert_eq!(found(r#"{"id":3,"status":502}"#), ["blazeauth 502 ClientIDMismatch"]);
    assert_eq!(
        found(r#"{"op":"status","correl":"22","status":"1030e"}"#),
        ["edgware 1030e DeregisterUserOrUserTypeKeyMissing"]
    );
    assert_eq!(found(r#"{"op":"status","status":"20303"}"#), ["edgware 20303 DeregisterNodeFailed"]);
    // The member belongs to other tables than NemesisDB's.
    assert_eq!(found(r#"{"code":101}"#), ["drupal 101 OBJECT_NOT_FOUND"]);
    assert_eq!(
        found(r#"[{"code":"INVALID_JSON"},{"x":[{"st":160}]}]"#),
        ["drupal 107 INVALID_JSON", "nemesis 160 Duplicate"]
    );
    // Other members, and numbers in quotation marks.
    nothing_in(r#"{"port":22,"n":[26],"st":{"x":22}}"#);
    nothing_in(r#"{"status":"26"}"#);
    nothing_in(r#"{"status":true,"st":null,"code":{}}"#);
}

#[test]
fn brackets_without_end_take_no_time() {
    let text = "[{\"a\":".repeat(5_000);
    nothing_in(&text);
    assert_eq!(found(&format!("{text} st=160")), ["nemesis 160 Duplicate"]);
}

#[test]
fn a_cut_reply_is_still_read() {
    assert_eq!(found(r#"{"KV_GET_RSP":{"st":160,"m":"cut o"#), ["nemesis 160 Duplicate"]);
    assert_eq!(found("got {\"st\":160} from 10.0.0.22:1987"), ["nemesis 160 Duplicate"]);
}

#[test]
fn a_line_of_a_log_is_read() {
    for line in [
        "2026-11-21 12:04:22 WARN 10.0.0.22:1987 kv: KV_SAVE failed with status 160 after 22 ms, port 4201",
        "2026-11-21T12:04:22.026Z ERROR node1:1987 st=160",
        "error Duplicate (160)",
        "[E] 160 Duplicate: array exists",
        "status: Duplicate",
        "arr create -> 160",
        "statusCode=160 took=22ms",
        "the server answered 160",
    ] {
        let codes = found(line);
        assert!(codes.contains(&"nemesis 160 Duplicate".to_owned()), "{line}: {codes:?}");
        // Drupal has the number too; no other number is a status.
        assert!(codes.iter().all(|code| code.contains(" 160 ")), "{line}: {codes:?}");
    }
    assert_eq!(found("node1:1987 st=160"), ["nemesis 160 Duplicate"], "the member is NemesisDB's");
    assert_eq!(found("error Duplicate (160)"), ["nemesis 160 Duplicate"], "the name is NemesisDB's");
    assert_eq!(found("it failed [status 161 (Bounds)]")[1], "nemesis 161 Bounds");
    assert_eq!(found("WARN kv::store: JsonInvalid for client 22").len(), 3);
    assert_eq!(found("edgware replied 2060a to publish"), ["edgware 2060a Action Publish System"]);
    assert_eq!(found("reply status=10102 after 22 ms"), ["edgware 10102 NotUnderstood"]);
    assert_eq!(found("session ended: disconnected from panel (4100)")[0], "blazeauth-close 4100 DisconnectedFromPanel");
    assert_eq!(found("ws closed with code 1014"), ["websocket-close 1014 Bad Gateway"]);
}

#[test]
fn json_inside_of_text_and_text_inside_of_json_is_read() {
    for line in [
        r#"received "{\"ARR\":{\"st\":160}}" from 10.0.0.22:1987"#,
        r#"{\"st\":160}"#,
        r#"{"log":"2026-11-21 12:04:22 st=160 after 22 ms\n","stream":"stderr"}"#,
        r#"{"time":"12:00:22","port":22,"event":{"body":"{\"st\":160}"}}"#,
    ] {
        assert_eq!(found(line), ["nemesis 160 Duplicate"], "{line}");
    }
    nothing_in(r#"{"m":{},"note":"port 22"}"#);
    // In a reply, texts are what somebody stored.
    assert_eq!(found(r#"{"A_RSP":{"st":160,"keys":{"a":"error 161"}}}"#), ["nemesis 160 Duplicate"]);
}

#[test]
fn punctuation_around_values_does_no_harm() {
    for text in ["160, 161", "160,161", "[160, 161]", "(160) 161.", "\"160\" '161'"] {
        let codes = found(text);
        assert!(codes.iter().any(|code| code == "nemesis 160 Duplicate"), "{text}: {codes:?}");
        assert!(codes.iter().any(|code| code == "nemesis 161 Bounds"), "{text}: {codes:?}");
    }
    nothing_in("160, xyzzy");
    nothing_in(" , ");
}

#[test]
fn colons_without_end_are_no_problem() {
    nothing_in(&"a:".repeat(100_000));
}

#[test]
fn other_numbers_are_no_codes() {
    for line in [
        "status 404",
        "GET /x status=404",
        r#"{"status":404}"#,
        r#"{"code":404,"message":"Not Found"}"#,
        "status code 404",
        "connection refused (os error 111)",
        "[Errno 111] Connection refused",
        "2026-11-21 12:22:26 listening on 127.0.0.1:1000",
        "listening on port 4201",
        "connected to localhost:1000 in 22 ms",
        "10.0.0.22 GET /keys/26 HTTP/1.1 503",
        "HTTP status 503",
        "process ended with exit code 1",
        "retry 3 of 22",
        "wrote 121 keys in 26 batches",
        "failed 22 times",
        "closed after 120 s",
        "version 1.22.26 build 20303",
        "worker [22] pid 20303 started",
        "id 550e8400-e29b-41d4-a716-446655440000",
        "commit 2030d17",
        "load 22% of 1000",
        "Ok, the Request is Unknown to the System",
        "timeout while loading",
        "12:22",
        "",
    ] {
        nothing_in(line);
    }
}

#[test]
fn the_nearest_names_are_offered() {
    let nearest = |text| explain(text).nearest.iter().map(|near| near.name).collect::<Vec<_>>();
    assert_eq!(nearest("KeyNotExst"), ["KeyNotExist"]);
    assert_eq!(nearest("INVALD_JSON"), ["INVALID_JSON"]);
    assert_eq!(nearest("key not exst")[0], "KeyNotExist");
    assert_eq!(nearest("nemesi 22"), ["nemesis"]);
    assert!(nearest("xyzzy").is_empty());
    assert!(nearest("status: 404").is_empty(), "the word is what it should be");
    assert!(nearest("a line of a log in which nothing at all is found").is_empty());
    let text = explain("KeyNotExst").to_string();
    assert_eq!(
        text,
        "no code was found in this text\ndid you mean: KeyNotExist (nemesis 22, nemesis-fusion 22, nemesis-sessions 22)"
    );
}

#[test]
fn everything_known_is_written() {
    let text = explain("blazeauth 303").to_string();
    let expected = "blazeauth 303 FileInvalidResumeOffset (File)\n  \
        The transfer should begin outside of the file: resume_at is negative or not less than the file's size.\n  \
        kind OUT_OF_RANGE, outcome error, recovery correct, origin server, HTTP 416\n  \
        commands: transfer_file, create_file_download_url\n  \
        BlazeAuth, read from docs.blazeauth.net: WebSocket status codes, and the pages of the single packets, revision 2026-10";
    assert_eq!(text, expected);
}

#[test]
fn foreign_tables_can_be_added() {
    let registry = Registry::new().with(&foreign::small_table::TABLE).with(&foreign::composed::TABLE);
    let names = |explanation: Explanation<'_>| explanation.matches.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(names(registry.explain("22")).contains(&"small-table 22 NOT_EXIST".to_owned()));
    assert_eq!(names(registry.explain("small-table gone")), ["small-table 22 NOT_EXIST"]);
    assert_eq!(names(registry.explain("e0af")), ["composed e0af PUMP_HOT"]);
    assert_eq!(names(registry.explain(r#"{"state":"e3f0"}"#)), ["composed e3f0 Plant 3f None"]);
    let alone = Registry::empty().with(&foreign::small_table::TABLE).with(&foreign::small_table::TABLE);
    assert_eq!((alone.tables().len(), names(alone.explain("22"))), (1, vec!["small-table 22 NOT_EXIST".to_owned()]));
    assert_eq!(registry.with_parts().filter(|table| table.name.starts_with("composed")).count(), 4);
}

#[test]
fn a_match_knows_its_row() {
    let explanation = explain("3500");
    let row = explanation.matches[0].subject.row().unwrap();
    assert_eq!((row.name, row.kind), ("Registered", Kind::Unknown));
    assert!(explain("2030d").matches[0].subject.row().is_none(), "only its parts have rows");
}

proptest::proptest! {
    #[test]
    fn any_text_is_explained_or_not(text: String) {
        let _ = explain(&text).to_string();
    }

    #[test]
    fn any_jumble_is_explained_or_not(text in r#"([{}\[\]",:= ]|st|status|code|22|2030d|-|KeyNotExist|é|4201 )*"#) {
        let _ = explain(&text).to_string();
    }
}
