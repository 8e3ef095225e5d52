//! A harbor: vessels with fields of every kind, ports, articles, two menus.
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::common::{
    Account, account, anonymous, items, menu, node_bundle, roles, standard_configuration, standard_nodes, values,
    vocabulary,
};
use crate::drupal::schema::{Field, FileRule, Kind, Schema, Target, node_type};
use crate::drupal::site::Site;
use crate::drupal::store::{Item, Store, Values, target, value};
use crate::drupal::view_export::Export;
use crate::drupal::viewer::Role;

/// When the content was made: 2026-11-21T09:22:50Z.
const INSTALLED: i64 = 1_795_252_970;
const PILOT: &[&str] = &[
    "create vessel content",
    "edit own vessel content",
    "delete own vessel content",
    "create article content",
    "edit own article content",
    "delete own article content",
    "create terms in tags",
    "view own unpublished content",
    "create url aliases",
    "restful post file:upload",
];

fn uuid(number: u32) -> String {
    format!("00000000-0000-4000-8000-000000{number:06}")
}

pub(super) fn site() -> Site {
    let mut nodes = standard_nodes();
    nodes.push(node_type("vessel", vessel_fields()));
    let mut store = Store::new(Schema::new(nodes, &["port", "tags"]));
    let roles = roles(vec![Role { id: "pilot", admin: false, permissions: PILOT }]);
    configure(&mut store, &roles);
    accounts(&mut store);
    terms(&mut store);
    articles(&mut store);
    vessels(&mut store);
    links(&mut store);
    Site::new(store, roles, BTreeMap::from([("/api/notes", Export { bundle: "article" })]))
}

fn vessel_fields() -> Vec<Field> {
    const PHOTOS: FileRule = FileRule { extensions: &["png", "jpg"], max_size: 20 * 1024, folder: "" };
    const PAPERS: FileRule = FileRule { extensions: &["txt", "pdf"], max_size: 1024, folder: "" };
    let reference = |entity, bundles| Kind::Reference(Target { entity, bundles });
    vec![
        Field::new("field_aka", "Aka", Kind::Line { max: 20 }).many(3),
        Field::new("field_berths", "Berths", Kind::Integer { min: Some(1), max: Some(40) }),
        Field::new("field_class", "Class", Kind::Choice(&["sloop", "ketch", "tug"])),
        Field::new("field_crew", "Crew", reference("user", &["user"])).many(0),
        Field::new("field_docked", "Docked", Kind::DateTime),
        Field::new("field_draft", "Draft", Kind::Float),
        Field::new("field_launched", "Launched", Kind::Date),
        Field::new("field_length", "Length", Kind::Decimal),
        Field::new("field_mail", "Mail", Kind::Mail),
        Field::new("field_notes", "Notes", Kind::Text).many(0),
        Field::new("field_papers", "Papers", Kind::File(PAPERS)).many(0),
        Field::new("field_phone", "Phone", Kind::Telephone),
        Field::new("field_photo", "Photo", Kind::Image(PHOTOS)),
        Field::new("field_port", "Port", reference("taxonomy_term", &["port"])).required(),
        Field::new("field_registered", "Registered", Kind::Flag),
        Field::new("field_site", "Site", Kind::Link),
        Field::new("field_stamp", "Stamp", Kind::Timestamp),
        Field::new("field_tender", "Tender", reference("node", &["vessel"])).many(2),
        Field::new("field_window", "Window", Kind::DateRange),
    ]
}

fn configure(store: &mut Store, roles: &[Role]) {
    let role_uuids = [
        "e751ea50-9cb5-49c1-ba04-2ed66f3a0e39",
        "df8d942a-9890-4fa4-9265-f84389881a35",
        "2880535d-c089-4729-938e-a997539aa72a",
        "4caf5652-e732-4e6e-8ffe-1534c2700d10",
        "24daf37a-9b80-4a41-b8f3-b869dc1901af",
    ];
    standard_configuration(store, roles, &role_uuids);
    let article = "Use <em>articles</em> for time-sensitive content like news, press releases or blog posts.";
    let page = "Use <em>basic pages</em> for your static content, such as an 'About us' page.";
    node_bundle(store, "article", "ea325440-843c-43b6-a312-7188eebb9915", "Article", article.into());
    node_bundle(store, "page", "d48b4782-fa64-49a7-b577-e91bfaec1baf", "Basic page", page.into());
    node_bundle(store, "vessel", "109211b1-b918-4fbb-a1eb-a56fd9852f96", "Vessel", Value::Null);
    vocabulary(store, "port", "5f0e7a8c-3d21-4c44-9b55-7f0c1d2e3a66", "Port");
    vocabulary(store, "tags", "eb9ad37e-ac8c-4577-b58d-35f3988837a2", "Tags");
    menu(store, "harbor-guide", "66f1a3c4-2f0b-4a60-9a53-5a0d3c9b7e06", "Harbor guide");
    menu(store, "empty-guide", "77f1a3c4-2f0b-4a60-9a53-5a0d3c9b7e07", "Empty guide");
}

