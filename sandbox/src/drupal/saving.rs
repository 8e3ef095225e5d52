//! Saving entities, and what else happens then.
use serde_json::Value;

use super::schema::{Field, Kind, ResourceType};
use super::site::Site;
use super::store::{Item, Values, View, defaults, target, value};
use super::upload;
use super::viewer::Viewer;

/// The values of a new entity: what was sent, else the defaults.
pub(super) fn with_defaults(site: &Site, viewer: &Viewer, resource: &ResourceType, sent: &Values) -> Values {
    let mut values = defaults(resource, site.now(), viewer.id);
    for (name, items) in sent {
        values.insert(name.clone(), items.clone());
    }
    values
}

/// Saves a new entity whose values were checked; returns its number.
pub(super) fn create(site: &mut Site, resource: &ResourceType, uuid: Option<String>, mut values: Values) -> Value {
    settle(site, resource, &mut values);
    if resource.entity.name == "media" {
        complete_media(site, resource, &mut values);
    }
    use_files(site, resource, &values);
    site.store.insert(resource.entity.name, resource.bundle, uuid, values)
}

/// Saves a changed entity, as a new revision if its type keeps them.
pub(super) fn change(
    site: &mut Site,
    viewer: &Viewer,
    resource: &ResourceType,
    uuid: &str,
    language: Option<&str>,
    mut values: Values,
    new_revision: bool,
) {
    settle(site, resource, &mut values);
    use_files(site, resource, &values);
    let now = site.now();
    let before = site.store.by_uuid(resource.entity.name, uuid).and_then(|entity| site.store.view(entity, language));
    let affected = before.is_some_and(|before| differs(resource, &before, &values));
    let kept =
        before.is_some_and(|before| before.items("changed") == values.get("changed").map_or(&[][..], Vec::as_slice));
    if kept && resource.field("changed").is_some() {
        values.insert("changed".to_owned(), value(now));
    }
    let revises = new_revision && ["node", "media"].contains(&resource.entity.name);
    if !revises {
        return site.store.update(resource.entity.name, uuid, language, values);
    }
    for (name, items) in [
        ("revision_timestamp", value(now)),
        ("revision_created", value(now)),
        ("revision_uid", vec![target(viewer.id)]),
        ("revision_user", vec![target(viewer.id)]),
    ] {
        if resource.field(name).is_some() {
            values.insert(name.to_owned(), items);
        }
    }
    let affected = if affected { value(true) } else { Vec::new() };
    values.insert("revision_translation_affected".to_owned(), affected);
    site.store.revise(resource.entity.name, uuid, language, values, false);
}

fn differs(resource: &ResourceType, before: &View<'_>, values: &Values) -> bool {
    let own = |field: &&Field| !field.name.starts_with("revision_") && field.name != "changed" && field.name != "vid";
    let mut fields = resource.fields.iter().filter(own);
    fields.any(|field| before.items(field.name) != values.get(field.name).map_or(&[][..], Vec::as_slice))
}

/// Brings all values into the form in which they are stored.
fn settle(site: &mut Site, resource: &ResourceType, values: &mut Values) {
    for field in &resource.fields {
        let Some(items) = values.get_mut(field.name) else { continue };
        super::value::settle::settle(field, items);
        match field.kind {
            Kind::Path => items.iter_mut().for_each(|item| number_alias(site, item)),
            Kind::Image(_) => items.iter_mut().for_each(|item| measure(site, item)),
            Kind::Password => items.iter_mut().for_each(|item| _ = item.remove("existing")),
            _ => {}
        }
    }
}

/// A new alias gets a number.
fn number_alias(site: &mut Site, path: &mut Item) {
    let named = path.get("alias").and_then(Value::as_str).is_some_and(|alias| !alias.is_empty());
    if named && path.get("pid").is_none_or(Value::is_null) {
        path.insert("pid".to_owned(), site.store.next_alias.into());
        site.store.next_alias += 1;
    }
}

/// Notes the size of an image.
fn measure(site: &Site, item: &mut Item) {
    let file = site.store.referenced("file", item).and_then(|file| site.store.view(file, None));
    let content = file.and_then(|file| site.store.files.get(file.text("uri")));
    if let Some((width, height)) = content.and_then(|content| upload::image_size(content)) {
        item.entry("width").or_insert(width.into());
        item.entry("height").or_insert(height.into());
    }
}

/// Files that are linked are there to stay.
fn use_files(site: &mut Site, resource: &ResourceType, values: &Values) {
    let fields = resource.fields.iter().filter(|field| field.file_rule().is_some());
    let items = fields.filter_map(|field| values.get(field.name)).flatten();
    for item in items {
        let Some(file) = site.store.referenced("file", item) else { continue };
        let (uuid, view) = (file.uuid.clone(), site.store.view(file, None));
        let Some(mut stored) = view.map(|view| view.values().clone()) else { continue };
        stored.insert("status".to_owned(), value(true));
        site.store.update("file", &uuid, None, stored);
    }
}

/// A media item is called as its file, and shows an icon.
fn complete_media(site: &mut Site, resource: &ResourceType, values: &mut Values) {
    let source = resource.fields.iter().rev().find(|field| field.file_rule().is_some() && field.name != "thumbnail");
    let item = source.and_then(|field| values.get(field.name)?.first().cloned()).unwrap_or_default();
    let file = site.store.referenced("file", &item).and_then(|file| site.store.view(file, None));
    if values.get("name").is_none_or(Vec::is_empty) {
        let name = file.map(|file| file.text("filename").to_owned()).unwrap_or_default();
        values.insert("name".to_owned(), value(name));
    }
    const ICON: &str = "public://media-icons/generic/generic.png";
    let icon = site.store.views("file", None).into_iter().find(|file| file.text("uri") == ICON).map(|file| file.id());
    let icon =
        icon.map(Value::from).unwrap_or_else(|| upload::store(site, 1, ICON, "generic.png", bytes::Bytes::new()));
    let mut thumbnail = target(icon);
    for (name, property) in [("alt", Value::from("")), ("width", 180.into()), ("height", 180.into())] {
        thumbnail.insert(name.to_owned(), property);
    }
    values.entry("thumbnail".to_owned()).or_insert_with(|| vec![thumbnail]);
}
