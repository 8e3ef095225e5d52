//! Registering an account.
use std::sync::Arc;

use serde_json::Value;

use super::access;
use super::call::{Call, Family};
use super::failure::{Failure, Outcome};
use super::jsonapi::check_csrf;
use super::reply::{self, JSON, Response};
use super::rest;
use super::routes::{only_html, page};
use super::saving;
use super::settings::Registration;
use super::site::Site;
use super::store::value;
use super::text::random_uuid;
use super::value::validate::{Subject, lines, validate};

pub(super) fn answer(site: &mut Site, call: &Call<'_>) -> Outcome<Response> {
    match (call.family(), call.method()) {
        (Family::Html, _) => return Ok(page("Create new account")),
        (Family::Json, "POST") if site.settings.registration_resource && rest::is_json(call) => {}
        _ => return Err(only_html()),
    }
    check_csrf(site, call)?;
    if !call.viewer.may("restful post user_registration") {
        return Err(Failure::forbidden("The 'restful post user_registration' permission is required."));
    }
    if call.body().is_empty() {
        return Err(Failure::bad_request("No user account data for registration received."));
    }
    let body: Value = serde_json::from_slice(call.body()).map_err(|_| Failure::bad_request("Syntax error"))?;
    let schema = Arc::clone(&site.store.schema);
    let Some(resource) = schema.get("user", "user") else { return Err(only_html()) };
    let input = rest::read_input(resource, &body)?;
    let pass = input.values.get("pass").and_then(|items| items.first()?.get("value")?.as_str());
    check_rules(site, call, &input, pass.is_some())?;
    let hidden = |field: &&&_| access::edit_field(site, &call.viewer, resource, field, None).is_err();
    if let Some(field) = input.fields.iter().find(hidden) {
        return Err(Failure::forbidden(format!("Access denied on creating field '{}'.", field.name)));
    }
    let mut values = saving::with_defaults(site, &call.viewer, resource, &input.values);
    let subject = Subject { resource, values: &values, original: None };
    let violations = validate(site, &call.viewer, &subject, resource.fields.iter());
    if !violations.is_empty() {
        return Err(lines(&violations));
    }
    let active = site.settings.registration == Registration::Visitors;
    values.insert("status".to_owned(), value(active));
    if pass.is_none() {
        values.insert("pass".to_owned(), value(random_uuid()));
    }
    if let Some(mail) = values.get("mail").and_then(|items| items.first()?.get("value")?.as_str())
        && (site.settings.verify_mail || !active)
    {
        site.mails.push(mail.to_owned());
    }
    let id = saving::create(site, resource, None, values);
    let user = site.store.by_id("user", &id).and_then(|user| site.store.view(user, None));
    let Some(user) = user else { return Err(Failure::new(500, reply::UNEXPECTED)) };
    Ok(reply::json(200, JSON, &rest::write(site, call, &user, true)))
}

/// Whether accounts may be registered now, in this way.
fn check_rules(site: &Site, call: &Call<'_>, input: &rest::Input<'_>, has_password: bool) -> Outcome<()> {
    let settings = &site.settings;
    if input.values.contains_key("uid") {
        return Err(Failure::bad_request("An ID has been set and only new user accounts can be registered."));
    }
    if !call.viewer.is_anonymous() {
        return Err(Failure::forbidden("Only anonymous users can register a user."));
    }
    if settings.registration == Registration::AdminOnly {
        return Err(Failure::forbidden("You cannot register a new user account."));
    }
    match (settings.verify_mail, has_password) {
        (false, false) => Err(Failure::unprocessable("No password provided.")),
        (true, true) => Err(Failure::unprocessable("A Password cannot be specified. It will be generated on login.")),
        _ => Ok(()),
    }
}
