//! Pages for people, and files.
use super::call::{Call, Family};
use super::failure::Outcome;
use super::reply::{Response, respond};
use super::routes::{only_html, page};
use super::site::Site;

pub(super) fn answer(site: &Site, call: &Call<'_>) -> Outcome<Response> {
    match call.family() {
        Family::Html => Ok(page(&site.settings.site_name)),
        _ => Err(only_html()),
    }
}

/// A file below `/sites/default/files`.
pub(super) fn file(site: &Site, call: &Call<'_>) -> Response {
    let name = call.path.trim_start_matches("/sites/default/files/");
    match site.store.files.get(&format!("public://{name}")) {
        Some(content) => respond(200, super::upload::media_type(name), content.clone()),
        None => {
            let title = "404 Not Found";
            let body = format!("The requested URL \"{}\" was not found on this server.", call.url());
            let page =
                format!("<!DOCTYPE html><html><head><title>{title}</title></head><body><p>{body}</p></body></html>");
            respond(404, "text/html; charset=UTF-8", page)
        }
    }
}
