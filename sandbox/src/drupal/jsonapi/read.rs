//! One resource, and the resources that it is linked to.
use serde_json::{Value, json};

use super::document::{self, Document, Seen};
use super::{Target, include};
use crate::drupal::call::Call;
use crate::drupal::failure::{Failure, Outcome};
use crate::drupal::reply::Response;
use crate::drupal::site::Site;
use crate::drupal::store::View;

/// The entity and version that the path names.
pub(super) fn view<'a>(site: &'a Site, call: &'a Call<'_>, target: &Target<'_>) -> Outcome<View<'a>> {
    let uuid = target.uuid.as_deref().unwrap_or_default();
    let entity = site.store.by_uuid(target.resource.entity.name, uuid);
    let view = entity.and_then(|entity| {
        site.store.view_revision(entity, target.revision.unwrap_or(entity.current), call.language.as_deref())
    });
    view.ok_or_else(|| Failure::not_found(format!("There is no `{uuid}`.")))
}

pub(super) fn individual(site: &Site, call: &Call<'_>, target: &Target<'_>) -> Outcome<Response> {
    match document::look(site, call, view(site, call, target)?) {
        Seen::Nothing(view, reason) => Err(Failure::hidden(&reason, document::url(call, &view))),
        seen => one(site, call, &seen, 200, false),
    }
}

/// A document about one resource, with its includes.
pub(super) fn one(site: &Site, call: &Call<'_>, seen: &Seen<'_>, status: u16, fresh: bool) -> Outcome<Response> {
    let mut document = Document::new(site, call, fresh);
    let data = document.resource(seen)?.unwrap_or_default();
    include::add(site, call, &mut document, std::slice::from_ref(seen))?;
    Ok(document.respond(status, data, json!({"self": {"href": call.uri()}})))
}

pub(super) fn related(site: &Site, call: &Call<'_>, target: &Target<'_>, field: &str) -> Outcome<Response> {
    related_at(site, call, target, field, call.uri())
}

/// Related resources, as if this URL had been asked for.
pub(super) fn related_at(
    site: &Site,
    call: &Call<'_>,
    target: &Target<'_>,
    field: &str,
    url: String,
) -> Outcome<Response> {
    let view = view(site, call, target)?;
    let Some(field) = view.resource.relationship(field) else { return Err(crate::drupal::routes::no_route(call)) };
    let entity_type = field.target().map_or("", |target| target.entity);
    let linked = view.items(field.name).iter().filter_map(|item| site.store.referenced(entity_type, item));
    let seen: Vec<_> = linked
        .filter_map(|entity| site.store.view(entity, call.language.as_deref()))
        .map(|view| document::look(site, call, view))
        .collect();
    let mut document = Document::new(site, call, false);
    let mut data = Vec::new();
    for seen in &seen {
        data.extend(document.resource(seen)?);
    }
    include::add(site, call, &mut document, &seen)?;
    let data = match field.is_multiple() {
        true => data.into(),
        false => data.into_iter().next().unwrap_or(Value::Null),
    };
    Ok(document.respond(200, data, json!({"self": {"href": url}})))
}
