//! What all worlds have: roles, configuration, the first two users.
use serde_json::{Value, json};

use crate::drupal::schema::{Field, FileRule, Kind, ResourceType, Target, node_type};
use crate::drupal::store::{Item, Store, Values, defaults, target, value};
use crate::drupal::viewer::Role;

const ANYONE: &[&str] = &["access content", "access comments", "access user profiles", "view media"];
const ANONYMOUS: &[&str] =
    &["access content", "access comments", "access user profiles", "view media", "restful post user_registration"];
const MEMBER: &[&str] = &[
    "access content",
    "access comments",
    "access user profiles",
    "view media",
    "post comments",
    "delete own files",
    "use text format basic_html",
];
const EDITOR: &[&str] = &[
    "create article content",
    "edit own article content",
    "edit any article content",
    "delete own article content",
    "create page content",
    "edit own page content",
    "edit any page content",
    "create terms in tags",
    "edit terms in tags",
    "view own unpublished content",
    "view all revisions",
    "create url aliases",
    "access administration pages",
    "use text format full_html",
];

/// The roles of a standard site.
pub(super) fn roles(own: Vec<Role>) -> Vec<Role> {
    let role = |id, admin, permissions| Role { id, admin, permissions };
    let mut roles = vec![
        role("anonymous", false, ANONYMOUS),
        role("authenticated", false, MEMBER),
        role("content_editor", false, EDITOR),
        role("administrator", true, ANYONE),
    ];
    roles.extend(own);
    roles
}

pub(super) fn tags() -> Kind {
    Kind::Reference(Target { entity: "taxonomy_term", bundles: &["tags"] })
}

/// Articles and pages.
pub(super) fn standard_nodes() -> Vec<ResourceType> {
    const PICTURES: FileRule = FileRule { extensions: &["png", "gif", "jpg", "jpeg", "webp"], max_size: 0, folder: "" };
    let body = || Field::new("body", "Body", Kind::TextWithSummary);
    let article = vec![
        body(),
        Field::new("comment", "Comments", Kind::Comments),
        Field::new("field_image", "Image", Kind::Image(PICTURES)),
        Field::new("field_tags", "Tags", tags()).many(0),
    ];
    vec![node_type("article", article), node_type("page", vec![body()])]
}

/// Values by name, over the defaults of the type.
pub(super) fn values(
    store: &Store,
    entity: &str,
    bundle: &str,
    at: i64,
    owner: u64,
    own: &[(&str, Vec<Item>)],
) -> Values {
    let resource = store.schema.get(entity, bundle);
    let mut values = resource.map(|resource| defaults(resource, at, owner)).unwrap_or_default();
    for (name, items) in own {
        values.insert((*name).to_owned(), items.clone());
    }
    values
}

/// An item of several properties.
pub(super) fn item(properties: Value) -> Item {
    match properties {
        Value::Object(properties) => properties,
        _ => Item::new(),
    }
}

pub(super) fn items(all: Vec<Value>) -> Vec<Item> {
    all.into_iter().map(item).collect()
}

/// An account of a world.
pub(super) struct Account {
    pub(super) name: &'static str,
    pub(super) uuid: String,
    pub(super) pass: String,
    pub(super) mail: String,
    pub(super) active: bool,
    pub(super) roles: &'static [&'static str],
    pub(super) created: i64,
    pub(super) changed: i64,
}

pub(super) fn account(store: &mut Store, account: Account) {
    let own = [
        ("name", value(account.name)),
        ("pass", value(account.pass)),
        ("mail", value(account.mail.clone())),
        ("init", value(account.mail)),
        ("status", value(account.active)),
        ("roles", account.roles.iter().map(|role| target(*role)).collect()),
        ("changed", value(account.changed)),
    ];
    let values = values(store, "user", "user", account.created, 0, &own);
    store.insert("user", "user", Some(account.uuid), values);
}

/// The anonymous user, which has the number 0.
pub(super) fn anonymous(store: &mut Store, uuid: &str, at: i64) {
    let values = values(store, "user", "user", at, 0, &[("name", value("")), ("status", value(false))]);
    store.insert_numbered("user", "user", uuid, 0, values);
}

/// A piece of configuration.
fn configuration(store: &mut Store, entity: &'static str, id: &str, uuid: &str, own: Value) {
    let mut values = Values::from_iter([
        ("langcode".to_owned(), value("en")),
        ("status".to_owned(), value(true)),
        ("dependencies".to_owned(), vec![item(json!({"value": []}))]),
    ]);
    for (name, property) in item(own) {
        values.insert(name, vec![item(json!({"value": property}))]);
    }
    store.insert_named(entity, id, uuid, values);
}

/// A name and a UUID for each piece of configuration.
pub(super) fn node_bundle(store: &mut Store, id: &str, uuid: &str, name: &str, description: Value) {
    let own = json!({"name": name, "description": description, "help": null, "new_revision": true, "preview_mode": 1,
        "display_submitted": true});
    configuration(store, "node_type", id, uuid, own);
}

pub(super) fn vocabulary(store: &mut Store, id: &str, uuid: &str, name: &str) {
    let own = json!({"name": name, "description": null, "weight": 0, "new_revision": false});
    configuration(store, "taxonomy_vocabulary", id, uuid, own);
}

pub(super) fn menu(store: &mut Store, id: &str, uuid: &str, label: &str) {
    configuration(store, "menu", id, uuid, json!({"label": label, "description": "", "locked": false}));
}

/// Roles, media and comment types, and the menus of every site as configuration.
pub(super) fn standard_configuration(store: &mut Store, roles: &[Role], role_uuids: &[&str]) {
    for (weight, role) in roles.iter().enumerate() {
        let uuid = role_uuids.get(weight).map_or_else(crate::drupal::text::random_uuid, |uuid| (*uuid).to_owned());
        let own = json!({"label": role.id, "weight": weight, "is_admin": role.admin, "permissions": role.permissions});
        configuration(store, "user_role", role.id, &uuid, own);
    }
    let own = json!({"label": "Default comments", "description": "Allows commenting on content", "target_entity_type_id": "node"});
    configuration(store, "comment_type", "comment", "2db3331a-a56f-4726-bbe6-b49e87c773a7", own);
    let media = [
        ("audio", "f3f4a7c5-4b0e-4b52-9c3e-0a1f6f0c6b11"),
        ("document", "4b100394-3542-41e9-abe9-e3922d18a376"),
        ("image", "7d0c7b0e-1f6b-4b07-8d3b-6a0a9e8f1c22"),
        ("remote_video", "b1c5b3a2-57b0-4f0e-a7a7-0d2f3c4b5a33"),
        ("video", "c2d6c4b3-68c1-4a1f-b8b8-1e3a4d5c6b44"),
    ];
    for (id, uuid) in media {
        configuration(
            store,
            "media_type",
            id,
            uuid,
            json!({"label": id, "description": "", "source": "file", "new_revision": true}),
        );
    }
    let menus = [
        ("account", "11f1a3c4-2f0b-4a60-9a53-5a0d3c9b7e01", "User account menu"),
        ("admin", "22f1a3c4-2f0b-4a60-9a53-5a0d3c9b7e02", "Administration"),
        ("footer", "33f1a3c4-2f0b-4a60-9a53-5a0d3c9b7e03", "Footer"),
        ("main", "44f1a3c4-2f0b-4a60-9a53-5a0d3c9b7e04", "Main navigation"),
        ("tools", "55f1a3c4-2f0b-4a60-9a53-5a0d3c9b7e05", "Tools"),
    ];
    for (id, uuid, label) in menus {
        menu(store, id, uuid, label);
    }
}
