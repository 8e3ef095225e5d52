//! Creating, changing and deleting resources, relationships and files.

use crate::fake::{self, answer, api, api_error, json, site, with_cookie};
use crate::reading::{id, vessel, vessels};
use serde_json::json;
use statuswire::drupal::{Attributes, ErrorCode, Fields, Identifier, Linkage, Query, ResourceId, Upload, Version};
use statuswire::error::Delivery;
use statuswire::http::Body;
use statuswire::reexport::uuid::Uuid;
use statuswire_sandbox::http::Fault;
use std::sync::{Arc, Mutex};

fn gull() -> Fields {
    Fields::new(json!({"title": "Gull"}))
}

fn port(number: u128) -> Identifier {
    Identifier::new("taxonomy_term--port".parse().unwrap(), id(number))
}

fn mara() -> Identifier {
    Identifier::new("user--user".parse().unwrap(), id(301))
}

#[tokio::test]
async fn a_resource_is_created_with_an_id_of_the_client() {
    let server = site(|asked, _| {
        assert_eq!(asked.line(), "POST /jsonapi/node/vessel");
        assert_eq!(asked.header("content-type"), Some("application/vnd.api+json"));
        let data = asked.json()["data"].clone();
        assert_eq!((&data["type"], &data["attributes"]), (&json!("node--vessel"), &json!({"title": "Gull"})));
        assert_eq!(data["relationships"]["field_port"]["data"]["type"], "taxonomy_term--port");
        api(201, &json!({"data": {"type": "node--vessel", "id": data["id"], "attributes": {"title": "Gull"}}}))
    })
    .await;
    let vessels = vessels(&fake::client(&server.url()));
    let fields = gull().relationship("field_port", port(101));
    let (one, two) = (vessels.create(&fields).await.unwrap(), vessels.create(&fields).await.unwrap());
    assert_ne!(one.id, two.id);
    assert_eq!(one.id.get_version_num(), 4);
}

#[tokio::test]
async fn what_is_written_comes_back_with_what_a_query_includes() {
    let server = site(|asked, _| {
        assert_eq!(asked.parameter("include").as_deref(), Some("field_port"));
        assert_eq!(asked.parameter("fields[node--vessel]").as_deref(), Some("title,field_port"));
        let port = json!({"type": "taxonomy_term--port", "id": id(101)});
        let included = json!([{"type": "taxonomy_term--port", "id": id(101), "attributes": {"name": "Birch Dock"}}]);
        let vessel = json!({
            "type": "node--vessel", "id": id(7), "attributes": {"title": "Gull"},
            "relationships": {"field_port": {"data": port}}
        });
        api(if asked.method() == "POST" { 201 } else { 200 }, &json!({"data": vessel, "included": included}))
    })
    .await;
    let vessels = vessels(&fake::client(&server.url()));
    let query = Query::new().include("field_port").fields(vessels.resource_type(), ["title", "field_port"]);
    for written in [
        vessels.create_with(id(7), &gull(), &query).await.unwrap(),
        vessels.patch_with(id(7), &gull(), &query).await.unwrap(),
    ] {
        let ports = written.included.related::<Attributes, _>(&written.data, "field_port").unwrap();
        assert_eq!(ports[0].attributes["name"], "Birch Dock");
    }
    for query in [Query::new().version(Version::Latest), Query::new().limit(1)] {
        assert!(vessels.create_with(id(7), &gull(), &query).await.unwrap_err().is_invalid_request());
        assert!(vessels.patch_with(id(7), &gull(), &query).await.unwrap_err().is_invalid_request());
    }
}

