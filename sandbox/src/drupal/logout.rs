//! Logging out.
use super::call::{Call, Family};
use super::failure::{Failure, Outcome};
use super::reply::{Response, no_content, respond, set};
use super::routes::only_html;
use super::sessions::Purpose;
use super::site::{Site, clear_cookie};

pub(super) fn answer(site: &mut Site, call: &Call<'_>) -> Outcome<Response> {
    let token = call.query.text("token");
    let session = call.viewer.session.clone();
    let valid = token.is_some_and(|token| {
        !call.viewer.is_anonymous() && site.sessions.is_valid(session.as_deref(), Purpose::Logout, token)
    });
    match (call.family(), call.method()) {
        (Family::Html, _) if call.viewer.is_anonymous() => Err(Failure::forbidden("")),
        (Family::Html, _) if !valid => Ok(redirect("/user/logout/confirm?check_logged_in=1")),
        (Family::Html, _) => Ok(site.end_session(call, redirect(&format!("{}/", call.root())))),
        (Family::Json, "POST") if valid => Ok(site.end_session(call, no_content())),
        (Family::Json, "POST") => {
            let what = if token.is_some() { "invalid" } else { "missing" };
            Err(Failure::forbidden(format!("'csrf_token' URL query argument is {what}.")))
        }
        _ => Err(only_html()),
    }
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