fn accounts(store: &mut Store) {
    // 2026-11-21T09:19:20Z.
    let first = 1_795_252_760;
    anonymous(store, "6485bb8f-d30f-4bd5-8445-cc295cf14cf6", first);
    let admin = "5491d1e6-54e3-4eae-b839-acddda2b5de7".to_owned();
    let all: [(&str, String, &[&str]); 6] = [
        ("admin", admin, &["administrator"]),
        ("mara", uuid(301), &["pilot"]),
        ("odo", uuid(302), &[]),
        ("barred", uuid(303), &[]),
        ("floody", uuid(304), &[]),
        ("edith", uuid(305), &["content_editor"]),
    ];
    for (name, uuid, roles) in all {
        let created = if name == "admin" { first } else { INSTALLED };
        let (pass, mail) = (format!("{name}-pass-1"), format!("{name}@harbor.test"));
        let active = name != "barred";
        account(store, Account { name, uuid, pass, mail, active, roles, created, changed: INSTALLED });
    }
}

fn terms(store: &mut Store) {
    let all = [
        (101, "port", "Aster Quay", 0),
        (102, "port", "Birch Dock", 0),
        (103, "port", "Cinder Pier", 1),
        (201, "tags", "mooring", 0),
        (202, "tags", "tide", 0),
        (203, "tags", "weather", 0),
        (204, "tags", "rope", 0),
    ];
    for (number, bundle, name, parent) in all {
        let own = [("name", value(name)), ("parent", vec![target(parent)])];
        let values = values(store, "taxonomy_term", bundle, INSTALLED, 0, &own);
        store.insert("taxonomy_term", bundle, Some(uuid(number)), values);
    }
}

fn articles(store: &mut Store) {
    let tags: [&[u64]; 7] = [&[5, 6], &[6, 7], &[7, 4], &[4, 5], &[5, 6], &[], &[]];
    for (index, tags) in (1u32..).zip(tags) {
        let created = 1_700_000_000 + 3600 * i64::from(index);
        let author = if index % 2 == 0 { 6u64 } else { 2 };
        let body = format!("<p>Body of note {index}.</p>");
        let summary = if index == 1 { "First" } else { "" };
        let mut own: Vec<(&str, Vec<Item>)> = vec![
            ("title", value(format!("Harbor note {index}"))),
            ("changed", value(created)),
            ("revision_timestamp", value(INSTALLED)),
            ("status", value(index != 7)),
            ("promote", value(index < 4)),
            ("sticky", value(index == 2)),
            ("body", items(vec![json!({"value": body, "format": "basic_html", "summary": summary})])),
            ("field_tags", tags.iter().map(|tag| target(*tag)).collect()),
        ];
        if index == 1 {
            own.push(("path", items(vec![json!({"alias": "/notes/first", "pid": 1, "langcode": "en"})])));
        }
        let values = values(store, "node", "article", created, author, &own);
        store.insert("node", "article", Some(uuid(400 + index)), values);
    }
    store.next_alias = 2;
    translate_first(store);
}

/// The first article has a Spanish translation, which shows when that language is installed.
fn translate_first(store: &mut Store) {
    // 2026-11-21T09:53:37Z.
    let made = 1_795_254_817;
    let mut values: Values = values(store, "node", "article", made, 2, &[("title", value("Nota del puerto 1"))]);
    for name in ["field_tags", "body"] {
        values.shift_remove(name);
    }
    values.insert("langcode".to_owned(), value("es"));
    values.insert("default_langcode".to_owned(), value(false));
    values.insert("revision_timestamp".to_owned(), value(INSTALLED));
    values.insert("nid".to_owned(), value(1));
    values.insert("vid".to_owned(), value(1));
    values.insert("uuid".to_owned(), value(uuid(401)));
    store.translate("node", &uuid(401), "es", values);
}

