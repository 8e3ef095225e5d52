//! Writes stored values as JSON:API and REST show them.
use serde_json::{Map, Value, json};

use super::time::{parse_stored, rfc3339};
use crate::drupal::schema::{Field, Kind};
use crate::drupal::site::Site;
use crate::drupal::store::{DEFAULT_LANGUAGE, Item, View};
use crate::drupal::text::escape_html;

/// The form of a date in REST.
const DATE_FORMAT: &str = "Y-m-d\\TH:i:sP";

/// The attribute of a field. `fresh` means that the entity was made or changed by this request.
pub(in crate::drupal) fn attribute(site: &Site, view: &View<'_>, field: &Field, fresh: bool) -> Value {
    let items = shown_items(view, field).into_iter().map(|item| {
        let mut properties = properties(site, view, field, &item, fresh);
        let names = field.properties();
        match names {
            [only] => properties.remove(*only).unwrap_or_default(),
            _ => Value::Object(properties),
        }
    });
    let mut items: Vec<Value> = items.collect();
    if field.is_multiple() {
        return items.into();
    }
    if items.is_empty() { Value::Null } else { items.swap_remove(0) }
}

/// The values of a field as REST lists them.
pub(in crate::drupal) fn rest(site: &Site, view: &View<'_>, field: &Field, fresh: bool) -> Value {
    let items = shown_items(view, field).into_iter().map(|item| {
        if let Some(target) = field.target() {
            return reference(site, target.entity, &item);
        }
        let mut properties = properties(site, view, field, &item, fresh);
        if let Kind::Timestamp | Kind::Created | Kind::Changed | Kind::DateTime = field.kind {
            properties.insert("format".to_owned(), DATE_FORMAT.into());
        }
        Value::Object(properties)
    });
    items.collect::<Vec<_>>().into()
}

fn reference(site: &Site, entity_type: &str, item: &Item) -> Value {
    let mut shown = item.clone();
    if let Some(entity) = site.store.referenced(entity_type, item) {
        shown.insert("target_type".to_owned(), entity_type.into());
        shown.insert("target_uuid".to_owned(), entity.uuid.clone().into());
        let view = site.store.view(entity, None);
        let url = match view.as_ref().and_then(|view| view.property("uri", "value")).and_then(Value::as_str) {
            Some(uri) => file_url(uri),
            None => view.map(|view| site.store.page(&view)).unwrap_or_default(),
        };
        if !url.is_empty() {
            shown.insert("url".to_owned(), url.into());
        }
    }
    Value::Object(shown)
}

/// Paths and comment statistics are shown even if nothing is stored.
fn shown_items(view: &View<'_>, field: &Field) -> Vec<Item> {
    let items = view.items(field.name);
    match field.kind {
        Kind::Path | Kind::Comments if items.is_empty() => vec![Item::new()],
        _ => items.to_vec(),
    }
}

fn properties(site: &Site, view: &View<'_>, field: &Field, item: &Item, fresh: bool) -> Map<String, Value> {
    let stored = |name: &str| item.get(name).cloned().unwrap_or_default();
    let date = |name: &str, offset: i32| match item.get(name) {
        Some(Value::String(text)) => parse_stored(text).map_or(Value::Null, |unix| rfc3339(unix, offset).into()),
        Some(number) => number.as_i64().map_or(Value::Null, |unix| rfc3339(unix, 0).into()),
        None => Value::Null,
    };
    let shown = match field.kind {
        Kind::Timestamp | Kind::Created | Kind::Changed => json!({"value": date("value", 0)}),
        Kind::DateTime => json!({"value": date("value", site.settings.utc_offset)}),
        Kind::DateRange => {
            let offset = site.settings.utc_offset;
            json!({"value": date("value", offset), "end_value": date("end_value", offset)})
        }
        Kind::Text | Kind::TextWithSummary => {
            let text = item.get("value").and_then(Value::as_str).unwrap_or_default();
            let mut shown = json!({"value": stored("value"), "format": stored("format")});
            shown["processed"] = processed(text, item.get("format").and_then(Value::as_str)).into();
            if let Kind::TextWithSummary = field.kind {
                shown["summary"] = stored("summary");
            }
            shown
        }
        Kind::Path => {
            let known = item.contains_key("alias");
            let language = if fresh && known { Value::Null } else { view.language.into() };
            let language = item.get("langcode").cloned().unwrap_or(language);
            json!({"alias": stored("alias"), "pid": stored("pid"), "langcode": language})
        }
        Kind::Comments => comments(site, view, fresh),
        Kind::FileUri => {
            let uri = item.get("value").and_then(Value::as_str).unwrap_or_default();
            json!({"value": uri, "url": file_url(uri)})
        }
        _ => field.properties().iter().map(|name| ((*name).to_owned(), stored(name))).collect::<Map<_, _>>().into(),
    };
    match shown {
        Value::Object(properties) => properties,
        _ => Map::new(),
    }
}

/// The address of a stored file on the host.
pub(in crate::drupal) fn file_url(uri: &str) -> String {
    uri.strip_prefix("public://").map_or_else(|| uri.to_owned(), |path| format!("/sites/default/files/{path}"))
}

/// Text as its format shows it; text without a format is plain.
fn processed(text: &str, format: Option<&str>) -> String {
    match format {
        Some("basic_html" | "restricted_html" | "full_html") => text.to_owned(),
        _ => {
            let paragraphs = text.trim().split("\n\n").filter(|paragraph| !paragraph.is_empty());
            let paragraphs = paragraphs.map(|paragraph| {
                let escaped = escape_html(paragraph).replace('\n', "<br />\n");
                format!("<p>{escaped}</p>\n")
            });
            paragraphs.collect()
        }
    }
}

/// The statistics of the comments on an entity. A new entity has none yet; a translation has none at all.
fn comments(site: &Site, view: &View<'_>, fresh: bool) -> Value {
    if view.language != DEFAULT_LANGUAGE {
        return json!({"status": 2, "cid": null, "last_comment_timestamp": null, "last_comment_name": null,
            "last_comment_uid": null, "comment_count": null});
    }
    let status = view.property("comment", "status").cloned().unwrap_or_else(|| 2.into());
    let all = site.store.views("comment", None);
    let own: Vec<_> = all.iter().filter(|comment| comment.target("entity_id") == Some(&view.entity.id)).collect();
    let is_new = fresh && view.entity.revisions.len() == 1 && view.number("changed") == view.number("created");
    let (cid, timestamp, name, uid) = match own.last() {
        Some(last) => (last.id(), last.number("created"), json!(""), last.owner().unwrap_or_default()),
        None if is_new => (0, 0, Value::Null, 0),
        None => (0, view.number("created"), Value::Null, view.owner().unwrap_or_default()),
    };
    json!({"status": status, "cid": cid, "last_comment_timestamp": timestamp, "last_comment_name": name,
        "last_comment_uid": uid, "comment_count": own.len()})
}
