//! Arrays and lists of the fake NemesisDB: its configuration, and the requests that end a real server.

use crate::support::raw::{Got, Raw};
use statuswire_sandbox::Nemesis;
use statuswire_sandbox::nemesis::NemesisBuilder;

async fn start(builder: NemesisBuilder) -> (Nemesis, Raw) {
    let sandbox = builder.start().await.unwrap();
    let raw = Raw::connect(sandbox.addr()).await;
    (sandbox, raw)
}

async fn exchanges(raw: &mut Raw, exchanges: &[(&str, &str)]) {
    for (command, reply) in exchanges {
        assert_eq!(raw.ask(command).await, *reply, "{command}");
    }
}

#[tokio::test]
async fn the_limits_are_settings() {
    let builder = Nemesis::builder().arrays_max_capacity(20).arrays_max_response_size(3).lists_max_response_size(2);
    let (_sandbox, mut raw) = start(builder).await;
    exchanges(
        &mut raw,
        &[
            (r#"{"IARR_CREATE":{"name":"b","len":21}}"#, r#"{"IARR_CREATE_RSP":{"st":161}}"#),
            (r#"{"IARR_CREATE":{"name":"a","len":20}}"#, r#"{"IARR_CREATE_RSP":{"st":1}}"#),
            (r#"{"IARR_SET_RNG":{"name":"a","items":[0,1,2,3,4,5]}}"#, r#"{"IARR_SET_RNG_RSP":{"st":1}}"#),
            (r#"{"IARR_GET_RNG":{"name":"a","rng":[2,5]}}"#, r#"{"IARR_GET_RNG_RSP":{"items":[2],"st":1}}"#),
            (r#"{"IARR_GET_RNG":{"name":"a","rng":[3]}}"#, r#"{"IARR_GET_RNG_RSP":{"items":[],"st":1}}"#),
            (r#"{"IARR_GET_RNG":{"name":"a","rng":[4]}}"#, r#"{"ERR":{"st":1000}}"#),
            (r#"{"OLST_CREATE":{"name":"l"}}"#, r#"{"OLST_CREATE_RSP":{"st":1}}"#),
            (r#"{"OLST_ADD":{"name":"l","items":[{},{},{},{}]}}"#, r#"{"OLST_ADD_RSP":{"pos":0,"size":4,"st":1}}"#),
            (r#"{"OLST_GET_RNG":{"name":"l","rng":[1]}}"#, r#"{"OLST_GET_RNG_RSP":{"items":[{}],"st":1}}"#),
            (r#"{"OLST_GET_RNG":{"name":"l","rng":[2,4]}}"#, r#"{"OLST_GET_RNG_RSP":{"items":[],"st":1}}"#),
            (r#"{"OLST_GET_RNG":{"name":"l","rng":[4]}}"#, r#"{"OLST_GET_RNG_RSP":{"items":[],"st":1}}"#),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_is_checked_first() {
    let (_sandbox, mut raw) = start(Nemesis::builder()).await;
    for family in ["OARR", "IARR", "STRARR", "SIARR", "SSTRARR"] {
        for (body, reply) in [
            (r#"{}"#, r#"{"ERR":{"st":1000}}"#.to_owned()),
            (r#"{"name":7}"#, r#"{"ERR":{"st":1000}}"#.to_owned()),
            (r#"{"item":true}"#, format!(r#"{{"{family}_SET_RSP":{{"st":41}}}}"#)),
            (r#"{"item":true,"name":7}"#, format!(r#"{{"{family}_SET_RSP":{{"st":41}}}}"#)),
        ] {
            assert_eq!(raw.ask(&format!(r#"{{"{family}_SET":{body}}}"#)).await, reply, "{family} {body}");
        }
    }
    exchanges(
        &mut raw,
        &[
            (r#"{"IARR_SET":{"item":1}}"#, r#"{"IARR_SET_RSP":{"st":26}}"#),
            (r#"{"IARR_SET":{"item":1,"name":7,"pos":-1}}"#, r#"{"IARR_SET_RSP":{"st":41}}"#),
            (r#"{"OLST_CREATE":{"name":"l"}}"#, r#"{"OLST_CREATE_RSP":{"st":1}}"#),
            (
                r#"{"OLST_SPLICE":{"srcName":"l","destName":"k","srcRng":[0,"x"]}}"#,
                r#"{"OLST_SPLICE_RSP":{"st":1000}}"#,
            ),
        ],
    )
    .await;
}

/// Requests whose danger depends on the state, each on a server of its own.
#[tokio::test]
async fn what_ends_a_real_server() {
    let overfill = |family: &str, item: &str| {
        let put = format!(r#"{{"{family}_SET_RNG":{{"name":"a","items":[{item},{item}],"pos":0}}}}"#);
        vec![format!(r#"{{"{family}_CREATE":{{"name":"a","len":2}}}}"#), put.clone(), put]
    };
    let list = vec![
        r#"{"OLST_CREATE":{"name":"l"}}"#.to_owned(),
        r#"{"OLST_ADD":{"name":"l","items":[{},{},{},{}]}}"#.to_owned(),
    ];
    for (prepare, fatal) in [
        (overfill("OARR", "{}"), r#"{"OARR_CLEAR":{"name":"a","rng":[0,3]}}"#),
        (overfill("IARR", "1"), r#"{"IARR_CLEAR":{"name":"a","rng":[0,18446744073709551615]}}"#),
        (overfill("STRARR", "\"\""), r#"{"STRARR_CLEAR":{"name":"a","rng":[1,4]}}"#),
        (overfill("STRARR", "\"\""), r#"{"STRARR_GET_RNG":{"name":"a","rng":[0,18446744073709551615]}}"#),
        (list.clone(), r#"{"OLST_GET_RNG":{"name":"l","rng":[3]}}"#),
        (list, r#"{"OLST_GET_RNG":{"name":"l","rng":[3,4]}}"#),
    ] {
        let (sandbox, mut raw) = start(Nemesis::builder().lists_max_response_size(2)).await;
        for command in &prepare {
            raw.ask(command).await;
        }
        raw.send(fatal).await;
        assert_eq!((raw.next().await, sandbox.record().crashes()), (Got::Eof(0), 1), "{fatal}");
    }
    // Cut at the capacity, the same is harmless, and a clear of everything resets the counter.
    let (_sandbox, mut raw) = start(Nemesis::builder()).await;
    for command in overfill("STRARR", "\"\"") {
        raw.ask(&command).await;
    }
    exchanges(
        &mut raw,
        &[
            (r#"{"STRARR_USED":{"name":"a"}}"#, r#"{"STRARR_USED_RSP":{"st":1,"used":4}}"#),
            (r#"{"STRARR_CLEAR":{"name":"a","rng":[0,2]}}"#, r#"{"STRARR_CLEAR_RSP":{"st":1}}"#),
            (r#"{"STRARR_USED":{"name":"a"}}"#, r#"{"STRARR_USED_RSP":{"st":1,"used":0}}"#),
        ],
    )
    .await;
}
