//! The parameter `include`: linked resources in the same document.
use super::document::{self, Document, Seen};
use super::path;
use crate::drupal::access;
use crate::drupal::call::Call;
use crate::drupal::failure::{Failure, Outcome, with_reason};
use crate::drupal::query::Param;
use crate::drupal::schema::{ResourceType, Schema};
use crate::drupal::site::Site;

/// How long a path can be here; a real site has no such limit.
const DEEPEST: usize = 64;

/// Adds what the request wants included.
pub(super) fn add(site: &Site, call: &Call<'_>, document: &mut Document<'_, '_>, data: &[Seen<'_>]) -> Outcome<()> {
    let parameter = match call.query.get("include") {
        None => return Ok(()),
        Some(Param::List(_)) => {
            return Err(Failure::bad_request("Input value \"include\" contains a non-scalar value."));
        }
        Some(Param::Text(text)) if text.is_empty() => return Ok(()),
        Some(Param::Text(text)) => text,
    };
    let paths: Vec<Vec<&str>> =
        parameter.split(',').map(|path| path.trim().split('.').map(str::trim).collect()).collect();
    if paths.iter().any(|path| path.len() > DEEPEST) {
        return Err(Failure::bad_request(format!("An include path has more than {DEEPEST} parts.")));
    }
    let mut checked: Vec<String> = Vec::new();
    for seen in data {
        let (Seen::Whole(view) | Seen::Label(view) | Seen::Nothing(view, _)) = seen;
        let name = view.resource.name();
        if !checked.contains(&name) {
            paths.iter().try_for_each(|path| check(&site.store.schema, view.resource, path, true))?;
            checked.push(name);
        }
    }
    paths.iter().try_for_each(|path| follow(site, call, document, data, path))
}

/// Refuses a path that leads nowhere.
fn check(schema: &Schema, resource: &ResourceType, path: &[&str], first: bool) -> Outcome<()> {
    let Some((field, rest)) = path.split_first().filter(|(field, _)| !field.is_empty()) else {
        return Err(Failure::bad_request("Empty include path."));
    };
    let Some(target) = resource.relationship(field).and_then(|field| field.target()) else {
        let possible: Vec<_> = resource.relationships().map(|field| field.public).collect();
        let mut detail = format!("`{field}` is not a valid relationship field name.");
        if !possible.is_empty() {
            detail.push_str(&format!(" Possible values: {}.", possible.join(", ")));
        }
        return Err(Failure::bad_request(detail));
    };
    if rest.is_empty() {
        return Ok(());
    }
    let mut messages: Vec<String> = Vec::new();
    for target in schema.targets(&target) {
        match check(schema, target, rest, false) {
            Ok(()) => return Ok(()),
            Err(failure) if messages.iter().any(|known| known == failure.detail()) => {}
            Err(failure) => messages.push(failure.detail().to_owned()),
        }
    }
    let messages = messages.join(" ");
    let path = path.join(".");
    Err(Failure::bad_request(if first {
        format!("`{path}` is not a valid include path. {messages}")
    } else {
        messages
    }))
}

fn follow(
    site: &Site,
    call: &Call<'_>,
    document: &mut Document<'_, '_>,
    data: &[Seen<'_>],
    parts: &[&str],
) -> Outcome<()> {
    let Some((name, rest)) = parts.split_first() else { return Ok(()) };
    let hidden = "The current user is not allowed to view this relationship.";
    let mut linked = Vec::new();
    for seen in data {
        let view = match seen {
            Seen::Whole(view) => view,
            Seen::Label(view) => {
                let detail = with_reason(hidden, "The user only has authorization for the 'view label' operation.");
                document.omit(format!("{}/{name}", document::url(call, view)), detail);
                continue;
            }
            Seen::Nothing(..) => continue,
        };
        let Some(field) = view.resource.relationship(name) else { continue };
        if !access::view_field(&call.viewer, view.resource, field, Some(view)) {
            document.omit(format!("{}/{name}", document::url(call, view)), hidden.to_owned());
            continue;
        }
        let entity_type = field.target().map_or("", |target| target.entity);
        let entities = view.items(field.name).iter().filter_map(|item| site.store.referenced(entity_type, item));
        linked.extend(entities.filter_map(|entity| site.store.view(entity, call.language.as_deref())));
    }
    let linked = path::distinct(linked);
    let linked: Vec<_> = linked.into_iter().map(|view| document::look(site, call, view)).collect();
    linked.iter().try_for_each(|seen| document.include(seen))?;
    follow(site, call, document, &linked, rest)
}
