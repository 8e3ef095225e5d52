//! Reading and changing the linkage of a relationship.
use serde_json::{Map, Value, json};

use super::document::{self, Document};
use super::linkage::{self, Identifier, identifiers, item};
use super::write::{decode_body, php_type};
use super::{Target, read};
use crate::drupal::call::Call;
use crate::drupal::failure::{Failure, Outcome};
use crate::drupal::reply::{self, Response};
use crate::drupal::saving;
use crate::drupal::schema::Field;
use crate::drupal::site::Site;
use crate::drupal::store::{Item, View};
use crate::drupal::value::validate::{Subject, problems, validate};

pub(super) fn answer(
    site: &mut Site,
    call: &Call<'_>,
    target: &Target<'_>,
    field: &str,
    method: &str,
) -> Outcome<Response> {
    let view = read::view(site, call, target)?;
    let Some(field) = view.resource.relationship(field).cloned() else {
        return Err(crate::drupal::routes::no_route(call));
    };
    if method == "GET" {
        return Ok(show(site, call, &view, &field));
    }
    let sent = parse(site, call, &field)?;
    let present = with_arity(identifiers(site, &view, &field));
    let stored = view.items(field.name);
    let items = match method {
        "POST" => {
            only_to_many(&field, "POST to")?;
            let mut known = present;
            let mut items = stored.to_vec();
            for link in &sent {
                if !known.iter().any(|known| known.is_same(link)) {
                    items.push(found(site, &field, link)?);
                    known.push(link.clone());
                }
            }
            items
        }
        "PATCH" => sent.iter().map(|link| found(site, &field, link)).collect::<Outcome<_>>()?,
        _ => {
            only_to_many(&field, "DELETE from")?;
            let stays = |link: &Identifier| !sent.iter().any(|sent| sent.is_same(link));
            let pairs = stored.iter().zip(&present);
            pairs.filter(|(_, link)| stays(link)).map(|(item, _)| item.clone()).collect()
        }
    };
    save(site, call, target, &field, items)?;
    let view = read::view(site, call, target)?;
    // The client is told what is there now, unless it can know.
    let now = with_arity(identifiers(site, &view, &field));
    let surprising = now.iter().any(|link| !sent.iter().any(|sent| sent.is_same(link)));
    if surprising && method != "DELETE" { Ok(show(site, call, &view, &field)) } else { Ok(reply::no_content()) }
}

fn show(site: &Site, call: &Call<'_>, view: &View<'_>, field: &Field) -> Response {
    let document = Document::new(site, call, false);
    let mut links = document.relationship_links(view, field);
    let own = format!("{}/relationships/{}", document::url(call, view), field.public);
    links["self"] = json!({"href": own});
    document.respond(200, linkage::write(site, view, field), links)
}

fn only_to_many(field: &Field, verb: &str) -> Outcome<()> {
    if field.is_multiple() {
        return Ok(());
    }
    let detail = format!("You can only {verb} to-many relationships. {} is a to-one relationship.", field.name);
    Err(Failure::new(409, detail))
}

fn with_arity(mut links: Vec<Identifier>) -> Vec<Identifier> {
    for link in &mut links {
        link.meta.entry("arity").or_insert(0.into());
    }
    links
}

/// The identifiers of a body: a list for to-many, one or nothing for to-one.
fn parse(site: &Site, call: &Call<'_>, field: &Field) -> Outcome<Vec<Identifier>> {
    let empty = match call.method() {
        "DELETE" => format!("You need to provide a body for DELETE operations on a relationship ({}).", field.public),
        _ => "Empty request body.".to_owned(),
    };
    let body = decode_body(call, &empty)?;
    if !body.is_object() && !body.is_array() {
        return Err(Failure::new(
            500,
            format!(
                "Drupal\\jsonapi\\Normalizer\\ResourceIdentifierNormalizer::massageRelationshipInput(): Argument #1 ($data) must \
             be of type array, {} given",
                php_type(&body)
            ),
        ));
    }
    let invalid = || Failure::bad_request("Invalid body payload for the relationship.");
    let data = &body["data"];
    let list: Vec<&Value> = match (field.is_multiple(), data) {
        (true, Value::Array(list)) => list.iter().collect(),
        (true, _) => return Err(invalid()),
        (false, Value::Null) if body.get("data").is_some() => Vec::new(),
        (false, one) => vec![one],
    };
    let targets = field.target().map(|target| site.store.schema.targets(&target)).unwrap_or_default();
    let names: Vec<_> = targets.iter().map(|target| target.name()).collect();
    let mut links: Vec<Identifier> = Vec::new();
    for link in list {
        let text = |name: &str| link[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let (Some(type_name), Some(id)) = (text("type"), text("id")) else { return Err(invalid()) };
        links.push(Identifier { type_name, id, meta: link["meta"].as_object().cloned().unwrap_or_else(Map::new) });
    }
    if let Some(wrong) = links.iter().find(|link| !names.contains(&link.type_name)) {
        return Err(Failure::bad_request(format!(
            "The provided type ({}) does not match the destination resource types ({}).",
            wrong.type_name,
            names.join(", ")
        )));
    }
    let twice = |(index, link): (usize, &Identifier)| links[..index].iter().any(|known| known.is_same(link));
    if links.iter().enumerate().any(twice) {
        return Err(Failure::bad_request(
            "Duplicate relationships are not permitted. Use `meta.arity` to distinguish resource identifiers with matching \
             `type` and `id` values.",
        ));
    }
    Ok(links)
}

/// The value that links to the resource that an identifier names.
fn found(site: &Site, field: &Field, link: &Identifier) -> Outcome<Item> {
    let Identifier { type_name, id, meta } = link;
    let entity_type = type_name.split_once("--").map_or("", |(entity, _)| entity);
    let Some(entity) = site.store.by_uuid(entity_type, id) else {
        let detail = format!("The targeted `{type_name}` resource with ID `{id}` does not exist.");
        return Err(Failure::bad_request(detail));
    };
    Ok(item(field, entity.id.clone(), Some(&meta.clone().into())))
}

/// Checks the whole entity and saves it without a new revision.
pub(super) fn save(
    site: &mut Site,
    call: &Call<'_>,
    target: &Target<'_>,
    field: &Field,
    items: Vec<Item>,
) -> Outcome<()> {
    let view = read::view(site, call, target)?;
    let mut values = view.values().clone();
    values.insert(field.name.to_owned(), items);
    let subject = Subject { resource: view.resource, values: &values, original: Some(view) };
    let violations = validate(site, &call.viewer, &subject, view.resource.fields.iter());
    if !violations.is_empty() {
        return Err(problems(violations));
    }
    let schema = std::sync::Arc::clone(&site.store.schema);
    let (entity, bundle, uuid) = (view.resource.entity.name, view.resource.bundle, view.entity.uuid.clone());
    if let Some(resource) = schema.get(entity, bundle) {
        saving::change(site, &call.viewer, resource, &uuid, call.language.as_deref(), values, false);
    }
    Ok(())
}
