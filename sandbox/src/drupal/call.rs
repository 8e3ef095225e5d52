//! A request, taken apart.
use bytes::Bytes;
use http::HeaderMap;

use super::query::Query;
use super::text::percent_decode;
use super::viewer::Viewer;

/// How the client wants the answer, by `_format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    JsonApi,
    Json,
    Xml,
    Html,
    /// A format that the site does not have.
    Unknown,
}

/// A request and who sends it.
#[derive(Debug)]
pub(super) struct Call<'a> {
    request: &'a http::Request<Bytes>,
    /// `http://drupal.test`.
    origin: String,
    /// What stands before every path: nothing, `/index.php` or the prefix of a language.
    pub(super) prefix: String,
    /// The language of the prefix.
    pub(super) language: Option<String>,
    /// The path behind the prefix, decoded, with its slash at the end if it has one.
    pub(super) path: String,
    pub(super) query: Query,
    pub(super) viewer: Viewer,
}

impl<'a> Call<'a> {
    pub(super) fn new(request: &'a http::Request<Bytes>, languages: impl Iterator<Item = &'a String>) -> Self {
        let host = request.headers().get(http::header::HOST).and_then(|host| host.to_str().ok());
        let host = host.or_else(|| request.uri().authority().map(|authority| authority.as_str()));
        let mut path = percent_decode(request.uri().path());
        let mut prefix = String::new();
        let mut language = None;
        if let Some(rest) = below(&path, "/index.php") {
            (prefix, path) = ("/index.php".to_owned(), rest);
        }
        for code in languages {
            if let Some(rest) = below(&path, &format!("/{code}")) {
                prefix.push_str(&format!("/{code}"));
                (language, path) = (Some(code.clone()), rest);
                break;
            }
        }
        Self {
            request,
            origin: format!("http://{}", host.unwrap_or("localhost")),
            prefix,
            language,
            path,
            query: Query::parse(request.uri().query().unwrap_or_default()),
            viewer: Viewer::default(),
        }
    }

    /// The method that decides: HEAD is answered as GET.
    pub(super) fn method(&self) -> &str {
        match self.request.method().as_str() {
            "HEAD" => "GET",
            method => method,
        }
    }

    pub(super) fn is_head(&self) -> bool {
        self.request.method() == http::Method::HEAD
    }

    pub(super) fn reads(&self) -> bool {
        ["GET", "OPTIONS", "TRACE"].contains(&self.method())
    }

    /// The host without its port.
    pub(super) fn host_name(&self) -> &str {
        let host = self.origin.trim_start_matches("http://");
        match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        }
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        self.request.headers()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// The bytes of a header, as UTF-8 if they are that.
    pub(super) fn header_text(&self, name: &str) -> Option<String> {
        self.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    /// The media type of the body, without parameters.
    pub(super) fn content_type(&self) -> Option<String> {
        let header = self.header("content-type")?;
        header.split(';').next().map(|kind| kind.trim().to_ascii_lowercase()).filter(|kind| !kind.is_empty())
    }

    pub(super) fn body(&self) -> &Bytes {
        self.request.body()
    }

    /// The parts of the path; a slash at the end does not count.
    pub(super) fn segments(&self) -> Vec<&str> {
        self.path.trim_matches('/').split('/').filter(|part| !part.is_empty()).collect()
    }

    /// The root of the site for links, with the prefix.
    pub(super) fn root(&self) -> String {
        format!("{}{}", self.origin, self.prefix)
    }

    /// The URL of the request without its query.
    pub(super) fn url(&self) -> String {
        format!("{}{}", self.origin, self.request.uri().path())
    }

    /// The URL of the request, its query in the server's spelling.
    pub(super) fn uri(&self) -> String {
        self.url_with(&self.query.sorted())
    }

    /// The URL of the request with another query.
    pub(super) fn url_with(&self, query: &Query) -> String {
        let query = query.encode();
        if query.is_empty() { self.url() } else { format!("{}?{query}", self.url()) }
    }

    /// Path and query as they were sent.
    pub(super) fn raw_target(&self) -> &str {
        self.request.uri().path_and_query().map_or("/", |target| target.as_str())
    }

    pub(super) fn family(&self) -> Family {
        match self.query.text("_format") {
            None | Some("html") => Family::Html,
            Some("json") => Family::Json,
            Some("api_json") => Family::JsonApi,
            Some("xml") => Family::Xml,
            Some(_) => Family::Unknown,
        }
    }
}

/// The path below a prefix, if it is there.
fn below(path: &str, prefix: &str) -> Option<String> {
    let rest = path.strip_prefix(prefix)?;
    match rest {
        "" => Some("/".to_owned()),
        _ => rest.starts_with('/').then(|| rest.to_owned()),
    }
}
