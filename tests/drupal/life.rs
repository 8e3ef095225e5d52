//! The life of an article on a site: a fake one, or a real one that the environment names.
//!
//! ```text
//! STATUSWIRE_DRUPAL_URL=https://drupal.example STATUSWIRE_DRUPAL_USER=mara STATUSWIRE_DRUPAL_PASSWORD=... \
//!     cargo test --test drupal real_site -- --nocapture
//! ```
//!
//! The account must be allowed to write articles of the standard profile, and JSON:API must take writes. If the vocabulary
//! `tags` has no terms, the account must be allowed to create and delete one. Everything that is created is removed.

use futures_util::TryStreamExt;
use serde_json::json;
use statuswire::drupal::{
    Attributes, Client, Count, Credentials, ErrorCode, Fields, Filter, Identifier, LoggedOut, Query, Resource,
    ResourceType, Resources, Upload,
};
use statuswire::error::Error;
use statuswire::reexport::uuid::Uuid;
use std::env;

#[derive(Debug, serde::Deserialize)]
struct Article {
    title: String,
}

/// Runs against the real site that the environment names.
#[tokio::test]
async fn a_real_site_keeps_an_article() {
    let Ok(url) = env::var("STATUSWIRE_DRUPAL_URL") else {
        eprintln!(
            "SKIPPED: set STATUSWIRE_DRUPAL_URL, STATUSWIRE_DRUPAL_USER and STATUSWIRE_DRUPAL_PASSWORD to run it"
        );
        return;
    };
    let variable = |name| env::var(name).unwrap_or_else(|_| panic!("STATUSWIRE_DRUPAL_URL is set, {name} is not"));
    let (user, password) = (variable("STATUSWIRE_DRUPAL_USER"), variable("STATUSWIRE_DRUPAL_PASSWORD"));
    of_an_article(&url, &user, &password).await;
}

/// Logs in, keeps an article, and logs out.
pub async fn of_an_article(url: &str, user: &str, password: &str) {
    let site = Client::new(url).unwrap();
    site.login(user, password).await.unwrap();
    assert!(site.is_logged_in().await.unwrap());
    let me = site.whoami().await.unwrap().expect("a session has an account");
    let types = site.types().await.unwrap();
    for needed in ["node--article", "taxonomy_term--tags", "user--user"] {
        assert!(types.iter().any(|there| there == needed), "{needed} is not there");
    }

    let tags = site.resources::<Attributes>(&of("taxonomy_term--tags"));
    let articles =
        site.resources::<Article>(&of("node--article")).with_targets("field_tags", [of("taxonomy_term--tags")]);
    // Many accounts may not remove a term.
    let there = tags.first(&Query::new().sort("drupal_internal__tid")).await.unwrap().map(|there| there.data);
    let (tag, is_new) = match there {
        Some(tag) => (tag, false),
        None => (tags.create(&Fields::new(json!({"name": "statuswire test"}))).await.unwrap(), true),
    };
    let id = Uuid::from_u128(rand_id());
    let outcome = keep_article(&articles, id, &tag, me).await;
    // What was created is removed, whatever happened.
    let removed = match articles.delete(id).await {
        Err(error) if error.code_as() == Some(ErrorCode::ObjectNotFound) => Ok(()),
        result => result,
    };
    let removed = if is_new { removed.and(tags.delete(tag.id).await) } else { removed };
    outcome.unwrap();
    removed.unwrap();

    let error = articles.get(id).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::ObjectNotFound));
    match site.menu("account").await {
        Ok(menu) => assert!(menu.iter().any(|link| link.href.contains("/user/logout"))),
        Err(error) => assert_eq!(error.code_as(), Some(ErrorCode::CommandUnavailable), "{error}"),
    }
    assert_eq!(site.logout().await.unwrap(), LoggedOut::Ended);
    assert!(!site.is_logged_in().await.unwrap());

    // The site opens a session by itself if it has credentials.
    let credentials = Credentials::session(user, password);
    let other = Client::builder(url).credentials(credentials).build().unwrap();
    assert_eq!(other.whoami().await.unwrap(), Some(me));
    other.logout().await.unwrap();
}

async fn keep_article(articles: &Resources<Article>, id: Uuid, tag: &Resource, me: Uuid) -> Result<(), Error> {
    let title = format!("statuswire {id}");
    let fields = Fields::new(json!({"title": title, "body": {"value": "A body.", "format": "plain_text"}}))
        .relationship("field_tags", [Identifier::from(tag)]);
    let created = articles.create_as(id, &fields).await?;
    assert_eq!((created.id, &created.attributes.title), (id, &title));
    let error = articles.create_as(id, &fields).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::DuplicateValue));

    // It is found with its tag and its author.
    let query = Query::new()
        .filter(Filter::all([Filter::eq("title", title.as_str()), Filter::eq("status", true)]))
        .filter(Filter::eq("uid.id", me))
        .filter(Filter::eq("field_tags.id", tag.id))
        .include("field_tags")
        .include("uid")
        .fields(articles.resource_type(), ["title", "field_tags", "uid"])
        .sort("-created")
        .sort("drupal_internal__nid");
    let page = articles.page(&query).await?;
    assert_eq!(page.data.len(), 1);
    let tags = page.included.related::<Attributes, _>(&page.data[0], "field_tags")?;
    assert_eq!(tags[0].id, tag.id);
    assert_eq!(page.data[0].identifiers("uid")[0].id.uuid(), Some(me));
    assert_eq!(articles.count(&query).await?, Count::Exact(1));
    assert_eq!(articles.first(&query).await?.map(|first| first.data.id), Some(id));
    let all: Vec<_> = articles.stream(&query.clone().limit(1)).try_collect().await?;
    assert_eq!(all.len(), 1);
    let related = articles.related::<Attributes>(id, "field_tags", &Query::new()).await?;
    assert_eq!(related.data[0].id, tag.id);

    // It is changed.
    let changed = articles.patch(id, &Fields::new(json!({"title": format!("{title} II")}))).await?;
    assert!(changed.attributes.title.ends_with("II"));
    let tags = articles.relationship(id, "field_tags");
    tags.remove([Identifier::from(tag)]).await?;
    assert!(tags.get().await?.identifiers().is_empty());
    assert_eq!(tags.add([Identifier::from(tag)]).await?.len(), 1);
    tags.replace([]).await?;
    let unknown = Identifier::new(of("taxonomy_term--tags"), Uuid::from_u128(rand_id()));
    assert_eq!(tags.add([unknown]).await.unwrap_err().code_as(), Some(ErrorCode::ObjectNotFound));

    // What is wrong is told by field.
    let error = articles.patch(id, &Fields::new(json!({"title": ""}))).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::ValidationError), "{error}");
    assert_eq!(error.details_of("title").count(), 1);
    let error = articles.patch(id, &Fields::new(json!({"no_such_field": 1}))).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::InvalidKeyName), "{error}");
    let error = articles.upload("field_image", Upload::new("a.exe", "x")).await.unwrap_err();
    assert!(matches!(error.code_as(), Some(ErrorCode::InvalidFileName | ErrorCode::AggregateError)), "{error}");
    let error = articles.page(&Query::new().filter(Filter::eq("nope", 1))).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::InvalidKeyName), "{error}");
    Ok(())
}

fn of(name: &str) -> ResourceType {
    name.parse().unwrap()
}

/// Returns the bits of a version 4 UUID.
fn rand_id() -> u128 {
    use std::hash::{BuildHasher, RandomState};
    let random = |salt: u8| u128::from(RandomState::new().hash_one(salt));
    let bits = random(0) << 64 | random(1);
    bits & !(0xf << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62
}
