//! JSON:API: its routes and the checks that come before a controller.
mod collection;
mod document;
mod entry;
mod filter;
mod include;
mod linkage;
mod page;
mod path;
mod read;
mod relationships;
mod sort;
mod uploads;
mod versions;
mod write;

use std::sync::Arc;

use super::access;
use super::call::{Call, Family};
use super::failure::{Failure, Outcome, with_reason};
use super::reply::Response;
use super::schema::{LANGUAGE_TYPES, ResourceType};
use super::sessions::Purpose;
use super::site::Site;
use super::store::{DEFAULT_LANGUAGE, Entity};

/// What a path below `/jsonapi` names.
#[derive(Debug)]
pub(super) enum Place {
    Entry,
    /// `/node/article`.
    Collection(String),
    /// `/node/article/{uuid}`, or with POST `/node/article/{file field}`.
    Item(String, String),
    /// `/node/article/{uuid}/{field}`.
    Related(String, String, String),
    /// `/node/article/{uuid}/relationships/{field}`.
    Relationship(String, String, String),
}

/// A request to a resource, with what the path names.
pub(super) struct Target<'a> {
    pub(super) resource: &'a ResourceType,
    /// The entity that the path names, and the revision that was asked for.
    pub(super) uuid: Option<String>,
    pub(super) revision: Option<u64>,
}

pub(super) fn find(site: &Site, segments: &[&str]) -> Option<Place> {
    let [entity, bundle, rest @ ..] = segments else { return segments.is_empty().then_some(Place::Entry) };
    let resource = site.store.schema.get(entity, bundle)?;
    if !is_installed(site, resource) {
        return None;
    }
    let name = resource.name();
    let files = resource.takes_files();
    Some(match *rest {
        [] => Place::Collection(name),
        [id] => Place::Item(name, id.to_owned()),
        [id, "relationships", field] if resource.relationship(field).is_some() => {
            Place::Relationship(name, id.to_owned(), field.to_owned())
        }
        [id, field] if resource.relationship(field).is_some() || files => {
            Place::Related(name, id.to_owned(), field.to_owned())
        }
        _ => return None,
    })
}

/// Languages are configuration of a module.
fn is_installed(site: &Site, resource: &ResourceType) -> bool {
    !site.settings.languages.is_empty() || !LANGUAGE_TYPES.contains(&resource.entity.name)
}

/// The methods of a path, as the server lists them.
pub(super) fn methods(site: &Site, place: &Place, with_head: bool) -> String {
    let schema = &site.store.schema;
    let (read_only, files) = match place {
        Place::Entry => (true, false),
        Place::Collection(name) | Place::Item(name, _) | Place::Related(name, ..) | Place::Relationship(name, ..) => {
            let resource = schema.by_name(name);
            (
                resource.is_some_and(|resource| resource.entity.configuration),
                resource.is_some_and(ResourceType::takes_files),
            )
        }
    };
    let list: &[&str] = match place {
        _ if read_only => &["GET", "HEAD"],
        Place::Entry | Place::Collection(_) => &["GET", "HEAD", "POST"],
        Place::Item(..) if files => &["POST", "GET", "HEAD", "DELETE", "PATCH"],
        Place::Item(..) => &["GET", "HEAD", "DELETE", "PATCH"],
        Place::Related(name, _, field) => {
            match (schema.by_name(name).is_some_and(|resource| resource.relationship(field).is_some()), files) {
                (true, true) => &["POST", "GET", "HEAD"],
                (true, false) => &["GET", "HEAD"],
                (false, _) => &["POST"],
            }
        }
        Place::Relationship(..) => &["GET", "HEAD", "POST", "PATCH", "DELETE"],
    };
    list.iter().filter(|method| with_head || **method != "HEAD").copied().collect::<Vec<_>>().join(", ")
}

