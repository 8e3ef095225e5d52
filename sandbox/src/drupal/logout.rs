//! Logging out.
use super::call::{Call, Family};
use super::failure::{Failure, Outcome};
use super::reply::{Response, no_content, respond, set};
use super::routes::{only_html, page};
use super::sessions::Purpose;
use super::site::{Site, clear_cookie};

pub(super) fn answer(site: &mut Site, call: &Call<'_>) -> Outcome<Response> {
    let token = call.query.text("token");
    let session = call.viewer.session.clone();
    let valid = token.is_some_and(|token| {
        !call.viewer.is_anonymous() && site.sessions.is_valid(session.as_deref(), Purpose::Logout, token)
    });
    match (call.family(), call.method()) {
        (Family::Html, _) if call.viewer.is_anonymous() => Ok(to_front(call)),
        (Family::Html, _) if !valid => Ok(redirect("/user/logout/confirm?check_logged_in=1")),
        (Family::Html, _) => Ok(site.end_session(call, to_front(call))),
        (Family::Json, "POST") if valid => Ok(site.end_session(call, no_content())),
        (Family::Json, "POST") => {
            let what = if token.is_some() { "invalid" } else { "missing" };
            Err(Failure::forbidden(format!("'csrf_token' URL query argument is {what}.")))
        }
        _ => Err(only_html()),
    }
}

/// The page that asks whether one wants to log out.
pub(super) fn confirm(site: &Site, call: &Call<'_>) -> Outcome<Response> {
    match call.family() {
        Family::Html if call.viewer.is_anonymous() => Ok(to_front(call)),
        Family::Html => Ok(page(&site.settings.site_name)),
        _ => Err(only_html()),
    }
}

/// Leads those who have nothing to end to the front page.
fn to_front(call: &Call<'_>) -> Response {
    redirect(&format!("{}/", call.root()))
}

impl Site {
    fn end_session(&mut self, call: &Call<'_>, mut response: Response) -> Response {
        if let Some(session) = &call.viewer.session {
            self.sessions.close(session);
        }
        clear_cookie(call, &mut response);
        response
    }
}

fn redirect(to: &str) -> Response {
    let page =
        format!("<!DOCTYPE html>\n<html><head><meta http-equiv=\"refresh\" content=\"0;url='{to}'\" /></head></html>");
    let mut response = respond(302, "text/html; charset=utf-8", page);
    set(&mut response, "location", to);
    response
}
