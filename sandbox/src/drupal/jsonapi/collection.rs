//! Collections: filtered, sorted, page by page.
use super::document::{self, Document};
use super::page::Page;
use super::{filter, include, sort};
use crate::drupal::call::Call;
use crate::drupal::failure::Outcome;
use crate::drupal::reply::Response;
use crate::drupal::schema::ResourceType;
use crate::drupal::site::Site;

pub(super) fn answer(site: &Site, call: &Call<'_>, resource: &ResourceType, working_copies: bool) -> Outcome<Response> {
    let filter = filter::read(site, call, resource)?;
    let sort = sort::read(site, call, resource)?;
    let page = Page::of(call)?;
    let limit = page.limit()?;
    let language = call.language.as_deref();
    let entities = site.store.all(resource.entity.name).iter().filter(|entity| entity.bundle == resource.bundle);
    let mut rows: Vec<_> = entities
        .filter_map(|entity| {
            let revision = if working_copies { entity.latest() } else { entity.current };
            site.store.view_revision(entity, revision, language)
        })
        .filter(|view| filter.as_ref().is_none_or(|filter| filter.finds(site, call, view)))
        .collect();
    sort.sort(site, &mut rows);
    // Rows that the viewer may not see count, and are taken out afterwards.
    let mut rest = rows.into_iter().skip(usize::try_from(page.offset).unwrap_or(usize::MAX));
    let seen: Vec<_> = rest.by_ref().take(limit).map(|view| document::look(site, call, view)).collect();
    let more = rest.next().is_some();
    let mut document = Document::new(site, call, false);
    let mut data = Vec::new();
    for seen in &seen {
        data.extend(document.resource(seen)?);
    }
    include::add(site, call, &mut document, &seen)?;
    Ok(document.respond(200, data.into(), page.links(call, more)))
}
