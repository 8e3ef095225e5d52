//! Uploading files for a field.
use serde_json::json;

use super::document::{Document, Seen};
use super::{Target, read, relationships};
use crate::drupal::access;
use crate::drupal::call::Call;
use crate::drupal::failure::{Failure, Outcome};
use crate::drupal::reply::Response;
use crate::drupal::schema::{Field, FileRule, ResourceType};
use crate::drupal::site::Site;
use crate::drupal::store::target as link_to;
use crate::drupal::upload;

/// The field of this name, if it takes files.
fn file_field<'a>(resource: &'a ResourceType, name: &str) -> Outcome<(&'a Field, FileRule)> {
    let Some(field) = resource.public_field(name) else {
        return Err(Failure::not_found(format!("Field \"{name}\" does not exist.")));
    };
    let rule = field
        .file_rule()
        .ok_or_else(|| Failure::new(500, format!("The file \"{name}\" is not a file field could not be accessed")))?;
    Ok((field, rule))
}

fn denied(reason: String) -> Failure {
    Failure::forbidden(format!("The current user is not permitted to upload a file for this field. {reason}"))
}

/// Stores a file that is linked later.
pub(super) fn create(site: &mut Site, call: &Call<'_>, resource: &ResourceType, field: &str) -> Outcome<Response> {
    let (field, rule) = file_field(resource, field)?;
    let may_edit = access::edit_field(site, &call.viewer, resource, field, None);
    access::create(&call.viewer, resource).and(may_edit).map_err(denied)?;
    let id = upload::receive(site, call, field, rule)?;
    let file = site.store.by_id("file", &id).and_then(|file| site.store.view(file, None));
    let Some(file) = file else { return Err(Failure::new(500, "Temporary file could not be opened")) };
    let url = super::document::url(call, &file);
    let mut document = Document::new(site, call, true);
    let data = document.resource(&Seen::Whole(file))?.unwrap_or_default();
    Ok(document.respond(201, data, json!({"self": {"href": url}})))
}

/// Stores a file and links it to a resource that exists.
pub(super) fn attach(site: &mut Site, call: &Call<'_>, target: &Target<'_>, field: &str) -> Outcome<Response> {
    let view = read::view(site, call, target)?;
    let (field, rule) = file_field(view.resource, field)?;
    let field = field.clone();
    let may_edit = access::edit_field(site, &call.viewer, view.resource, &field, Some(&view));
    access::update(&call.viewer, &view).and(may_edit).map_err(denied)?;
    let id = upload::receive(site, call, &field, rule)?;
    let mut items = match field.is_multiple() {
        true => read::view(site, call, target)?.items(field.name).to_vec(),
        false => Vec::new(),
    };
    items.push(link_to(id));
    relationships::save(site, call, target, &field, items)?;
    let url = call.url();
    read::related_at(site, call, target, field.public, url)
}
