//! Paths to fields, through relationships, as filters and sorts name them.
use std::collections::BTreeSet;

use serde_json::Value;

use crate::drupal::access;
use crate::drupal::failure::{Failure, Outcome};
use crate::drupal::schema::{Field, Kind, ResourceType};
use crate::drupal::site::Site;
use crate::drupal::store::View;
use crate::drupal::viewer::Viewer;

/// A value that databases compare.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Number(f64),
    Text(String),
}

#[derive(Debug)]
struct Hop {
    field: &'static str,
    delta: Option<usize>,
    entity_type: &'static str,
}

/// A path whose parts exist.
#[derive(Debug)]
pub(super) struct Path {
    hops: Vec<Hop>,
    field: &'static str,
    delta: Option<usize>,
    property: String,
}

/// Resolves a path. An operator that asks for no value may stop at a relationship.
pub(super) fn resolve(
    site: &Site,
    viewer: &Viewer,
    resource: &ResourceType,
    path: &str,
    needs_property: bool,
) -> Outcome<Path> {
    if path.is_empty() {
        return Err(Failure::bad_request("No field name was provided for the filter."));
    }
    let schema = &site.store.schema;
    let mut types: Vec<&ResourceType> = schema.get(resource.entity.name, resource.bundle).into_iter().collect();
    let mut parts = path.split('.').peekable();
    let mut hops: Vec<Hop> = Vec::new();
    let mut trail: Vec<String> = Vec::new();
    let delta = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten();
    while let Some(part) = parts.next() {
        let find = |resource: &&ResourceType| match part {
            "id" => resource.fields.iter().position(|field| matches!(field.kind, Kind::Uuid)),
            _ => resource.fields.iter().position(|field| field.public == part && !matches!(field.kind, Kind::Uuid)),
        };
        types.retain(|resource| find(resource).is_some());
        let first = types.first().and_then(|resource| Some((*resource, resource.fields.get(find(resource)?)?)));
        let Some((holder, field)) = first else {
            let detail =
                format!("Invalid nested filtering. The field `{part}`, given in the path `{path}`, does not exist.");
            return Err(Failure::bad_request(detail));
        };
        if holder.entity.configuration && !hops.is_empty() {
            return Err(Failure::bad_request(format!(
                "Filtering on config entities is not supported by Drupal's entity API. You tried to filter on a {} config \
                 entity.",
                holder.entity.name
            )));
        }
        trail.push(field.name.to_owned());
        if types.iter().any(|resource| !access::view_field(viewer, resource, field, None)) {
            return Err(Failure::forbidden(format!(
                "The current user is not authorized to filter by the `{}` field, given in the path `{}`.",
                field.name,
                trail.join(".")
            )));
        }
        let end = |hops, delta, property: &str| Path { hops, field: field.name, delta, property: property.to_owned() };
        let main = field.properties().first().copied().unwrap_or("value");
        let index = parts.peek().and_then(|part| delta(part));
        if index.is_some() {
            parts.next();
        }
        let Some(next) = parts.peek().copied() else {
            let specific = field.target().is_some() || field.properties().len() > 1;
            if specific && needs_property && index.is_none() {
                return Err(incomplete(field, part, path));
            }
            return Ok(end(hops, index, main));
        };
        let Some(target) = field.target() else {
            check_property(field, next, path)?;
            return Ok(end(hops, index, next));
        };
        let meta = meta_property(field, next);
        if let Some(name) = meta {
            let detail = format!(
                "Invalid nested filtering. The property `{name}`, given in the path `{path}` belongs to the meta object of \
                 a relationship and must be preceded by `meta`."
            );
            return Err(Failure::bad_request(detail));
        }
        if next == "meta" {
            parts.next();
            if let Some(name) = parts.peek().and_then(|part| meta_property(field, part)) {
                let stored = if name == "drupal_internal__target_id" { main } else { name };
                return Ok(end(hops, index, stored));
            }
        } else if next == "entity" || next.starts_with("entity:") {
            parts.next();
        }
        trail.push(format!("entity:{}", target.entity));
        hops.push(Hop { field: field.name, delta: index, entity_type: target.entity });
        types = schema.targets(&target);
    }
    Err(Failure::bad_request("No field name was provided for the filter."))
}

