//! Reactions to a message that a fault demands.
use super::connection::{Connection, End, Gathered, turn};
use super::frames;
use crate::accepting::raised;
use crate::fault::{Flood, Plan, Reaction, Split, Then};
use crate::message::Message;
use crate::service::Service;

impl<S: Service> Connection<S> {
    pub(super) async fn react(&mut self, request: S::Request, plan: Plan) -> Result<(), End> {
        let (command, id) = (S::command(&request).map(str::to_owned), S::id(&request));
        self.pause(plan.hold).await?;
        let replies = if plan.needs_reply() {
            let (replies, late) = self.carry_out(request, plan.block).await?;
            replies.into_iter().chain(late).collect()
        } else {
            if plan.block.is_some() {
                let shared = self.shared.clone();
                let _turn = turn(&shared, &mut self.stopping).await?;
                self.pause(plan.block).await?;
            }
            Vec::new()
        };
        self.pause(plan.delay).await?;
        match plan.reaction {
            Reaction::Status(status) => self.reply_all(&[S::status_reply(command.as_deref(), id, status).into()]),
            Reaction::Message(message) => self.reply_all(&[message]),
            Reaction::Oversized(bytes) => self.reply_all(&["x".repeat(bytes).into()]),
            Reaction::Raw(bytes) => self.reply(bytes),
            Reaction::Drop => Err(End::Cut),
            Reaction::Close { code, reason } => self.close(code, &reason),
            Reaction::HalfReply { then } => self.half(replies.first(), then).await,
            Reaction::Split { into, pieces, pause } => {
                for reply in replies {
                    let parts = match into {
                        Split::Fragments => frames::fragments(&reply, pieces),
                        Split::Segments => {
                            frames::cut(&frames::message(&reply), pieces).into_iter().map(<[u8]>::to_vec).collect()
                        }
                    };
                    for part in parts {
                        self.outbox.push(&part);
                        self.flush().await?;
                        self.pause(Some(pause)).await?;
                    }
                }
                Ok(())
            }
            Reaction::Change(change) => {
                let changed = |reply| match reply {
                    Message::Text(text) => (change.0)(&text).into(),
                    binary @ Message::Binary(_) => binary,
                };
                self.reply_all(&replies.into_iter().map(changed).collect::<Vec<_>>())
            }
            Reaction::Twice => {
                self.reply_all(&replies.into_iter().flat_map(|reply| [reply.clone(), reply]).collect::<Vec<_>>())
            }
            Reaction::Gather { count, reversed } => {
                // A rule that fits every message must not start a new collection inside the one that it began.
                self.gathered.get_or_insert(Gathered { frames: Vec::new(), count, reversed });
                self.reply_all(&replies)
            }
            Reaction::Flood { with, count } => {
                self.reply_all(&replies)?;
                let frame = match with {
                    Flood::Text(text) => frames::message(&text.into()),
                    Flood::Pings => frames::ping(),
                };
                for _ in 0..count {
                    self.outbox.push(&frame);
                    self.flush().await?;
                }
                Ok(())
            }
            Reaction::StopReading => {
                self.stopped_reading = true;
                self.reply_all(&replies)
            }
            Reaction::Reply => self.reply_all(&replies),
            // `Refuse` is for upgrades; `Fault` does not build it.
            Reaction::Silence | Reaction::Refuse { .. } => Ok(()),
        }
    }

    async fn half(&mut self, reply: Option<&Message>, then: Then) -> Result<(), End> {
        let frame = reply.map_or_else(|| frames::message(&"".into()), frames::message);
        self.outbox.push(&frame[..frame.len() / 2]);
        self.flush().await?;
        match then {
            Then::Eof => {}
            Then::Reset => self.stream.set_zero_linger()?,
            Then::Silence => raised(&mut self.stopping).await,
        }
        Err(End::Cut)
    }
}