pub(super) fn answer(site: &mut Site, call: &Call<'_>, place: &Place) -> Outcome<Response> {
    check_format(call)?;
    let allow = methods(site, place, true);
    if !allow.split(", ").any(|method| method == call.method()) {
        return Err(Failure::method(call.method(), &call.url(), &allow));
    }
    if site.settings.read_only && !call.reads() {
        return Err(read_only(call));
    }
    let schema = Arc::clone(&site.store.schema);
    let (name, id, field) = match place {
        Place::Entry => {
            check_parameters(call)?;
            return Ok(entry::answer(site, call));
        }
        Place::Collection(name) => (name, None, None),
        Place::Item(name, id) => (name, Some(id), None),
        Place::Related(name, id, field) | Place::Relationship(name, id, field) => (name, Some(id), Some(field)),
    };
    let Some(resource) = schema.by_name(name) else { return Err(super::routes::no_route(call)) };
    let uploads = call.method() == "POST" && matches!(place, Place::Item(..) | Place::Related(..));
    check_content_type(call, if uploads { "application/octet-stream" } else { super::reply::JSON_API })?;
    let mut target = Target { resource, uuid: None, revision: None };
    let names_entity = !(uploads && matches!(place, Place::Item(..)));
    if let Some(id) = id.filter(|_| names_entity) {
        let entity = site.store.by_uuid(resource.entity.name, id);
        let entity = entity.ok_or_else(|| not_converted(resource, call.method(), place))?;
        check_translation(call, entity)?;
        target.uuid = Some(entity.uuid.clone());
    }
    versions::choose(site, call, place, &mut target)?;
    check_csrf(site, call)?;
    check_access(site, call, place, &target)?;
    check_parameters(call)?;
    match (place, call.method(), field) {
        (Place::Collection(_), "GET", _) => collection::answer(site, call, resource, target.revision.is_some()),
        (Place::Collection(_), _, _) => write::create(site, call, resource),
        (Place::Item(_, field), "POST", _) => uploads::create(site, call, resource, field),
        (Place::Item(..), "GET", _) => read::individual(site, call, &target),
        (Place::Item(..), "PATCH", _) => write::patch(site, call, &target),
        (Place::Item(..), _, _) => write::delete(site, &target),
        (Place::Related(..), "POST", Some(field)) => uploads::attach(site, call, &target, field),
        (Place::Related(..), _, Some(field)) => read::related(site, call, &target, field),
        (Place::Relationship(..), method, Some(field)) => relationships::answer(site, call, &target, field, method),
        _ => Err(super::routes::no_route(call)),
    }
}

/// JSON:API has one format, which the path chooses.
fn check_format(call: &Call<'_>) -> Outcome<()> {
    if [Family::Html, Family::JsonApi].contains(&call.family()) && call.query.text("_format") != Some("html") {
        return Ok(());
    }
    let mut query = call.query.sorted();
    query.set("_format", super::query::Param::Text("api_json".to_owned()));
    let link = format!("<{}>; rel=\"alternate\"; type=\"application/vnd.api+json\"", call.url_with(&query));
    let detail = "No route found for the specified format. Supported formats: api_json.";
    Err(Failure { link: Some(link), ..Failure::new(406, detail) })
}

fn read_only(call: &Call<'_>) -> Failure {
    let detail = format!(
        "JSON:API is configured to accept only read operations. Site administrators can configure this at \
         {}/admin/config/services/jsonapi.",
        call.root()
    );
    Failure { allow: Some("GET".to_owned()), ..Failure::new(405, detail) }
}

pub(super) fn check_content_type(call: &Call<'_>, wanted: &str) -> Outcome<()> {
    if !["POST", "PATCH", "PUT"].contains(&call.method()) {
        return Ok(());
    }
    match call.content_type() {
        None => Err(Failure::new(415, "No \"Content-Type\" request header specified")),
        Some(kind) if kind == wanted => Ok(()),
        Some(_) => {
            let sent = call.header("content-type").unwrap_or_default();
            Err(Failure::new(415, format!("No route found that matches \"Content-Type: {sent}\"")))
        }
    }
}

/// Names the route that found no entity.
fn not_converted(resource: &ResourceType, method: &str, place: &Place) -> Failure {
    let (path, name) = (resource.path(), resource.name());
    let suffix = method.to_ascii_lowercase();
    let (rest, route) = match place {
        Place::Related(..) if method == "POST" => {
            ("/{file_field_name}".to_owned(), "file_upload.existing_resource".to_owned())
        }
        Place::Related(_, _, field) => (format!("/{field}"), format!("{field}.related")),
        Place::Relationship(_, _, field) => {
            (format!("/relationships/{field}"), format!("{field}.relationship.{suffix}"))
        }
        _ if method == "GET" => (String::new(), "individual".to_owned()),
        _ => (String::new(), format!("individual.{suffix}")),
    };
    Failure::not_converted("entity", &format!("{path}/{{entity}}{rest}"), &format!("jsonapi.{name}.{route}"))
}