fn vessels(store: &mut Store) {
    let names = ["Gannet", "Heron", "Ibis", "Jaeger", "Kittiwake"];
    let berths = [3, 6, 2, 4, 8];
    let classes = ["sloop", "ketch", "tug", "sloop", "ketch"];
    let lengths = [Some("12.5"), Some("18.25"), Some("9"), None, Some("21.75")];
    let ports = [1u64, 2, 3, 1, 2];
    let tenders: [&[u64]; 5] = [&[], &[8], &[8], &[14], &[13, 8]];
    for (index, name) in names.into_iter().enumerate() {
        let (day, lower) = (index + 1, name.to_lowercase());
        let created = 1_700_086_400 + 86_400 * index as i64;
        let known_as = if index < 2 { vec![format!("Alt {name}"), format!("Old {name}")] } else { Vec::new() };
        let page = match index {
            0 => json!({"uri": "internal:/node/1", "title": "Note", "options": []}),
            _ => json!({"uri": format!("https://boats.example/{lower}"), "title": name, "options": []}),
        };
        let crew: &[u64] = if index == 1 { &[2, 3] } else { &[] };
        let notes = vec![
            json!({"value": "Line <em>one</em>", "format": "basic_html"}),
            json!({"value": "Line two", "format": "plain_text"}),
        ];
        let window = json!({"value": format!("2024-01-{day:02}T00:00:00"),
            "end_value": format!("2024-01-{:02}T12:00:00", day + 10)});
        let own: Vec<(&str, Vec<Item>)> = vec![
            ("title", value(name)),
            ("changed", value(if index < 3 { created } else { INSTALLED })),
            ("revision_timestamp", value(INSTALLED)),
            ("field_aka", known_as.into_iter().flat_map(value).collect()),
            ("field_berths", value(berths[index])),
            ("field_class", value(classes[index])),
            ("field_crew", crew.iter().map(|user| target(*user)).collect()),
            ("field_docked", value(format!("2023-11-{:02}T06:30:00", index + 10))),
            ("field_draft", value(json!(1.5 + 0.25 * index as f64))),
            ("field_launched", value(format!("{}-05-{day:02}", 2010 + index))),
            ("field_length", lengths[index].map(value).unwrap_or_default()),
            ("field_mail", value(format!("{lower}@boats.example"))),
            ("field_notes", items(notes)),
            ("field_phone", value(format!("+15550100{index}"))),
            ("field_port", vec![target(ports[index])]),
            ("field_registered", value(index % 2 == 1)),
            ("field_site", items(vec![page])),
            ("field_stamp", value(1_700_000_000)),
            ("field_tender", tenders[index].iter().map(|vessel| target(*vessel)).collect()),
            ("field_window", items(vec![window])),
        ];
        let mut values = values(store, "node", "vessel", created, 2, &own);
        if let Some(resource) = store.schema.get("node", "vessel") {
            for field in &resource.fields {
                if let Some(items) = values.get_mut(field.name) {
                    crate::drupal::value::settle::settle(field, items);
                }
            }
        }
        store.insert("node", "vessel", Some(uuid(501 + index as u32)), values);
    }
    let own = [("title", value("Ghost")), ("status", value(false)), ("field_port", vec![target(1)])];
    let ghost = values(store, "node", "vessel", INSTALLED, 1, &own);
    store.insert("node", "vessel", Some(uuid(599)), ghost);
    // The vessel with the number 14 was deleted. The third has a draft, with the revision after that.
    store.skip_to("node", 14, 13);
    let ibis = store.by_uuid("node", &uuid(503)).and_then(|entity| store.view(entity, None));
    if let Some(mut values) = ibis.map(|view| view.values().clone()) {
        values.insert("title".to_owned(), value("Ibis draft"));
        values.insert("status".to_owned(), value(false));
        store.revise("node", &uuid(503), None, values, true);
    }
}

/// The links of the menu: number, title, where to, weight, parent.
const LINKS: [(u32, &str, &str, i64, Option<u32>); 10] = [
    (601, "Notes", "internal:/node", 0, None),
    (602, "First note", "entity:node/1", 0, Some(601)),
    (603, "Second note", "entity:node/2", 1, Some(601)),
    (604, "Deep", "internal:/node/3?x=1#part", 0, Some(602)),
    (605, "Fleet", "route:<nolink>", 1, None),
    (606, "Tide tables", "https://tides.example/table?port=a%20b", 2, None),
    (607, "Front", "internal:/", 3, None),
    (DISABLED, "Closed", "internal:/node/4", 4, None),
    (609, "Office", "internal:/admin", 5, None),
    (610, "Desk", "internal:/admin/content", 0, Some(609)),
];
const DISABLED: u32 = 608;

fn links(store: &mut Store) {
    let plugin = |number: u32| format!("menu_link_content:{}", uuid(number));
    for (number, title, uri, weight, parent) in LINKS {
        let external = uri.starts_with("https:");
        let options = match external {
            true => json!({"attributes": {"target": "_blank", "rel": "noopener", "class": ["ext", "tide"]}}),
            false => json!([]),
        };
        let own: Vec<(&str, Vec<Item>)> = vec![
            ("title", value(title)),
            ("link", items(vec![json!({"uri": uri, "title": null, "options": options})])),
            ("menu_name", value("harbor-guide")),
            ("weight", value(weight)),
            ("enabled", value(number != DISABLED)),
            ("expanded", value(true)),
            ("rediscover", value(uri.starts_with("internal:"))),
            ("external", value(external)),
            ("parent", parent.map(|parent| value(plugin(parent))).unwrap_or_default()),
        ];
        let entity = "menu_link_content";
        let values = values(store, entity, entity, INSTALLED, 0, &own);
        store.insert(entity, entity, Some(uuid(number)), values);
    }
}