/// The first request is carried out, its answer is lost, and the second one is refused.
#[tokio::test]
async fn a_creation_whose_answer_is_lost_is_recognized() {
    let server = site(|asked, _| match asked.method().as_str() {
        "POST" if asked.times() > 1 => api_error(409, "Conflict: Entity already exists."),
        "POST" => api(201, &json!({"data": vessel(7)})),
        _ => api(200, &json!({"data": vessel(7)})),
    })
    .await;
    server.fault(Fault::on("POST /jsonapi/node/vessel").nth(1).drop_connection().carried_out());
    let vessels = vessels(&fake::client(&server.url()));
    let created = vessels.create_as(id(7), &gull()).await.unwrap();
    assert_eq!(created.id, id(7));
    assert_eq!(server.record().received("POST /jsonapi/node/vessel"), 2);
    // The id of another resource is an error.
    let error = vessels.create_as(id(7), &gull()).await.unwrap_err();
    assert_eq!((error.code_as(), error.delivery()), (Some(ErrorCode::DuplicateValue), Delivery::Answered));
}

/// A request that was sent again for another reason proves nothing about an earlier one.
#[tokio::test]
async fn a_refusal_after_a_renewed_token_is_an_error() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" => with_cookie(json(200, &json!({"csrf_token": "old"})), "s"),
        "GET /session/token" => answer(200, "text/plain", "new"),
        _ if asked.header("x-csrf-token") == Some("old") => api_error(403, "X-CSRF-Token request header is invalid"),
        "POST /jsonapi/node/vessel" => api_error(409, "Conflict: Entity already exists."),
        _ => api_error(404, "The \"entity\" parameter was not converted for the path"),
    })
    .await;
    let client = fake::client(&server.url());
    client.login("mara", "mara-pass-1").await.unwrap();
    let error = vessels(&client).create_as(id(7), &gull()).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::DuplicateValue));
    assert_eq!(server.record().received("POST /jsonapi/node/vessel"), 2);
    client.logout().await.unwrap_err();
    let error = vessels(&client).delete(id(7)).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::ObjectNotFound));
}

#[tokio::test]
async fn a_deletion_whose_answer_is_lost_is_done() {
    let gone = "The \"entity\" parameter was not converted for the path";
    let server = site(move |asked, _| match asked.times() {
        1 => answer(204, "", ""),
        _ => api_error(404, gone),
    })
    .await;
    server.fault(Fault::on("DELETE /jsonapi/*").nth(1).drop_connection().carried_out());
    let vessels = vessels(&fake::client(&server.url()));
    vessels.delete(id(7)).await.unwrap();
    assert_eq!(server.record().total_received(), 2);
    assert_eq!(vessels.delete(id(7)).await.unwrap_err().code_as(), Some(ErrorCode::ObjectNotFound));
}

#[tokio::test]
async fn a_change_is_not_repeated() {
    let server = site(|asked, _| {
        assert_eq!(asked.json()["data"]["id"], id(7).to_string());
        api(200, &json!({"data": vessel(7)}))
    })
    .await;
    let vessels = vessels(&fake::client(&server.url()));
    assert_eq!(vessels.patch(id(7), &gull()).await.unwrap().id, id(7));
    server.fault(Fault::on("PATCH /jsonapi/*").drop_connection().carried_out());
    let error = vessels.patch(id(7), &gull()).await.unwrap_err();
    assert_eq!((error.code_as(), error.delivery()), (Some(ErrorCode::ConnectionFailed), Delivery::MaybeSent));
    assert_eq!(server.record().received("PATCH /jsonapi/*"), 2);
}

#[tokio::test]
async fn what_is_written_must_come_back() {
    let server = site(|_, _| api(200, &json!({"data": vessel(8)}))).await;
    let vessels = vessels(&fake::client(&server.url()));
    for error in [vessels.patch(id(7), &gull()).await.unwrap_err(), vessels.create(&gull()).await.unwrap_err()] {
        assert_eq!(error.code_as(), Some(ErrorCode::InvalidJson));
        assert!(error.is_outcome_unknown());
    }
}

