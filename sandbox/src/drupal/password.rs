//! Asking for a mail to set a password.
use super::call::{Call, Family};
use super::failure::{Failure, Outcome};
use super::login::{decode, member};
use super::reply::{JSON, Response, respond};
use super::routes::{only_html, page};
use super::site::Site;

pub(super) fn answer(site: &mut Site, call: &Call<'_>) -> Outcome<Response> {
    match (call.family(), call.method()) {
        (Family::Html, _) => return Ok(page("Reset your password")),
        (Family::Json, "POST") => {}
        _ => return Err(only_html()),
    }
    let body = decode(site, call)?;
    let (name, mail) = (member(&body, "name"), member(&body, "mail"));
    if name.is_none() && mail.is_none() {
        return Err(Failure::bad_request("Missing credentials.name or credentials.mail"));
    }
    // Whether the account exists, or is blocked, is not told.
    let users = site.store.views("user", None);
    let user = users.into_iter().find(|user| match (&name, &mail) {
        (Some(name), _) => user.text("name").eq_ignore_ascii_case(name),
        (None, Some(mail)) => user.text("mail").eq_ignore_ascii_case(mail),
        (None, None) => false,
    });
    if let Some(address) = user.filter(|user| user.flag("status")).map(|user| user.text("mail").to_owned()) {
        if !site.settings.mail_works {
            let detail = "Unable to send email. Contact the site administrator if the problem persists.";
            return Err(Failure::bad_request(detail));
        }
        site.mails.push(address);
    }
    Ok(respond(200, JSON, ""))
}
