//! Creating and changing resources, relationships and files.
use serde_json::{Value, json};

use super::client::{Client, FILE, JSON_API, typed, uuid, vessel};

fn link(kind: &str, number: u32) -> Value {
    json!({"type": kind, "id": uuid(number)})
}

/// A vessel with a port, and these parts over it.
fn body(attributes: Value, relationships: Value) -> String {
    let mut data = json!({"type": "node--vessel", "attributes": {"title": "Quail"},
        "relationships": {"field_port": {"data": link("taxonomy_term--port", 101)}}});
    for (member, parts) in [("attributes", attributes), ("relationships", relationships)] {
        for (name, part) in parts.as_object().unwrap() {
            data[member][name] = part.clone();
        }
    }
    json!({"data": data}).to_string()
}

#[test]
fn values_that_are_refused() {
    let mut client = Client::new();
    let mara = typed(&client.log_in("mara"), JSON_API);
    for (attributes, status, part) in [
        (json!({"field_berths": "many"}), 422, "correct primitive type. @/data/attributes/field_berths/value"),
        (json!({"field_berths": 2.5}), 422, "correct primitive type. @/data/attributes/field_berths/value"),
        (json!({"field_draft": "deep"}), 422, "correct primitive type. @/data/attributes/field_draft/value"),
        (
            json!({"field_aka": ["ok", "x".repeat(21)]}),
            422,
            "field_aka.1.value: Aka: may not be longer than 20 characters. @/data/attributes/field_aka/1/value",
        ),
        (
            json!({"field_site": {"uri": "nope"}}),
            422,
            "field_site.0: The path 'nope' is invalid. @/data/attributes/field_site/0",
        ),
        (json!({"field_site": {"ur": "x"}}), 422, "Did you mean 'uri'?"),
        (
            json!({"field_notes": [{"value": "a", "format": "full_html"}]}),
            422,
            "@/data/attributes/field_notes/0/format",
        ),
        (
            json!({"field_launched": "2023-02-29"}),
            422,
            "The specified date \"2023-02-29\" is not in an accepted format",
        ),
        (json!({"field_stamp": "soon"}), 422, "\"U\" (UNIX timestamp)"),
        (
            json!({"field_phone": "1".repeat(257)}),
            422,
            "Phone: the telephone number may not be longer than 256 characters.",
        ),
        (json!({"title": {"nope": 1}}), 422, "Writable properties are: 'value'."),
        (
            json!({"drupal_internal__nid": 5}),
            403,
            "The entity ID cannot be changed. @/data/attributes/drupal_internal__nid",
        ),
        (json!({"created": "2020-01-01T00:00:00+00:00"}), 403, "The 'administer nodes' permission is required."),
    ] {
        client.send("POST", "/jsonapi/node/vessel", &mara, body(attributes, json!({}))).expect(status, part);
    }
    let answer = client.send(
        "POST",
        "/jsonapi/node/vessel",
        &mara,
        body(json!({"field_berths": 0, "field_mail": "x"}), json!({})),
    );
    assert_eq!(answer.body["errors"].as_array().unwrap().len(), 2);
}

#[test]
fn links_that_are_refused() {
    let mut client = Client::new();
    let mara = typed(&client.log_in("mara"), JSON_API);
    let tenders: Vec<_> = [501, 502, 503].map(|number| link("node--vessel", number)).into();
    for (relationships, status, part) in [
        (json!({"uid": {"data": link("user--user", 302)}}), 403, "@/data/relationships/uid"),
        (json!({"field_tender": {"data": tenders}}), 422, "Tender: this field cannot hold more than 2 values."),
        (
            json!({"field_tender": {"data": [link("node--vessel", 599)]}}),
            422,
            "This entity (node: 13) cannot be referenced.",
        ),
        (
            json!({"field_crew": {"data": [link("user--user", 303)]}}),
            422,
            "This entity (user: 4) cannot be referenced.",
        ),
        (json!({"field_port": {"data": null}}), 422, "field_port: This value should not be null."),
        (json!({"field_crew": {"data": [{"id": uuid(301)}]}}), 400, "No type specified for related resource"),
        (json!({"nope": {"data": link("user--user", 301)}}), 422, "The attribute nope does not exist"),
    ] {
        client.send("POST", "/jsonapi/node/vessel", &mara, body(json!({}), relationships)).expect(status, part);
    }
    // The number of an entity of another type is taken as it is.
    let wrong = body(json!({}), json!({"field_port": {"data": link("node--article", 402)}}));
    let answer = client.send("POST", "/jsonapi/node/vessel", &mara, wrong);
    assert_eq!(answer.body["data"]["relationships"]["field_port"]["data"]["id"], uuid(102));
}

