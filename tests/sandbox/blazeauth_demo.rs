//! The demonstration application is as its documentation says.

use crate::support::raw::Raw;
use serde_json::{Value, json};
use statuswire_sandbox::BlazeAuth;
use statuswire_sandbox::blazeauth::{RateLimit, demo};

async fn sandbox() -> BlazeAuth {
    let sandbox = BlazeAuth::start().await.unwrap();
    sandbox.configure(|settings| settings.rate_limit = RateLimit::off());
    sandbox
}

struct Session {
    raw: Raw,
    id: u64,
}

impl Session {
    async fn open(sandbox: &BlazeAuth) -> Self {
        let mut session = Self { raw: Raw::connect(sandbox.addr()).await, id: 0 };
        let packet = json!({"type": 0, "websocket_api_key": demo::API_KEY, "client_id": "my-machine"});
        assert_eq!(session.ask(packet).await["app_name"], "Harbour Kiosk");
        session
    }

    async fn ask(&mut self, mut packet: Value) -> Value {
        self.id += 1;
        packet["id"] = self.id.into();
        serde_json::from_str(&self.raw.ask(&packet.to_string()).await).unwrap()
    }

    async fn status(&mut self, packet: Value) -> Value {
        self.ask(packet).await["status"].clone()
    }
}

#[tokio::test]
async fn licences() {
    let sandbox = sandbox().await;
    for (license, status) in [
        (demo::LICENSE, 1),
        ("HBR-1000-ACTIVE", 1),
        ("HBR-0000-OVER", 103),
        ("HBR-2000-PAUSED", 104),
        ("HBR-3000-BANNED", 105),
        ("HBR-4000-BOUND", 502),
        ("HBR-5000-SPARE", 1),
        ("HBR-0000-NONE", 100),
    ] {
        let mut session = Session::open(&sandbox).await;
        assert_eq!(session.status(json!({"type": 2, "license": license})).await, status, "{license}");
    }
}

#[tokio::test]
async fn accounts() {
    let sandbox = sandbox().await;
    let mut session = Session::open(&sandbox).await;
    let login =
        |login, password, kind| json!({"type": 3, "login": login, "password": password, "credentials_type": kind});
    assert_eq!(session.status(login(demo::LOGIN, "wrong horse", 0)).await, 200);
    assert_eq!(session.status(login(demo::LOGIN, demo::PASSWORD, 0)).await, 1);
    assert_eq!(session.status(json!({"type": 5})).await, 1);
    let mut ada = login("ada@example.org", "difference engine", 1);
    assert_eq!(session.status(ada.clone()).await, 203);
    ada["license"] = "HBR-5000-SPARE".into();
    assert_eq!(session.status(ada).await, 1);
}

#[tokio::test]
async fn variables_and_files() {
    let sandbox = sandbox().await;
    let mut session = Session::open(&sandbox).await;
    let variable = |name| json!({"type": 11, "name": name});
    assert_eq!(session.ask(variable("motd_text")).await["content"], "Mind the gap");
    assert_eq!(session.status(variable("berths")).await, 1);
    assert_eq!(session.status(variable("tide_table")).await, 3);
    assert_eq!(session.status(json!({"type": 2, "license": demo::LICENSE})).await, 1);
    let content = session.ask(variable("tide_table")).await["content"].as_str().unwrap().to_owned();
    assert!(serde_json::from_str::<Value>(&content).unwrap().is_object());
    for (filename, size) in [("patch-0007", 10), ("welcome.txt", 24), ("empty.bin", 0), ("chart.bin", 5_000_011)] {
        let metadata = session.ask(json!({"type": 9, "filename": filename})).await;
        assert_eq!((&metadata["status"], &metadata["size"]), (&json!(1), &json!(size)), "{filename}");
    }
    // The same bytes each time, on every machine.
    let chart = session.ask(json!({"type": 9, "filename": "chart.bin"})).await;
    assert_eq!(chart["checksum"], "c9daf8ebbd4ac8b25747db467c9674be59041798977ab47ab9e1ee5b21f049a9");
}
