//! The recorded exchanges, repeated with the fake site in the order in which they happened.
use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;
use statuswire_sandbox::Drupal;
use statuswire_sandbox::drupal::{Site, World};
use statuswire_sandbox::reexport::{bytes, http};

use super::compare::{Roles, is_token};
use super::recording::{self, Exchange};
use super::steps::{COMMANDS, FILE_NAMES, MISSING, Missing, OTHER_SESSION, UNORDERED};

/// A session with the fake site.
#[derive(Clone, Default)]
struct Session {
    cookie: String,
    csrf: String,
    logout: String,
}

struct Replay {
    site: Site,
    roles: Roles,
    /// By the recorded cookie.
    sessions: BTreeMap<String, Session>,
    /// Tokens by the recorded ones.
    tokens: BTreeMap<String, String>,
}

#[test]
fn all_exchanges_are_answered_as_recorded() {
    let site = Drupal::builder().world(World::Harbor).site();
    let mut replay = Replay { site, roles: Roles::default(), sessions: BTreeMap::new(), tokens: BTreeMap::new() };
    // 2026-11-21T09:53:00Z.
    replay.site.control("time 1795254780").unwrap();
    let exchanges = recording::all();
    let mut differences = Vec::new();
    let mut commands = COMMANDS.iter().peekable();
    let mut missing = MISSING.iter().peekable();
    for exchange in &exchanges {
        while let Some(missing) = missing.next_if(|missing| missing.seq < exchange.seq) {
            replay.send_missing(missing);
        }
        while let Some((_, lines)) = commands.next_if(|(seq, _)| *seq < exchange.seq) {
            replay.control(lines);
        }
        // Logins that were not recorded happened before the settings changed.
        replay.prepare(exchange);
        while let Some((_, lines)) = commands.next_if(|(seq, _)| *seq == exchange.seq) {
            replay.control(lines);
        }
        if let Err(difference) = replay.exchange(exchange) {
            differences.push(format!("{} {}/{}: {difference}", exchange.seq, exchange.file, exchange.case));
        }
    }
    assert!(differences.is_empty(), "{} of {}:\n{}", differences.len(), exchanges.len(), differences.join("\n"));
}

type Answer = http::Response<Bytes>;

impl Replay {
    fn exchange(&mut self, exchange: &Exchange) -> Result<(), String> {
        let answer = self.send(exchange);
        self.check(exchange, &answer)?;
        self.learn(exchange, &answer);
        Ok(())
    }

    fn control(&mut self, lines: &[&str]) {
        lines.iter().for_each(|line| self.site.control(line).unwrap());
    }

    fn prepare(&mut self, exchange: &Exchange) {
        if let Some((_, cookie)) = exchange.headers.iter().find(|(name, _)| name == "cookie") {
            self.session(exchange, cookie);
        }
    }

    fn send(&mut self, exchange: &Exchange) -> Answer {
        let path = self.roles.translate(&exchange.path);
        let path = self.renumbered(&path);
        let mut session = None;
        if let Some((_, cookie)) = exchange.headers.iter().find(|(name, _)| name == "cookie") {
            session = Some(self.session(exchange, cookie));
        }
        let path = self.with_token(path, session.as_ref());
        let mut request = http::Request::builder().method(exchange.method.as_str()).uri(encoded(&path));
        request = request.header("host", "drupal.test");
        for (name, value) in &exchange.headers {
            let value = match (name.as_str(), &session) {
                ("x-csrf-token", Some(_)) if OTHER_SESSION.contains(&exchange.seq) => {
                    self.log_in("mara", "mara-pass-1").unwrap().csrf
                }
                ("cookie", Some(session)) => session.cookie.clone(),
                ("x-csrf-token", Some(session)) => self.token(value, session),
                _ => value.clone(),
            };
            request = request.header(name, value);
        }
        let body = match std::str::from_utf8(&exchange.body) {
            Ok(text) => self.roles.translate(text).into_bytes(),
            Err(_) => exchange.body.clone(),
        };
        self.site.answer(&request.body(Bytes::from(body)).unwrap())
    }

    fn send_missing(&mut self, missing: &Missing) {
        let session = self.log_in("mara", "mara-pass-1").unwrap();
        let request = http::Request::builder().method(missing.method).uri(self.roles.translate(missing.path));
        let request = request.header("host", "drupal.test").header("content-type", "application/vnd.api+json");
        let request = request.header("cookie", session.cookie).header("x-csrf-token", session.csrf);
        let answer = self.site.answer(&request.body(Bytes::from(self.roles.translate(missing.body))).unwrap());
        assert!(answer.status().is_success(), "{}: {:?}", missing.seq, answer.body());
    }

