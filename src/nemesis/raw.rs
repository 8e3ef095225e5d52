//! Commands that have no method.

use super::check::{Fault, MAX_LEVELS, check};
use super::client::Client;
use super::command::{Command, ReplyBytes};
use super::danger;
use super::payload::Payload;
use super::reply::Body;
use super::verb::{KV_LOAD, KV_SAVE};
use crate::codes::nemesis::ErrorCode;
use crate::error::Error;
use crate::json::Members;
use serde_json::value::RawValue;

/// The reply to a [`raw`](Client::raw) command.
#[derive(Clone, Debug)]
pub struct RawReply {
    name: String,
    status: ErrorCode,
    body: Box<RawValue>,
}

impl RawReply {
    /// Returns the reply's name, `OARR_LEN_RSP`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the status: a success, since errors come as [`Error`].
    pub fn status(&self) -> ErrorCode {
        self.status
    }

    /// Returns the reply's members, the status (`st`) among them, as the server wrote them.
    pub fn body(&self) -> &RawValue {
        &self.body
    }

    /// Returns the reply's members alone.
    pub fn into_body(self) -> Box<RawValue> {
        self.body
    }
}

impl Client {
    /// Sends a command that has no method here, as JSON text: one object with one member, `{"OARR_LEN":{"name":"a"}}`.
    ///
    /// The text is checked as values are, and against the payload limit. Commands that bring the server down whatever
    /// it holds are refused; those that do so depending on what it holds are not, unlike with the methods
    /// ([which](super#what-brings-the-server-down)), and keys that spoil saves are not looked for. Since its reply may
    /// have any size, the command waits until nothing else is on the wire, and others wait for it: use the methods where
    /// there are any. It is never sent twice.
    ///
    /// # Errors
    ///
    /// See [`Client`]. A status that is an error in the table is one here too: that of `OARR_EXIST` for a name which
    /// does not exist, for example.
    pub async fn raw(&self, json: &str) -> Result<RawReply, Error> {
        let read = |body: Body<'_>| {
            let whole: &RawValue = body.whole()?;
            Ok(RawReply { name: body.name.clone().into_owned(), status: body.status, body: whole.to_owned() })
        };
        self.call(command(json, self.options().payload_limit, self.insists()), read).await
    }
}

/// Makes a command of what the caller wrote. Unless `insists`, it must not be fatal.
fn command(json: &str, limit: usize, insists: bool) -> Command {
    let json = json.trim_ascii();
    let mut payload = Payload::new(limit);
    payload.push(json);
    let (name, refusal) = match payload.text().and_then(|_| read(json, insists)) {
        Ok(name) => (name, None),
        Err(refusal) => (String::new(), Some(refusal)),
    };
    let blocks = [KV_SAVE.name, KV_LOAD.name].contains(&&*name);
    let command = Command::whole("raw", (name + "_RSP").into(), payload).reply_bytes(ReplyBytes::UNKNOWN);
    let command = if blocks { command.blocking() } else { command };
    match refusal {
        Some(refusal) => command.refuse(refusal),
        None => command,
    }
}

/// Reads the command's name, and refuses what must not be sent.
fn read(json: &str, insists: bool) -> Result<String, Error> {
    let no_json = |error| Error::invalid_request(format!("the command is not valid JSON: {error}"));
    let whole: &RawValue = serde_json::from_str(json).map_err(no_json)?;
    check(whole.get(), MAX_LEVELS)
        .map_err(|Fault { path, reason }| Error::invalid_request(format!("${path}: {reason}")))?;
    let no_object = |_| {
        let what = "the command is not a JSON object; write {\"COMMAND\":{\"parameter\":\"value\"}}";
        Error::invalid_request(what)
    };
    let Members(members): Members<'_> = serde_json::from_str(json).map_err(no_object)?;
    let [(name, body)] = &members[..] else {
        return Err(Error::invalid_request(format!(
            "the command has {} members, and the server takes one command at a time: \
             write {{\"COMMAND\":{{\"parameter\":\"value\"}}}}",
            members.len()
        )));
    };
    if !insists {
        danger::refuse_fatal(name, body)?;
    }
    Ok(name.clone().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Command {
        command(text, 32 * 1024, false).finish()
    }

    #[track_caller]
    fn refusal(text: &str) -> String {
        let error = raw(text).encoded().unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        error.to_string()
    }

    #[test]
    fn commands() {
        let command = raw(" {\"OARR_LEN\" : {\"name\":\"a\"} }\n");
        assert_eq!(
            (command.reply.as_ref(), command.reply_bytes, command.blocks),
            ("OARR_LEN_RSP", ReplyBytes::UNKNOWN, false)
        );
        assert_eq!(command.encoded().unwrap(), br#"{"OARR_LEN" : {"name":"a"} }"#);
        assert!(raw(r#"{"KV_SAVE":{"name":"x"}}"#).blocks);
    }

    #[test]
    fn refusals() {
        assert!(refusal("{\"A\":}").contains("not valid JSON: expected value at line 1 column 6"));
        assert!(refusal("").contains("not valid JSON"));
        assert!(refusal("[1]").contains("not a JSON object"));
        assert!(refusal("{}").contains("has 0 members"));
        assert!(refusal(r#"{"A":{},"B":{}}"#).contains("has 2 members"));
        assert!(refusal(r#"{"A":{"x":[1e999]}}"#).contains("$.A.x[0]: the number"));
        assert!(refusal(&format!("{{\"A\":{}}}", " ".repeat(40_000) + "1")).contains("the server accepts 32768"));
        let fatal = r#"{"SIARR_SET_RNG":{"name":"a","items":[]}}"#;
        assert!(refusal(fatal).contains("brings the server down"));
        assert!(command(fatal, 32 * 1024, true).finish().encoded().is_ok());
    }
}
