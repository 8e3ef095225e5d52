//! A server that does not answer: how long its silence is excused, and what happens to commands whose callers gave up.

use super::Core;
use crate::rpc::deadlines::{Due, saturating_deadline};
use crate::rpc::expect::{Matching, Replies};
use crate::rpc::message::Outgoing;
use crate::rpc::protocol::Protocol;
use crate::rpc::slot::Stage;
use std::time::Duration;
use tokio::time::Instant;

impl<P: Protocol> Core<P> {
    /// Returns when the silence of the server ends the connection.
    pub(in crate::rpc) fn reply_due(&self) -> Option<Instant> {
        if self.holds_reader() {
            return None;
        }
        if self.overdue {
            return Some(self.last_reply);
        }
        let call = &self.slots[self.pending.oldest()?.slot];
        let usual = saturating_deadline(self.last_reply, self.reply_timeout);
        let Some(own) = call.expect.reply_timeout else { return Some(usual) };
        let own = saturating_deadline(self.last_reply, own);
        // A longer time ends with the call's time limit.
        Some(call.deadline.map_or(own, |limit| own.min(limit.max(usual))))
    }

    /// Returns until when the oldest call excuses a server that answers nothing at all: as long as it may wait for its
    /// reply, if it asked for a reply timeout of its own.
    pub(in crate::rpc) fn excused_until(&self) -> Option<Instant> {
        let call = &self.slots[self.pending.oldest()?.slot];
        let own = saturating_deadline(self.last_reply, call.expect.reply_timeout?);
        Some(call.deadline.map_or(own, |limit| own.min(limit)))
    }

    /// Makes a written command whose caller no longer waits a tombstone, which keeps no payload and only for some time
    /// its place in the window.
    pub(super) fn bury(&mut self, slot: usize, now: Instant) {
        let call = &mut self.slots[slot];
        let is_written = matches!(call.stage, Stage::Written { .. });
        // A one-way command is wanted without a caller.
        if !is_written || call.tombstone || call.waiter.waits() || call.expect.replies == Replies::OnlyOnFailure {
            return;
        }
        call.outgoing = Outgoing::default();
        if matches!(call.expect.replies, Replies::None | Replies::Exactly(0)) {
            return;
        }
        call.tombstone = true;
        let own = call.expect.reply_timeout.unwrap_or_default();
        let limit = call.deadline.filter(|at| *at > now);
        if limit.is_none() && own >= self.reply_timeout {
            call.expect.reply_timeout = None;
        }
        if self.ends_tombstones() {
            let usual = saturating_deadline(now, self.reply_timeout);
            let at = match own {
                // It may block the server as long as its caller was ready to wait.
                Duration::MAX => limit.map_or(usual, |limit| limit.max(usual)),
                own => saturating_deadline(now, own).max(usual),
            };
            let call = &mut self.slots[slot];
            let seq = call.seq;
            call.deadline = Some(at);
            self.remind(Due { at, seq, slot });
            self.wake_driver_by(at);
        }
        if let Some(due) = self.reply_due() {
            self.wake_driver_by(due);
        }
    }

    /// Returns whether tombstones have a time of their own. If replies come in order, the reply timeout of the oldest
    /// command is enough.
    fn ends_tombstones(&self) -> bool {
        self.pending.matching() != Matching::InOrder && self.reply_timeout != Duration::MAX
    }

    /// Ends the time of a tombstone. With ids its place is free, and a late reply is ignored. A name cannot be used again
    /// while a reply to it may come: the connection must end.
    pub(super) fn end_tombstone(&mut self, due: &Due, now: Instant) {
        match self.pending.matching() {
            Matching::InOrder => {}
            _ if self.reply_timeout == Duration::MAX => {}
            Matching::ById => {
                let key = self.slots[due.slot].expect.key.clone();
                self.pending.forget(&key, due.slot);
                self.finish(due.slot);
            }
            Matching::ByName => {
                // While the reader is held, no reply can arrive.
                let held = if self.holds_reader() { Some(now) } else { self.reader_held };
                match held.and_then(|held| held.checked_add(self.reply_timeout)).filter(|at| *at > now) {
                    Some(at) => {
                        self.slots[due.slot].deadline = Some(at);
                        self.remind(Due { at, ..*due });
                    }
                    None => self.overdue = true,
                }
            }
        }
    }
}
