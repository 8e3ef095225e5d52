//! Reading resources: queries, pages, related resources, what comes back.

use crate::fake::{self, Asked, answer, api, api_error, site};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use statuswire::codes::Recovery;
use statuswire::drupal::{
    Attributes, Client, Count, ErrorCode, Filter, Identifier, Query, ResourceId, Resources, Version,
};
use statuswire::error::{Cause, Error};
use statuswire::http::Request;
use statuswire::reexport::uuid::Uuid;
use statuswire_sandbox::reexport::bytes::Bytes;
use statuswire_sandbox::reexport::http::Response;
use std::time::Duration;

#[derive(Debug, PartialEq, serde::Deserialize)]
pub struct Vessel {
    title: String,
}

pub fn vessels(client: &Client) -> Resources<Vessel> {
    client.resources(&"node--vessel".parse().unwrap())
}

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x4000_8000_0000_0000_0000 + number)
}

pub fn vessel(number: u128) -> Value {
    json!({"type": "node--vessel", "id": id(number), "attributes": {"title": format!("Vessel {number}")}})
}

#[track_caller]
fn decode_failure(error: &Error) -> (&str, &str) {
    assert_eq!(error.code_as(), Some(ErrorCode::InvalidJson), "{error}");
    match error.cause() {
        Cause::Decode(failure) => (&failure.path, &failure.reason),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_resource_is_read_with_what_it_includes() {
    let server = site(|asked, _| {
        assert_eq!(asked.uri().path(), format!("/jsonapi/node/vessel/{}", id(502)));
        let parameters = asked.parameters();
        let parameters: Vec<_> = parameters.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(
            parameters,
            [
                ("include", "field_port,field_crew"),
                ("fields[node--vessel]", "title,field_port"),
                ("resourceVersion", "rel:working-copy")
            ]
        );
        let port = json!({"type": "taxonomy_term--port", "id": id(102)});
        let mut heron = vessel(502);
        heron["relationships"] = json!({"field_port": {"data": port}, "field_crew": {"data": []}});
        let mut included = port.clone();
        included["attributes"] = json!({"name": "Birch Dock"});
        api(200, &json!({"data": heron, "included": [included], "jsonapi": {"version": "1.1"}, "foreign": 1}))
    })
    .await;
    let client = fake::client(&server.url());
    let query = Query::new()
        .include("field_port")
        .include("field_crew")
        .fields(&"node--vessel".parse().unwrap(), ["title"])
        .fields(&"node--vessel".parse().unwrap(), ["field_port"])
        .version(Version::WorkingCopy);
    let heron = vessels(&client).get_with(id(502), &query).await.unwrap();
    assert_eq!(heron.data.attributes.title, "Vessel 502");
    let port = heron.included.related::<Attributes, _>(&heron.data, "field_port").unwrap();
    assert_eq!(port[0].attributes["name"], "Birch Dock");
}

#[tokio::test]
async fn a_resource_of_another_type_or_id_is_not_taken() {
    let server = site(|asked, _| {
        let mut other = vessel(502);
        if asked.uri().path().ends_with(&id(501).to_string()) {
            other = json!({"type": "node--article", "id": id(501), "attributes": {"body": 1}});
        }
        api(200, &json!({"data": other}))
    })
    .await;
    let client = fake::client(&server.url());
    let error = vessels(&client).get(id(501)).await.unwrap_err();
    assert_eq!(decode_failure(&error).1, "the answer is a node--article, not a node--vessel");
    assert_eq!(error.context().command, format!("GET /jsonapi/node/vessel/{}", id(501)));
    let error = vessels(&client).get(id(503)).await.unwrap_err();
    assert!(decode_failure(&error).1.starts_with("the answer is the resource"));
}

#[tokio::test]
async fn filters_are_sent_as_drupal_reads_them() {
    let server = site(|asked, _| {
        assert_eq!(asked.parameter("filter[k1][condition][path]").as_deref(), Some("field_class"));
        assert_eq!(asked.parameter("filter[k1][condition][operator]").as_deref(), Some("IN"));
        assert_eq!(asked.parameter("filter[k1][condition][value][0]").as_deref(), Some("sloop & co"));
        assert_eq!(asked.parameter("filter[k1][condition][value][1]").as_deref(), Some("tug,ketch"));
        api(200, &json!({"data": []}))
    })
    .await;
    let client = fake::client(&server.url());
    let query = Query::new().filter(Filter::one_of("field_class", ["sloop & co", "tug,ketch"]));
    assert!(vessels(&client).page(&query).await.unwrap().data.is_empty());
}

#[tokio::test]
async fn what_the_site_would_refuse_is_not_sent() {
    let server = site(|_, _| panic!("nothing is sent")).await;
    let client = fake::client(&server.url());
    for query in [
        Query::new().limit(0),
        Query::new().filter(Filter::one_of("a", [0_u8; 0])),
        Query::new().include("a b"),
        Query::new().version(Version::Id(1)),
    ] {
        let error = vessels(&client).page(&query).await.unwrap_err();
        assert!(error.is_invalid_request() && error.code().is_some(), "{error}");
        assert!(vessels(&client).pages(&query).next().await.unwrap().is_err());
        assert!(vessels(&client).count(&query).await.is_err());
    }
    let one = Query::new().sort("title");
    assert!(vessels(&client).get_with(id(1), &one).await.unwrap_err().is_invalid_request());
}

/// A site with six vessels on pages of two, of which the caller may not see numbers 3 and 4.
fn paged(asked: &Asked<'_>) -> Response<Bytes> {
    let host = asked.header("host").unwrap();
    let offset: u128 = asked.parameter("page[offset]").map_or(0, |offset| offset.parse().unwrap());
    let seen: Vec<_> = (offset + 1..=offset + 2).filter(|number| !matches!(number, 3 | 4)).map(vessel).collect();
    let mut page = json!({"data": seen, "links": {"self": {"href": "x"}}});
    if offset < 4 {
        let next = format!("http://{host}/jsonapi/node/vessel?page%5Boffset%5D={}&page%5Blimit%5D=2", offset + 2);
        page["links"]["next"] = json!({"href": next});
    }
    if seen.is_empty() {
        page["meta"] = json!({"omitted": {"detail": "Some", "links": {
            "help": {"href": "h"},
            "item--a": {"href": "a", "meta": {"detail": "Not yours."}},
            "item--b": {"href": "b", "meta": {"detail": "Not yours."}}
        }}});
    }
    api(200, &page)
}

#[tokio::test]
async fn pages_are_followed_over_empty_ones() {
    let server = site(|asked, _| paged(asked)).await;
    let client = fake::client(&server.url());
    let pages: Vec<_> = vessels(&client).pages(&Query::new()).try_collect().await.unwrap();
    assert_eq!(pages.iter().map(|page| page.data.len()).collect::<Vec<_>>(), [2, 0, 2]);
    assert_eq!(pages[1].omitted.len(), 2);
    assert_eq!(pages[1].omitted[0].detail, "Not yours.");
    let titles = vessels(&client).stream(&Query::new()).map_ok(|vessel| vessel.attributes.title);
    let titles: Vec<_> = titles.try_collect().await.unwrap();
    assert_eq!(titles, ["Vessel 1", "Vessel 2", "Vessel 5", "Vessel 6"]);
}

#[tokio::test]
async fn a_count_says_when_it_does_not_know() {
    let server = site(|asked, _| {
        assert_eq!(asked.parameter("fields[node--vessel]").as_deref().unwrap_or_default(), "");
        if asked.parameter("page[offset]").is_none() {
            assert_eq!(asked.parameter("sort").as_deref(), Some("id"), "in another order pages may overlap");
        }
        paged(asked)
    })
    .await;
    let client = fake::client(&server.url());
    assert_eq!(vessels(&client).count(&Query::new()).await.unwrap(), Count::AtLeast(4), "two are hidden");
    let short = fake::builder(&server.url()).max_pages(2).build().unwrap();
    assert_eq!(vessels(&short).count(&Query::new()).await.unwrap(), Count::AtLeast(2), "two pages of three");

    let server = site(|_, _| api(200, &json!({"data": [vessel(1)]}))).await;
    assert_eq!(vessels(&fake::client(&server.url())).count(&Query::new()).await.unwrap(), Count::Exact(1));
    let server = site(|_, _| api(200, &json!({"data": [vessel(1)], "meta": {"count": 812}}))).await;
    assert_eq!(vessels(&fake::client(&server.url())).count(&Query::new()).await.unwrap(), Count::Exact(812));
    assert_eq!(server.record().total_received(), 1);
}

#[tokio::test]
async fn the_first_resource_may_be_on_a_later_page() {
    let server = site(|asked, _| match asked.parameter("page[offset]").as_deref() {
        None => {
            let next = format!("http://{}/jsonapi/node/vessel?page[offset]=1", asked.header("host").unwrap());
            assert_eq!(asked.parameter("page[limit]").as_deref(), Some("1"));
            api(200, &json!({"data": [], "links": {"next": {"href": next}}}))
        }
        _ => api(200, &json!({"data": [vessel(7)]})),
    })
    .await;
    let first = vessels(&fake::client(&server.url())).first(&Query::new()).await.unwrap();
    assert_eq!(first.unwrap().data.id, id(7));
    let server = site(|_, _| api(200, &json!({"data": []}))).await;
    assert!(vessels(&fake::client(&server.url())).first(&Query::new()).await.unwrap().is_none());
}

#[tokio::test]
async fn links_to_other_hosts_and_circles_end_the_walk() {
    let next = |href: String| api(200, &json!({"data": [vessel(1)], "links": {"next": {"href": href}}}));
    let elsewhere = site(move |_, _| next("http://other.example/jsonapi/node/vessel?page=2".to_owned())).await;
    let circle =
        site(move |asked, _| next(format!("http://{}/jsonapi/node/vessel?x-a=1", asked.header("host").unwrap()))).await;
    let endless = site(move |asked, number| {
        next(format!("http://{}/jsonapi/node/vessel?x-a={number}", asked.header("host").unwrap()))
    })
    .await;
    // The pages that were read are there, and then the error.
    for (url, reason, results_expected) in [
        (elsewhere.url(), "another host", 2),
        (circle.url(), "a page that was there before", 3),
        (endless.url(), "more pages than the client follows", 6),
    ] {
        let client = fake::builder(&url).max_pages(5).build().unwrap();
        let results: Vec<_> = vessels(&client).pages(&Query::new()).collect().await;
        let error = results.last().unwrap().as_ref().unwrap_err();
        assert!(decode_failure(error).1.contains(reason), "{error}");
        assert_eq!(results.len(), results_expected, "{reason}");
    }
}

#[tokio::test]
async fn related_resources_come_by_their_own_link() {
    let server = site(|asked, _| {
        let path = format!("/jsonapi/node/vessel/{}/field_crew", id(502));
        if asked.uri().path() == path {
            return api(200, &json!({"data": [{"type": "user--user", "id": id(301), "attributes": {"name": "mara"}}]}));
        }
        let one = asked.uri().path().ends_with("field_port");
        api(
            200,
            &json!({"data": if one { json!({"type": "taxonomy_term--port", "id": id(102)}) } else { json!(null) }}),
        )
    })
    .await;
    let vessels = vessels(&fake::client(&server.url()));
    let related = async |field| vessels.related::<Attributes>(id(502), field, &Query::new()).await.unwrap().data;
    assert_eq!(related("field_crew").await[0].attributes["name"], "mara");
    assert_eq!(related("field_port").await.len(), 1);
    assert!(related("field_photo").await.is_empty());
}

#[tokio::test]
async fn a_language_stands_before_each_path() {
    let server = site(|asked, _| {
        let spanish = asked.line().starts_with("GET /site/es/jsonapi/node/vessel/");
        let english = asked.line().starts_with("GET /site/jsonapi/node/vessel/");
        assert!(spanish != english, "{}", asked.line());
        let langcode = if spanish { "es" } else { "en" };
        api(200, &json!({"data": {"type": "node--vessel", "id": id(1), "attributes": {"langcode": langcode}}}))
    })
    .await;
    let client = fake::client(&format!("{}/site/", server.url()));
    let spanish = client.in_language("/es/");
    let read = async |client: &Client| {
        client.resources::<Attributes>(&"node--vessel".parse().unwrap()).get(id(1)).await.unwrap()
    };
    assert_eq!(read(&spanish).await.langcode(), Some("es"));
    assert_eq!(read(&client).await.langcode(), Some("en"));
}

#[tokio::test]
async fn a_site_may_have_moved_json_api_and_renamed_types() {
    let server = site(|asked, _| {
        let articles = json!({"type": "articles", "id": id(1)});
        match asked.uri().path() {
            "/api/v2" => api(200, &json!({"data": [], "links": {"node--vessel": {"href": "x"}}})),
            "/api/v2/node/vessel" => api(
                200,
                &json!({"data": [{
                    "type": "node--vessel", "id": id(2), "attributes": {"title": "x"},
                    "relationships": {"field_notes": {"data": [articles]}}
                }]}),
            ),
            "/api/v2/articles" => api(200, &json!({"data": [articles]})),
            "/api/v2/node/absent" => answer(404, "text/html", "<html>"),
            path => panic!("{path}"),
        }
    })
    .await;
    let client = fake::builder(&server.url()).jsonapi_path("/api/v2/").build().unwrap();
    assert_eq!(client.types().await.unwrap(), ["node--vessel"]);
    let vessel = vessels(&client).page(&Query::new()).await.unwrap();
    let note: &Identifier = &vessel.data[0].identifiers("field_notes")[0];
    let articles = client.resources::<Attributes>(&note.resource_type).page(&Query::new()).await.unwrap();
    assert_eq!(ResourceId::from(articles.data[0].id), note.id);
    // The codes of errors depend on paths below that of JSON:API.
    let absent = client.resources::<Attributes>(&"node--absent".parse().unwrap()).page(&Query::new()).await;
    assert_eq!(absent.unwrap_err().code_as(), Some(ErrorCode::InvalidClassName));
}

/// A load balancer may set cookies of its own.
#[tokio::test]
async fn only_the_cookie_of_a_session_is_a_credential() {
    let server = site(|_, _| api_error(401, "No authentication credentials provided.")).await;
    for (name, code) in [("balancer", ErrorCode::SessionMissing), (fake::COOKIE, ErrorCode::InvalidSessionToken)] {
        let client = fake::client(&server.url());
        client.http().cookies().unwrap().set(name, "1").unwrap();
        let error = vessels(&client).get(id(1)).await.unwrap_err();
        assert_eq!(error.code_as(), Some(code), "{name}");
    }
}

#[tokio::test]
async fn refusals_carry_code_status_and_text() {
    let server = site(|_, _| {
        api_error(400, "Invalid nested filtering. The field `nope`, given in the path `nope`, does not exist.")
    })
    .await;
    let query = Query::new().filter(Filter::eq("nope", 1));
    let error = vessels(&fake::client(&server.url())).page(&query).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::InvalidKeyName));
    assert_eq!(error.http_failure().unwrap().status, 400);
    assert!(error.details()[0].text.contains("`nope`"));
}

#[tokio::test]
async fn maintenance_is_waited_for_by_calls_that_are_safe_to_repeat() {
    let server = site(|asked, _| match asked.times() {
        1 => {
            let mut response = api_error(503, "Harbor is currently under maintenance.");
            response.headers_mut().insert("retry-after", "1".parse().unwrap());
            response
        }
        _ => answer(204, "", ""),
    })
    .await;
    let client = fake::client(&server.url());
    client.send(Request::get("anything")).await.unwrap();
    let error = client.send(Request::post("anything")).await.unwrap_err();
    assert_eq!((error.code_as(), error.recovery()), (Some(ErrorCode::InternalServerError), Recovery::Wait), "{error}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(1)));
}
