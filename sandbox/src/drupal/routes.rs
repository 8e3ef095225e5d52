//! Which part of the site answers a request.
use super::call::{Call, Family};
use super::failure::{Failure, Outcome};
use super::reply::{JSON, Response, html, plain, refuse, respond, set};
use super::site::Site;
use super::text::escape_html;
use super::{jsonapi, login, logout, menu, pages, password, register, rest, view_export};

/// A route that fits a path.
enum Area<'a> {
    JsonApi(jsonapi::Place),
    SessionToken,
    Login,
    LoginStatus,
    Logout,
    Password,
    Register,
    Linkset(&'a str),
    Rest(rest::Place),
    Upload(&'a str, &'a str, &'a str),
    Export,
    /// Files are served in front of Drupal.
    File,
    Page,
}

impl Area<'_> {
    /// The family of its answers.
    fn family(&self, call: &Call<'_>) -> Family {
        match self {
            Self::JsonApi(_) => Family::JsonApi,
            Self::SessionToken | Self::File => Family::Html,
            Self::Linkset(_) => Family::Json,
            Self::Export if call.family() == Family::Html => Family::Json,
            _ => call.family(),
        }
    }

    /// Whether basic authentication may be used on it.
    fn takes_basic(&self) -> bool {
        matches!(self, Self::JsonApi(_) | Self::Rest(_) | Self::Upload(..))
    }

    fn is_cacheable(&self) -> bool {
        !matches!(self, Self::SessionToken | Self::LoginStatus | Self::Login | Self::Logout | Self::File)
    }
}

pub(super) fn route(site: &mut Site, call: &Call<'_>) -> Response {
    let Some(area) = find(site, call) else {
        let response = refuse(call, call.family(), &no_route(call), false);
        return site.cached(call, response);
    };
    if let Area::File = area {
        return pages::file(site, call);
    }
    let family = area.family(call);
    let outcome = if site.settings.maintenance && !call.viewer.may("access site in maintenance mode") {
        Err(under_maintenance(site))
    } else if call.method() == "OPTIONS" && !matches!(area, Area::Linkset(_)) {
        Ok(options(site, call, &area))
    } else if call.viewer.basic && !call.viewer.is_anonymous() && !area.takes_basic() {
        Err(Failure::forbidden("The used authentication method is not allowed on this route."))
    } else {
        answer(site, call, &area)
    };
    let response = match outcome {
        Ok(response) => response,
        Err(failure) if failure.status == 403 && asks_for_credentials(site, call, &area) => {
            let failure = Failure::new(401, "No authentication credentials provided.");
            let mut response = refuse(call, family, &failure, false);
            set(&mut response, "www-authenticate", &format!("Basic realm=\"{}\"", site.settings.site_name));
            response
        }
        Err(failure) => {
            // What goes wrong with the format itself is told in a format that the client can read.
            let family = if failure.status == 406 && family == Family::JsonApi { Family::Json } else { family };
            let verbose = site.settings.verbose_errors && call.viewer.may("access site reports");
            refuse(call, family, &failure, verbose)
        }
    };
    if !call.reads() && response.status().is_success() {
        site.cache.clear();
    }
    if area.is_cacheable() { site.cached(call, response) } else { response }
}

/// Whether a denied request is asked to authenticate.
fn asks_for_credentials(site: &Site, call: &Call<'_>, area: &Area<'_>) -> bool {
    let for_programs = area.takes_basic() && area.family(call) != Family::Html;
    site.settings.basic_auth && call.viewer.is_anonymous() && !call.viewer.tried && for_programs
}

fn find<'a>(site: &Site, call: &'a Call<'_>) -> Option<Area<'a>> {
    let segments = call.segments();
    Some(match segments.as_slice() {
        ["jsonapi", rest @ ..] => return jsonapi::find(site, rest).map(Area::JsonApi),
        ["session", "token"] => Area::SessionToken,
        ["user", "login"] => Area::Login,
        ["user", "login_status"] if call.family() == Family::Html => return None,
        ["user", "login_status"] => Area::LoginStatus,
        ["user", "logout"] => Area::Logout,
        ["user", "password"] => Area::Password,
        ["user", "register"] => Area::Register,
        ["system", "menu", name, "linkset"] if site.settings.linkset => Area::Linkset(name),
        ["file", "upload", entity, bundle, field] => Area::Upload(entity, bundle, field),
        ["sites", "default", "files", ..] => Area::File,
        [] | ["user", "logout", "confirm"] => Area::Page,
        _ if site.exports.contains_key(call.path.trim_end_matches('/')) => Area::Export,
        _ => return rest::find(site, call).map(Area::Rest),
    })
}

fn answer(site: &mut Site, call: &Call<'_>, area: &Area<'_>) -> Outcome<Response> {
    match area {
        Area::JsonApi(place) => jsonapi::answer(site, call, place),
        Area::SessionToken => login::session_token(site, call),
        Area::Login => login::answer(site, call),
        Area::LoginStatus => login::status(call),
        Area::Logout => logout::answer(site, call),
        Area::Password => password::answer(site, call),
        Area::Register => register::answer(site, call),
        Area::Linkset(name) => menu::linkset(site, call, name),
        Area::Rest(place) => rest::answer(site, call, place),
        Area::Upload(entity, bundle, field) => rest::upload(site, call, entity, bundle, field),
        Area::Export => view_export::answer(site, call),
        Area::Page | Area::File => pages::answer(site, call),
    }
}

pub(super) fn no_route(call: &Call<'_>) -> Failure {
    Failure::not_found(format!("No route found for \"{} {}\"", call.method(), call.url()))
}

/// What a page says about a format that it does not have.
pub(super) fn only_html() -> Failure {
    Failure::new(406, super::reply::ONLY_HTML)
}

fn under_maintenance(site: &Site) -> Failure {
    let name = &site.settings.site_name;
    let detail =
        format!("{name} is currently under maintenance. We should be back shortly. Thank you for your patience.");
    Failure { retry_after: Some(rand::random_range(5..=10)), ..Failure::new(503, detail) }
}

fn options(site: &Site, call: &Call<'_>, area: &Area<'_>) -> Response {
    let allow = match area {
        Area::JsonApi(place) => jsonapi::methods(site, place, false),
        Area::Login | Area::Logout | Area::Password | Area::Rest(_) => "GET, POST, DELETE, PATCH".to_owned(),
        Area::LoginStatus | Area::Export | Area::Page => "GET".to_owned(),
        Area::Upload(..) => "POST".to_owned(),
        _ => "GET, POST".to_owned(),
    };
    let mut response = match call.family() {
        Family::Json => respond(200, JSON, ""),
        _ => respond(200, "text/html; charset=UTF-8", ""),
    };
    set(&mut response, "allow", &allow);
    response
}

/// A page of this title.
pub(super) fn page(title: &str) -> Response {
    html(200, &escape_html(title))
}

/// A text that is not an error.
pub(super) fn text(text: &str) -> Response {
    plain(200, text)
}
