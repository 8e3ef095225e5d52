//! The packets that a client sends.

use super::account::NewAccount;
use super::credentials::{Credentials, Login};
use crate::policy::Repeat;
use crate::rpc::{Priority, Replies};
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

/// The packets' names as the code table spells them, by number.
const NAMES: [&str; 18] = [
    "initialize",
    "create_account",
    "authorize_by_license",
    "authorize_by_credentials",
    "link_license_to_account",
    "logout",
    "blacklist",
    "transfer_file",
    "stop_file_transfer",
    "get_file_metadata",
    "get_online_users_count",
    "get_variable",
    "set_session_value",
    "get_session_value",
    "delete_session_value",
    "get_current_license",
    "get_current_account",
    "set_panel_events_subscription",
];

impl Packet {
    pub(super) const fn name(self) -> &'static str {
        NAMES[self as usize]
    }

    /// Reading and setting may be done twice; so may a second Initialize or login, which are refused and change
    /// nothing, but then the first reply is lost.
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

    /// A stream can be stopped at once, also while the rate limit holds other packets back: its bytes keep coming.
    pub(super) const fn priority(self) -> Priority {
        match self {
            Self::TransferFile => Priority::Endable,
            Self::StopFileTransfer => Priority::Urgent,
            _ => Priority::Normal,
        }
    }
}

/// A packet without its id, which it gets when it is sent.
pub(super) struct Command {
    pub(super) packet: Packet,
    /// The members other than `type` and `id`, as a JSON object.
    fields: SecretString,
    /// What the session remembers if the packet succeeds.
    pub(super) intent: Option<Intent>,
    /// The packet gives a fresh session what the lost one had.
    pub(super) restores: bool,
}

/// What a packet changes in the session.
#[derive(Clone)]
pub(super) enum Intent {
    LogIn(Arc<Login>),
    Subscribe(bool),
}

impl Intent {
    pub(super) fn packet(&self) -> Packet {
        match self {
            Self::LogIn(login) => match **login {
                Login::License(_) => Packet::AuthorizeByLicense,
                Login::Account(_) => Packet::AuthorizeByCredentials,
            },
            Self::Subscribe(_) => Packet::SetPanelEventsSubscription,
        }
    }
}

/// The members of packets that give an account.
#[derive(Serialize)]
struct AccountFields<'a> {
    login: &'a str,
    password: &'a str,
    credentials_type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<&'a str>,
}

impl Command {
    /// A packet with members.
    pub(super) fn new(packet: Packet, fields: &impl Serialize) -> Self {
        // Structs of texts, numbers and options always serialize.
        let fields = serde_json::to_string(fields).unwrap_or_default();
        Self { packet, fields: fields.into(), intent: None, restores: false }
    }

    /// A packet without members.
    pub(super) fn bare(packet: Packet) -> Self {
        Self { packet, fields: "{}".into(), intent: None, restores: false }
    }

    /// A login, remembered if it succeeds.
    pub(super) fn log_in(login: Arc<Login>) -> Self {
        let command = match &*login {
            Login::License(key) => Self::license(Packet::AuthorizeByLicense, key),
            Login::Account(Credentials { login, password, credentials_type, license }) => Self::new(
                Packet::AuthorizeByCredentials,
                &AccountFields {
                    login,
                    password: password.expose_secret(),
                    credentials_type: *credentials_type as u8,
                    comment: None,
                    license: license.as_ref().map(ExposeSecret::expose_secret),
                },
            ),
        };
        Self { intent: Some(Intent::LogIn(login)), ..command }
    }

    /// Gives a fresh session what the lost one had.
    pub(super) fn restore(intent: Intent) -> Self {
        let command = match intent {
            Intent::LogIn(login) => Self::log_in(login),
            Intent::Subscribe(subscribed) => Self::subscribe(subscribed),
        };
        Self { restores: true, ..command }
    }

    /// A packet that gives a licence.
    pub(super) fn license(packet: Packet, key: &SecretString) -> Self {
        #[derive(Serialize)]
        struct Fields<'a> {
            license: &'a str,
        }
        Self::new(packet, &Fields { license: key.expose_secret() })
    }

    /// Makes an account.
    pub(super) fn create(account: &NewAccount) -> Self {
        let fields = AccountFields {
            login: &account.login,
            password: account.password.expose_secret(),
            credentials_type: account.credentials_type as u8,
            comment: account.comment.as_deref(),
            license: account.license.as_ref().map(ExposeSecret::expose_secret),
        };
        Self::new(Packet::CreateAccount, &fields)
    }

    /// Subscribes to events, or ends that.
    pub(super) fn subscribe(subscribed: bool) -> Self {
        #[derive(Serialize)]
        struct Fields {
            subscribed: bool,
        }
        let command = Self::new(Packet::SetPanelEventsSubscription, &Fields { subscribed });
        Self { intent: Some(Intent::Subscribe(subscribed)), ..command }
    }

    /// A packet that names a file.
    pub(super) fn file(packet: Packet, filename: &str) -> Self {
        #[derive(Serialize)]
        struct Fields<'a> {
            filename: &'a str,
        }
        Self::new(packet, &Fields { filename })
    }

    /// Asks for a file from an offset on.
    pub(super) fn transfer(filename: &str, resume_at: u64) -> Self {
        #[derive(Serialize)]
        struct Fields<'a> {
            filename: &'a str,
            resume_at: u64,
        }
        Self::new(Packet::TransferFile, &Fields { filename, resume_at })
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
