//! Odd requests to the fake NemesisDB server with sessions, of which no recording is kept here.

use crate::support::raw::Raw;
use serde_json::Value;
use statuswire_sandbox::NemesisSessions;

/// A server and a connection to it, with one session.
struct Odd {
    _sandbox: NemesisSessions,
    raw: Raw,
    token: String,
}

impl Odd {
    async fn start() -> Self {
        let sandbox = NemesisSessions::start().await.unwrap();
        let mut odd = Self { raw: Raw::connect(sandbox.addr()).await, _sandbox: sandbox, token: String::new() };
        odd.token = odd.create(r#"{"name":"a"}"#).await;
        odd
    }

    async fn ask(&mut self, request: &str) -> String {
        self.raw.ask(&request.replace("TKN", &self.token)).await
    }

    async fn create(&mut self, body: &str) -> String {
        let reply: Value = serde_json::from_str(&self.ask(&format!(r#"{{"SH_NEW":{body}}}"#)).await).unwrap();
        reply["SH_NEW_RSP"]["tkn"].to_string()
    }

    /// Sends bodies of one command, and compares those of the replies. `TKN` is the session.
    async fn bodies(&mut self, command: &str, cases: &[(&str, &str)]) {
        for (body, want) in cases {
            let reply = self.ask(&format!(r#"{{"{command}":{body}}}"#)).await;
            let want = format!(r#"{{"{command}_RSP":{want}}}"#).replace("TKN", &self.token);
            assert_eq!(reply, want, "{command} {body}");
        }
    }

    /// Saves under a name, and waits for both replies.
    async fn save(&mut self, body: &str) {
        assert!(self.ask(&format!(r#"{{"SH_SAVE":{body}}}"#)).await.contains(r#""st":120"#), "{body}");
        assert!(self.raw.text().await.contains(r#""st":121"#), "{body}");
    }
}

#[tokio::test]
async fn the_order_of_the_checks() {
    let mut odd = Odd::start().await;
    let wrong = |status: u32, what: &str| format!(r#"{{"st":{status},"tkn":null,"m":"{what}"}}"#);
    odd.bodies(
        "SH_NEW",
        &[
            (r#"{"name":"","shared":1,"expiry":1}"#, &wrong(42, "name")),
            (r#"{"name":"x","shared":1,"expiry":1}"#, &wrong(13, "expiry")),
            (r#"{"name":"x","shared":null}"#, &wrong(13, "shared")),
            (r#"{"name":"x","expiry":{"duration":1.0,"deleteSession":true}}"#, &wrong(13, "expiry")),
            (r#"{"name":"x","expiry":{"duration":1,"deleteSession":1}}"#, &wrong(13, "expiry")),
            (r#"{"name":"x","expiry":[]}"#, &wrong(13, "expiry")),
            (r#"{"a":1,"b":2,"c":3}"#, &wrong(40, "name")),
        ],
    )
    .await;
    odd.bodies(
        "KV_FIND",
        &[
            (r#"{"tkn":"1","path":"$","rsp":"keys","keys":1,"x":1}"#, &wrong(101, "")),
            (r#"{"tkn":TKN,"a":1,"b":2}"#, &wrong(5, "")),
            (r#"{"tkn":TKN,"path":1,"rsp":1}"#, &wrong(41, "path")),
            (r#"{"tkn":TKN,"path":"","a":1}"#, &wrong(42, "path")),
            (r#"{"tkn":TKN,"path":"$","a":1}"#, &wrong(40, "rsp")),
            (r#"{"tkn":TKN,"path":"$","rsp":[],"keys":1}"#, &wrong(41, "rsp")),
            (r#"{"tkn":TKN,"path":"$","rsp":"x","keys":1}"#, &wrong(13, "rsp")),
            (r#"{"tkn":TKN,"path":"$[","rsp":"kv","keys":1}"#, &wrong(41, "keys")),
            (r#"{"tkn":7,"path":"$[","rsp":"kv"}"#, r#"{"st":100,"tkn":7,"m":""}"#),
        ],
    )
    .await;
    odd.bodies(
        "KV_UPDATE",
        &[
            (r#"{"tkn":TKN,"x":1,"y":1,"z":1}"#, &wrong(26, "key")),
            (r#"{"tkn":TKN,"key":1,"y":1,"z":1}"#, &wrong(41, "key")),
            (r#"{"tkn":TKN,"key":"k","y":1,"value":1}"#, &wrong(26, "path")),
            (r#"{"tkn":TKN,"key":"k","path":1,"z":1}"#, &wrong(41, "path")),
            (r#"{"tkn":TKN,"key":"k","path":"$[","z":1}"#, &wrong(26, "value")),
            (r#"{"tkn":TKN,"key":"k","path":"$[","value":1}"#, r#"{"tkn":TKN,"st":22,"cnt":0}"#),
        ],
    )
    .await;
    odd.bodies(
        "KV_SET",
        &[
            (r#"{"tkn":1.0,"keys":[]}"#, &wrong(41, "keys")),
            (r#"{"tkn":1.0,"keys":{}}"#, &wrong(101, "")),
            (r#"{"tkn":18446744073709551616,"keys":{}}"#, &wrong(101, "")),
            (r#"{"tkn":-1,"keys":{}}"#, &wrong(101, "")),
            (r#"{"tkn":-0,"keys":{}}"#, r#"{"st":100,"tkn":0,"m":""}"#),
            (r#"{"tkn":TKN,"tkn":1,"keys":{"b":1,"a":2,"b":3}}"#, r#"{"tkn":TKN,"keys":{"b":20,"a":20}}"#),
        ],
    )
    .await;
}

#[tokio::test]
async fn searches() {
    let mut odd = Odd::start().await;
    // Without a value to search, nothing is wrong with a path.
    let none = r#"{"tkn":TKN,"path":"$[?(","rsp":"paths"}"#;
    odd.bodies("KV_FIND", &[(none, r#"{"tkn":TKN,"st":1,"paths":[]}"#)]).await;
    odd.ask(r#"{"KV_SET":{"tkn":TKN,"keys":{"p":{"n":[1,2]},"1":{"n":5},"null":{"n":6}}}}"#).await;
    odd.bodies(
        "KV_FIND",
        &[
            (none, r#"{"tkn":TKN,"st":4}"#),
            (r#"{"tkn":TKN,"path":"x","rsp":"keys","keys":["nope"]}"#, r#"{"tkn":TKN,"st":1,"keys":[]}"#),
            // No keys are all keys.
            (r#"{"tkn":TKN,"path":"$.n","rsp":"keys","keys":[]}"#, r#"{"tkn":TKN,"st":1,"keys":["p","1","null"]}"#),
            // What is no string is taken for its text.
            (
                r#"{"tkn":TKN,"path":"$.n","rsp":"keys","keys":[1,null,"1"]}"#,
                r#"{"tkn":TKN,"st":1,"keys":["1","null","1"]}"#,
            ),
            (r#"{"tkn":TKN,"path":"$.n","rsp":"kv","keys":[1,"1"]}"#, r#"{"tkn":TKN,"st":1,"keys":{"1":{"n":5}}}"#),
            // Each place once.
            (
                r#"{"tkn":TKN,"path":"$.n[0,0,-1,1]","rsp":"paths"}"#,
                r#"{"tkn":TKN,"st":1,"paths":["$['n'][0]","$['n'][1]"]}"#,
            ),
        ],
    )
    .await;
    let twice = r#"{"tkn":TKN,"key":"p","path":"$.n[0,0:1]","value":9}"#;
    odd.bodies("KV_UPDATE", &[(twice, r#"{"tkn":TKN,"st":1,"cnt":1}"#)]).await;
    odd.bodies("KV_GET", &[(r#"{"tkn":TKN,"keys":["p"]}"#, r#"{"tkn":TKN,"keys":{"p":{"n":[9,2]}}}"#)]).await;
}

#[tokio::test]
async fn names_of_saves_to_load() {
    let mut odd = Odd::start().await;
    odd.save(r#"{"name":"one"}"#).await;
    odd.save(r#"{"name":"1","tkns":[7]}"#).await;
    let exception = r#"{"st":1000,"tkn":null,"m":""}"#;
    let kept = r#"{"m":"","sessions":0,"keys":0,"st":143}"#;
    let empty = r#"{"m":"","sessions":0,"keys":0,"st":141}"#;
    odd.bodies(
        "SH_LOAD",
        &[
            (r#"{"names":["one",2]}"#, r#"{"st":41,"m":""}"#),
            (r#"{"names":["nope",2]}"#, r#"{"st":41,"m":"nope does not exist"}"#),
            (r#"{"names":["one","x","nope"]}"#, r#"{"st":142,"m":"nope does not exist"}"#),
            (r#"{"names":[2,"one"]}"#, exception),
            (r#"{"names":[1,"one"],"x":1}"#, &format!(r#"{{"1":{empty},"one":{kept}}}"#)),
            (r#"{"names":["one","one"]}"#, &format!(r#"{{"one":{kept}}}"#)),
            (r#"{"names":["./one/","x/../one"]}"#, &format!(r#"{{"./one/":{kept},"x/../one":{kept}}}"#)),
            (r#"{"names":["st"]}"#, r#"{"st":142,"m":"st does not exist"}"#),
        ],
    )
    .await;
    let long = "x".repeat(256);
    odd.bodies("SH_SAVE", &[(&format!(r#"{{"name":"{long}"}}"#), exception)]).await;
    odd.bodies("SH_LOAD", &[(&format!(r#"{{"names":["{long}"]}}"#), exception)]).await;
    odd.bodies("SH_SAVE", &[(r#"{"name":"z\u0000z"}"#, r#"{"name":"z\u0000z","st":122}"#)]).await;
    odd.bodies("SH_LOAD", &[(r#"{"names":["z"]}"#, &format!(r#"{{"z":{empty}}}"#))]).await;
    // The saves below a name are in the way.
    odd.save(r#"{"name":"../up/5"}"#).await;
    odd.save(r#"{"name":"one/more"}"#).await;
    let missing = r#"{"m":"Data directory does not exist","sessions":0,"keys":0,"st":142}"#;
    odd.bodies(
        "SH_LOAD",
        &[
            (r#"{"names":["../up"]}"#, &format!(r#"{{"../up":{missing}}}"#)),
            (r#"{"names":["one"]}"#, exception),
            (r#"{"names":["one/more"]}"#, &format!(r#"{{"one/more":{kept}}}"#)),
            (r#"{"names":[""]}"#, exception),
        ],
    )
    .await;
}

#[tokio::test]
async fn tokens_of_saves() {
    let mut odd = Odd::start().await;
    odd.ask(r#"{"KV_SET":{"tkn":TKN,"keys":{"k":1}}}"#).await;
    odd.bodies("SH_SAVE", &[(r#"{"name":"x","tkns":[1,-1]}"#, r#"{"st":41,"m":"tkns"}"#)]).await;
    odd.save(r#"{"name":"twice","tkns":[TKN,TKN]}"#).await;
    odd.save(r#"{"name":"unknown","tkns":[7,TKN]}"#).await;
    let result = |name: &str, sessions: u8, status: u32| {
        format!(r#"{{"{name}":{{"m":"","sessions":{sessions},"keys":{sessions},"st":{status}}}}}"#)
    };
    // The last entry decides, and that of an unknown session is empty.
    odd.bodies("SH_LOAD", &[(r#"{"names":["unknown"]}"#, &result("unknown", 0, 141))]).await;
    odd.ask(r#"{"SH_END_ALL":{}}"#).await;
    odd.bodies("SH_LOAD", &[(r#"{"names":["twice"]}"#, &result("twice", 1, 143))]).await;
}

#[tokio::test]
async fn the_token_of_a_shared_session_is_that_of_the_real_server() {
    let mut odd = Odd::start().await;
    assert_eq!(odd.create(r#"{"name":"sh1","shared":true}"#).await, "13942574338796395769");
}
