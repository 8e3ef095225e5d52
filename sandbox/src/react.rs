//! Reactions to a message, as a fault demands.
use super::connection::{Connection, End, Gathered, stopped};
use super::fault::{Flood, Plan, Reaction, Split, Then};
use super::frames;
use super::service::Service;

impl<S: Service> Connection<S> {
    pub(super) async fn react(&mut self, request: S::Request, plan: Plan) -> Result<(), End> {
        let (command, id) = (S::command(&request).map(str::to_owned), S::id(&request));
        self.pause(plan.hold).await?;
        let replies = if Self::plan_needs_reply(&plan) {
            self.carry_out(request, plan.block).await?
        } else {
            if plan.block.is_some() {
                let shared = self.shared.clone();
                let _turn = shared.worker.lock().await;
                self.pause(plan.block).await?;
            }
            Vec::new()
        };
        self.pause(plan.delay).await?;
        match plan.reaction {
            Reaction::Status(status) => self.reply(frames::text(&S::status_reply(command.as_deref(), id, status))),
            Reaction::Text(text) => self.reply(frames::text(&text)),
            Reaction::Oversized(bytes) => self.reply(frames::text(&"x".repeat(bytes))),
            Reaction::Binary(bytes) => self.reply(frames::binary(&bytes)),
            Reaction::Raw(bytes) => self.reply(bytes),
            Reaction::Drop => Err(End::Cut),
            Reaction::Close { code, reason } => self.close(code, &reason),
            Reaction::HalfReply { then } => self.half(&replies, then).await,
            Reaction::Split { into, pieces, pause } => {
                for reply in replies {
                    let parts = match into {
                        Split::Fragments => frames::text_fragments(&reply, pieces),
                        Split::Segments => {
                            frames::cut(&frames::text(&reply), pieces).into_iter().map(<[u8]>::to_vec).collect()
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
            Reaction::Rename(name) => {
                replies.iter().try_for_each(|reply| self.reply(frames::text(&S::renamed(reply, &name))))
            }
            Reaction::Change(change) => {
                replies.iter().try_for_each(|reply| self.reply(frames::text(&(change.0)(reply))))
            }
            Reaction::Twice => {
                replies.iter().flat_map(|reply| [reply, reply]).try_for_each(|reply| self.reply(frames::text(reply)))
            }
            Reaction::Gather { count, reversed } => {
                // A rule that fits every message must not start a new collection inside the one that it began.
                self.gathered.get_or_insert(Gathered { frames: Vec::new(), count, reversed });
                replies.iter().try_for_each(|reply| self.reply(frames::text(reply)))
            }
            Reaction::Flood { with, count } => {
                replies.iter().try_for_each(|reply| self.reply(frames::text(reply)))?;
                let frame = match with {
                    Flood::Text(text) => frames::text(&text),
                    Flood::Pings => frames::ping(),
                };
                for _ in 0..count {
                    self.outbox.push(&frame);
                    self.flush().await?;
                }
                Ok(())
            }
            Reaction::StopReading => {
                self.deaf = true;
                replies.iter().try_for_each(|reply| self.reply(frames::text(reply)))
            }
            Reaction::Reply => replies.iter().try_for_each(|reply| self.reply(frames::text(reply))),
            // `Refuse` is for upgrades; `Fault` does not build it.
            Reaction::Silence | Reaction::Refuse { .. } => Ok(()),
        }
    }

    async fn half(&mut self, replies: &[String], then: Then) -> Result<(), End> {
        let frame = frames::text(replies.first().map_or("", String::as_str));
        self.outbox.push(&frame[..frame.len() / 2]);
        self.flush().await?;
        if then == Then::Silence {
            stopped(&mut self.stopping).await;
        }
        Err(End::Cut)
    }
}
