//! One packet of an initialized session, and what it may look at.
use std::time::Duration;

use super::application::Application;
use super::closing::Closing;
use super::desk::Desk;
use super::reply::Reply;
use super::sending::Running;
use super::session::{Session, Sessions};
use super::settings::Settings;
use crate::clock::Clock;
use crate::link::Link;

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
    /// By the frames of a stream that began.
    Stream(Running),
    /// By a reply, and then the session ends.
    Last(Reply, Closing),
}

impl<R: Into<Reply>> From<R> for Answered {
    fn from(reply: R) -> Self {
        Self::Reply(reply.into())
    }
}
