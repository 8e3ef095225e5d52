//! The rules for values, with the texts that the server gives.
use serde_json::Value;

use super::settle::{flag, float, integer};
use crate::drupal::access;
use crate::drupal::failure::{Failure, Problem};
use crate::drupal::schema::{Field, Kind, ResourceType, Target};
use crate::drupal::site::Site;
use crate::drupal::store::{Item, Values, View};
use crate::drupal::text::is_mail;
use crate::drupal::viewer::Viewer;

/// A rule that a value breaks.
#[derive(Debug)]
pub(in crate::drupal) struct Violation {
    field: &'static str,
    multiple: bool,
    /// `field_berths.0.value`.
    path: String,
    message: String,
}

const PRIMITIVE: &str = "This value should be of the correct primitive type.";
const NOT_NULL: &str = "This value should not be null.";
const NOT_A_CHOICE: &str = "The value you selected is not a valid choice.";

/// What is checked: the new values of an entity, and the entity as it is stored.
pub(in crate::drupal) struct Subject<'a> {
    pub(in crate::drupal) resource: &'a ResourceType,
    pub(in crate::drupal) values: &'a Values,
    pub(in crate::drupal) original: Option<View<'a>>,
}

/// Checks these fields.
pub(in crate::drupal) fn validate<'a>(
    site: &Site,
    viewer: &Viewer,
    subject: &Subject<'a>,
    fields: impl Iterator<Item = &'a Field>,
) -> Vec<Violation> {
    let mut found = Vec::new();
    for field in fields {
        let items = subject.values.get(field.name).map_or(&[][..], Vec::as_slice);
        let mut add = |suffix: &str, message: String| {
            let path = format!("{}{suffix}", field.name);
            found.push(Violation { field: field.name, multiple: field.is_multiple(), path, message });
        };
        if subject.resource.entity.name == "user" {
            super::super::user_rules::check(site, viewer, subject, field, items, &mut add);
        }
        if field.required && items.is_empty() {
            add("", NOT_NULL.to_owned());
        }
        if field.cardinality > 0 && items.len() > field.cardinality {
            let message = format!("{}: this field cannot hold more than {} values.", field.label, field.cardinality);
            add("", message);
        }
        for (delta, item) in items.iter().enumerate() {
            let mut add = |property: &str, message: String| {
                let property = if property.is_empty() { String::new() } else { format!(".{property}") };
                add(&format!(".{delta}{property}"), message);
            };
            match field.target() {
                Some(target) => reference(site, viewer, subject, field, target, item, &mut add),
                None => value(viewer, field, item, &mut add),
            }
        }
    }
    found
}

fn value(viewer: &Viewer, field: &Field, item: &Item, add: &mut impl FnMut(&str, String)) {
    let Some(value) = item.get("value").or_else(|| item.get("uri")) else { return };
    let scalar = !value.is_array() && !value.is_object();
    match field.kind {
        Kind::Line { max } => {
            let long = value.as_str().is_some_and(|text| text.chars().count() > max);
            if long {
                add("value", format!("{}: may not be longer than {max} characters.", field.label));
            }
            if !scalar {
                add("value", PRIMITIVE.to_owned());
            }
        }
        Kind::Integer { min, max } => {
            let bounds = [(min, "less", true), (max, "greater", false)];
            for (bound, word, lower) in bounds {
                let Some(bound) = bound else { continue };
                match float(value) {
                    None => add("value", "This value should be a valid number.".to_owned()),
                    Some(number) if (lower && number < bound as f64) || (!lower && number > bound as f64) => {
                        add("value", format!("{}: the value may be no {word} than {bound}.", field.label));
                    }
                    Some(_) => {}
                }
            }
            if integer(value).is_none() {
                add("value", PRIMITIVE.to_owned());
            }
        }
        Kind::Float | Kind::Decimal if float(value).is_none() => add("value", PRIMITIVE.to_owned()),
        Kind::Flag if flag(value).is_none() => add("value", PRIMITIVE.to_owned()),
        Kind::Choice(choices) if !value.as_str().is_some_and(|text| choices.contains(&text)) => {
            add("", NOT_A_CHOICE.to_owned());
        }
        Kind::Mail if !value.as_str().is_some_and(is_mail) => {
            add("value", "This value is not a valid email address.".to_owned());
        }
        Kind::Telephone if value.as_str().is_some_and(|text| text.chars().count() > 256) => {
            add("value", format!("{}: the telephone number may not be longer than 256 characters.", field.label));
        }
        Kind::Text | Kind::TextWithSummary => {
            if let Some(format) = item.get("format").and_then(Value::as_str)
                && format != "plain_text"
                && !viewer.may(&format!("use text format {format}"))
            {
                add("format", NOT_A_CHOICE.to_owned());
            }
            if !scalar {
                add("value", PRIMITIVE.to_owned());
            }
        }
        Kind::Link => link(value.as_str().unwrap_or_default(), add),
        Kind::DateRange if item.get("end_value").is_none_or(Value::is_null) => add("end_value", NOT_NULL.to_owned()),
        _ => {}
    }
}

