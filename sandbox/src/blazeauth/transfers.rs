//! Packets 7 and 8: transfers and their stop.
use std::collections::{HashMap, VecDeque};

use super::closing::Closing;
use super::files::File;
use super::links::Links;
use super::packet::Body;
use super::reply::Reply;
use super::sending::{self, Running};
use super::session::Authorization;
use super::stream::FileStream;
use super::transfer_options::{Interruption, TransferForm, TransferOptions};
use super::turn::{Answered, Turn};
use statuswire::codes::blazeauth::ErrorCode as Status;

/// Characters of the shortest file name.
pub(super) const MIN_NAME: usize = 4;

/// The streams of one session, by file name.
#[derive(Debug, Default)]
pub(super) struct Transfers(HashMap<String, Running>);

impl Transfers {
    /// The session goes on without them. The connection that they were on may not have noticed its end yet.
    pub(super) fn abandon(&mut self) {
        for (_, running) in self.0.drain() {
            running.abandon();
        }
    }
}

/// What all transfers of a sandbox share.
#[derive(Debug)]
pub(super) struct Desk {
    /// Options for the next transfers, one each.
    pub(super) next: VecDeque<TransferOptions>,
    pub(super) links: Links,
}

impl Desk {
    pub(super) fn new(links: Links) -> Self {
        Self { next: VecDeque::new(), links }
    }
}

/// Packet 7. Checks come in the order: somebody is logged in, length of the name, file known, offset, and for a stream:
/// none of this file runs, quota.
pub(super) fn transfer_file(turn: &mut Turn<'_>, id: u64, body: &Body) -> Result<Answered, Closing> {
    let (name, resume_at) = (body.text("filename")?, body.integer("resume_at")?);
    if turn.session.authorization == Authorization::None {
        return Ok(Status::NotAuthorized.into());
    }
    if name.chars().count() < MIN_NAME {
        return Ok(Status::FileInvalidName.into());
    }
    let Some(file) = turn.app.files.get(name) else { return Ok(Status::FileNotFound.into()) };
    let size = file.content.bytes().len();
    let start = usize::try_from(resume_at).ok().filter(|&start| start == 0 || start < size);
    let Some(start) = start else { return Ok(Status::FileInvalidResumeOffset.into()) };
    let options = turn.desk.next.front().unwrap_or(&turn.settings.transfers).clone();
    let answered = match options.form {
        TransferForm::Link => link(&turn.desk.links, file, options).into(),
        TransferForm::Stream => {
            let running = &mut turn.session.transfers.0;
            running.retain(|_, running| running.is_running());
            if running.contains_key(name) {
                return Ok(Status::InternalServerError.into());
            }
            let Some(options) = reserve(&mut turn.app.quotas.transfer_bytes, options, start, size) else {
                return Ok(Status::FileStorageQuotaExceeded.into());
            };
            let stream = FileStream::new(id, file.content.clone(), start, options);
            let sending = sending::send(stream, file.transfers.clone(), turn.clock.clone(), turn.link);
            running.insert(name.to_owned(), sending.clone());
            Answered::Stream(sending)
        }
    };
    turn.desk.next.pop_front();
    Ok(answered)
}

fn link(links: &Links, file: &File, options: TransferOptions) -> Reply {
    let url = links.issue(file, options.link_life, options.link_fault);
    let reply = Reply::ok()
        .with("presigned_url", url)
        .with("file_size", options.file_size.unwrap_or(file.content.bytes().len() as u64))
        .with_some("file_checksum", options.file_checksum.of(file.content.checksum()));
    options.members.into_iter().fold(reply, |reply, (name, value)| reply.with(name, value))
}

/// Takes the bytes of a stream from the quota. If there are fewer, the stream ends where they do, unless something
/// happens to it before; without any, there is no stream.
fn reserve(quota: &mut u64, options: TransferOptions, start: usize, size: usize) -> Option<TransferOptions> {
    let wanted = size - start;
    let given = usize::try_from(*quota).unwrap_or(usize::MAX).min(wanted);
    *quota -= given as u64;
    let end = start + given;
    match options.interruption {
        _ if given == wanted => Some(options),
        _ if given == 0 => None,
        Some((at, _)) if at > start && at <= end => Some(options),
        _ => Some(options.interrupt(end, Interruption::Status(Status::FileStorageQuotaExceeded.value().into()))),
    }
}

/// Packet 8.
pub(super) fn stop_file_transfer(turn: &mut Turn<'_>, body: &Body) -> Result<Reply, Closing> {
    let name = body.text("filename")?;
    let stopped = turn.session.transfers.0.get(name).is_some_and(Running::stop);
    Ok(if stopped { Status::Ok } else { Status::FileNotBeingTransferred }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blazeauth::clock::Clock;
    use crate::link::Link;

    #[tokio::test]
    async fn a_stream_ends_before_its_connection_notices() {
        let file = File::new("some.bin", "some bytes");
        let stream = FileStream::new(7, file.content.clone(), 0, TransferOptions::new());
        // As long as this lives, the connection has not let go of the stream.
        let (link, _pushes) = Link::new();
        let running = sending::send(stream, file.transfers.clone(), Clock::start(None), &link);
        let mut transfers = Transfers(HashMap::from([("some.bin".to_owned(), running.clone())]));
        assert!(running.is_running());
        transfers.abandon();
        assert!(!running.is_running() && !running.stop());
    }
}
