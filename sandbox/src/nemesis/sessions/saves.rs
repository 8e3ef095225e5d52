//! `SH_SAVE` and `SH_LOAD`.
use std::collections::BTreeMap;
use std::time::Instant;

use super::super::json::{Object, Value, object};
use super::super::saves::stoul;
use super::answers::{Outcome, Refusal, as_string, at_once, named};
use super::database::Database;
use super::session::Session;
use crate::service::Response;
use statuswire::codes::nemesis_sessions::ErrorCode;

/// The directories that saves have made. The real server uses names as paths, unchecked.
#[derive(Debug, Default)]
pub(super) struct Disk(BTreeMap<Directory, Option<Save>>);

/// The parts of a path, without `.` and `..`.
type Directory = Vec<String>;

/// The newest save in a directory.
#[derive(Clone, Debug)]
struct Save {
    sessions: Vec<(u64, Session)>,
    /// Unknown tokens leave empty entries behind the sessions.
    ends_empty: bool,
}

/// Whatever the real server meets as an exception.
const EXCEPTION: Refusal = Refusal::Form(ErrorCode::Unknown, "");

/// The longest name in a file system, in bytes.
const LONGEST_NAME: usize = 255;

/// Where names without `..` end up.
const SAVES: &str = "saves";

impl Disk {
    fn exists(&self, directory: &[String]) -> bool {
        directory.is_empty() || directory == [SAVES] || self.0.keys().any(|made| made.starts_with(directory))
    }

    /// Returns the newest save in a directory; `None` if there are others, or only directories of other saves. A
    /// directory with a name that is no number is an exception (observed).
    fn newest(&self, directory: &[String]) -> Result<Option<&Save>, Refusal> {
        for made in self.0.keys().filter(|made| made.starts_with(directory)) {
            made.get(directory.len()).map_or(Some(0), |inside| stoul(inside)).ok_or(EXCEPTION)?;
        }
        Ok(self.0.get(directory).and_then(Option::as_ref))
    }

    fn is_empty(&self, directory: &[String]) -> bool {
        !self
            .0
            .iter()
            .any(|(made, save)| made.starts_with(directory) && (made.len() > directory.len() || save.is_some()))
    }
}

/// Reads a name as a path, relative to the saves. For the operating system it ends at a NUL.
fn directory(name: &str) -> Result<Directory, Refusal> {
    let name = name.split('\0').next().unwrap_or_default();
    let mut directory = if name.starts_with('/') { Vec::new() } else { vec![SAVES.to_owned()] };
    for part in name.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part.len() > LONGEST_NAME {
            return Err(EXCEPTION);
        }
        if part == ".." {
            directory.pop();
        } else {
            directory.push(part.to_owned());
        }
    }
    Ok(directory)
}

impl Database {
    pub(super) fn save(&mut self, command: &str, body: &Object) -> Outcome {
        let start = Instant::now();
        if !self.may_save {
            return Err(flat(ErrorCode::CommandDisabled, ""));
        }
        let Some(Value::String(name)) = body.get("name") else { return Err(flat(ErrorCode::CommandSyntax, "")) };
        let tokens = read_tokens(body)?;
        let place = self.disk.0.entry(directory(name)?).or_default();
        let step = |status: ErrorCode| [("name", Value::String(name.clone())), ("st", status.into())];
        // The directory of the save is the one that was made for its name.
        if name.contains('\0') {
            return Ok(Response::refused().reply(named(command, object(step(ErrorCode::SaveDirWriteFail)))));
        }
        let saved = |token: u64| Some((token, self.sessions.get(token)?.clone()));
        let sessions: Vec<_> = match &tokens {
            Some(tokens) => tokens.iter().filter_map(|token| saved(*token)).collect(),
            None => self.sessions.iter().map(|(token, session)| (token, session.clone())).collect(),
        };
        let ends_empty = tokens.is_some_and(|tokens| tokens.len() > sessions.len());
        *place = Some(Save { sessions, ends_empty });
        let [name, status] = step(ErrorCode::SaveComplete);
        let duration = start.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
        let complete = object([name, status, ("duration", Value::UInt(duration))]);
        Ok(at_once(command, object(step(ErrorCode::SaveStart))).reply(named(command, complete)))
    }

    pub(super) fn load(&mut self, command: &str, body: &Object) -> Outcome {
        let Some(Value::Array(names)) = body.get("names") else { return Err(flat(ErrorCode::CommandSyntax, "")) };
        // Only the last name decides (observed), but the text of an earlier one stays.
        let (mut refusal, mut what) = (None, String::new());
        for name in names {
            refusal = match name {
                Value::String(name) if self.disk.exists(&directory(name)?) => None,
                Value::String(name) => {
                    what = format!("{name} does not exist");
                    Some(ErrorCode::LoadError)
                }
                _ => Some(ErrorCode::ValueTypeInvalid),
            };
        }
        if let Some(status) = refusal {
            return Err(Refusal::Flat(status, what));
        }
        let mut loaded = Object::new();
        for name in names {
            let name = as_string(name);
            let result = self.load_one(&directory(&name)?)?;
            loaded.insert(name, result);
        }
        match loaded.is_empty() {
            true => Ok(Response::executed().reply("{}")),
            false => Ok(at_once(command, Value::Object(loaded))),
        }
    }

    fn load_one(&mut self, directory: &[String]) -> Result<Value, Refusal> {
        if !self.disk.exists(directory) {
            return Err(EXCEPTION);
        }
        let result = |what: &str, sessions: u64, keys: usize, status: ErrorCode| {
            object([("m", what.into()), ("sessions", sessions.into()), ("keys", keys.into()), ("st", status.into())])
        };
        let Some(Save { sessions: saved, ends_empty }) = self.disk.newest(directory)?.cloned() else {
            return Ok(match self.disk.is_empty(directory) {
                true => result("", 0, 0, ErrorCode::LoadComplete),
                false => result("Data directory does not exist", 0, 0, ErrorCode::LoadError),
            });
        };
        let (mut sessions, mut keys, mut status) = (0_u64, 0, ErrorCode::LoadComplete);
        for (token, session) in saved {
            status = if self.sessions.get(token).is_some() {
                ErrorCode::LoadDuplicate
            } else {
                (sessions, keys) = (sessions + 1, keys + session.keys.len());
                self.sessions.add(token, session);
                ErrorCode::LoadComplete
            };
        }
        // The last entry decides (observed).
        Ok(result("", sessions, keys, if ends_empty { ErrorCode::LoadComplete } else { status }))
    }
}

fn flat(status: ErrorCode, what: &str) -> Refusal {
    Refusal::Flat(status, what.to_owned())
}

/// Reads the tokens of the sessions to save; `None` if all are to be saved.
fn read_tokens(body: &Object) -> Result<Option<Vec<u64>>, Refusal> {
    let wrong_type = || flat(ErrorCode::ValueTypeInvalid, "tkns");
    let tokens = match body.get("tkns") {
        None => return Ok(None),
        Some(Value::Array(tokens)) if tokens.is_empty() => return Err(flat(ErrorCode::ValueSize, "tkns")),
        Some(Value::Array(tokens)) => tokens,
        Some(_) => return Err(wrong_type()),
    };
    let token = |token: &Value| if let Value::UInt(token) = token { Ok(*token) } else { Err(wrong_type()) };
    tokens.iter().map(token).collect::<Result<_, _>>().map(Some)
}
