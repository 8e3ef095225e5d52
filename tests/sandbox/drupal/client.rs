//! A client of the fake site, without a network.
use bytes::Bytes;
use serde_json::Value;
use statuswire_sandbox::Drupal;
use statuswire_sandbox::drupal::{Site, World};
use statuswire_sandbox::reexport::{bytes, http};

pub const JSON_API: &str = "application/vnd.api+json";
pub const JSON: &str = "application/json";
pub const FILE: &str = "application/octet-stream";

/// Content of the harbor.
pub fn uuid(number: u32) -> String {
    format!("00000000-0000-4000-8000-000000{number:06}")
}

pub fn vessel(number: u32) -> String {
    format!("/jsonapi/node/vessel/{}", uuid(number))
}

/// Headers of an account: its cookie and its token; none for anonymous requests.
pub type Account = Vec<(&'static str, String)>;

pub struct Client {
    pub site: Site,
}

/// An answer, its body read as JSON if it is that.
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub text: String,
    pub body: Value,
}

impl Client {
    pub fn new() -> Self {
        Self { site: Drupal::builder().world(World::Harbor).site() }
    }

    pub fn control(&mut self, line: &str) {
        self.site.control(line).unwrap();
    }

    pub fn send(&mut self, method: &str, path: &str, headers: &[(&str, String)], body: impl Into<Bytes>) -> Answer {
        let path =
            path.replace('[', "%5B").replace(']', "%5D").replace(' ', "%20").replace('>', "%3E").replace('<', "%3C");
        let mut request = http::Request::builder().method(method).uri(path).header("host", "drupal.test");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = self.site.answer(&request.body(body.into()).unwrap());
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        let body = serde_json::from_str(&text).unwrap_or_default();
        Answer { status: answer.status().as_u16(), headers: answer.headers().clone(), text, body }
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    /// Logs in with the password that the account has in the beginning.
    pub fn log_in(&mut self, name: &str) -> Account {
        let answer = self.try_login(name, &format!("{name}-pass-1"));
        assert_eq!(answer.status, 200, "{}", answer.text);
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        vec![("cookie", cookie), ("x-csrf-token", answer.body["csrf_token"].as_str().unwrap().to_owned())]
    }

    pub fn try_login(&mut self, name: &str, pass: &str) -> Answer {
        let body = serde_json::json!({"name": name, "pass": pass}).to_string();
        self.send("POST", "/user/login?_format=json", &[("content-type", JSON.to_owned())], body)
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// All texts of an error, in one line each.
    pub fn problems(&self) -> String {
        match self.body["errors"].as_array() {
            Some(errors) => {
                let line = |error: &Value| {
                    let pointer = error["source"]["pointer"].as_str().unwrap_or_default();
                    format!("{} @{pointer}", error["detail"].as_str().unwrap())
                };
                errors.iter().map(line).collect::<Vec<_>>().join("\n")
            }
            None => self.body["message"].as_str().unwrap_or(&self.text).to_owned(),
        }
    }

    /// A member of each resource of the document.
    pub fn each(&self, pointer: &str) -> Vec<String> {
        let list = self.body["data"].as_array().unwrap_or_else(|| panic!("{}", self.text)).iter();
        list.map(|resource| resource.pointer(pointer).and_then(Value::as_str).unwrap_or("-").to_owned()).collect()
    }

    #[track_caller]
    pub fn expect(&self, status: u16, part: &str) {
        let problems = self.problems();
        assert!(self.status == status && problems.contains(part), "{} {problems}\nnot {status} {part}", self.status);
    }
}

/// Headers of an account with a content type.
pub fn typed(account: &Account, kind: &str) -> Account {
    account.iter().cloned().chain([("content-type", kind.to_owned())]).collect()
}