fn link(uri: &str, add: &mut impl FnMut(&str, String)) {
    let scheme = uri.split_once(':').map(|(scheme, _)| scheme);
    let scheme = scheme.filter(|scheme| !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let known = ["http", "https", "ftp", "mailto", "tel", "internal", "entity", "route", "base", "news", "sftp", "ssh"];
    match scheme {
        Some(scheme) if known.contains(&scheme) => {}
        Some(_) => add("", format!("The path '{uri}' is invalid.")),
        None => {
            add("", format!("The path '{uri}' is invalid."));
            add("uri", PRIMITIVE.to_owned());
        }
    }
}

fn reference(
    site: &Site,
    viewer: &Viewer,
    subject: &Subject<'_>,
    field: &Field,
    target: Target,
    item: &Item,
    add: &mut impl FnMut(&str, String),
) {
    let Some(id) = item.get("target_id") else { return };
    // What was referred to before stays valid, and the root of a vocabulary has the number 0.
    let before =
        subject.original.is_some_and(|view| view.items(field.name).iter().any(|old| old.get("target_id") == Some(id)));
    let root = target.entity == "taxonomy_term" && *id == 0;
    if before || root || subject.resource.entity.bundle == Some(field.name) {
        return;
    }
    let shown = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    let named = format!("entity ({}: {shown})", target.entity);
    let found = site.store.by_id(target.entity, id).and_then(|entity| site.store.view(entity, None));
    let Some(found) = found else {
        return add("target_id", format!("The referenced {named} does not exist."));
    };
    let fits = target.bundles.is_empty() || target.bundles.contains(&found.resource.bundle);
    let selectable = match target.entity {
        "user" => found.flag("status") || viewer.may("administer users"),
        "node" | "media" => access::is_found_by_filter(viewer, &found),
        _ => true,
    };
    if !fits || !selectable {
        add("target_id", format!("This {named} cannot be referenced."));
    }
}

/// All violations as one failure of JSON:API.
pub(in crate::drupal) fn problems(violations: Vec<Violation>) -> Failure {
    let problems = violations.into_iter().map(|violation| {
        let Violation { field, multiple, path, message } = violation;
        let mut pointer = format!("/data/attributes/{}", path.replace('.', "/"));
        if !multiple {
            // The index says nothing if there is one value.
            pointer = pointer.replace(&format!("/{field}/0/"), &format!("/{field}/"));
        }
        Problem { detail: format!("{path}: {message}"), pointer: Some(pointer), violation: true }
    });
    Failure { problems: problems.collect(), ..Failure::unprocessable("") }
}

/// All violations as one message of REST.
pub(in crate::drupal) fn lines(violations: &[Violation]) -> Failure {
    let lines: String =
        violations.iter().map(|violation| format!("{}: {}\n", violation.path, violation.message)).collect();
    Failure::unprocessable(format!("Unprocessable Entity: validation failed.\n{lines}"))
}
