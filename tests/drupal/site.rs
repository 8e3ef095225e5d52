//! The fake site of the sandbox, which is held to recordings of a real one.

use crate::life;
use statuswire_sandbox::Drupal;
use statuswire_sandbox::drupal::World;

#[tokio::test]
async fn the_fake_site_keeps_an_article() {
    let site = Drupal::builder().world(World::Harbor).start().await.unwrap();
    life::of_an_article(&site.url(), "mara", "mara-pass-1").await;
}
