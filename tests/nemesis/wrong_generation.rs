//! A client of one generation and a server of another: the user sees what the server answers.

use statuswire::Delivery;
use statuswire::nemesis::{self, fusion, sessions};
use statuswire_sandbox::{Nemesis, NemesisFusion, NemesisSessions};

#[tokio::test]
async fn a_client_of_fusion() {
    let (sessions, current) = (NemesisSessions::start().await.unwrap(), Nemesis::start().await.unwrap());
    for url in [sessions.url(), current.url()] {
        let db = fusion::Client::connect(&url).await.unwrap();
        assert_eq!(db.server_info().await.unwrap_err().code_as(), Some(fusion::ErrorCode::CommandNotExist), "{url}");
        for error in [
            db.set("key_01", &1).await.unwrap_err(),
            db.get::<u8>("key_01").await.unwrap_err(),
            db.remove("key_01").await.unwrap_err(),
        ] {
            assert!(error.code().is_some() && error.delivery() == Delivery::Answered, "{url}: {error:?}");
        }
    }
}

#[tokio::test]
async fn a_client_of_sessions() {
    let (fusion, current) = (NemesisFusion::start().await.unwrap(), Nemesis::start().await.unwrap());
    for url in [fusion.url(), current.url()] {
        let db = sessions::Client::connect(&url).await.unwrap();
        let error = db.totals().await.unwrap_err();
        assert_eq!(error.code_as(), Some(sessions::ErrorCode::CommandNotExist), "{url}: {error:?}");
    }
    let db = sessions::Client::connect(&fusion.url()).await.unwrap();
    let error = db.create("users").await.unwrap_err();
    assert_eq!(error.code_as(), Some(sessions::ErrorCode::CommandNotExist), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Answered);
}

#[tokio::test]
async fn a_client_of_the_current_generation() {
    let (fusion, sessions) = (NemesisFusion::start().await.unwrap(), NemesisSessions::start().await.unwrap());
    for url in [fusion.url(), sessions.url()] {
        let db = nemesis::Client::connect(&url).await.unwrap();
        let error = db.server_info().await.unwrap_err();
        assert_eq!(error.code_as(), Some(nemesis::ErrorCode::CommandNotExist), "{url}: {error:?}");
        assert_eq!(error.delivery(), Delivery::Answered);
    }
}
