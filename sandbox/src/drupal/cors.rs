//! Cross-origin requests.
use super::call::Call;
use super::reply::{Response, no_content, set};
use super::settings::Settings;

/// The answer to a preflight, if CORS is on and this is one.
pub(super) fn preflight(settings: &Settings, call: &Call<'_>) -> Option<Response> {
    let origin = settings.cors_origin.as_ref()?;
    call.header("access-control-request-method").filter(|_| call.method() == "OPTIONS")?;
    let mut response = no_content();
    for (name, value) in [
        ("cache-control", "no-cache, private"),
        ("access-control-allow-origin", origin.as_str()),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "GET, POST, PATCH, DELETE"),
        ("access-control-allow-headers", "content-type, x-csrf-token, authorization"),
        ("access-control-max-age", "600"),
        ("vary", "Access-Control-Request-Method"),
    ] {
        set(&mut response, name, value);
    }
    Some(response)
}

/// Adds the headers of an actual request. With one allowed origin they do not depend on the request's.
pub(super) fn allow(settings: &Settings, response: &mut Response) {
    let Some(origin) = &settings.cors_origin else { return };
    set(response, "access-control-allow-origin", origin);
    set(response, "access-control-allow-credentials", "true");
    set(response, "access-control-expose-headers", "location");
}