/// Drupal refers to whatever has the number of the wrong resource.
#[tokio::test]
async fn targets_are_checked_before_anything_is_sent() {
    let server = site(|_, _| panic!("nothing is sent")).await;
    let vessels =
        vessels(&fake::client(&server.url())).with_targets("field_port", ["taxonomy_term--port".parse().unwrap()]);
    let missing = Identifier::new("user--user".parse().unwrap(), ResourceId::Missing);
    for error in [
        vessels.create(&gull().relationship("field_port", mara())).await.unwrap_err(),
        vessels.patch(id(7), &gull().relationship("field_crew", [missing.clone()])).await.unwrap_err(),
        vessels.relationship(id(7), "field_port").replace(mara()).await.unwrap_err(),
        vessels.relationship(id(7), "field_crew").add([missing]).await.unwrap_err(),
        vessels.relationship(id(7), "field_port").remove([mara()]).await.unwrap_err(),
    ] {
        assert_eq!((error.code_as(), error.delivery()), (Some(ErrorCode::InvalidPointer), Delivery::NotSent));
    }
    let error = vessels.create(&Fields::new(json!("x"))).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::InvalidJson));
}

#[tokio::test]
async fn the_errors_of_a_field_are_found_by_its_name() {
    let violations = json!({"errors": [
        {"status": "422", "detail": "title: This value should not be null.",
            "source": {"pointer": "/data/attributes/title"}},
        {"status": "422", "detail": "field_berths.0.value: Berths: the value may be no greater than 40.",
            "source": {"pointer": "/data/attributes/field_berths/value"}},
        {"status": "422", "detail": "field_aka.1.value: This value is too long.",
            "source": {"pointer": "/data/attributes/field_aka/1/value"}},
        {"status": "422", "detail": "field_port: This entity (node: 1) cannot be referenced.",
            "source": {"pointer": "/data/attributes/field_port"}}
    ]});
    let server = site(move |_, _| api(422, &violations)).await;
    let error = vessels(&fake::client(&server.url())).create(&gull()).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::AggregateError));
    for (field, code) in [
        ("title", ErrorCode::ValidationError),
        ("field_berths", ErrorCode::InvalidValue),
        ("field_aka", ErrorCode::InvalidValue),
        ("field_port", ErrorCode::InvalidPointer),
    ] {
        let details: Vec<_> = error.details_of(field).collect();
        assert_eq!(details.len(), 1, "{field}");
        assert_eq!(details[0].code.unwrap().downcast(), Some(code), "{field}");
    }
    assert_eq!(error.children().len(), 4);
    assert_eq!(error.details()[1].pointer.as_deref(), Some("/data/attributes/field_berths/value"));
}

#[tokio::test]
async fn relationships_are_read_and_changed() {
    let path = format!("/jsonapi/node/vessel/{}/relationships/field_crew", id(502));
    let server = site(move |asked, _| {
        assert_eq!(asked.uri().path(), path);
        let mara = json!({"type": "user--user", "id": id(301)});
        let odo = json!({"type": "user--user", "id": id(302)});
        match (asked.method().as_str(), asked.times()) {
            ("GET", _) => api(200, &json!({"data": [mara]})),
            ("POST", 1) => {
                assert_eq!(asked.json(), json!({"data": [mara]}));
                assert_eq!(asked.header("content-type"), Some("application/vnd.api+json"));
                answer(204, "", "")
            }
            ("POST", _) => api(200, &json!({"data": [mara, odo]})),
            ("PATCH", 1) => {
                assert_eq!(asked.json(), json!({"data": []}));
                answer(204, "", "")
            }
            ("PATCH", _) => {
                assert_eq!(asked.json(), json!({"data": null}));
                answer(204, "", "")
            }
            ("DELETE", _) => {
                assert_eq!(asked.json(), json!({"data": [mara]}));
                answer(204, "", "")
            }
            other => panic!("{other:?}"),
        }
    })
    .await;
    let crew = vessels(&fake::client(&server.url())).relationship(id(502), "field_crew");
    assert_eq!(crew.get().await.unwrap(), Linkage::ToMany(vec![mara()]));
    assert_eq!(crew.add([mara()]).await.unwrap(), [mara()]);
    assert_eq!(crew.add([mara()]).await.unwrap().len(), 2, "what is there now");
    crew.replace([]).await.unwrap();
    crew.replace(None).await.unwrap();
    crew.remove([mara()]).await.unwrap();
}

