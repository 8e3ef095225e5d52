//! Creating, changing and deleting resources.
use serde_json::{Map, Value};

use super::document::{self, Seen};
use super::{Target, linkage, read};
use crate::drupal::access;
use crate::drupal::call::Call;
use crate::drupal::failure::{Failure, Outcome, with_reason};
use crate::drupal::order::ordered;
use crate::drupal::reply::{self, Response, set};
use crate::drupal::saving;
use crate::drupal::schema::{Field, ResourceType};
use crate::drupal::site::Site;
use crate::drupal::store::{Item, Values, value};
use crate::drupal::text::is_uuid;
use crate::drupal::value::validate::{Subject, problems, validate};
use crate::drupal::value::{decode, settle};

/// The body of a request as JSON.
pub(super) fn decode_body(call: &Call<'_>, empty: &str) -> Outcome<Value> {
    let body = call.body();
    if body.is_empty() || body.as_ref() == b"0" {
        return Err(Failure::bad_request(empty));
    }
    let text = std::str::from_utf8(body)
        .map_err(|_| Failure::bad_request("Malformed UTF-8 characters, possibly incorrectly encoded"))?;
    serde_json::from_str(text).map_err(|_| Failure::bad_request("Syntax error"))
}

/// What PHP calls the type of a value that is no list.
pub(super) fn php_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(true) => "true",
        Value::Bool(false) => "false",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "string",
        Value::Array(_) | Value::Object(_) => "array",
    }
}

/// A resource object that a client sent.
struct Sent<'a> {
    id: Option<String>,
    /// Fields in the order of the body, and whether they came as relationships.
    fields: Vec<(&'a Field, bool, Vec<Item>)>,
}

fn parse<'a>(site: &Site, call: &Call<'_>, resource: &'a ResourceType) -> Outcome<Sent<'a>> {
    let body = decode_body(call, "Empty request body.")?;
    if !body.is_object() && !body.is_array() {
        return Err(Failure::new(
            500,
            format!(
                "Drupal\\jsonapi\\Normalizer\\JsonApiDocumentTopLevelNormalizer::validateRequestBody(): Argument #1 \
             ($document) must be of type array, {} given, called in /var/www/html/web/core/modules/jsonapi/src/Normalizer/\
             JsonApiDocumentTopLevelNormalizer.php on line 72",
                php_type(&body)
            ),
        ));
    }
    let filled = |value: &Value| !matches!(value, Value::Null | Value::Bool(false)) && value.as_str() != Some("");
    if body.get("relationships").is_some_and(filled) {
        return Err(Failure::bad_request(
            "Found \"relationships\" within the document's top level. The \"relationships\" key must be within resource object.",
        ));
    }
    let data = &body["data"];
    if data["type"].is_null() {
        return Err(Failure::bad_request("Resource object must include a \"type\"."));
    }
    let id = match &data["id"] {
        Value::Null => None,
        Value::String(id) if is_uuid(id) => Some(id.clone()),
        _ => {
            return Err(Failure::unprocessable(
                "IDs should be properly generated and formatted UUIDs as described in RFC 4122.",
            ));
        }
    };
    let attributes = members(&data["attributes"], "array_keys(): Argument #1 ($array) must be of type array")?;
    let attributes = ordered(&attributes, call.body(), &["data", "attributes"]);
    let names = attributes.iter().map(|(name, _)| name.as_str());
    let misplaced: Vec<_> = names.filter(|name| resource.relationship(name).is_some()).collect();
    if !misplaced.is_empty() {
        let names = misplaced.join(", ");
        let detail = format!("The following relationship fields were provided as attributes: [ {names} ]");
        return Err(Failure::unprocessable(detail));
    }
    let relationships = members(&data["relationships"], "array_map(): Argument #2 ($array) must be of type array")?;
    let mut linked = Vec::new();
    for (name, relationship) in ordered(&relationships, call.body(), &["data", "relationships"]) {
        linked.push((name, links(site, relationship)?));
    }
    let mut fields = Vec::new();
    for (name, value) in
        attributes.into_iter().filter(|(name, _)| resource.entity.name != "user" || *name != "display_name")
    {
        let field = known(resource, name)?;
        fields.push((field, false, decode::attribute(field, value)?));
    }
    for (name, links) in linked {
        let field = known(resource, name)?;
        let mut items = Vec::new();
        for (id, meta) in links {
            let mut properties = meta.as_object().cloned().unwrap_or_default();
            properties.retain(|name, _| !name.starts_with("drupal_internal__") && name != "arity");
            properties.insert("target_id".to_owned(), id.clone());
            decode::check_names(field, &properties)?;
            items.push(linkage::item(field, id, Some(&meta)));
        }
        fields.push((field, true, items));
    }
    Ok(Sent { id, fields })
}

