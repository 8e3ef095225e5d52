//! The `SH_` commands.
use super::super::json::{Object, Value, object};
use super::answers::{Outcome, Refusal, at_once, late, named, token};
use super::database::Database;
use super::session::{Expiry, remaining, token_of};
use statuswire::codes::nemesis_sessions::ErrorCode;

impl Database {
    /// Carries a command out; `None` if there is no command of this name (without its `SH_`).
    pub(super) fn manage(&mut self, command: &str, name: &str, body: Object) -> Option<Outcome> {
        Some(match command {
            "NEW" => self.create(name, &body),
            "OPEN" => self.open(name, &body),
            "INFO" => self.info(name, &body),
            "INFO_ALL" if !body.is_empty() => Err(SYNTAX),
            "INFO_ALL" => {
                let keys: usize = self.sessions.iter().map(|(_, session)| session.keys.len()).sum();
                let all = [("totalSessions", self.sessions.len().into()), ("totalKeys", keys.into())];
                Ok(at_once(name, object(all)))
            }
            "END" => self.end(name, &body),
            "END_ALL" => {
                let count = self.sessions.clear();
                Ok(at_once(name, object([("st", ErrorCode::Ok.into()), ("cnt", count.into())])))
            }
            "SAVE" => self.save(name, &body),
            "LOAD" => self.load(name, &body),
            _ => return None,
        })
    }

    fn create(&mut self, name: &str, body: &Object) -> Outcome {
        if body.is_empty() || body.len() > 3 {
            return Err(SYNTAX);
        }
        let session = session_name(body)?;
        let expiry = match body.get("expiry") {
            None => None,
            Some(expiry) => read_expiry(expiry).ok_or(Refusal::Form(ErrorCode::CommandSyntax, "expiry"))?,
        };
        let shared = match body.get("shared") {
            None => false,
            Some(Value::Bool(shared)) => *shared,
            Some(_) => return Err(Refusal::Form(ErrorCode::CommandSyntax, "shared")),
        };
        let known = shared.then(|| token_of(session)).filter(|token| self.sessions.get(*token).is_some());
        let (status, token) = match known {
            Some(token) => (ErrorCode::SessionNewFail, token),
            None => (ErrorCode::Ok, self.sessions.create(shared.then_some(session), expiry)),
        };
        Ok(late(name, object([("st", status.into()), ("name", session.into()), ("tkn", token.into())])))
    }

    fn open(&self, name: &str, body: &Object) -> Outcome {
        if body.len() != 1 {
            return Err(SYNTAX);
        }
        let token = token_of(session_name(body)?);
        let (token, status) = match self.sessions.get(token) {
            Some(session) if session.shared => (token.into(), ErrorCode::Ok),
            _ => (Value::Null, ErrorCode::SessionOpenFail),
        };
        Ok(at_once(name, object([("tkn", token), ("st", status.into())])))
    }

    fn info(&self, name: &str, body: &Object) -> Outcome {
        if body.len() != 1 {
            return Err(SYNTAX);
        }
        let token = token(body).ok_or(NO_TOKEN)?;
        let Some(session) = self.sessions.get(token) else {
            let unknown = ErrorCode::SessionNotExist;
            let members =
                [("st", unknown.into()), ("tkn", token.into()), ("shared", Value::Null), ("keyCnt", Value::Null)];
            return Ok(crate::service::Response::refused().late_reply(named(name, object(members))));
        };
        let mut members: Object = [
            ("st", ErrorCode::Ok.into()),
            ("tkn", token.into()),
            ("shared", session.shared.into()),
            ("keyCnt", session.keys.len().into()),
            ("expires", session.expiry.is_some().into()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        if let Some(Expiry { duration, delete }) = session.expiry {
            let remaining = remaining(duration, self.sessions.now.saturating_sub(session.used));
            let expiry = [("duration", duration.into()), ("remaining", remaining), ("deleteSession", delete.into())];
            members.insert("expiry".to_owned(), object(expiry));
        }
        Ok(late(name, Value::Object(members)))
    }

    fn end(&mut self, name: &str, body: &Object) -> Outcome {
        let token = token(body).ok_or(NO_TOKEN)?;
        let members = |status: ErrorCode| object([("st", status.into()), ("tkn", token.into())]);
        Ok(if self.sessions.remove(token) {
            late(name, members(ErrorCode::Ok))
        } else {
            crate::service::Response::refused().late_reply(named(name, members(ErrorCode::SessionNotExist)))
        })
    }
}

const SYNTAX: Refusal = Refusal::Form(ErrorCode::CommandSyntax, "");
/// Observed: named like the command.
const NO_TOKEN: Refusal = Refusal::Misnamed(ErrorCode::SessionTokenInvalid);

fn session_name(body: &Object) -> Result<&str, Refusal> {
    match body.get("name") {
        None => Err(Refusal::Form(ErrorCode::ValueMissing, "name")),
        Some(Value::String(name)) if name.is_empty() => Err(Refusal::Form(ErrorCode::ValueSize, "name")),
        Some(Value::String(name)) => Ok(name),
        Some(_) => Err(Refusal::Form(ErrorCode::ValueTypeInvalid, "name")),
    }
}

/// Reads when a session expires: `Some(None)` if never, `None` if it is malformed.
fn read_expiry(expiry: &Value) -> Option<Option<Expiry>> {
    let Value::Object(expiry) = expiry else { return None };
    match (expiry.get("duration"), expiry.get("deleteSession")) {
        (Some(&Value::UInt(duration)), Some(&Value::Bool(delete))) => {
            Some((duration > 0).then_some(Expiry { duration, delete }))
        }
        _ => None,
    }
}