/// Translations that do not exist cannot be changed, those that exist cannot be deleted alone.
fn check_translation(call: &Call<'_>, entity: &Entity) -> Outcome<()> {
    let Some(language) = &call.language else { return Ok(()) };
    let translations = entity.revisions.get(&entity.current).map(|revision| &revision.translations);
    let known = translations.is_some_and(|translations| translations.contains_key(language));
    let detail = match call.method() {
        "DELETE" => "Deleting a resource object translation is not yet supported. See \
                     https://www.drupal.org/docs/8/modules/jsonapi/translations."
            .to_owned(),
        "PATCH" if !known => {
            let languages = translations.into_iter().flat_map(|translations| translations.keys().map(String::as_str));
            let languages: Vec<_> = std::iter::once(DEFAULT_LANGUAGE).chain(languages).collect();
            format!(
                "The requested translation of the resource object does not exist, instead modify one of the \
                 translations that do exist: {}.",
                languages.join(", ")
            )
        }
        _ => return Ok(()),
    };
    Err(Failure { allow: Some("GET".to_owned()), ..Failure::new(405, detail) })
}

/// Requests of a session that change something need the token of that session.
pub(super) fn check_csrf(site: &Site, call: &Call<'_>) -> Outcome<()> {
    let viewer = &call.viewer;
    if call.reads() || viewer.is_anonymous() || !viewer.has_cookie {
        return Ok(());
    }
    let session = viewer.session.as_deref();
    let valid =
        |token| [Purpose::Header, Purpose::Rest].iter().any(|purpose| site.sessions.is_valid(session, *purpose, token));
    match call.header("x-csrf-token") {
        None => Err(Failure::forbidden("X-CSRF-Token request header is missing")),
        Some(token) if valid(token) => Ok(()),
        Some(_) => Err(Failure::forbidden("X-CSRF-Token request header is invalid")),
    }
}

/// What the viewer may not do is refused before the rest of the request is looked at.
fn check_access(site: &Site, call: &Call<'_>, place: &Place, target: &Target<'_>) -> Outcome<()> {
    let viewer = &call.viewer;
    let method = call.method();
    let view = target.uuid.as_ref().and_then(|uuid| {
        let entity = site.store.by_uuid(target.resource.entity.name, uuid)?;
        site.store.view_revision(entity, target.revision.unwrap_or(entity.current), call.language.as_deref())
    });
    let Some(view) = view else {
        let creates = method == "POST" && matches!(place, Place::Collection(_));
        return if creates { access::create(viewer, target.resource).map_err(Failure::forbidden) } else { Ok(()) };
    };
    match (place, method) {
        (Place::Item(..), "PATCH") => access::update(viewer, &view).map_err(Failure::forbidden),
        (Place::Item(..), "DELETE") => access::delete(viewer, &view).map_err(Failure::forbidden),
        (Place::Related(..), "POST") => Ok(()),
        (Place::Related(_, _, field) | Place::Relationship(_, _, field), _) => {
            let definition = view.resource.relationship(field);
            let (verb, access) = if method == "GET" {
                let visible =
                    definition.is_none_or(|field| access::view_field(viewer, view.resource, field, Some(&view)));
                (
                    "view",
                    access::view(site, viewer, &view).and_then(|()| if visible { Ok(()) } else { Err(String::new()) }),
                )
            } else {
                let edit = definition
                    .map_or(Ok(()), |field| access::edit_field(site, viewer, view.resource, field, Some(&view)));
                ("edit", access::update(viewer, &view).and(edit))
            };
            let sentence = format!("The current user is not allowed to {verb} this relationship.");
            access.map_err(|reason| Failure::forbidden(with_reason(&sentence, &reason)))
        }
        _ => Ok(()),
    }
}

/// Parameters of the specification, and others with a character that no parameter of a later specification has.
fn check_parameters(call: &Call<'_>) -> Outcome<()> {
    let reserved = ["filter", "sort", "page", "fields", "include", "resourceVersion"];
    let names = call.query.0.iter().map(|(name, _)| name.as_str());
    let invalid: Vec<_> = names.filter(|name| !reserved.contains(name) && !is_custom_parameter(name)).collect();
    if invalid.contains(&"_format") {
        let detail = "JSON:API does not need that ugly '_format' query string! 🤘 Use the URL provided in 'links' 🙏";
        return Err(Failure { link: Some(call.url()), ..Failure::bad_request(detail) });
    }
    if invalid.is_empty() {
        return Ok(());
    }
    let detail = format!("The following query parameters violate the JSON:API spec: '{}'.", invalid.join("', '"));
    let link = Some("http://jsonapi.org/format/#query-parameters".to_owned());
    Err(Failure { link, ..Failure::bad_request(detail) })
}

fn is_custom_parameter(name: &str) -> bool {
    let global = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii();
    let inner = |c: char| global(c) || "-_ ".contains(c);
    let ends = name.starts_with(global) && name.ends_with(global);
    ends && name.chars().all(inner) && name.contains(|c: char| !c.is_ascii_lowercase())
}
