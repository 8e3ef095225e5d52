//! What a client sends, read as far as its envelope.
use serde_json::{Map, Value};

use super::closing::Closing;
use crate::message::Message;
use statuswire::codes::blazeauth::ErrorCode as Status;

/// The operations, in the order of their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Initialize,
    CreateAccount,
    AuthorizeByLicense,
    AuthorizeByCredentials,
    LinkLicenseToAccount,
    Logout,
    Blacklist,
    TransferFile,
    StopFileTransfer,
    GetFileMetadata,
    GetOnlineUsersCount,
    GetVariable,
    SetSessionValue,
    GetSessionValue,
    DeleteSessionValue,
    GetCurrentLicense,
    GetCurrentAccount,
    SetPanelEventsSubscription,
}

/// Position = number.
const KINDS: [(Kind, &str); 18] = [
    (Kind::Initialize, "initialize"),
    (Kind::CreateAccount, "create_account"),
    (Kind::AuthorizeByLicense, "authorize_by_license"),
    (Kind::AuthorizeByCredentials, "authorize_by_credentials"),
    (Kind::LinkLicenseToAccount, "link_license_to_account"),
    (Kind::Logout, "logout"),
    (Kind::Blacklist, "blacklist"),
    (Kind::TransferFile, "transfer_file"),
    (Kind::StopFileTransfer, "stop_file_transfer"),
    (Kind::GetFileMetadata, "get_file_metadata"),
    (Kind::GetOnlineUsersCount, "get_online_users_count"),
    (Kind::GetVariable, "get_variable"),
    (Kind::SetSessionValue, "set_session_value"),
    (Kind::GetSessionValue, "get_session_value"),
    (Kind::DeleteSessionValue, "delete_session_value"),
    (Kind::GetCurrentLicense, "get_current_license"),
    (Kind::GetCurrentAccount, "get_current_account"),
    (Kind::SetPanelEventsSubscription, "set_panel_events_subscription"),
];

impl Kind {
    pub(super) fn name(self) -> &'static str {
        KINDS[self as usize].1
    }
}

/// A message, read far enough to know what it asks for.
pub struct Packet {
    /// What it asks for, or why the session ends with it.
    pub(super) kind: Result<Kind, Closing>,
    /// `None` if the message has no valid one.
    pub(super) id: Option<u64>,
    pub(super) body: Body,
}

impl Packet {
    pub(super) fn read(message: &Message) -> Self {
        let bad = |closing| Self { kind: Err(closing), id: None, body: Body::default() };
        let Message::Text(text) = message else { return bad(Closing::UnsupportedData) };
        let Ok(members) = serde_json::from_str::<Map<String, Value>>(text) else { return bad(Closing::Envelope) };
        let (id, kind) = match (members.get("id").and_then(Value::as_u64), members.get("type")) {
            // A number that is no operation's is unknown, whatever its form; what is no number is no `type`.
            (Some(id), Some(Value::Number(number))) => (id, number.as_u64()),
            (id, _) => return Self { id, ..bad(Closing::Envelope) },
        };
        let kind = kind.and_then(|number| KINDS.get(usize::try_from(number).ok()?));
        let kind = kind.map(|&(kind, _)| kind).ok_or(Closing::UnknownType);
        Self { kind, id: Some(id), body: Body(members) }
    }
}

/// The members of a packet. What is missing or of the wrong JSON type ends the session.
#[derive(Default)]
pub(super) struct Body(Map<String, Value>);

impl Body {
    pub(super) fn text(&self, name: &str) -> Result<&str, Closing> {
        self.0.get(name).and_then(Value::as_str).ok_or(Closing::Body)
    }

    /// Missing, null and empty are the same.
    pub(super) fn optional_text(&self, name: &str) -> Result<Option<&str>, Closing> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(Closing::Body),
        }
    }

    pub(super) fn integer(&self, name: &str) -> Result<i128, Closing> {
        self.0.get(name).and_then(integer).ok_or(Closing::Body)
    }

    /// An integer or null.
    pub(super) fn integer_or_null(&self, name: &str) -> Result<Option<i128>, Closing> {
        match self.0.get(name) {
            Some(Value::Null) => Ok(None),
            _ => self.integer(name).map(Some),
        }
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Closing> {
        self.0.get(name).and_then(Value::as_bool).ok_or(Closing::Body)
    }
}

fn integer(value: &Value) -> Option<i128> {
    value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from))
}

/// Checks a length, counted in characters.
pub(super) fn within(
    text: &str,
    (min, too_short): (usize, Status),
    (max, too_long): (usize, Status),
) -> Result<(), Status> {
    match text.chars().count() {
        length if length < min => Err(too_short),
        length if length > max => Err(too_long),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_position_of_a_kind_is_its_number() {
        for (number, (kind, name)) in KINDS.into_iter().enumerate() {
            assert_eq!((kind as usize, kind.name()), (number, name));
        }
    }

    #[test]
    fn the_envelope_is_read_in_order() {
        let read = |text: &str| {
            let packet = Packet::read(&Message::Text(text.into()));
            (packet.kind, packet.id)
        };
        for text in ["", "[]", "1", "{}", r#"{"type":0}"#, r#"{"type":0,"id":-1}"#, r#"{"type":0,"id":"1"}"#] {
            assert_eq!(read(text), (Err(Closing::Envelope), None), "{text}");
        }
        for text in [r#"{"id":1}"#, r#"{"id":1,"type":"0"}"#, r#"{"id":1,"type":null}"#] {
            assert_eq!(read(text), (Err(Closing::Envelope), Some(1)), "{text}");
        }
        for number in ["18", "-1", "1.5", "1e30", "99999999999999999999"] {
            let text = format!(r#"{{"id":1,"type":{number}}}"#);
            assert_eq!(read(&text), (Err(Closing::UnknownType), Some(1)), "{text}");
        }
        assert_eq!(read(r#"{"id":18446744073709551614,"type":17,"x":0}"#), {
            (Ok(Kind::SetPanelEventsSubscription), Some(u64::MAX - 1))
        });
        assert_eq!(Packet::read(&Message::Binary([].into())).kind, Err(Closing::UnsupportedData));
    }
}
