//! REST resources: entities and uploads.
mod entity;
mod input;
mod output;

use super::access;
use super::call::{Call, Family};
use super::failure::{Failure, Outcome};
use super::jsonapi::{check_content_type, check_csrf};
use super::reply::{self, JSON, Response};
use super::routes::{only_html, page};
use super::site::Site;
use super::store::View;
use super::upload;

pub(super) use input::{Input, read as read_input};
pub(super) use output::write;

/// What a path outside of JSON:API names.
#[derive(Debug)]
pub(super) enum Place {
    /// `/node`, a list of nodes, where nodes are made.
    Nodes,
    /// The page of an entity: its type and number.
    Entity(&'static str, String),
}

pub(super) fn find(site: &Site, call: &Call<'_>) -> Option<Place> {
    let numeric = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    Some(match call.segments().as_slice() {
        ["node"] => Place::Nodes,
        ["node", id] if numeric(id) => Place::Entity("node", (*id).to_owned()),
        ["user", id] if numeric(id) => Place::Entity("user", (*id).to_owned()),
        ["comment", id] if numeric(id) => Place::Entity("comment", (*id).to_owned()),
        ["taxonomy", "term", id] if numeric(id) => Place::Entity("taxonomy_term", (*id).to_owned()),
        ["media", id, "edit"] if numeric(id) => Place::Entity("media", (*id).to_owned()),
        _ => {
            let entity = site.store.by_alias(call.path.trim_end_matches('/'))?;
            Place::Entity(entity.entity_type, entity.id.to_string())
        }
    })
}

pub(super) fn answer(site: &mut Site, call: &Call<'_>, place: &Place) -> Outcome<Response> {
    match (call.family(), place) {
        (Family::Html, _) => html_page(site, call, place),
        (Family::Json, Place::Nodes) => match call.method() {
            "POST" if is_json(call) => entity::create(site, call),
            "GET" | "POST" => Err(only_html()),
            method => Err(Failure::method(method, &call.url(), "GET, POST, HEAD")),
        },
        (Family::Json, Place::Entity(entity_type, id)) => match (*entity_type, call.method()) {
            ("node" | "user", "GET") => entity::get(site, call, entity_type, id),
            ("node", "PATCH") if is_json(call) => entity::patch(site, call, id),
            ("node", "DELETE") => entity::delete(site, call, id),
            (_, "GET" | "POST" | "PATCH") => Err(only_html()),
            (_, method) => Err(Failure::method(method, &call.url(), "GET, POST, HEAD, DELETE, PATCH")),
        },
        _ => Err(only_html()),
    }
}

/// Bodies of another type are not for REST; then only the page for people is left.
pub(super) fn is_json(call: &Call<'_>) -> bool {
    call.content_type().as_deref() == Some(JSON)
}

fn html_page(site: &Site, call: &Call<'_>, place: &Place) -> Outcome<Response> {
    let Place::Entity(entity_type, id) = place else { return Ok(page(&site.settings.site_name)) };
    let view = view(site, call, entity_type, id)?;
    access::view(site, &call.viewer, &view).map_err(Failure::forbidden)?;
    let label = view.text(view.resource.entity.label);
    Ok(page(label))
}

/// The entity with this number.
fn view<'a>(site: &'a Site, call: &'a Call<'_>, entity_type: &str, id: &str) -> Outcome<View<'a>> {
    let number = id.parse::<u64>().unwrap_or(u64::MAX);
    let entity = site.store.by_id(entity_type, &number.into());
    entity.and_then(|entity| site.store.view(entity, call.language.as_deref())).ok_or_else(|| {
        let path = if entity_type == "taxonomy_term" { "taxonomy/term" } else { entity_type };
        let route = match call.family() {
            Family::Html => format!("entity.{entity_type}.canonical"),
            _ => format!("rest.entity.{entity_type}.{}", call.method()),
        };
        Failure::not_converted(entity_type, &format!("/{path}/{{{entity_type}}}"), &route)
    })
}

/// Stores a file for a field.
pub(super) fn upload(site: &mut Site, call: &Call<'_>, entity: &str, bundle: &str, name: &str) -> Outcome<Response> {
    match (call.family(), call.method()) {
        (Family::Json, "POST") => {}
        (Family::Json, method) => return Err(Failure::method(method, &call.url(), "POST")),
        _ => return Err(only_html()),
    }
    check_content_type(call, "application/octet-stream")?;
    check_csrf(site, call)?;
    if !call.viewer.may("restful post file:upload") {
        return Err(Failure::forbidden("The 'restful post file:upload' permission is required."));
    }
    let schema = std::sync::Arc::clone(&site.store.schema);
    let unknown = || Failure::not_found(format!("Field \"{name}\" does not exist"));
    upload::check_disposition(call)?;
    let resource = schema.get(entity, bundle).ok_or_else(unknown)?;
    let field = resource.field(name).ok_or_else(unknown)?;
    let Some(rule) = field.file_rule() else {
        return Err(Failure::forbidden(format!("\"{name}\" is not a file field")));
    };
    let may_edit = access::edit_field(site, &call.viewer, resource, field, None);
    access::create(&call.viewer, resource).and(may_edit).map_err(Failure::forbidden)?;
    let id = upload::receive(site, call, field, rule)?;
    let file = site.store.by_id("file", &id).and_then(|file| site.store.view(file, None));
    let Some(file) = file else { return Err(Failure::new(500, reply::UNEXPECTED)) };
    Ok(reply::json(201, JSON, &write(site, call, &file, true)))
}