fn file(name: &str) -> serde_json::Value {
    json!({"type": "file--file", "id": id(9), "attributes": {
        "filename": name, "uri": {"value": "public://x", "url": "/sites/default/files/x"}, "filesize": 3, "status": false
    }})
}

#[tokio::test]
async fn a_file_is_uploaded_and_its_name_read_back() {
    let server = site(|asked, _| {
        assert_eq!(asked.line(), "POST /jsonapi/node/vessel/field_papers");
        assert_eq!(asked.header("content-type"), Some("application/octet-stream"));
        assert_eq!(asked.header("content-disposition"), Some("file; filename=\"Größe 1.txt\""));
        assert_eq!(&asked.body()[..], [7; 100_000]);
        api(201, &json!({"data": file("Größe 1_0.txt")}))
    })
    .await;
    let sent = Arc::new(Mutex::new(Vec::new()));
    let body: Body = vec![7; 100_000].into();
    let upload = Upload::new("Größe 1.txt", body).on_progress({
        let sent = sent.clone();
        move |now, all| sent.lock().unwrap().push((now, all))
    });
    let file = vessels(&fake::client(&server.url())).upload("field_papers", upload).await.unwrap();
    assert_eq!((&*file.attributes.filename, file.attributes.status), ("Größe 1_0.txt", Some(false)));
    assert_eq!(sent.lock().unwrap().last(), Some(&(100_000, 100_000)));
    // Its alternative text goes into the reference.
    let reference = Identifier::from(&file).with_meta("alt", "The deck");
    assert_eq!(serde_json::to_value(reference).unwrap()["meta"], json!({"alt": "The deck"}));
}

#[tokio::test]
async fn a_local_file_is_streamed_into_a_resource() {
    let server = site(|asked, _| {
        let one = asked.uri().path().ends_with("field_photo");
        assert_eq!(asked.body().len(), 300_000);
        assert_eq!(
            asked.header("content-disposition"),
            Some(if one { "file; filename=\"b.png\"" } else { "file; filename=\"a.txt\"" })
        );
        api(200, &json!({"data": if one { file("b.png") } else { json!([file("0.txt"), file("a.txt")]) }}))
    })
    .await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.txt");
    std::fs::write(&path, vec![1; 300_000]).unwrap();
    let vessels = vessels(&fake::client(&server.url()));
    let files = vessels.upload_to(id(7), "field_papers", Upload::open(&path).await.unwrap()).await.unwrap();
    assert_eq!(files.len(), 2);
    let photo = Upload::open(&path).await.unwrap().named("b.png");
    assert_eq!(vessels.upload_to(id(7), "field_photo", photo).await.unwrap().len(), 1);

    let vanishing = Upload::open(&path).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    let error = vessels.upload("field_papers", vanishing).await.unwrap_err();
    assert_eq!((error.code_as(), error.delivery()), (Some(ErrorCode::FileReadError), Delivery::NotSent));
}

#[tokio::test]
async fn names_that_the_site_would_misread_are_not_sent() {
    let server = site(|_, _| panic!("nothing is sent")).await;
    let vessels = vessels(&fake::client(&server.url()));
    for name in ["", "../a", "a\"b", "a\r\nb"] {
        let error = vessels.upload("field_papers", Upload::new(name, "x")).await.unwrap_err();
        assert_eq!(error.code_as(), Some(ErrorCode::InvalidFileName), "{name:?}");
    }
}

#[tokio::test]
async fn a_creation_may_be_read_as_anything() {
    let server =
        site(|asked, _| api(201, &json!({"data": {"type": "node--vessel", "id": asked.json()["data"]["id"]}}))).await;
    let client = fake::client(&server.url());
    let vessels = client.resources::<Attributes>(&"node--vessel".parse().unwrap());
    let created = vessels.create(&Fields::without_attributes().relationship("field_port", port(1))).await.unwrap();
    assert!(created.attributes.is_empty() && created.id != Uuid::nil());
}
