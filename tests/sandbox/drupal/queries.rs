//! Filters, sorts, pages, includes, versions, and what a viewer sees.
use super::client::{Client, uuid, vessel};

fn titles(client: &mut Client, query: &str) -> Vec<String> {
    let answer = client.get(&format!("/jsonapi/node/vessel?{query}&sort=title&fields[node--vessel]=title"));
    answer.expect(200, "");
    answer.each("/attributes/title")
}

#[test]
fn operators() {
    let mut client = Client::new();
    for (path, operator, values, found) in [
        ("field_berths", "=", vec!["6"], "Heron"),
        ("field_berths", "<>", vec!["6"], "Gannet Ibis Jaeger Kittiwake"),
        ("field_berths", "<=", vec!["3"], "Gannet Ibis"),
        ("field_length", ">", vec!["18"], "Heron Kittiwake"),
        ("title", "STARTS_WITH", vec!["k"], "Kittiwake"),
        ("title", "CONTAINS", vec!["NN"], "Gannet"),
        ("title", "ENDS_WITH", vec!["s"], "Ibis"),
        ("field_class", "IN", vec!["tug", "ketch"], "Heron Ibis Kittiwake"),
        ("field_class", "NOT IN", vec!["tug", "ketch"], "Gannet Jaeger"),
        ("field_berths", "BETWEEN", vec!["3", "6"], "Gannet Heron Jaeger"),
        ("field_berths", "NOT BETWEEN", vec!["3", "6"], "Ibis Kittiwake"),
        ("field_crew", "IS NULL", vec![], "Gannet Ibis Jaeger Kittiwake"),
        ("field_crew", "IS NOT NULL", vec![], "Heron"),
        ("field_registered", "=", vec!["1"], "Heron Jaeger"),
        ("field_registered", "=", vec!["true"], ""),
        ("field_stamp", "=", vec!["1700000000"], "Gannet Heron Ibis Jaeger Kittiwake"),
        ("field_docked", ">", vec!["2023-11-13T00:00:00"], "Jaeger Kittiwake"),
        ("field_aka.1", "=", vec!["Old Heron"], "Heron"),
        ("field_aka.0", "=", vec!["Old Heron"], ""),
        ("field_site.uri", "CONTAINS", vec!["ibis"], "Ibis"),
        ("field_port.id", "=", vec!["00000000-0000-4000-8000-000000000103"], "Ibis"),
        ("field_port.parent.name", "=", vec!["Aster Quay"], "Ibis"),
        ("field_port.meta.drupal_internal__target_id", "=", vec!["2"], "Heron Kittiwake"),
        ("field_tender.field_port.name", "=", vec!["Aster Quay"], "Heron Ibis Kittiwake"),
    ] {
        let mut query = format!("filter[c][condition][path]={path}&filter[c][condition][operator]={operator}");
        let list = values.len() > 1 || operator.ends_with("IN");
        for value in &values {
            query.push_str(&format!("&filter[c][condition][value]{}={value}", if list { "[]" } else { "" }));
        }
        assert_eq!(titles(&mut client, &query).join(" "), found, "{path} {operator} {values:?}");
    }
}

#[test]
fn groups_nest() {
    let mut client = Client::new();
    let condition = |key: &str, path: &str, value: &str, group: &str| {
        format!(
            "&filter[{key}][condition][path]={path}&filter[{key}][condition][value]={value}\
             &filter[{key}][condition][memberOf]={group}"
        )
    };
    let query =
        "filter[any][group][conjunction]=OR&filter[all][group][conjunction]=AND&filter[all][group][memberOf]=any"
            .to_owned()
            + &condition("a", "title", "Ibis", "any")
            + &condition("b", "field_class", "sloop", "all")
            + &condition("c", "field_registered", "1", "all");
    assert_eq!(titles(&mut client, &query), ["Ibis", "Jaeger"]);
}

#[test]
fn queries_that_are_refused() {
    let mut client = Client::new();
    let condition = "filter[c][condition]";
    for (query, status, part) in [
        ("filter[title.value]=x", 400, "Filter by `title`, not `title.value`"),
        ("filter[field_site.nope]=x", 400, "Must be one of the following property names: `uri`, `title`, `options`."),
        ("filter[field_port.nope]=x", 400, "The field `nope`, given in the path `field_port.nope`, does not exist."),
        ("filter[field_notes]=x", 400, "one of the following specifiers: `value`, `format`, `processed`."),
        ("filter[node_type.id]=x", 400, "Filtering on config entities is not supported"),
        ("filter[g][group][conjunction]=XOR", 500, "Allowed conjunctions: AND, OR."),
        (&format!("{condition}[path]=title&{condition}[value]=x&{condition}[memberOf]=nope"), 500, ""),
        (&format!("{condition}[path]=field_berths&{condition}[operator]=BETWEEN&{condition}[value]=1"), 500, ""),
        ("filter[title][value][]=a&filter[title][value][]=b", 500, "must have an array compatible operator."),
        ("filter[title][operator]=CONTAINS", 400, "You must provide a valid filter condition."),
        ("include=field_port.nope", 400, "`field_port.nope` is not a valid include path. `nope` is not a valid"),
        ("include[]=x", 400, "contains a non-scalar value"),
        ("_format=json", 406, "Supported formats: api_json."),
        ("_format=api_json", 400, "_format"),
        ("resourceVersion=id:9", 400, "Collection resources only support"),
        ("resourceVersion=rel:working-copy&filter[title]=x", 501, "does not support filtering on revisions"),
        ("sort[a][direction]=DESC", 400, "You need to provide a field name for the sort parameter."),
    ] {
        client.get(&format!("/jsonapi/node/vessel?{query}")).expect(status, part);
    }
    client.get(&format!("/jsonapi/user/user/{}?resourceVersion=id:1", uuid(301))).expect(501, "does not yet support");
    client.control("set basic_auth off");
    let mail = "/jsonapi/node/vessel?filter[uid.mail]=x";
    client.get(mail).expect(403, "by the `mail` field, given in the path `uid.entity:user.mail`.");
}