/// An object, or a list with its positions as names.
fn members(value: &Value, complaint: &str) -> Outcome<Map<String, Value>> {
    match value {
        Value::Null => Ok(Map::new()),
        Value::Object(members) => Ok(members.clone()),
        Value::Array(items) => {
            Ok(items.iter().enumerate().map(|(index, item)| (index.to_string(), item.clone())).collect())
        }
        other => Err(Failure::new(500, format!("{complaint}, {} given", php_type(other)))),
    }
}

fn known<'a>(resource: &'a ResourceType, name: &str) -> Outcome<&'a Field> {
    resource.public_field(name).ok_or_else(|| {
        let detail = format!("The attribute {name} does not exist on the {} resource type.", resource.name());
        Failure::unprocessable(detail)
    })
}

/// The numbers of the entities that a relationship names, with what is said about each link.
fn links(site: &Site, relationship: &Value) -> Outcome<Vec<(Value, Value)>> {
    let data = &relationship["data"];
    let one = !data["type"].is_null() && !data["id"].is_null();
    let list: Vec<&Value> = match data {
        data if one => vec![data],
        Value::Array(list) => list.iter().collect(),
        Value::Null => Vec::new(),
        other => vec![other],
    };
    let Some(first) = list.first() else { return Ok(Vec::new()) };
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    if text(&first["id"]).is_none() {
        return Err(Failure::bad_request("No ID specified for related resource"));
    }
    let Some(type_name) = text(&first["type"]) else {
        return Err(Failure::bad_request("No type specified for related resource"));
    };
    let Some(target) = site.store.schema.by_name(&type_name) else {
        let detail = format!("Invalid type specified for related resource: '{type_name}'");
        return Err(Failure::bad_request(detail));
    };
    let mut found = Vec::new();
    for link in list {
        let id = link["id"].as_str().unwrap_or_default();
        match site.store.by_uuid(target.entity.name, id) {
            Some(entity) => found.push((entity.id.clone(), link["meta"].clone())),
            None if id == "virtual" => {}
            None => {
                let type_name = link["type"].as_str().unwrap_or_default();
                return Err(Failure::not_found(format!(
                    "The resource identified by `{type_name}:{id}` (given as a relationship item) could not be found."
                )));
            }
        }
    }
    Ok(found)
}

pub(super) fn create(site: &mut Site, call: &Call<'_>, resource: &ResourceType) -> Outcome<Response> {
    let sent = parse(site, call, resource)?;
    for (field, relationship, _) in &sent.fields {
        if let Err(reason) = access::edit_field(site, &call.viewer, resource, field, None) {
            let name = field.public;
            let sentence = format!("The current user is not allowed to POST the selected field ({name}).");
            let member = if *relationship { "relationships" } else { "attributes" };
            return Err(Failure::forbidden(with_reason(&sentence, &reason)).pointer(format!("/data/{member}/{name}")));
        }
    }
    let mut own = Values::new();
    for (field, _, mut items) in sent.fields {
        settle::settle(field, &mut items);
        own.insert(field.name.to_owned(), items);
    }
    let values = saving::with_defaults(site, &call.viewer, resource, &own);
    let subject = Subject { resource, values: &values, original: None };
    let fields = resource.fields.iter();
    let fields = fields.filter(|field| access::edit_field(site, &call.viewer, resource, field, None).is_ok());
    let violations = validate(site, &call.viewer, &subject, fields);
    if !violations.is_empty() {
        return Err(problems(violations));
    }
    let taken = sent.id.as_ref().is_some_and(|id| site.store.by_uuid(resource.entity.name, id).is_some());
    if taken {
        return Err(Failure::new(409, "Conflict: Entity already exists."));
    }
    let id = saving::create(site, resource, sent.id, values);
    let site = &*site;
    let entity = site.store.by_id(resource.entity.name, &id);
    let view = entity.and_then(|entity| site.store.view(entity, call.language.as_deref()));
    let Some(view) = view else { return Err(Failure::new(500, reply::UNEXPECTED)) };
    let mut response = read::one(site, call, &Seen::Whole(view), 201, true)?;
    set(&mut response, "location", &document::versioned_url(call, &view));
    Ok(response)
}

