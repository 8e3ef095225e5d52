//! A view with an export: rows of text, page by page.
use serde_json::{Value, json};

use super::access;
use super::call::{Call, Family};
use super::failure::{Failure, Outcome};
use super::reply::{self, JSON, Response};
use super::site::Site;
use super::text::escape_html;

/// The published nodes of a bundle, with number and linked title.
#[derive(Clone, Debug)]
pub(super) struct Export {
    pub(super) bundle: &'static str,
}

pub(super) fn answer(site: &Site, call: &Call<'_>) -> Outcome<Response> {
    if ![Family::Html, Family::Json].contains(&call.family()) {
        return Err(Failure::new(406, "No route found for the specified format. Supported formats: json."));
    }
    let Some(export) = site.exports.get(call.path.trim_end_matches('/')) else {
        return Err(super::routes::no_route(call));
    };
    if !call.viewer.may("access content") {
        return Err(Failure::forbidden("The 'access content' permission is required."));
    }
    let views = site.store.views("node", call.language.as_deref()).into_iter();
    let nodes = views.filter(|view| view.resource.bundle == export.bundle && view.published());
    let nodes = nodes.filter(|view| access::view(site, &call.viewer, view).is_ok());
    let rows = nodes.map(|view| {
        let (page, title) = (site.store.page(&view), escape_html(view.text("title")));
        let link = format!("<a href=\"{}{page}\" hreflang=\"{}\">{title}</a>", call.prefix, view.language);
        json!({"nid": view.id().to_string(), "title": link})
    });
    let page = call.query.text("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(0);
    let rows: Vec<Value> = match site.settings.view_page_size {
        Some(size) => rows.skip(page.saturating_mul(size)).take(size).collect(),
        None => rows.collect(),
    };
    Ok(reply::json(200, JSON, &rows.into()))
}