#[test]
fn bodies_that_are_refused() {
    let mut client = Client::new();
    let mara = typed(&client.log_in("mara"), JSON_API);
    for (body, status, part) in [
        ("null", 500, "must be of type array, null given"),
        (r#"{"data": {"type": "x--y", "attributes": "x"}}"#, 500, "must be of type array, string given"),
        (r#"{"relationships": {"a": 1}, "data": {}}"#, 400, "Found \"relationships\" within the document's top level."),
        (r#"{"data": [{"type": "node--vessel"}]}"#, 400, "Resource object must include a \"type\"."),
    ] {
        client.send("POST", "/jsonapi/node/vessel", &mara, body).expect(status, part);
    }
    let query = "/jsonapi/node/vessel?resourceVersion=id:1";
    client
        .send("POST", query, &mara, "{}")
        .expect(400, "POST requests with a `resourceVersion` query parameter are not supported.");
}

#[test]
fn a_uuid_is_used_once() {
    let mut client = Client::new();
    let mara = typed(&client.log_in("mara"), JSON_API);
    let body =
        body(json!({}), json!({})).replacen("{\"data\":{", &format!("{{\"data\":{{\"id\":\"{}\",", uuid(720)), 1);
    let created = client.send("POST", "/jsonapi/node/vessel?fields[node--vessel]=title", &mara, body.clone());
    created.expect(201, "");
    assert_eq!(created.body["data"]["attributes"], json!({"title": "Quail"}));
    assert!(
        created.header("location").starts_with(&format!("http://drupal.test{}?resourceVersion=id%3A", vessel(720)))
    );
    client.send("POST", "/jsonapi/node/vessel", &mara, body).expect(409, "Conflict: Entity already exists.");
    assert_eq!(client.send("DELETE", &vessel(720), &mara, "").status, 204);
    client.send("DELETE", &vessel(720), &mara, "").expect(404, "individual.delete");
}

#[test]
fn changes() {
    let mut client = Client::new();
    let mara = typed(&client.log_in("mara"), JSON_API);
    let patch = |client: &mut Client, number: u32, attributes: Value| {
        let body = json!({"data": {"type": "node--vessel", "id": uuid(number), "attributes": attributes}});
        client.send("PATCH", &vessel(number), &mara, body.to_string())
    };
    // The present value of a protected field is let through.
    patch(&mut client, 502, json!({"sticky": false, "drupal_internal__nid": 9, "field_berths": 7})).expect(200, "");
    patch(&mut client, 502, json!({"sticky": true})).expect(403, "@/data/attributes/sticky");
    patch(&mut client, 502, json!({"drupal_internal__nid": 10})).expect(403, "the selected field (nid).");
    patch(&mut client, 503, json!({"title": "x"})).expect(400, "that has a working copy is not yet supported.");
    let answer = client.get(&vessel(502));
    assert_eq!(
        (
            &answer.body["data"]["attributes"]["field_berths"],
            &answer.body["data"]["attributes"]["drupal_internal__vid"]
        ),
        (&7.into(), &15.into())
    );
    let admin = client.log_in("admin");
    let old = client.send("GET", &format!("{}?resourceVersion=id:9", vessel(502)), &admin, "");
    assert_eq!(old.body["data"]["attributes"]["field_berths"], 6);
    let no_id = r#"{"data": {"type": "node--vessel"}}"#;
    client.send("PATCH", &vessel(502), &mara, no_id).expect(400, "does not match the ID in the payload ().");
}

#[test]
fn relationships() {
    let mut client = Client::new();
    let mara = typed(&client.log_in("mara"), JSON_API);
    let user = |number| link("user--user", number);
    let again = json!({"type": "user--user", "id": uuid(301), "meta": {"arity": 1}});
    let tag = link("taxonomy_term--tags", 201);
    for (method, field, data, status, part) in [
        ("POST", "field_crew", json!([user(305)]), 200, ""),
        ("POST", "field_crew", json!([user(301), user(302), user(305)]), 204, ""),
        ("POST", "field_crew", json!([again]), 200, ""),
        ("POST", "field_crew", json!([user(301), user(301)]), 400, "Duplicate relationships are not permitted."),
        ("DELETE", "field_crew", json!([again]), 204, ""),
        ("DELETE", "field_crew", json!([user(304)]), 204, ""),
        (
            "DELETE",
            "field_port",
            link("taxonomy_term--port", 101),
            409,
            "You can only DELETE from to-many relationships.",
        ),
        ("PATCH", "field_crew", json!(null), 400, "Invalid body payload for the relationship."),
        (
            "PATCH",
            "field_port",
            json!(null),
            422,
            "field_port: This value should not be null. @/data/attributes/field_port",
        ),
        ("PATCH", "field_port", tag, 400, "The provided type (taxonomy_term--tags) does not match"),
        (
            "PATCH",
            "uid",
            user(302),
            403,
            "not allowed to edit this relationship. The 'administer nodes' permission is required.",
        ),
    ] {
        let path = format!("{}/relationships/{field}", vessel(502));
        client.send(method, &path, &mara, json!({"data": data}).to_string()).expect(status, part);
    }
    let crew = client.get(&format!("{}/relationships/field_crew", vessel(502)));
    assert_eq!(crew.each("/id"), [uuid(301), uuid(302), uuid(305)]);
    let missing = client.get(&format!("{}/relationships/field_tender", vessel(504)));
    assert_eq!(missing.each("/id"), ["missing"]);
    assert_eq!(client.get(&format!("{}/relationships/nope", vessel(502))).status, 404);
}

#[test]
fn files() {
    let mut client = Client::new();
    let mara = typed(&client.log_in("mara"), FILE);
    let upload = |client: &mut Client, field: &str, disposition: &str, content: &[u8]| {
        let mut headers = mara.clone();
        headers.push(("content-disposition", disposition.to_owned()));
        client.send("POST", &format!("/jsonapi/node/vessel/{field}"), &headers, content.to_vec())
    };
    for (sent, kept) in [
        ("../../etc/evil.txt", "evil.txt"),
        ("run.php.txt", "run.php_.txt"),
        ("notes.html.txt", "notes.html_.txt"),
        ("a.txt", "a.txt"),
        ("a.txt", "a_0.txt"),
        ("a.txt", "a_1.txt"),
    ] {
        let answer = upload(&mut client, "field_papers", &format!("file; filename=\"{sent}\""), b"x");
        assert_eq!((answer.status, &answer.body["data"]["attributes"]["filename"]), (201, &kept.into()));
    }
    assert_eq!(client.get("/sites/default/files/").status, 404);
    for (field, disposition, content, status, part) in [
        ("title", "file; filename=\"a.txt\"", &b"x"[..], 500, "is not a file field"),
        ("nope", "file; filename=\"a.txt\"", b"x", 404, "Field \"nope\" does not exist."),
        ("field_papers", "file; filename*=\"a.txt\"", b"x", 400, "The extended \"filename*\" format"),
        ("field_papers", "file; filename=a.txt", b"x", 400, "No filename found"),
        (
            "field_papers",
            "file; filename=\"noext\"",
            b"x",
            422,
            "Only files with the following extensions are allowed: txt pdf.",
        ),
        ("field_papers", "file; filename=\"a.txt\"", &[b'x'; 1025], 422, "exceeding the maximum file size of 1 KB."),
        ("field_photo", "file; filename=\"a.png\"", b"x", 422, "The image file is invalid"),
    ] {
        upload(&mut client, field, disposition, content).expect(status, part);
    }
    let path = format!("{}/field_papers", vessel(501));
    let mut headers = mara.clone();
    headers.push(("content-disposition", "file; filename=\"log.txt\"".to_owned()));
    client.send("POST", &path, &headers, "one").expect(200, "");
    let answer = client.send("POST", &path, &headers, "two");
    assert_eq!(answer.each("/attributes/filename"), ["log.txt", "log_0.txt"]);
    let linkage = client.get(&format!("{}/relationships/field_papers", vessel(501)));
    assert_eq!(linkage.body["data"][0]["meta"]["description"], Value::Null);
}
