//! Nodes: the fields that all bundles have.
use super::{EntityType, Field, Kind, ResourceType, Target};

static NODE: EntityType = EntityType {
    name: "node",
    id: "nid",
    revision: Some("vid"),
    label: "title",
    bundle: Some("type"),
    owner: Some("uid"),
    published: true,
    configuration: false,
    page: Some(("/node/", "")),
    admin: "bypass node access",
};

pub(super) const USERS: Kind = Kind::Reference(Target { entity: "user", bundles: &["user"] });

/// A bundle of nodes with these fields of its own.
pub(in super::super) fn node_type(bundle: &'static str, own: Vec<Field>) -> ResourceType {
    let bundles = Kind::Reference(Target { entity: "node_type", bundles: &["node_type"] });
    let mut fields = vec![
        Field::new("nid", "ID", Kind::Number).public("drupal_internal__nid"),
        Field::new("uuid", "UUID", Kind::Uuid),
        Field::new("vid", "Revision ID", Kind::Number).public("drupal_internal__vid"),
        Field::new("langcode", "Language", Kind::Language),
        Field::new("type", "Content type", bundles).public("node_type").required(),
        Field::new("revision_timestamp", "Revision create time", Kind::Created),
        Field::new("revision_uid", "Revision user", USERS),
        Field::new("revision_log", "Revision log message", Kind::Line { max: usize::MAX }),
        Field::new("status", "Published", Kind::Flag),
        Field::new("uid", "Authored by", USERS),
        Field::new("title", "Title", Kind::Line { max: 255 }).required(),
        Field::new("created", "Authored on", Kind::Created),
        Field::new("changed", "Changed", Kind::Changed),
        Field::new("promote", "Promoted to front page", Kind::Flag),
        Field::new("sticky", "Sticky at top of lists", Kind::Flag),
        Field::new("default_langcode", "Default translation", Kind::Flag),
        Field::new("revision_translation_affected", "Revision translation affected", Kind::Flag),
        Field::new("path", "URL alias", Kind::Path),
        Field::new("content_translation_source", "Translation source", Kind::Language),
        Field::new("content_translation_outdated", "Translation outdated", Kind::Flag),
    ];
    fields.extend(own);
    ResourceType { entity: &NODE, bundle, fields }
}
