//! Finding out the generation of a server.

use crate::server::real_server;
use statuswire::nemesis::{self, Generation, fusion, probe, sessions};
use statuswire::policy::{Retry, Timeouts};
use statuswire::{Cause, ConnectOptions, Delivery};
use statuswire_sandbox::{ConnectFault, Fault, Nemesis, NemesisFusion, NemesisSessions, Server, Service};
use std::time::Duration;

async fn found(url: &str) -> Generation {
    probe(url, ConnectOptions::default()).await.unwrap()
}

fn questions<S: Service>(server: &Server<S>) -> [u64; 3] {
    ["SV_INFO", "SH_INFO_ALL", "KV_SERVER_INFO"].map(|question| server.record().received(question))
}

#[tokio::test]
async fn each_generation_is_found_and_asked_no_more_than_it_takes() {
    let current = Nemesis::start().await.unwrap();
    assert_eq!(found(&current.url()).await, Generation::Current);
    assert_eq!(questions(&current), [1, 0, 0]);
    // It may say more about itself one day.
    current.fault(Fault::on("SV_INFO").change_reply(|reply| reply.replace("\"st\"", "\"m\":\"more\",\"st\"")));
    assert_eq!(found(&current.url()).await, Generation::Current);
    assert_eq!(questions(&current), [2, 0, 0]);
    let sessions = NemesisSessions::start().await.unwrap();
    assert_eq!(found(&sessions.url()).await, Generation::Sessions);
    assert_eq!(questions(&sessions), [1, 1, 0]);
    let fusion = NemesisFusion::start().await.unwrap();
    assert_eq!(found(&fusion.url()).await, Generation::Fusion);
    assert_eq!((questions(&fusion), fusion.record().total_received()), ([1, 1, 1], 3));
}

#[tokio::test]
async fn each_real_server() {
    for (variable, generation) in [
        ("STATUSWIRE_NEMESIS_URL", Generation::Current),
        ("STATUSWIRE_NEMESIS_SESSIONS_URL", Generation::Sessions),
        ("STATUSWIRE_NEMESIS_FUSION_URL", Generation::Fusion),
    ] {
        if let Some((url, _alone)) = real_server(variable).await {
            assert_eq!(found(&url).await, generation);
        }
    }
}

fn never_again() -> ConnectOptions {
    ConnectOptions::default().with_retry(Retry::never())
}

#[tokio::test]
async fn a_question_without_an_answer_is_the_last() {
    let server = Nemesis::start().await.unwrap();
    let fault = server.fault(Fault::on("SV_INFO").drop_connection());
    let error = probe(&server.url(), never_again()).await.unwrap_err();
    assert!(error.is_connection(), "{error:?}");
    assert_eq!(questions(&server), [1, 0, 0]);
    fault.remove();
    server.fault(Fault::on("SV_INFO").silence());
    let hasty = never_again().with_timeouts(Timeouts::default().with_call(Duration::from_millis(50)));
    let error = probe(&server.url(), hasty).await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!((&*error.context().command, questions(&server)), ("SV_INFO", [2, 0, 0]));
}

/// To be asked on would change what the current server answers to its other clients.
#[tokio::test]
async fn a_current_server_that_answers_an_error_is_not_asked_on() {
    let server = Nemesis::start().await.unwrap();
    for answer in [r#"{"SV_INFO_RSP":{"st":1000}}"#, r#"{"ERR":{"st":1000}}"#] {
        let fault = server.fault(Fault::on("SV_INFO").reply_text(answer));
        let error = probe(&server.url(), ConnectOptions::default()).await.unwrap_err();
        assert_eq!(error.code_as(), Some(nemesis::ErrorCode::Unknown), "{error:?}");
        assert_eq!(&*error.context().command, "SV_INFO");
        fault.remove();
    }
    assert_eq!(questions(&server), [2, 0, 0]);
}

#[tokio::test]
async fn an_older_server_is_found_whatever_it_answers_to_the_first_question() {
    let sessions = NemesisSessions::start().await.unwrap();
    let fusion = NemesisFusion::start().await.unwrap();
    sessions.fault(Fault::on("SV_INFO").reply_text(r#"{"ERR":{"st":3,"m":""}}"#));
    fusion.fault(Fault::on("SV_INFO").reply_status(100));
    assert_eq!(found(&sessions.url()).await, Generation::Sessions);
    assert_eq!(found(&fusion.url()).await, Generation::Fusion);
}

#[tokio::test]
async fn data_stays_as_it_is() {
    let current = Nemesis::start().await.unwrap();
    let kv = nemesis::Client::connect(&current.url()).await.unwrap().kv();
    kv.set("key_one", &1).await.unwrap();
    let sessions = NemesisSessions::start().await.unwrap();
    let users = sessions::Client::connect(&sessions.url()).await.unwrap().create("users").await.unwrap().session;
    users.set("key_one", &1).await.unwrap();
    let fusion = NemesisFusion::start().await.unwrap();
    let db = fusion::Client::connect(&fusion.url()).await.unwrap();
    db.set("key_one", &1).await.unwrap();
    for url in [current.url(), sessions.url(), fusion.url()] {
        found(&url).await;
    }
    assert_eq!((kv.get("key_one").await.unwrap(), kv.count().await.unwrap()), (Some(1), 1));
    assert_eq!((users.get("key_one").await.unwrap(), users.count().await.unwrap()), (Some(1), 1));
    assert_eq!((db.get("key_one").await.unwrap(), db.count().await.unwrap()), (Some(1), 1));
}

#[tokio::test]
async fn another_server_is_none_of_them() {
    let server = Nemesis::start().await.unwrap();
    let fault = server.fault(Fault::any().reply_text(r#"{"HELLO":{"st":1}}"#));
    let error = probe(&server.url(), ConnectOptions::default()).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("no known NemesisDB") && text.contains("HELLO") && text.contains("127.0.0.1"), "{text}");
    fault.remove();
    let fault = server.fault(Fault::any().reply_text("hello"));
    assert!(matches!(probe(&server.url(), never_again()).await.unwrap_err().cause(), Cause::Decode(_)));
    fault.remove();
    server.fault(Fault::any().reply_binary(*b"{}"));
    assert!(matches!(probe(&server.url(), never_again()).await.unwrap_err().cause(), Cause::Decode(_)));
}

#[tokio::test]
async fn what_speaks_no_websocket_is_none_of_them() {
    let server = Nemesis::start().await.unwrap();
    let refusal = server.fault(ConnectFault::upgrade().refuse(404, &[], "File Not Found"));
    let error = probe(&server.url(), ConnectOptions::default()).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Http(_)) && error.to_string().contains("404"), "{error:?}");
    refusal.remove();
    let ssh = server.fault(ConnectFault::accept().raw(*b"SSH-2.0-OpenSSH_9.6\r\n"));
    let hasty = ConnectOptions::default().with_timeouts(Timeouts::default().with_connect(Duration::from_millis(200)));
    let error = probe(&server.url(), hasty.clone()).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
    ssh.remove();
    server.fault(ConnectFault::accept().silence());
    let error = probe(&server.url(), hasty.clone()).await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    server.kill().await;
    let error = probe(&server.url(), hasty).await.unwrap_err();
    assert!(error.is_connection() || error.is_timeout(), "{error:?}");
    assert!(probe("http://localhost", ConnectOptions::default()).await.unwrap_err().is_invalid_request());
}
