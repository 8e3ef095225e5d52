//! `raw`: a request as it is.

use crate::failure::Failure;
use crate::foreign;
use crate::note::note;
use crate::output::{Output, written};
use clap::Args;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};
use statuswire::drupal::Client;
use statuswire::http::{Body, Request, Response};
use statuswire::policy::Retry;
use statuswire::reexport::http::{HeaderMap, Method};
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(crate) struct Given {
    /// GET, POST, PATCH, ...
    #[arg(value_parser = method)]
    method: Method,
    /// The path below the address of the site, with its query.
    path: String,
    /// A header, 'Name: value'; may be repeated. The program adds those that belong to the session or the account.
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(String, String)>,
    /// The body, as a text. Give its type with --header 'Content-Type: application/vnd.api+json'.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    body: Option<String>,
    /// The body, from a file.
    #[arg(long, value_name = "FILE", conflicts_with = "body")]
    body_file: Option<PathBuf>,
}

fn method(text: &str) -> Result<Method, String> {
    // Methods are case-sensitive, and no server has lower-case ones.
    text.to_ascii_uppercase().parse().map_err(|_| "not a method such as GET, POST, PATCH, DELETE".to_owned())
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("a header is written 'Name: value'")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

impl Given {
    pub(crate) fn writes(&self) -> bool {
        !self.method.is_safe()
    }

    async fn request(&self) -> Result<Request, Failure> {
        let request = Request::new(self.method.clone(), &self.path).retry(Retry::never());
        let request = self.header.iter().fold(request, |request, (name, value)| request.header(name, value));
        match (&self.body, &self.body_file) {
            (Some(text), _) => Ok(request.body(text.clone())),
            (None, Some(file)) => Ok(request.body(body_of(file).await?)),
            (None, None) => Ok(request),
        }
    }
}

/// Returns the content of a file, which is read while it is sent.
async fn body_of(file: &Path) -> Result<Body, Failure> {
    let unreadable = |what: &dyn std::fmt::Display| Failure::usage(&format!("{}: {what}", file.display()));
    let opened = tokio::fs::File::open(file).await.map_err(|error| unreadable(&error))?;
    let metadata = opened.metadata().await.map_err(|error| unreadable(&error))?;
    if !metadata.is_file() {
        return Err(unreadable(&"not a file"));
    }
    let file = file.to_owned();
    Ok(Body::repeatable(metadata.len(), move || tokio::fs::File::open(file.clone())))
}

pub(crate) async fn send(site: &Client, given: &Given, output: &Output) -> Result<(), Failure> {
    let response = site.send(given.request().await?).await?;
    if output.json {
        return output.result("", &Answer::of(&response)?);
    }
    note(status_line(&response));
    match std::str::from_utf8(response.bytes()) {
        Ok("") => Ok(()),
        Ok(text) => foreign::print(text),
        Err(_) => written(stdout().lock().write_all(response.bytes())),
    }
}

fn status_line(response: &Response) -> String {
    match response.media_type().as_str() {
        "" => response.status().to_string(),
        media_type => format!("{} ({media_type})", response.status()),
    }
}

/// An answer for machines.
#[derive(Serialize)]
struct Answer {
    status: u16,
    headers: Map<String, Value>,
    /// JSON as it came, a text, or null.
    body: Option<Box<RawValue>>,
    /// The number of bytes of a body that is no text: without --json it is printed as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<usize>,
}

impl Answer {
    fn of(response: &Response) -> Result<Self, Failure> {
        let (body, bytes) = match std::str::from_utf8(response.bytes()) {
            Ok("") => (None, None),
            Ok(text) => {
                let json = serde_json::from_str(text).ok().filter(|_| response.media_type().contains("json"));
                let json = json.map_or_else(|| to_raw_value(text), Ok);
                (Some(json.map_err(Failure::output)?), None)
            }
            Err(_) => (None, Some(response.bytes().len())),
        };
        Ok(Self { status: response.status().as_u16(), headers: headers(response.headers()), body, bytes })
    }
}

/// Returns headers by name; one that occurs several times is a list.
fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let value = |name| {
        let values = headers.get_all(name).iter();
        let texts: Vec<_> = values.map(|value| Value::from(String::from_utf8_lossy(value.as_bytes()))).collect();
        if let [one] = &texts[..] { one.clone() } else { texts.into() }
    };
    headers.keys().map(|name| (name.to_string(), value(name))).collect()
}
