//! The packets that a client sends.

use super::credentials::Credentials;
use crate::policy::Repeat;
use crate::rpc::Replies;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use std::sync::Arc;

/// What a packet asks for: the member `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packet {
    Initialize = 0,
    CreateAccount = 1,
    AuthorizeByLicense = 2,
    AuthorizeByCredentials = 3,
    LinkLicenseToAccount = 4,
    Logout = 5,
    Blacklist = 6,
    TransferFile = 7,
    StopFileTransfer = 8,
    GetFileMetadata = 9,
    GetOnlineUsersCount = 10,
    GetVariable = 11,
    SetSessionValue = 12,
    GetSessionValue = 13,
    DeleteSessionValue = 14,
    GetCurrentLicense = 15,
    GetCurrentAccount = 16,
    /// An overview of the documentation gives it the number 16; its own page and the order of the packets say 17.
    SetPanelEventsSubscription = 17,
}

impl Packet {
    /// As the code table spells it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Initialize => "initialize",
            Self::CreateAccount => "create_account",
            Self::AuthorizeByLicense => "authorize_by_license",
            Self::AuthorizeByCredentials => "authorize_by_credentials",
            Self::LinkLicenseToAccount => "link_license_to_account",
            Self::Logout => "logout",
            Self::Blacklist => "blacklist",
            Self::TransferFile => "transfer_file",
            Self::StopFileTransfer => "stop_file_transfer",
            Self::GetFileMetadata => "get_file_metadata",
            Self::GetOnlineUsersCount => "get_online_users_count",
            Self::GetVariable => "get_variable",
            Self::SetSessionValue => "set_session_value",
            Self::GetSessionValue => "get_session_value",
            Self::DeleteSessionValue => "delete_session_value",
            Self::GetCurrentLicense => "get_current_license",
            Self::GetCurrentAccount => "get_current_account",
            Self::SetPanelEventsSubscription => "set_panel_events_subscription",
        }
    }

    /// Reading and setting may be done twice; so may a second Initialize or login, which are refused and change nothing,
    /// but then the first reply is lost.
    pub(super) const fn repeat(self) -> Repeat {
        match self {
            Self::GetFileMetadata
            | Self::GetOnlineUsersCount
            | Self::GetVariable
            | Self::SetSessionValue
            | Self::GetSessionValue
            | Self::GetCurrentLicense
            | Self::GetCurrentAccount
            | Self::SetPanelEventsSubscription => Repeat::Safe,
            _ => Repeat::Unsafe,
        }
    }

    pub(super) const fn replies(self) -> Replies {
        match self {
            Self::TransferFile => Replies::UntilLast,
            _ => Replies::One,
        }
    }
}

/// A packet without its id, which it gets when it is sent.
pub(super) struct Command {
    pub(super) packet: Packet,
    /// The members beside `type` and `id`, as a JSON object.
    fields: SecretString,
    /// What the session remembers if the packet succeeds.
    pub(super) intent: Option<Intent>,
}

/// What a packet changes in the session.
#[derive(Clone)]
pub(super) enum Intent {
    LogIn(Arc<Credentials>),
    Subscribe(bool),
}

impl Command {
    /// A packet with members.
    pub(super) fn new(packet: Packet, fields: &impl Serialize) -> Self {
        // Structs of texts, numbers and options always serialize.
        let fields = serde_json::to_string(fields).unwrap_or_default();
        Self { packet, fields: fields.into(), intent: None }
    }

    /// A packet without members.
    pub(super) fn bare(packet: Packet) -> Self {
        Self { packet, fields: "{}".into(), intent: None }
    }

    pub(super) fn with_intent(mut self, intent: Intent) -> Self {
        self.intent = Some(intent);
        self
    }

    /// Writes the packet as one JSON object.
    pub(super) fn write(&self, id: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(format!(r#"{{"type":{},"id":{id}"#, self.packet as u8).as_bytes());
        match self.fields.expose_secret().strip_prefix('{') {
            Some(rest) if rest != "}" => {
                out.push(b',');
                out.extend_from_slice(rest.as_bytes());
            }
            _ => out.push(b'}'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(command: &Command, id: u64) -> String {
        let mut out = Vec::new();
        command.write(id, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn type_and_id_come_first() {
        #[derive(Serialize)]
        struct Fields {
            name: &'static str,
        }
        let command = Command::new(Packet::GetVariable, &Fields { name: "a\"b" });
        assert_eq!(written(&command, 7), r#"{"type":11,"id":7,"name":"a\"b"}"#);
        let bare = Command::bare(Packet::Logout);
        assert_eq!(written(&bare, u64::MAX - 1), r#"{"type":5,"id":18446744073709551614}"#);
    }
}