pub(super) fn patch(site: &mut Site, call: &Call<'_>, target: &Target<'_>) -> Outcome<Response> {
    let language = call.language.as_deref();
    let view = read::view(site, call, target)?;
    if view.entity.latest() != view.entity.current {
        return Err(Failure::bad_request(
            "Updating a resource object that has a working copy is not yet supported. See \
             https://www.drupal.org/project/jsonapi/issues/2795279.",
        ));
    }
    let schema = std::sync::Arc::clone(&site.store.schema);
    let Some(resource) = schema.get(view.resource.entity.name, view.resource.bundle) else {
        return Err(crate::drupal::routes::no_route(call));
    };
    let sent = parse(site, call, resource)?;
    let uuid = view.entity.uuid.clone();
    let id = sent.id.unwrap_or_default();
    if !id.eq_ignore_ascii_case(&uuid) {
        let detail = format!("The selected entity ({uuid}) does not match the ID in the payload ({id}).");
        return Err(Failure::bad_request(detail));
    }
    let mut values = view.values().clone();
    let mut names = Vec::new();
    for (field, _, mut items) in sent.fields {
        names.push(field.name);
        settle::settle(field, &mut items);
        if let Err(reason) = access::edit_field(site, &call.viewer, resource, field, Some(&view)) {
            // The present value may be sent along, if the viewer can know it.
            let visible = access::view_field(&call.viewer, resource, field, Some(&view));
            if visible && same(view.items(field.name), &items) {
                continue;
            }
            let name = field.name;
            let sentence = format!("The current user is not allowed to PATCH the selected field ({name}).");
            let failure =
                Failure::forbidden(with_reason(&sentence, &reason)).pointer(format!("/data/attributes/{name}"));
            return Err(Failure { via: Some(document::url(call, &view)), ..failure });
        }
        values.insert(field.name.to_owned(), items);
    }
    let subject = Subject { resource, values: &values, original: Some(view) };
    let fields = resource.fields.iter().filter(|field| names.contains(&field.name));
    let violations = validate(site, &call.viewer, &subject, fields);
    if !violations.is_empty() {
        return Err(problems(violations));
    }
    let (old_pass, user) = (view.text("pass").to_owned(), view.id());
    site.keep_password(call, resource, user, &old_pass, &mut values);
    saving::change(site, &call.viewer, resource, &uuid, language, values, true);
    let view = read::view(site, call, target)?;
    read::one(site, call, &Seen::Whole(view), 200, true)
}

/// Whether two lists of values mean the same; numbers of links count, not what else is known about them.
fn same(stored: &[Item], sent: &[Item]) -> bool {
    let fits = |(stored, sent): (&Item, &Item)| sent.iter().all(|(name, value)| stored.get(name) == Some(value));
    stored.len() == sent.len() && stored.iter().zip(sent).all(fits)
}

impl Site {
    /// A password is replaced if a new one was sent; then all other sessions of the account end.
    fn keep_password(&mut self, call: &Call<'_>, resource: &ResourceType, user: u64, old: &str, values: &mut Values) {
        if resource.entity.name != "user" {
            return;
        }
        let new = values.get("pass").and_then(|items| items.first()?.get("value")?.as_str());
        match new {
            Some(new) if new != old => {
                let own = call.viewer.session.as_deref().filter(|_| call.viewer.id == user);
                self.sessions.close_all_of(user, own);
            }
            Some(_) => {}
            None => _ = values.insert("pass".to_owned(), value(old)),
        }
    }
}

pub(super) fn delete(site: &mut Site, target: &Target<'_>) -> Outcome<Response> {
    let uuid = target.uuid.as_deref().unwrap_or_default();
    site.delete(target.resource.entity.name, uuid);
    Ok(reply::no_content())
}
