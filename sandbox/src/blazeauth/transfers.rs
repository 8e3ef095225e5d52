//! Packets 7 and 8: transfers and their stop.
use super::closing::Closing;
use super::files::File;
use super::links::Links;
use super::packet::Body;
use super::reply::Reply;
use super::sending;
use super::session::Authorization;
use super::stream::FileStream;
use super::transfer_options::{Interruption, TransferForm, TransferOptions};
use super::turn::{Answered, Turn};
use statuswire::codes::blazeauth::ErrorCode as Status;

/// Characters of the shortest file name.
pub(super) const MIN_NAME: usize = 4;

/// Packet 7. Checks come in the order: logged in, length of the name, file known, offset, and for a stream: no other
/// stream of this file, quota.
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
            if turn.session.streams.is_running(name) {
                return Ok(Status::InternalServerError.into());
            }
            let Some(options) = reserve(&mut turn.app.quotas.transfer_bytes, options, start, size) else {
                return Ok(Status::FileStorageQuotaExceeded.into());
            };
            let stream = FileStream::new(id, file.content.clone(), start, options);
            let sending = sending::send(stream, file.transfers.clone(), turn.clock.clone(), turn.link);
            turn.session.streams.add(name, sending.clone());
            Answered::Stream(sending)
        }
    };
    turn.desk.next.pop_front();
    Ok(answered)
}

fn link(links: &Links, file: &File, options: TransferOptions) -> Reply {
    let checksum = options.file_checksum(&file.content);
    Reply::ok()
        .with("presigned_url", links.issue(file, options.link_fault))
        .with("file_size", file.content.bytes().len() as u64)
        .with("file_checksum", checksum)
}

/// Takes the bytes of a stream from the quota. If there are fewer, the stream ends where the quota does, unless it
/// is interrupted before; without any, there is no stream.
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
    let stopped = turn.session.streams.stop(name);
    Ok(if stopped { Status::Ok } else { Status::FileNotBeingTransferred }.into())
}
