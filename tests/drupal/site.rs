//! The fake site of the sandbox, which is held to recordings of a real one.

use crate::{fake, life};
use futures_util::TryStreamExt;
use serde_json::json;
use statuswire::drupal::{
    Attributes, Client, Count, Credentials, ErrorCode, Fields, Filter, Identifier, LoggedOut, Query, Registration,
    ResourceId, ResourceType, Resources, Upload, Version,
};
use statuswire::error::Error;
use statuswire::reexport::uuid::Uuid;
use statuswire_sandbox::Drupal;
use statuswire_sandbox::drupal::World;

/// A resource of the world, by the last digits of its UUID.
fn known(digits: &str) -> Uuid {
    format!("00000000-0000-4000-8000-{digits:0>12}").parse().unwrap()
}

fn of(name: &str) -> ResourceType {
    name.parse().unwrap()
}

async fn harbor() -> Drupal {
    Drupal::builder().world(World::Harbor).start().await.unwrap()
}

async fn logged_in(site: &Drupal, name: &str) -> Client {
    let client = fake::client(&site.url());
    client.login(name, format!("{name}-pass-1")).await.unwrap();
    client
}

fn vessels(client: &Client) -> Resources {
    client.resources(&of("node--vessel"))
}

fn code(error: &Error) -> ErrorCode {
    error.code_as().unwrap_or_else(|| panic!("{error:?}"))
}

#[tokio::test]
async fn the_fake_site_keeps_an_article() {
    let site = harbor().await;
    life::of_an_article(&site.url(), "mara", "mara-pass-1").await;
}

#[tokio::test]
async fn vessels_are_read_with_what_belongs_to_them() {
    let site = harbor().await;
    let client = fake::client(&site.url());
    let query = Query::new().include("field_port").include("field_crew").sort("title");
    let heron = vessels(&client).get_with(known("502"), &Query::new().include("field_port")).await.unwrap();
    assert_eq!((heron.data.attributes["title"].as_str(), heron.data.langcode()), (Some("Heron"), Some("en")));
    let port = heron.included.related::<Attributes, _>(&heron.data, "field_port").unwrap();
    assert_eq!(port[0].resource_type, "taxonomy_term--port");

    // One of the vessels is not published: its page is short, and the site says so.
    let pages: Vec<_> = vessels(&client).pages(&query.clone().limit(2)).try_collect().await.unwrap();
    assert!(pages.iter().any(|page| page.data.len() < 2 && page.has_next() && page.omitted.len() == 1));
    assert_eq!(vessels(&client).count(&Query::new()).await.unwrap(), Count::AtLeast(5));
    let published = Query::new().filter(Filter::eq("status", true));
    assert_eq!(vessels(&client).count(&published).await.unwrap(), Count::Exact(5));

    // A reference may lead nowhere, or to what the caller may not see.
    let query = Query::new().include("field_tender");
    let jaeger = vessels(&client).get_with(known("504"), &query).await.unwrap();
    assert!(jaeger.data.identifiers("field_tender").iter().any(|tender| tender.id == ResourceId::Missing));
    let kittiwake = vessels(&client).get_with(known("505"), &query).await.unwrap();
    let ghost = kittiwake.data.identifiers("field_tender").iter().find(|tender| tender.id == known("599").into());
    assert!(kittiwake.included.get::<Attributes>(ghost.unwrap()).unwrap().is_none());

    // The id is that of a vessel, not of an article.
    let articles = client.resources::<Attributes>(&of("node--article"));
    let error = articles.get(known("502")).await.unwrap_err();
    assert!(error.to_string().contains("the answer is a node--vessel"), "{error}");
}

#[tokio::test]
async fn every_filter_is_understood() {
    let site = harbor().await;
    let client = fake::client(&site.url());
    for (filter, titles) in [
        (Filter::eq("title", "Heron"), &["Heron"][..]),
        (Filter::starts_with("title", "Ki"), &["Kittiwake"]),
        (Filter::contains("title", "nne"), &["Gannet"]),
        (Filter::ends_with("title", "er"), &["Jaeger"]),
        (Filter::one_of("title", ["Ibis", "Heron"]), &["Heron", "Ibis"]),
        (Filter::none_of("title", ["Ibis", "Heron"]), &["Gannet", "Jaeger", "Kittiwake"]),
        (Filter::between("title", "H", "J"), &["Heron", "Ibis"]),
        (Filter::not_between("title", "H", "J"), &["Gannet", "Jaeger", "Kittiwake"]),
        (Filter::is_not_null("field_tender.id"), &["Heron", "Ibis", "Kittiwake"]),
        (
            Filter::any([
                Filter::eq("title", "Ibis"),
                Filter::all([Filter::gt("title", "J"), Filter::lt("title", "K")]),
            ]),
            &["Ibis", "Jaeger"],
        ),
    ] {
        let query = Query::new().filter(Filter::eq("status", true)).filter(filter.clone()).sort("title");
        let found: Vec<_> = vessels(&client).stream(&query).try_collect().await.unwrap();
        let found: Vec<_> = found.iter().map(|vessel| vessel.attributes["title"].as_str().unwrap()).collect();
        assert_eq!(found, titles, "{filter:?}");
    }
}

