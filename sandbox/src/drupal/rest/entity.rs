//! Nodes and users over REST.
use std::sync::Arc;

use serde_json::Value;

use super::input::{body, read};
use super::output::write;
use super::view;
use crate::drupal::access;
use crate::drupal::call::Call;
use crate::drupal::failure::{Failure, Outcome, with_reason};
use crate::drupal::jsonapi::check_csrf;
use crate::drupal::reply::{self, JSON, Response, add, set};
use crate::drupal::saving;
use crate::drupal::site::Site;
use crate::drupal::store::View;
use crate::drupal::value::validate::{Subject, lines, validate};

pub(super) fn get(site: &Site, call: &Call<'_>, entity_type: &str, id: &str) -> Outcome<Response> {
    let view = view(site, call, entity_type, id)?;
    access::view(site, &call.viewer, &view).map_err(Failure::forbidden)?;
    let mut response = reply::json(200, JSON, &write(site, call, &view, false));
    for (path, relation) in links(site, &view) {
        let link = format!("<{}{path}>; rel=\"{relation}\"", call.root());
        add(&mut response, "link", &link);
    }
    Ok(response)
}

/// The links of an entity, as headers tell them.
fn links(site: &Site, view: &View<'_>) -> Vec<(String, &'static str)> {
    let (page, id) = (site.store.page(view), view.id());
    if view.resource.entity.name == "user" {
        return vec![
            (page.clone(), "canonical"),
            (format!("{page}/edit"), "edit-form"),
            (format!("{page}/cancel"), "https://drupal.org/link-relations/cancel-form"),
            ("/admin/people".to_owned(), "collection"),
        ];
    }
    vec![
        (page.clone(), "canonical"),
        (format!("/node/{id}/delete"), "https://drupal.org/link-relations/delete-form"),
        (format!("/admin/content/node/delete?node={id}"), "https://drupal.org/link-relations/delete-multiple-form"),
        (format!("/node/{id}/edit"), "edit-form"),
        (format!("/node/{id}/revisions"), "version-history"),
        (page, "https://drupal.org/link-relations/revision"),
        (format!("/node?node={id}"), "https://drupal.org/link-relations/create"),
    ]
}

/// The bundle that a body names.
fn bundle(body: &Value) -> Outcome<String> {
    let named = &body["type"];
    let named = if named.is_array() { &named[0] } else { named };
    let name = named.as_str().or_else(|| named["target_id"].as_str());
    name.map(str::to_owned)
        .ok_or_else(|| Failure::unprocessable("Could not determine entity type bundle: \"type\" field is missing."))
}

pub(super) fn create(site: &mut Site, call: &Call<'_>) -> Outcome<Response> {
    check_csrf(site, call)?;
    let schema = Arc::clone(&site.store.schema);
    let nodes = || schema.types.iter().filter(|resource| resource.entity.name == "node");
    if !nodes().any(|resource| access::create(&call.viewer, resource).is_ok()) {
        return Err(Failure::forbidden(""));
    }
    let body = body(call)?.ok_or_else(|| Failure::bad_request("No entity content received."))?;
    let bundle = bundle(&body)?;
    let resource = schema.get("node", &bundle).ok_or_else(|| {
        Failure::unprocessable(format!("\"{bundle}\" is not a valid bundle type for denormalization."))
    })?;
    let input = read(resource, &body)?;
    if access::create(&call.viewer, resource).is_err() {
        let detail = format!("You are not authorized to create this node entity of bundle {bundle}.");
        return Err(Failure::forbidden(detail));
    }
    if input.values.contains_key("nid") {
        return Err(Failure::bad_request("Only new entities can be created"));
    }
    let denied = |field: &&&_| access::edit_field(site, &call.viewer, resource, field, None).is_err();
    if let Some(field) = input.fields.iter().find(denied) {
        return Err(Failure::forbidden(format!("Access denied on creating field '{}'.", field.name)));
    }
    let values = saving::with_defaults(site, &call.viewer, resource, &input.values);
    let subject = Subject { resource, values: &values, original: None };
    let violations = validate(site, &call.viewer, &subject, resource.fields.iter());
    if !violations.is_empty() {
        return Err(lines(&violations));
    }
    let id = saving::create(site, resource, None, values);
    let view = view(site, call, "node", &id.to_string())?;
    let mut response = reply::json(201, JSON, &write(site, call, &view, true));
    set(&mut response, "location", &format!("{}{}", call.root(), site.store.page(&view)));
    Ok(response)
}

pub(super) fn patch(site: &mut Site, call: &Call<'_>, id: &str) -> Outcome<Response> {
    let schema = Arc::clone(&site.store.schema);
    let present = view(site, call, "node", id)?;
    check_csrf(site, call)?;
    access::update(&call.viewer, &present).map_err(Failure::forbidden)?;
    let body = body(call)?.ok_or_else(|| Failure::bad_request("No entity content received."))?;
    let bundle = bundle(&body)?;
    let resource = schema.get("node", &bundle).ok_or_else(|| {
        Failure::unprocessable(format!("\"{bundle}\" is not a valid bundle type for denormalization."))
    })?;
    let input = read(resource, &body)?;
    let mut values = present.values().clone();
    for field in &input.fields {
        let items = input.values.get(field.name).cloned().unwrap_or_default();
        if let Err(reason) = access::edit_field(site, &call.viewer, resource, field, Some(&present)) {
            if present.items(field.name) == items {
                continue;
            }
            let sentence = format!("Access denied on updating field '{}'.", field.name);
            return Err(Failure::forbidden(with_reason(&sentence, &reason)));
        }
        values.insert(field.name.to_owned(), items);
    }
    let subject = Subject { resource, values: &values, original: Some(present) };
    let fields = resource.fields.iter().filter(|field| input.fields.iter().any(|sent| sent.name == field.name));
    let violations = validate(site, &call.viewer, &subject, fields);
    if !violations.is_empty() {
        return Err(lines(&violations));
    }
    let uuid = present.entity.uuid.clone();
    saving::change(site, &call.viewer, resource, &uuid, call.language.as_deref(), values, false);
    let view = view(site, call, "node", id)?;
    Ok(reply::json(200, JSON, &write(site, call, &view, false)))
}

pub(super) fn delete(site: &mut Site, call: &Call<'_>, id: &str) -> Outcome<Response> {
    let view = view(site, call, "node", id)?;
    check_csrf(site, call)?;
    access::delete(&call.viewer, &view).map_err(Failure::forbidden)?;
    let uuid = view.entity.uuid.clone();
    site.delete("node", &uuid);
    Ok(reply::no_content())
}
