//! Finding out the generation of a server.

use crate::server::real_server;
use statuswire::nemesis::{Generation, probe};
use statuswire::{Cause, ConnectOptions};
use statuswire_sandbox::{ConnectFault, Fault, Nemesis, NemesisFusion, NemesisSessions, Server, Service};

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

#[tokio::test]
async fn a_question_without_an_answer_is_the_last() {
    let server = Nemesis::start().await.unwrap();
    server.fault(Fault::on("SV_INFO").drop_connection());
    let options = ConnectOptions::default().with_retry(statuswire::policy::Retry::never());
    let error = probe(&server.url(), options).await.unwrap_err();
    assert!(error.is_connection(), "{error:?}");
    assert_eq!(questions(&server), [1, 0, 0]);
}

#[tokio::test]
async fn another_server_is_none_of_them() {
    let server = Nemesis::start().await.unwrap();
    server.fault(Fault::any().reply_text(r#"{"HELLO":{"st":1}}"#));
    let error = probe(&server.url(), ConnectOptions::default()).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
    assert!(error.to_string().contains("no known NemesisDB"), "{error}");
    server.clear_faults();
    server.fault(Fault::any().reply_text("hello"));
    assert!(matches!(probe(&server.url(), ConnectOptions::default()).await.unwrap_err().cause(), Cause::Decode(_)));
    server.fault(ConnectFault::upgrade().refuse(404, &[], ""));
    assert!(probe(&server.url(), ConnectOptions::default()).await.is_err());
}
