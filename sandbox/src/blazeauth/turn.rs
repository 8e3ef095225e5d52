//! One packet of an initialized session, and what it may look at.
use std::time::Duration;

use serde_json::{Map, Value};

use super::application::Application;
use super::clock::Clock;
use super::closing::Closing;
use super::packet::{Body, Kind};
use super::reply::Reply;
use super::sending::Running;
use super::session::{Session, Sessions};
use super::settings::{Levels, Settings};
use super::transfers::Desk;
use super::{accounts, data, initialize, logins, transfers};
use crate::link::Link;
use statuswire::codes::blazeauth::ErrorCode as Status;

/// What a packet works on.
pub(super) struct Turn<'a> {
    pub(super) now: Duration,
    pub(super) clock: &'a Clock,
    pub(super) settings: &'a Settings,
    pub(super) session: &'a mut Session,
    pub(super) app: &'a mut Application,
    /// All but this one.
    pub(super) others: &'a mut Sessions,
    pub(super) link: &'a Link,
    pub(super) desk: &'a mut Desk,
}

/// How a packet is answered.
#[derive(Debug)]
pub(super) enum Answered {
    Reply(Reply),
    /// By the frames of a stream, which began.
    Stream(Running),
    /// By a reply, and then the session ends.
    Last(Reply, Closing),
}

impl<R: Into<Reply>> From<R> for Answered {
    fn from(reply: R) -> Self {
        Self::Reply(reply.into())
    }
}

impl Turn<'_> {
    pub(super) fn carry_out(&mut self, kind: Kind, id: u64, body: &Body) -> Result<Answered, Closing> {
        if self.settings.failing && may_fail(kind) {
            return Ok(Status::InternalServerError.into());
        }
        match kind {
            Kind::Initialize => initialize::read(body).map(|_| Status::AlreadyInitialized.into()),
            Kind::CreateAccount => accounts::create(self, body).map(Into::into),
            Kind::AuthorizeByLicense => logins::by_license(self, body).map(Into::into),
            Kind::AuthorizeByCredentials => logins::by_credentials(self, body).map(Into::into),
            Kind::LinkLicenseToAccount => accounts::link_license(self, body).map(Into::into),
            Kind::Logout => Ok(logins::logout(self).into()),
            Kind::Blacklist => data::blacklist(self, body),
            Kind::TransferFile => transfers::transfer_file(self, id, body),
            Kind::StopFileTransfer => transfers::stop_file_transfer(self, body).map(Into::into),
            Kind::GetFileMetadata => data::file_metadata(self, body).map(Into::into),
            Kind::GetOnlineUsersCount => Ok(data::online_users(self).into()),
            Kind::GetVariable => data::variable(self, body).map(Into::into),
            Kind::SetSessionValue => data::set_value(self, body).map(Into::into),
            Kind::GetSessionValue => data::get_value(self, body).map(Into::into),
            Kind::DeleteSessionValue => data::delete_value(self, body).map(Into::into),
            Kind::GetCurrentLicense => Ok(logins::current_license(self).into()),
            Kind::GetCurrentAccount => Ok(logins::current_account(self).into()),
            Kind::SetPanelEventsSubscription => data::subscribe(self, body).map(Into::into),
        }
    }

    /// `levels` in the form of the settings.
    pub(super) fn levels(&self, levels: &[String]) -> Value {
        match self.settings.levels {
            Levels::Array => levels.into(),
            Levels::Object => {
                Value::Object(levels.iter().map(|level| (level.clone(), level.as_str().into())).collect::<Map<_, _>>())
            }
        }
    }
}

/// Whether the operation's page lists status 6.
pub(super) fn may_fail(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        Initialize
            | CreateAccount
            | AuthorizeByLicense
            | AuthorizeByCredentials
            | LinkLicenseToAccount
            | Blacklist
            | TransferFile
            | GetFileMetadata
            | GetOnlineUsersCount
            | GetCurrentAccount
    )
}