#[tokio::test]
async fn a_session_that_the_site_ends_is_opened_again() {
    let site = harbor().await;
    let credentials = Credentials::session("mara", "mara-pass-1");
    let client = fake::builder(&site.url()).credentials(credentials).build().unwrap();
    assert_eq!(client.whoami().await.unwrap(), Some(known("301")));
    site.control("end-sessions").unwrap();
    assert_eq!(client.whoami().await.unwrap(), Some(known("301")));
    site.control("end-sessions").unwrap();
    let port = Identifier::new(of("taxonomy_term--port"), known("101"));
    let fields = Fields::new(json!({"title": "Linnet"})).relationship("field_port", port);
    vessels(&client).create(&fields).await.unwrap();

    // Without credentials the caller is told.
    let client = logged_in(&site, "mara").await;
    site.control("end-sessions").unwrap();
    let error = vessels(&client).create(&fields).await.unwrap_err();
    assert_eq!(code(&error), ErrorCode::InvalidSessionToken);
    assert_eq!(client.logout().await.unwrap(), LoggedOut::Ended);
}

#[tokio::test]
async fn failed_logins_are_counted_by_the_site_and_not_repeated_by_the_client() {
    let site = harbor().await;
    let client = fake::client(&site.url());
    for _ in 0..5 {
        let error = client.login("floody", "wrong").await.unwrap_err();
        assert_eq!(code(&error), ErrorCode::ObjectNotFound);
    }
    let error = client.login("floody", "floody-pass-1").await.unwrap_err();
    assert_eq!(code(&error), ErrorCode::RequestLimitExceeded);
    assert_eq!(site.record().received("POST /user/login"), 6);
    assert_eq!(code(&client.login("barred", "barred-pass-1").await.unwrap_err()), ErrorCode::OperationForbidden);
}

#[tokio::test]
async fn a_password_is_changed_by_its_owner() {
    let site = harbor().await;
    let (here, elsewhere) = (logged_in(&site, "odo").await, logged_in(&site, "odo").await);
    assert_eq!(code(&here.change_password("wrong", "odo-pass-2").await.unwrap_err()), ErrorCode::PasswordMissing);
    here.change_password("odo-pass-1", "odo-pass-2").await.unwrap();
    assert!(here.is_logged_in().await.unwrap());
    assert!(!elsewhere.is_logged_in().await.unwrap());
    here.logout().await.unwrap();
    here.login("odo", "odo-pass-2").await.unwrap();
    here.reset_password_by_name("odo").await.unwrap();
    assert_eq!(site.mails().len(), 1);
}

#[tokio::test]
async fn accounts_are_registered() {
    let site = harbor().await;
    let client = fake::client(&site.url());
    let pilot = client.register(&Registration::new("pilot", "pilot@harbor.example")).await.unwrap();
    assert_eq!(pilot["name"][0]["value"], "pilot");
    let error = client.register(&Registration::new("mara", "no address")).await.unwrap_err();
    assert_eq!(code(&error), ErrorCode::AggregateError);
    assert_eq!(error.details_of("name").next().unwrap().code.unwrap().downcast(), Some(ErrorCode::UsernameTaken));
}

#[tokio::test]
async fn files_are_uploaded_and_referred_to() {
    let site = harbor().await;
    let client = logged_in(&site, "mara").await;
    let port = Identifier::new(of("taxonomy_term--port"), known("101"));
    let fields = Fields::new(json!({"title": "Linnet"})).relationship("field_port", port);
    let linnet = vessels(&client).create(&fields).await.unwrap().id;
    let first = vessels(&client).upload("field_papers", Upload::new("log.txt", "hull check ok")).await.unwrap();
    let second = vessels(&client).upload("field_papers", Upload::new("log.txt", "second")).await.unwrap();
    assert_eq!((&*first.attributes.filename, &*second.attributes.filename), ("log.txt", "log_0.txt"));
    let papers = [Identifier::from(&first).with_meta("description", "The log")];
    vessels(&client).patch(linnet, &Fields::without_attributes().relationship("field_papers", papers)).await.unwrap();
    let read = vessels(&client).get(linnet).await.unwrap();
    assert_eq!(read.identifiers("field_papers")[0].meta["description"], "The log");
    let all = vessels(&client).upload_to(linnet, "field_papers", Upload::new("more.txt", "x")).await.unwrap();
    assert_eq!(all.len(), 2);
    let large = Upload::new("large.txt", vec![b'x'; 2000]);
    for (result, expected) in [
        (vessels(&client).upload("field_papers", large).await, ErrorCode::FileTooLarge),
        (vessels(&client).upload("field_papers", Upload::new("a.exe", "x")).await, ErrorCode::InvalidFileName),
        (vessels(&client).upload("field_nope", Upload::new("a.txt", "x")).await, ErrorCode::InvalidKeyName),
        (vessels(&client).upload("title", Upload::new("a.txt", "x")).await, ErrorCode::InvalidKeyName),
    ] {
        assert_eq!(code(&result.unwrap_err()), expected);
    }
}