/// The property of a link that is in its `meta`.
fn meta_property<'a>(field: &Field, part: &'a str) -> Option<&'a str> {
    let known = part == "drupal_internal__target_id" || field.properties().iter().skip(1).any(|name| *name == part);
    known.then_some(part)
}

fn incomplete(field: &Field, part: &str, path: &str) -> Failure {
    let specifiers: Vec<String> = match field.target() {
        Some(_) => {
            let own = field.properties().iter().skip(1).map(|name| format!("meta.{name}"));
            ["id".to_owned(), "meta.drupal_internal__target_id".to_owned()].into_iter().chain(own).collect()
        }
        None => field.properties().iter().map(|name| (*name).to_owned()).collect(),
    };
    Failure::bad_request(format!(
        "Invalid nested filtering. The field `{part}`, given in the path `{path}` is incomplete, it must end with one of \
         the following specifiers: `{}`.",
        specifiers.join("`, `")
    ))
}

fn check_property(field: &Field, property: &str, path: &str) -> Outcome<()> {
    let names = field.properties();
    if names.len() == 1 {
        let short = path.strip_suffix(property).and_then(|short| short.strip_suffix('.')).unwrap_or(path);
        return Err(Failure::bad_request(format!(
            "Invalid nested filtering. The property `{property}`, given in the path `{path}`, does not exist. Filter by \
             `{short}`, not `{path}` (the JSON:API module elides property names from single-property fields)."
        )));
    }
    if names.contains(&property) {
        return Ok(());
    }
    Err(Failure::bad_request(format!(
        "Invalid nested filtering. The property `{property}`, given in the path `{path}`, does not exist. Must be one of \
         the following property names: `{}`.",
        names.join("`, `")
    )))
}

impl Path {
    /// All values that the path leads to; what is not set is not among them.
    pub(super) fn cells(&self, site: &Site, view: &View<'_>) -> Vec<Cell> {
        let mut views = vec![*view];
        for hop in &self.hops {
            let mut next = Vec::new();
            for view in &views {
                next.extend(linked(site, view, hop));
            }
            views = distinct(next);
        }
        let languages = &site.settings.languages;
        let lists = views.iter().flat_map(|view| view.items_in_all(self.field, languages));
        let items = lists
            .flat_map(|items| items.iter().enumerate())
            .filter(|(index, _)| self.delta.is_none_or(|delta| delta == *index));
        items.filter_map(|(_, item)| cell(item.get(&self.property)?)).collect()
    }

    /// Whether a filter may find an entity by what the path passes on its way.
    pub(super) fn is_secure(&self, site: &Site, viewer: &Viewer, view: &View<'_>) -> bool {
        let mut views = vec![*view];
        for hop in &self.hops {
            let next = views.iter().flat_map(|view| linked(site, view, hop));
            views = distinct(next.filter(|view| access::is_found_by_filter(viewer, view)).collect());
        }
        !views.is_empty()
    }
}

/// Each entity once, so that links in circles do not multiply.
pub(super) fn distinct(mut views: Vec<View<'_>>) -> Vec<View<'_>> {
    let mut known = BTreeSet::new();
    views.retain(|view| known.insert((view.entity.entity_type, view.entity.uuid.as_str())));
    views
}

fn linked<'a>(site: &'a Site, view: &View<'a>, hop: &Hop) -> Vec<View<'a>> {
    let items = view.items(hop.field).iter().enumerate();
    let items = items.filter(|(index, _)| hop.delta.is_none_or(|delta| delta == *index));
    let entities = items.filter_map(|(_, item)| site.store.referenced(hop.entity_type, item));
    entities.filter_map(|entity| site.store.view(entity, None)).collect()
}

fn cell(value: &Value) -> Option<Cell> {
    match value {
        Value::Bool(flag) => Some(Cell::Number(f64::from(u8::from(*flag)))),
        Value::Number(number) => number.as_f64().map(Cell::Number),
        Value::String(text) => Some(Cell::Text(text.clone())),
        _ => None,
    }
}
