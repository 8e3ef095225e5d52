//! The fake site behind its server.
use std::time::Duration;

use statuswire_sandbox::Drupal;
use statuswire_sandbox::drupal::{Registration, World};
use statuswire_sandbox::http::Fault;

use crate::http_client::Web;

#[tokio::test]
async fn requests_over_http_settings_and_faults() {
    let site = Drupal::builder()
        .world(World::Harbor)
        .configure(|settings| settings.registration = Registration::AdminOnly)
        .start()
        .await
        .unwrap();
    let mut web = Web::connect(site.addr()).await;
    let (status, body) = web.ask("GET /jsonapi/node/vessel?fields%5Bnode--vessel%5D=title").await;
    assert!(status == 200 && body.contains("Kittiwake"), "{status} {body}");
    site.configure(|settings| settings.maintenance = true);
    let (status, _) = web.ask("GET /jsonapi").await;
    assert_eq!(status, 503);
    site.control("set maintenance off").unwrap();
    site.fault(Fault::on("GET /jsonapi").nth(1).drop_connection());
    let mut web = Web::connect(site.addr()).await;
    web.send("GET /jsonapi").await;
    let (rest, _) = web.rest().await;
    assert_eq!(rest, "");
    assert_eq!((site.record().received("GET /jsonapi"), site.record().executed("GET /jsonapi")), (2, 0));
    site.set_time(1_800_000_000);
    site.advance(Duration::from_secs(60));
    assert!(site.mails().is_empty() && !format!("{site:?}").contains("mara-pass-1"));
    site.stop().await;
}

#[tokio::test]
async fn the_demonstration_is_small() {
    let site = Drupal::start().await.unwrap();
    let mut web = Web::connect(site.addr()).await;
    let (status, body) = web.ask("GET /api/articles").await;
    assert!(status == 200 && body.contains("How to write") && !body.contains("A draft"), "{status} {body}");
    site.stop().await;
}