    /// The token that stands for a recorded one; those that were never given are wrong on purpose.
    fn token(&self, recorded: &str, session: &Session) -> String {
        match self.tokens.get(recorded) {
            Some(token) => token.clone(),
            None if is_token(recorded) => session.csrf.clone(),
            None => recorded.to_owned(),
        }
    }

    fn with_token(&self, path: String, session: Option<&Session>) -> String {
        let Some((before, token)) = path.split_once("token=") else { return path };
        let Some(session) = session.filter(|_| is_token(token)) else { return path };
        format!("{before}token={}", session.logout)
    }

    /// Numbers of entities in paths of REST.
    fn renumbered(&self, path: &str) -> String {
        let Some((number, rest)) = path.strip_prefix("/node/").and_then(|rest| rest.split_once('?')) else {
            return path.to_owned();
        };
        let number = self.roles.ours("nid", number).map_or(number, String::as_str);
        format!("/node/{number}?{rest}")
    }

    /// The session that stands for a recorded cookie. Logins between the recorded ones are made up for.
    fn session(&mut self, exchange: &Exchange, cookie: &str) -> Session {
        let label = exchange.session.as_deref().unwrap_or_default();
        if label == "stale" {
            return Session { cookie: cookie.to_owned(), ..Session::default() };
        }
        if let Some(session) = self.sessions.get(cookie) {
            return session.clone();
        }
        let name = label.split('-').next().unwrap();
        let passes = [format!("{name}-pass-1"), format!("{name}-pass-2")];
        let session = passes.iter().find_map(|pass| self.log_in(name, pass));
        let session = session.unwrap_or_else(|| panic!("{}: {name} cannot log in", exchange.seq));
        self.sessions.insert(cookie.to_owned(), session.clone());
        session
    }

    fn log_in(&mut self, name: &str, pass: &str) -> Option<Session> {
        let request = http::Request::post("/user/login?_format=json").header("host", "drupal.test");
        let body = serde_json::json!({"name": name, "pass": pass}).to_string();
        let answer = self.site.answer(&request.body(Bytes::from(body)).unwrap());
        (answer.status() == 200).then(|| session_of(&answer))
    }

    fn check(&mut self, exchange: &Exchange, answer: &Answer) -> Result<(), String> {
        if answer.status().as_u16() != exchange.status {
            let body = String::from_utf8_lossy(answer.body());
            return Err(format!("status {} in place of {}: {body}", answer.status(), exchange.status));
        }
        self.check_body(exchange, answer)?;
        self.check_headers(exchange, answer)
    }

    fn check_body(&mut self, exchange: &Exchange, answer: &Answer) -> Result<(), String> {
        let body = answer.body();
        let json = exchange.answer_headers["content-type"].as_str().is_some_and(|kind| kind.contains("json"));
        match &exchange.answer {
            page if page["text_head"].is_string() => match body.starts_with(b"<!DOCTYPE html>") {
                true => Ok(()),
                false => Err("not a page".to_owned()),
            },
            Value::String(text) if text.starts_with("<!DOCTYPE html>") => match body.starts_with(b"<!DOCTYPE html>") {
                true => Ok(()),
                false => Err("not a page".to_owned()),
            },
            Value::String(text) if !json || text.is_empty() => {
                let ours = String::from_utf8_lossy(body);
                let same = *text == ours || is_token(text) && is_token(&ours);
                if same { Ok(()) } else { Err(format!("recorded `{text}`, ours `{ours}`")) }
            }
            recorded => {
                let ours: Value = serde_json::from_slice(body).map_err(|error| format!("{error}: {body:?}"))?;
                let (mut recorded, mut ours) = (recorded.clone(), ours);
                if UNORDERED.contains(&exchange.seq) {
                    sort_data(&mut recorded);
                    sort_data(&mut ours);
                }
                let recorded = self.renamed(&recorded);
                self.roles.compare("", &recorded, &ours)
            }
        }
    }

