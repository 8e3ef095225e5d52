//! What is refused, and how an error looks in each family of routes.
use serde_json::{Value, json};

/// A refusal, before it is known how the client reads it.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) status: u16,
    pub(super) problems: Vec<Problem>,
    /// For 405.
    pub(super) allow: Option<String>,
    /// A header `Link`; also where JSON:API documents the problem.
    pub(super) link: Option<String>,
    pub(super) retry_after: Option<u64>,
    /// The URL that the refusal is about, if not the request's.
    pub(super) via: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) detail: String,
    pub(super) pointer: Option<String>,
    /// A violation of a field, which has no links.
    pub(super) violation: bool,
}

pub(super) type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub(super) fn new(status: u16, detail: impl Into<String>) -> Self {
        let problem = Problem { detail: detail.into(), pointer: None, violation: false };
        Self { status, problems: vec![problem], allow: None, link: None, retry_after: None, via: None }
    }

    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(400, detail)
    }

    pub(super) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(403, detail)
    }

    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(404, detail)
    }

    pub(super) fn unprocessable(detail: impl Into<String>) -> Self {
        Self::new(422, detail)
    }

    pub(super) fn pointer(mut self, pointer: impl Into<String>) -> Self {
        let pointer = pointer.into();
        self.problems.iter_mut().for_each(|problem| problem.pointer = Some(pointer.clone()));
        self
    }

    /// Not allowed to see this entity.
    pub(super) fn hidden(reason: &str, url: String) -> Self {
        let detail = with_reason("The current user is not allowed to GET the selected resource.", reason);
        Self { via: Some(url), ..Self::forbidden(detail).pointer("/data") }
    }

    /// No route of this method; `allow` lists those that there are.
    pub(super) fn method(method: &str, url: &str, allow: &str) -> Self {
        let detail = format!("No route found for \"{method} {url}\": Method Not Allowed (Allow: {allow})");
        Self { allow: Some(allow.to_owned()), ..Self::new(405, detail) }
    }

    /// An identifier in the path that names nothing.
    pub(super) fn not_converted(parameter: &str, path: &str, route: &str) -> Self {
        let detail = format!(
            "The \"{parameter}\" parameter was not converted for the path \"{path}\" (route name: \"{route}\")"
        );
        Self::not_found(detail)
    }

    pub(super) fn detail(&self) -> &str {
        self.problems.first().map_or("", |problem| &problem.detail)
    }

    /// The error objects of JSON:API; `via` is the URL of the request.
    pub(super) fn objects(&self, via: &str, verbose: bool) -> Vec<Value> {
        let objects = self.problems.iter().map(|problem| {
            let mut object =
                json!({"title": title(self.status), "status": self.status.to_string(), "detail": problem.detail});
            if !problem.violation {
                object["links"] = json!({"via": {"href": self.via.as_deref().unwrap_or(via)}});
                let info = self.link.clone().or_else(|| info_url(self.status));
                if let Some(info) = info {
                    object["links"]["info"] = json!({"href": info});
                }
            }
            if verbose {
                // Where the server failed says nothing to a client; it is always the same place here.
                let file = "/var/www/html/web/core/lib/Drupal/Core/Routing/Enhancer/ParamConversionEnhancer.php";
                object["source"] = json!({"file": file, "line": 89});
                object["meta"] = json!({"exception": "[trimmed]", "trace": "[trimmed]"});
            } else if let Some(pointer) = &problem.pointer {
                object["source"] = json!({"pointer": pointer});
            }
            object
        });
        objects.collect()
    }
}

/// A sentence and the reason for it, if there is one.
pub(super) fn with_reason(sentence: &str, reason: &str) -> String {
    if reason.is_empty() { sentence.to_owned() } else { format!("{sentence} {reason}") }
}

/// The reason phrase of a status.
pub(super) fn title(status: u16) -> &'static str {
    match status {
        422 => "Unprocessable Content",
        _ => http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default(),
    }
}

/// Where RFC 2616 explains a status.
fn info_url(status: u16) -> Option<String> {
    let section = match status {
        400..=417 => format!("10.4.{}", status - 399),
        500..=505 => format!("10.5.{}", status - 499),
        _ => return None,
    };
    Some(format!("https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec{section}"))
}
