//! Faults on demand: conditions say when, a plan says what happens.
use std::fmt;
use std::ops::RangeBounds;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use super::pattern::Pattern;
use crate::fault::{ALL_CALLS, Calls, Rules, Then, conditions};

/// A fault in the answer to a request. Made with [`Fault::on`] or [`Fault::any`], narrowed down with conditions, given
/// what happens, then handed to a running server. Without anything that happens the request is answered as usual.
///
/// What happens is an answer in place of the service's (the last one said counts), changes of how an answer is sent, and
/// delays. They can be combined.
///
/// ```
/// use statuswire_sandbox::Then;
/// use statuswire_sandbox::http::{Fault, text};
/// use statuswire_sandbox::reexport::http::{Response, StatusCode};
/// use std::time::Duration;
///
/// // The first two requests are answered with 503 and do not happen.
/// let busy = Fault::any().calls(..=2).reply(text(StatusCode::SERVICE_UNAVAILABLE, "busy"));
/// // The order is stored, but the connection is reset before the answer.
/// let lost = Fault::on("POST /orders").carried_out().reset();
/// // The third page ends in the middle of its body, after a slow start.
/// let short = Fault::on("GET /pages/*").nth(3).pieces(10, Duration::from_secs(1)).cut_body(100, Then::Eof);
/// // A page that does not decompress to what its header promises.
/// let mut page = Response::new("no gzip".into());
/// page.headers_mut().insert("content-encoding", "gzip".parse()?);
/// let garbled = Fault::on("GET /pages/1").reply(page);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Of several rules that fit a request the first one added is applied. Every rule counts the requests that fit it, also
/// those to which an earlier rule was applied.
#[derive(Debug)]
#[must_use = "a fault does nothing until it is handed to a server"]
pub struct Fault(pub(super) Rule);

#[derive(Debug)]
pub(super) struct Rule {
    moment: Moment,
    pattern: Option<Pattern>,
    connection: Option<u64>,
    calls: Calls,
    condition: Option<Condition>,
    plan: Plan,
}

/// When a rule can apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// The head was read.
    Head,
    /// The body is complete.
    Body,
}

type Test = dyn Fn(&Request<Bytes>) -> bool + Send + Sync;

struct Condition(Box<Test>);

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Condition")
    }
}

/// What to do about one request. Default: what is usual.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// `None`: the service's.
    pub(super) answer: Option<Answer>,
    /// For answers that are not the service's.
    pub(super) carry_out: bool,
    /// Before the request is carried out.
    pub(super) hold: Option<Duration>,
    /// Between carrying out and answer.
    pub(super) delay: Option<Duration>,
    pub(super) sending: Sending,
}

#[derive(Clone, Debug)]
pub(super) enum Answer {
    Given(Response<Bytes>),
    Raw(Bytes),
    Missing(Then),
}

/// How an answer is sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Sending {
    pub(super) cut: Option<(Cut, Then)>,
    /// Bytes of a piece of the body, and the pause before it.
    pub(super) pieces: Option<(usize, Duration)>,
    /// The `Content-Length` that is claimed.
    pub(super) content_length: Option<u64>,
    pub(super) endless: bool,
    /// The end of the connection ends the body.
    pub(super) without_length: bool,
    /// The connection ends without notice.
    pub(super) last: bool,
}

/// How many bytes are sent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cut {
    Head(usize),
    Body(usize),
}

/// The rules of a server.
pub(super) type Faults = Rules<Rule>;

impl Faults {
    /// Returns the plan of the first rule that applies; all that fit count the request.
    pub(super) fn plan(&self, moment: Moment, connection: u64, request: &Request<Bytes>) -> Option<Plan> {
        let first = self.first(|rule| rule.fits(moment, connection, request).then_some(rule.calls));
        first.map(|active| active.rule.plan.clone())
    }
}

impl Rule {
    fn fits(&self, moment: Moment, connection: u64, request: &Request<Bytes>) -> bool {
        let (method, path) = (request.method().as_str(), request.uri().path());
        self.moment == moment
            && self.pattern.as_ref().is_none_or(|pattern| pattern.fits(method, path))
            && self.connection.is_none_or(|number| number == connection)
            && self.condition.as_ref().is_none_or(|condition| condition.0(request))
    }
}

impl Fault {
    /// Returns a rule for requests that fit this [pattern](super#patterns): `POST /notes/{id}`.
    pub fn on(pattern: &str) -> Self {
        Self::new(Some(Pattern::new(pattern)))
    }

    /// Returns a rule for every request.
    pub fn any() -> Self {
        Self::new(None)
    }