    fn check_headers(&mut self, exchange: &Exchange, answer: &Answer) -> Result<(), String> {
        let names = [
            "content-type",
            "cache-control",
            "content-language",
            "location",
            "allow",
            "www-authenticate",
            "set-cookie",
            "link",
            "vary",
            "last-modified",
            "etag",
            "retry-after",
            "access-control-allow-origin",
            "access-control-allow-credentials",
            "access-control-expose-headers",
            "access-control-allow-methods",
            "access-control-allow-headers",
            "access-control-max-age",
        ];
        for name in names {
            let recorded: Vec<String> = match &exchange.answer_headers[name] {
                Value::Null => Vec::new(),
                Value::Array(values) => values.iter().map(|value| value.as_str().unwrap().to_owned()).collect(),
                value => vec![value.as_str().unwrap().to_owned()],
            };
            let ours = answer.headers().get_all(name).iter();
            let ours: Vec<String> = ours.map(|value| value.to_str().unwrap().to_owned()).collect();
            let same = recorded.len() == ours.len()
                && recorded.iter().zip(&ours).all(|(recorded, ours)| self.same_header(name, recorded, ours));
            if !same {
                return Err(format!("header {name}: recorded {recorded:?}, ours {ours:?}"));
            }
        }
        Ok(())
    }

    fn same_header(&mut self, name: &str, recorded: &str, ours: &str) -> bool {
        let attributes = |cookie: &str| {
            let (value, rest) = cookie.split_once("; ").unwrap();
            let (name, value) = value.split_once('=').unwrap();
            let rest: Vec<_> =
                rest.split("; ").filter(|part| !part.starts_with("expires=Mon")).map(str::to_owned).collect();
            (
                name.to_owned(),
                value == "deleted",
                rest.into_iter().filter(|part| !part.contains("2026")).collect::<Vec<_>>(),
            )
        };
        match name {
            "content-type" => recorded.eq_ignore_ascii_case(ours),
            "set-cookie" => attributes(recorded) == attributes(ours),
            "etag" => ours.starts_with('"') && ours.ends_with('"'),
            "last-modified" => ours.ends_with(" GMT"),
            "retry-after" => ours.parse::<u64>().is_ok_and(|seconds| (5..=10).contains(&seconds)),
            _ => {
                let (recorded, ours) = (Value::from(recorded), Value::from(self.denumbered(ours)));
                self.roles.compare(name, &recorded, &ours).is_ok()
            }
        }
    }

    /// Numbers of nodes that were made, as the recording has them.
    fn denumbered(&self, text: &str) -> String {
        let Some((before, number)) = text.rsplit_once("/node/") else { return text.to_owned() };
        let recorded =
            (15..60).find(|recorded| self.roles.ours("nid", &recorded.to_string()).is_some_and(|ours| ours == number));
        recorded.map_or_else(|| text.to_owned(), |recorded| format!("{before}/node/{recorded}"))
    }

    /// A recorded answer with our names of files and our numbers in paths.
    fn renamed(&self, recorded: &Value) -> Value {
        let mut text = recorded.to_string();
        for (theirs, ours) in FILE_NAMES {
            text = text.replace(theirs, ours);
        }
        for number in 15..60 {
            if let Some(ours) = self.roles.ours("nid", &number.to_string()) {
                text = text.replace(&format!("/node/{number}\\\""), &format!("/node/{ours}\\\""));
            }
        }
        serde_json::from_str(&text).unwrap()
    }

    /// Remembers what later exchanges refer to.
    fn learn(&mut self, exchange: &Exchange, answer: &Answer) {
        let recorded_cookie =
            exchange.answer_headers["set-cookie"].as_str().and_then(|cookie| cookie.split(';').next());
        if exchange.path.ends_with("/user/login?_format=json")
            && let Some(cookie) = recorded_cookie
        {
            let session = session_of(answer);
            for (name, token) in [("csrf_token", &session.csrf), ("logout_token", &session.logout)] {
                self.tokens.insert(exchange.answer[name].as_str().unwrap().to_owned(), token.clone());
            }
            self.sessions.insert(cookie.to_owned(), session);
        }
        if exchange.path == "/session/token" && exchange.session.is_some() {
            let recorded = exchange.answer.as_str().unwrap().to_owned();
            self.tokens.insert(recorded, String::from_utf8_lossy(answer.body()).into_owned());
        }
    }
}

fn session_of(answer: &Answer) -> Session {
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    Session { cookie, csrf: text("csrf_token"), logout: text("logout_token") }
}

/// Brackets are not allowed in the type for URLs.
fn encoded(path: &str) -> String {
    path.replace('[', "%5B").replace(']', "%5D").replace(' ', "%20")
}

fn sort_data(document: &mut Value) {
    document["data"].as_array_mut().unwrap().sort_by_key(|resource| resource["id"].to_string());
}
