//! Which operation carries a packet out.
use super::closing::Closing;
use super::packet::{Body, Kind};
use super::turn::{Answered, Turn};
use super::{accounts, data, initialize, logins, transfers};
use statuswire::codes::blazeauth::ErrorCode as Status;

/// Carries out a packet of an initialized session.
pub(super) fn carry_out(turn: &mut Turn<'_>, kind: Kind, id: u64, body: &Body) -> Result<Answered, Closing> {
    match kind {
        Kind::Initialize => initialize::read(body).map(|_| Status::AlreadyInitialized.into()),
        Kind::CreateAccount => accounts::create(turn, body).map(Into::into),
        Kind::AuthorizeByLicense => logins::by_license(turn, body).map(Into::into),
        Kind::AuthorizeByCredentials => logins::by_credentials(turn, body).map(Into::into),
        Kind::LinkLicenseToAccount => accounts::link_license(turn, body).map(Into::into),
        Kind::Logout => Ok(logins::logout(turn).into()),
        Kind::Blacklist => data::blacklist(turn, body),
        Kind::TransferFile => transfers::transfer_file(turn, id, body),
        Kind::StopFileTransfer => transfers::stop_file_transfer(turn, body).map(Into::into),
        Kind::GetFileMetadata => data::file_metadata(turn, body).map(Into::into),
        Kind::GetOnlineUsersCount => Ok(data::online_users(turn).into()),
        Kind::GetVariable => data::variable(turn, body).map(Into::into),
        Kind::SetSessionValue => data::set_value(turn, body).map(Into::into),
        Kind::GetSessionValue => data::get_value(turn, body).map(Into::into),
        Kind::DeleteSessionValue => data::delete_value(turn, body).map(Into::into),
        Kind::GetCurrentLicense => Ok(logins::current_license(turn).into()),
        Kind::GetCurrentAccount => Ok(logins::current_account(turn).into()),
        Kind::SetPanelEventsSubscription => data::subscribe(turn, body).map(Into::into),
    }
}
