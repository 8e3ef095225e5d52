//! Configuration as resources: it can be read, not written.
use super::{EntityType, Field, Kind, ResourceType};

const fn configuration(name: &'static str, label: &'static str, admin: &'static str) -> EntityType {
    EntityType {
        name,
        id: "id",
        revision: None,
        label,
        bundle: None,
        owner: None,
        published: false,
        configuration: true,
        page: None,
        admin,
    }
}

static NODE_TYPE: EntityType =
    EntityType { id: "type", ..configuration("node_type", "name", "administer content types") };
static VOCABULARY: EntityType =
    EntityType { id: "vid", ..configuration("taxonomy_vocabulary", "name", "administer taxonomy") };
static ROLE: EntityType = configuration("user_role", "label", "administer permissions");
static MENU: EntityType = configuration("menu", "label", "administer menu");
static MEDIA_TYPE: EntityType = configuration("media_type", "label", "administer media types");
static COMMENT_TYPE: EntityType = configuration("comment_type", "label", "administer comment types");

/// Types of which the fake site has no content.
static OTHERS: [EntityType; 21] = [
    configuration("action", "label", "administer actions"),
    configuration("base_field_override", "label", "administer site configuration"),
    configuration("block", "label", "administer blocks"),
    configuration("block_content_type", "label", "administer block types"),
    configuration("contact_form", "label", "administer contact forms"),
    configuration("date_format", "label", "administer site configuration"),
    configuration("editor", "label", "administer filters"),
    configuration("entity_form_display", "label", "administer display modes"),
    configuration("entity_form_mode", "label", "administer display modes"),
    configuration("entity_view_display", "label", "administer display modes"),
    configuration("entity_view_mode", "label", "administer display modes"),
    configuration("field_config", "label", "administer site configuration"),
    configuration("field_storage_config", "label", "administer site configuration"),
    configuration("filter_format", "name", "administer filters"),
    configuration("image_style", "label", "administer image styles"),
    configuration("rest_resource_config", "label", "administer rest resources"),
    configuration("search_page", "label", "administer search"),
    configuration("shortcut_set", "label", "administer shortcuts"),
    configuration("view", "label", "administer views"),
    configuration("configurable_language", "label", "administer languages"),
    configuration("language_content_settings", "label", "administer languages"),
];

fn resource(entity: &'static EntityType, id: &'static str, own: &[&'static str]) -> ResourceType {
    let mut fields = vec![
        Field::new(entity.id, "Machine name", Kind::Plain).public(id),
        Field::new("uuid", "UUID", Kind::Uuid),
        Field::new(entity.label, "Label", Kind::Plain),
        Field::new("langcode", "Language", Kind::Plain),
        Field::new("status", "Status", Kind::Plain),
        Field::new("dependencies", "Dependencies", Kind::Plain),
    ];
    fields.extend(own.iter().map(|name| Field::new(name, name, Kind::Plain)));
    ResourceType { entity, bundle: entity.name, fields }
}

/// The languages appear with the module for them.
pub(in super::super) const LANGUAGE_TYPES: [&str; 2] = ["configurable_language", "language_content_settings"];

pub(super) fn types() -> Vec<ResourceType> {
    let node_type = ["description", "help", "new_revision", "preview_mode", "display_submitted"];
    let mut types = vec![
        resource(&NODE_TYPE, "drupal_internal__type", &node_type),
        resource(&VOCABULARY, "drupal_internal__vid", &["description", "weight", "new_revision"]),
        resource(&ROLE, "drupal_internal__id", &["weight", "is_admin", "permissions"]),
        resource(&MENU, "drupal_internal__id", &["description", "locked"]),
        resource(&MEDIA_TYPE, "drupal_internal__id", &["description", "source", "new_revision"]),
        resource(&COMMENT_TYPE, "drupal_internal__id", &["description", "target_entity_type_id"]),
    ];
    types.extend(OTHERS.iter().map(|entity| resource(entity, "drupal_internal__id", &[])));
    types
}