#[tokio::test]
async fn settings_of_the_site_are_told() {
    let site = harbor().await;
    let client = logged_in(&site, "mara").await;
    let fields = Fields::new(json!({"title": "Linnet"}));

    site.configure(|settings| settings.read_only = true);
    assert_eq!(code(&vessels(&client).create(&fields).await.unwrap_err()), ErrorCode::OperationForbidden);
    site.configure(|settings| settings.read_only = false);

    site.configure(|settings| settings.linkset = false);
    assert_eq!(code(&client.menu("harbor-guide").await.unwrap_err()), ErrorCode::CommandUnavailable);
    site.configure(|settings| settings.linkset = true);
    let menu = client.menu("harbor-guide").await.unwrap();
    assert!(menu.iter().count() > menu.items.len() && menu.iter().any(|link| link.level > 1));
    assert!(client.menu("empty-guide").await.unwrap().items.is_empty());
    assert_eq!(code(&client.menu("nope").await.unwrap_err()), ErrorCode::ObjectNotFound);

    for (basic_auth, expected) in [(true, ErrorCode::SessionMissing), (false, ErrorCode::OperationForbidden)] {
        site.configure(|settings| settings.basic_auth = basic_auth);
        let anonymous = client.resources::<Attributes>(&of("node--article"));
        let mine = anonymous.get(known("407")).await.unwrap();
        assert_eq!(mine.attributes["status"], false);
        let stranger = fake::client(&site.url()).resources::<Attributes>(&of("node--article"));
        assert_eq!(code(&stranger.get(known("407")).await.unwrap_err()), expected);
    }

    site.configure(|settings| settings.maintenance = true);
    let hasty = statuswire::ConnectOptions::default().with_retry(statuswire::policy::Retry::never());
    let stranger = Client::builder(&site.url()).options(hasty).build().unwrap();
    let error = vessels(&stranger).get(known("501")).await.unwrap_err();
    assert_eq!(code(&error), ErrorCode::InternalServerError);
    assert!(error.retry_after().is_some());
}

#[tokio::test]
async fn revisions_and_types_without_them() {
    let site = harbor().await;
    let client = fake::client(&site.url());
    let articles = client.resources::<Attributes>(&of("node--article"));
    let latest = articles.get_with(known("401"), &Query::new().version(Version::Latest)).await.unwrap().data;
    let number = latest.attributes["drupal_internal__vid"].as_u64().unwrap();
    let same = articles.get_with(known("401"), &Query::new().version(Version::Id(number))).await.unwrap().data;
    assert_eq!(same.id, latest.id);
    let error = articles.get_with(known("401"), &Query::new().version(Version::Id(99_999))).await.unwrap_err();
    assert_eq!(code(&error), ErrorCode::ObjectNotFound);
    let users = client.resources::<Attributes>(&of("user--user"));
    let error = users.get_with(known("301"), &Query::new().version(Version::Latest)).await.unwrap_err();
    assert_eq!(code(&error), ErrorCode::CommandUnavailable);
}

#[tokio::test]
async fn rest_resources_and_views_of_the_site() {
    let site = harbor().await;
    let client = logged_in(&site, "mara").await;
    let rest = client.rest();
    let note: Attributes = rest.get("node/2").await.unwrap();
    assert_eq!(note["nid"][0]["value"], 2);
    let fields = json!({"type": [{"target_id": "article"}], "title": [{"value": "Rest made"}]});
    let made: Attributes = rest.post("node", &fields).await.unwrap();
    let path = format!("node/{}", made["nid"][0]["value"]);
    rest.patch::<Attributes>(&path, &fields).await.unwrap();
    rest.delete(&path).await.unwrap();
    assert_eq!(code(&rest.get::<Attributes>(&path).await.unwrap_err()), ErrorCode::ObjectNotFound);
    let error = rest.post::<Attributes>("node", &json!({"title": [{"value": "x"}]})).await.unwrap_err();
    assert_eq!(code(&error), ErrorCode::InvalidClassName);

    let pages: Vec<Vec<Attributes>> = client.view("api/notes").pages().try_collect().await.unwrap();
    assert_eq!(pages.len(), 1, "there is no pager");
    site.configure(|settings| settings.view_page_size = Some(3));
    let pages: Vec<Vec<Attributes>> = client.view("api/notes").pages().try_collect().await.unwrap();
    assert!(pages.len() > 1 && pages[0].len() == 3);
}