    fn new(pattern: Option<Pattern>) -> Self {
        let (moment, plan) = (Moment::Body, Plan::default());
        Self(Rule { moment, pattern, connection: None, calls: ALL_CALLS, condition: None, plan })
    }

    conditions!();

    /// Applies only when this holds for the request.
    pub fn when(mut self, condition: impl Fn(&Request<Bytes>) -> bool + Send + Sync + 'static) -> Self {
        self.0.condition = Some(Condition(Box::new(condition)));
        self
    }

    /// Applies as soon as the head was read, for faults in the middle of an upload. The body is not read: the service, the
    /// condition and the record get an empty one, and a client that waits for `100 Continue` is not told to continue. The
    /// connection ends after the answer.
    pub fn before_body(mut self) -> Self {
        self.0.moment = Moment::Head;
        self
    }

    /// Delays the request itself, by this time of tokio's clock: it is carried out afterwards, also if the client has gone
    /// meanwhile.
    pub fn hold(mut self, by: Duration) -> Self {
        self.0.plan.hold = Some(by);
        self
    }

    /// Delays the answer, by this time of tokio's clock, after the request was carried out.
    pub fn delay(mut self, by: Duration) -> Self {
        self.0.plan.delay = Some(by);
        self
    }

    /// Carries the request out before an answer that takes the place of the service's.
    pub fn carried_out(mut self) -> Self {
        self.0.plan.carry_out = true;
        self
    }

    /// Answers with this response in place of the service's: a status, a redirect, a body that is not what its headers
    /// promise, headers of any size. It is sent as a service's response is.
    pub fn reply(self, response: Response<Bytes>) -> Self {
        self.answer(Answer::Given(response))
    }

    /// Writes these bytes to the connection as they are, in place of an answer, and ends the connection.
    pub fn raw(self, bytes: impl Into<Bytes>) -> Self {
        self.answer(Answer::Raw(bytes.into()))
    }

    /// Never answers. The connection stays open until the client closes it.
    pub fn silence(self) -> Self {
        self.answer(Answer::Missing(Then::Silence))
    }

    /// Ends the connection in order (EOF), without an answer.
    pub fn drop_connection(self) -> Self {
        self.answer(Answer::Missing(Then::Eof))
    }

    /// Resets the connection (RST), without an answer.
    pub fn reset(self) -> Self {
        self.answer(Answer::Missing(Then::Reset))
    }

    /// Sends only this number of bytes of the answer's head, at most all of them.
    pub fn cut_head(self, bytes: usize, then: Then) -> Self {
        self.sending(|sending| sending.cut = Some((Cut::Head(bytes), then)))
    }

    /// Sends the answer's head, then only this number of bytes of the body, at most all of them. In a chunked answer the
    /// last chunk is never sent.
    pub fn cut_body(self, bytes: usize, then: Then) -> Self {
        self.sending(|sending| sending.cut = Some((Cut::Body(bytes), then)))
    }

    /// Sends the answer's body in pieces of this number of bytes (0 counts as 1), with a pause of tokio's clock before
    /// each. In a chunked answer each piece is a chunk.
    pub fn pieces(self, bytes: usize, pause: Duration) -> Self {
        self.sending(|sending| sending.pieces = Some((bytes.max(1), pause)))
    }

    /// Claims this length of the body (`Content-Length`) and sends the whole body all the same. The connection stays
    /// open: a client that was promised more waits for it, and finds what exceeds the length before the next answer.
    pub fn content_length(self, bytes: u64) -> Self {
        self.sending(|sending| sending.content_length = Some(bytes))
    }

    /// Sends the answer without its length and not in chunks: the end of the connection ends it. With
    /// [`cut_body`](Self::cut_body) a client cannot know that bytes are missing.
    pub fn without_length(self) -> Self {
        self.sending(|sending| sending.without_length = true)
    }

    /// Sends the answer's body over and over, in chunks, until the client closes the connection. An empty body counts as
    /// a space.
    pub fn endless(self) -> Self {
        self.sending(|sending| sending.endless = true)
    }

    /// Answers as usual, then ends the connection without having announced it, so that a client that keeps connections
    /// finds a dead one.
    pub fn last(self) -> Self {
        self.sending(|sending| sending.last = true)
    }

    fn answer(mut self, answer: Answer) -> Self {
        self.0.plan.answer = Some(answer);
        self
    }

    fn sending(mut self, change: impl FnOnce(&mut Sending)) -> Self {
        change(&mut self.0.plan.sending);
        self
    }
}
