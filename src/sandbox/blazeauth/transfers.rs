//! Packets 7 and 8: transfers and their stop.
use std::collections::HashMap;

use super::closing::Closing;
use super::packet::Body;
use super::reply::Reply;
use super::session::Authorization;
use super::stream::{FileStream, Running};
use super::turn::{Answered, Turn};
use crate::codes::blazeauth::ErrorCode as Status;

/// Characters of the shortest file name.
pub(super) const MIN_NAME: usize = 4;

/// The transfers of one session, by file name.
#[derive(Debug, Default)]
pub(super) struct Transfers(HashMap<String, Running>);

impl Transfers {
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

/// Packet 7.
pub(super) fn transfer_file(turn: &mut Turn<'_>, id: u64, body: &Body) -> Result<Answered, Closing> {
    let (name, resume_at) = (body.text("filename")?, body.integer("resume_at")?);
    if turn.session.authorization == Authorization::None {
        return Ok(Status::NotAuthorized.into());
    }
    if name.chars().count() < MIN_NAME {
        return Ok(Status::FileInvalidName.into());
    }
    let Some(file) = turn.app.files.get_mut(name) else { return Ok(Status::FileNotFound.into()) };
    let size = file.content.len();
    let offset = usize::try_from(resume_at).ok().filter(|&offset| offset == 0 || offset < size);
    let Some(offset) = offset else { return Ok(Status::FileInvalidResumeOffset.into()) };
    let transfers = &mut turn.session.transfers.0;
    transfers.retain(|_, running| running.is_running());
    if transfers.contains_key(name) {
        return Ok(Status::InternalServerError.into());
    }
    file.transfer_count = file.transfer_count.saturating_add(1);
    file.last_transferred = Some(turn.now);
    let stream = FileStream::new(id, file, offset, turn.settings.stream.clone());
    let running = stream.running();
    transfers.insert(name.to_owned(), running.clone());
    turn.link.stream(stream);
    Ok(Answered::Stream(running))
}

/// Packet 8.
pub(super) fn stop_file_transfer(turn: &mut Turn<'_>, body: &Body) -> Result<Reply, Closing> {
    let name = body.text("filename")?;
    let stopped = turn.session.transfers.0.get(name).is_some_and(Running::stop);
    Ok(if stopped { Status::Ok } else { Status::FileNotBeingTransferred }.into())
}
