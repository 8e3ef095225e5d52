//! `SH_SAVE` and `SH_LOAD`.
use std::collections::HashMap;
use std::time::Instant;

use super::super::json::{Object, Value, object};
use super::answers::{Outcome, Refusal, at_once, named};
use super::database::Database;
use super::session::Session;
use crate::service::Response;
use statuswire::codes::nemesis_sessions::ErrorCode;

/// The newest save of each name.
pub(super) type Saves = HashMap<String, Vec<(u64, Session)>>;

impl Database {
    pub(super) fn save(&mut self, command: &str, body: &Object) -> Outcome {
        let start = Instant::now();
        if !self.may_save {
            return Err(flat(ErrorCode::CommandDisabled, ""));
        }
        let Some(Value::String(name)) = body.get("name") else { return Err(flat(ErrorCode::CommandSyntax, "")) };
        let tokens = read_tokens(body)?;
        // For the operating system a path ends at a NUL.
        if name.contains('\0') {
            let failed = [("name", Value::String(name.clone())), ("st", ErrorCode::SaveDirWriteFail.into())];
            return Ok(Response::refused().reply(named(command, object(failed))));
        }
        let is_saved = |token: u64| tokens.as_ref().is_none_or(|tokens| tokens.contains(&token));
        let saved = self.sessions.iter().filter(|(token, _)| is_saved(*token));
        self.saves.insert(name.clone(), saved.map(|(token, session)| (token, session.clone())).collect());
        let step = |status: ErrorCode| [("name", Value::String(name.clone())), ("st", status.into())];
        let [name, status] = step(ErrorCode::SaveComplete);
        let duration = start.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
        let complete = object([name, status, ("duration", Value::UInt(duration))]);
        Ok(at_once(command, object(step(ErrorCode::SaveStart))).reply(named(command, complete)))
    }

    pub(super) fn load(&mut self, command: &str, body: &Object) -> Outcome {
        let Some(Value::Array(names)) = body.get("names") else { return Err(flat(ErrorCode::CommandSyntax, "")) };
        let name = |name: &Value| match name {
            Value::String(name) => Ok(name.clone()),
            _ => Err(flat(ErrorCode::ValueTypeInvalid, "")),
        };
        let names: Vec<String> = names.iter().map(name).collect::<Result<_, _>>()?;
        // Only the last name decides whether the saves exist (observed).
        let Some(last) = names.last() else { return Ok(Response::executed().reply("{}")) };
        if !self.saves.contains_key(last) {
            return Err(flat(ErrorCode::LoadError, &format!("{last} does not exist")));
        }
        let mut loaded = Object::new();
        for name in names {
            // Observed: an exception, of which the reply has another form.
            let saved = self.saves.get(&name).ok_or(Refusal::Form(ErrorCode::Unknown, ""))?;
            let (mut sessions, mut keys, mut status) = (0_u64, 0, ErrorCode::LoadComplete);
            for (token, session) in saved {
                status = if self.sessions.get(*token).is_some() {
                    ErrorCode::LoadDuplicate
                } else {
                    (sessions, keys) = (sessions + 1, keys + session.keys.len());
                    self.sessions.add(*token, session.clone());
                    ErrorCode::LoadComplete
                };
            }
            let result =
                [("m", "".into()), ("sessions", sessions.into()), ("keys", keys.into()), ("st", status.into())];
            loaded.insert(name, object(result));
        }
        Ok(at_once(command, Value::Object(loaded)))
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