#[test]
fn pages() {
    let mut client = Client::new();
    // A row that is not visible counts: the page is shorter than its limit.
    let first = client.get("/jsonapi/node/vessel?sort=title&page[limit]=2&fields[node--vessel]=title");
    assert_eq!(first.each("/attributes/title"), ["Gannet"]);
    assert!(first.body["links"]["next"].is_object() && first.body["meta"]["omitted"].is_object());
    let mut seen = first.each("/attributes/title");
    let mut next = first.body["links"]["next"]["href"].as_str().map(str::to_owned);
    while let Some(url) = next {
        let page = client.get(url.trim_start_matches("http://drupal.test"));
        seen.extend(page.each("/attributes/title"));
        next = page.body["links"]["next"]["href"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, ["Gannet", "Heron", "Ibis", "Jaeger", "Kittiwake"]);
    for (query, number) in
        [("page[limit]=word", 5), ("page[number]=3", 5), ("page[offset]=99", 0), ("page[limit]=0", 0)]
    {
        let answer = client.get(&format!("/jsonapi/node/vessel?{query}"));
        match answer.status {
            200 => assert_eq!(answer.each("/id").len(), number, "{query}"),
            _ => answer.expect(400, "positive integer"),
        }
    }
}

#[test]
fn includes_leave_out_what_is_hidden() {
    let mut client = Client::new();
    let path = format!(
        "{}?include=field_tender,field_port&fields[node--vessel]=title&fields[taxonomy_term--port]=name",
        vessel(505)
    );
    let answer = client.get(&path);
    let included: Vec<_> = answer.body["included"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!(included, [uuid(501), uuid(102)]);
    let omitted = answer.body["meta"]["omitted"]["links"].to_string();
    assert!(omitted.contains(&vessel(599)), "{omitted}");
    // Of a blocked account only the label is there, and nothing can be included from it.
    let barred = client.get(&format!("/jsonapi/user/user/{}", uuid(303)));
    assert_eq!(barred.body["data"]["attributes"], serde_json::json!({"display_name": "barred"}));
    assert!(barred.body["data"]["relationships"].is_null());
}

#[test]
fn identities_and_versions() {
    let mut client = Client::new();
    let other = client.get(&format!("/jsonapi/node/article/{}", uuid(502)));
    assert_eq!((other.status, &other.body["data"]["type"]), (200, &"node--vessel".into()));
    let slash = client.get(&format!("/index.php{}", vessel(502)));
    assert!(
        slash.body["data"]["links"]["self"]["href"]
            .as_str()
            .unwrap()
            .starts_with("http://drupal.test/index.php/jsonapi/")
    );
    let draft = format!("{}?resourceVersion=rel:working-copy", vessel(503));
    client.get(&draft).expect(401, "");
    let admin = client.log_in("admin");
    let answer = client.send("GET", &draft, &admin, "");
    assert_eq!(answer.body["data"]["attributes"]["title"], "Ibis draft");
    client
        .get(&format!("{}?resourceVersion=id:9", vessel(501)))
        .expect(404, "identified by `id:9`, could not be found.");
}

#[test]
fn without_the_permission_to_read_everything_is_left_out() {
    let mut client = Client::new();
    client.control("set anonymous_may_read off");
    let answer = client.get("/jsonapi/node/article?page[limit]=3");
    assert!(answer.each("/id").is_empty());
    let detail =
        "The current user is not allowed to GET the selected resource. The 'access content' permission is required.";
    assert!(answer.text.contains(detail) && answer.body["links"]["next"].is_object());
    let filtered = client.get("/jsonapi/node/article?filter[status]=1");
    assert!(filtered.each("/id").is_empty() && filtered.body["meta"].is_null());
}

/// None of these ends the program, or takes long.
#[test]
fn endless_queries() {
    let mut client = Client::new();
    let path = vec!["field_tender"; 4_000].join(".");
    client.get(&format!("/jsonapi/node/vessel?include={path}")).expect(400, "more than 64 parts");
    client.get(&format!("/jsonapi/node/vessel?filter[{path}.title]=x")).expect(200, "");
    client.get(&format!("/jsonapi/node/vessel?filter{}=x", "[a]".repeat(8_900))).expect(200, "");
    let groups: String = (1..500)
        .map(|n| format!("&filter[{n}][group][conjunction]=OR&filter[{n}][group][memberOf]={}", n - 1))
        .collect();
    let query = format!("/jsonapi/node/vessel?filter[0][group][conjunction]=OR{groups}");
    client.get(&query).expect(400, "deeper than 64 levels");
}
