//! The link form of packet 7: a small HTTP server that hands each file out once, and for a short time.
mod http;
mod serve;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use super::clock::Clock;
use super::content::Content;
use super::files::{File, Transfers};
use http::{Range, Request, Response};

/// Requests that are remembered.
const MAX_REQUESTS: usize = 4096;
/// Links that are known, used or not; older ones are answered with 404.
const MAX_LINKS: usize = 4096;

/// What goes wrong when a link is used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkFault {
    /// `Range` is not looked at: the whole file comes with status 200.
    IgnoreRange,
    /// Status 206 and the bytes from here on, whatever was asked for; behind the end of the file as usual.
    OtherRange {
        /// The first byte, counted from the start of the file.
        start: usize,
    },
    /// The connection ends behind so many bytes of the body; `Content-Length` has promised them all.
    Cut {
        /// Bytes of the body that are sent.
        after: usize,
    },
    /// The answer has no `Content-Length` and ends in order behind so many bytes of the body.
    EndEarly {
        /// Bytes of the body that are sent.
        after: usize,
    },
    /// One byte of the file is another one.
    Corrupt {
        /// Which one, counted from the start of the file.
        at: usize,
    },
    /// Another body in place of the file's bytes, with its own `Content-Length`.
    Body(Vec<u8>),
    /// More bytes behind the file's; `Content-Length` counts them.
    Extra(Vec<u8>),
    /// The body comes in pieces with a pause before each.
    Slow {
        /// Bytes of a piece, at least 1 (0 counts as 1).
        piece: usize,
        /// Time before each piece (tokio's clock).
        pause: Duration,
    },
    /// A redirection with this status.
    Redirect {
        /// 301, 302, 303, 307 or 308; any number is sent.
        status: u16,
        /// Where to; `None` for a further link to the same file, which serves as usual.
        location: Option<String>,
    },
    /// Another status, as 500 or 503.
    Status {
        /// Any number from 100 to 999.
        status: u16,
        /// Further headers, as `Retry-After`.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// The request is read and never answered.
    Silence,
}

/// A request that the link server got.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkRequest {
    /// The method, as `GET`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// All headers in their order, values as text with the replacement character for what is none.
    pub headers: Vec<(String, String)>,
    /// The status it was answered with; `None` for [`LinkFault::Silence`].
    pub status: Option<u16>,
}

impl LinkRequest {
    /// The first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for LinkRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The query and values of headers may be secrets.
        let path = self.target.split('?').next();
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("LinkRequest")
            .field("method", &self.method)
            .field("path", &path.unwrap_or_default())
            .field("headers", &headers)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Where links are made.
#[derive(Clone, Debug)]
pub(super) struct Links(Arc<State>);

/// The server behind the links; dropping it ends it.
#[derive(Debug)]
pub(super) struct LinkServer(AbortHandle);

impl Drop for LinkServer {
    fn drop(&mut self) {
        // The connections live in the task and end with it.
        self.0.abort();
    }
}

#[derive(Debug)]
struct State {
    addr: SocketAddr,
    clock: Clock,
    tables: Mutex<Tables>,
}

#[derive(Debug, Default)]
struct Tables {
    last: u64,
    links: BTreeMap<u64, Link>,
    requests: VecDeque<LinkRequest>,
}

#[derive(Debug)]
struct Link {
    signature: String,
    expires: Duration,
    /// Taken by the first use.
    offer: Option<Offer>,
}

#[derive(Clone, Debug)]
struct Offer {
    content: Content,
    transfers: Transfers,
    life: Duration,
    fault: Option<LinkFault>,
}

impl Links {
    /// Binds a free loopback port and serves.
    pub(super) async fn start(clock: Clock) -> io::Result<(Self, LinkServer)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let state = Arc::new(State { addr: listener.local_addr()?, clock, tables: Mutex::default() });
        let accepting = tokio::spawn(serve::accept(listener, state.clone())).abort_handle();
        Ok((Self(state), LinkServer(accepting)))
    }

    /// A link that serves this file once, within its life time.
    pub(super) fn issue(&self, file: &File, life: Duration, fault: Option<LinkFault>) -> String {
        let (content, transfers) = (file.content.clone(), file.transfers.clone());
        self.0.issue(Offer { content, transfers, life, fault })
    }

    /// The requests so far, the oldest first; not more than the last 4,096.
    pub(super) fn requests(&self) -> Vec<LinkRequest> {
        self.0.tables().requests.iter().cloned().collect()
    }
}

impl State {
    fn issue(&self, offer: Offer) -> String {
        let mut tables = self.tables();
        tables.last += 1;
        let number = tables.last;
        let signature = format!("{:032x}", rand::random::<u128>());
        let url = format!("http://{}/files/{number}?signature={signature}", self.addr);
        let expires = self.clock.now().saturating_add(offer.life);
        tables.links.insert(number, Link { signature, expires, offer: Some(offer) });
        if tables.links.len() > MAX_LINKS {
            tables.links.pop_first();
        }
        url
    }

    /// What to answer, if anything. Recorded before it is sent.
    fn answer(&self, request: Request) -> Option<Response> {
        let response = self.respond(&request);
        let status = response.as_ref().map(|response| response.status);
        let mut tables = self.tables();
        if tables.requests.len() == MAX_REQUESTS {
            tables.requests.pop_front();
        }
        let Request { method, target, headers } = request;
        tables.requests.push_back(LinkRequest { method, target, headers, status });
        response
    }

    fn respond(&self, request: &Request) -> Option<Response> {
        if request.method != "GET" {
            return Some(Response::text(405, "links are for GET").header("Allow", "GET"));
        }
        let offer = match self.take(&request.target) {
            Ok(offer) => offer,
            Err(refusal) => return Some(refusal),
        };
        match &offer.fault {
            Some(LinkFault::Silence) => return None,
            Some(LinkFault::Status { status, headers, body }) => {
                return Some(Response { headers: headers.clone(), ..Response::text(*status, body) });
            }
            Some(LinkFault::Redirect { status, location }) => {
                let further = || self.issue(Offer { fault: None, ..offer.clone() });
                let location = location.clone().unwrap_or_else(further);
                return Some(Response::text(*status, "elsewhere").header("Location", location));
            }
            _ => {}
        }
        Some(self.file(request, &offer))
    }

    /// Uses the link up, whatever the answer to this request will be.
    fn take(&self, target: &str) -> Result<Offer, Response> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let number = path.strip_prefix("/files/").and_then(|number| number.parse().ok());
        let mut tables = self.tables();
        let Some(link) = number.and_then(|number: u64| tables.links.get_mut(&number)) else {
            return Err(Response::text(404, "no such link"));
        };
        if query.strip_prefix("signature=") != Some(&link.signature) {
            return Err(Response::text(403, "the signature does not fit"));
        }
        if self.clock.now() >= link.expires {
            return Err(Response::text(403, "the link has expired: ask for another one"));
        }
        link.offer.take().ok_or_else(|| Response::text(410, "the link was used: ask for another one"))
    }

    fn file(&self, request: &Request, offer: &Offer) -> Response {
        let mut bytes = offer.content.bytes().clone();
        if let Some(LinkFault::Corrupt { at }) = offer.fault
            && at < bytes.len()
        {
            let mut other = bytes.to_vec();
            other[at] ^= 1;
            bytes = Bytes::from(other);
        }
        let range = match offer.fault {
            Some(LinkFault::IgnoreRange) => Range::Whole,
            Some(LinkFault::OtherRange { start }) if start < bytes.len() => Range::Part(start..bytes.len()),
            _ => Range::of(request, bytes.len()),
        };
        let size = bytes.len();
        let (status, content_range, mut body) = match range {
            Range::Whole => (200, None, bytes),
            Range::Part(part) => {
                let content_range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
                (206, Some(content_range), bytes.slice(part))
            }
            Range::Unsatisfiable => {
                let response = Response::text(416, "the range lies behind the end");
                return response.header("Content-Range", format!("bytes */{size}"));
            }
        };
        let mut response = Response { status, ..Response::default() };
        match &offer.fault {
            Some(LinkFault::Body(other)) => body = other.clone().into(),
            Some(LinkFault::Extra(more)) => body = [&body[..], more].concat().into(),
            Some(LinkFault::Cut { after }) => response.cut = Some(*after),
            Some(LinkFault::EndEarly { after }) => {
                response.without_length = true;
                body.truncate(*after);
            }
            Some(LinkFault::Slow { piece, pause }) => response.pace = Some(((*piece).max(1), *pause)),
            _ => {}
        }
        response.body = body;
        response = response.header("Content-Type", "application/octet-stream").header("Accept-Ranges", "bytes");
        if let Some(content_range) = content_range {
            response = response.header("Content-Range", content_range);
        }
        if !matches!(offer.fault, Some(LinkFault::Cut { .. } | LinkFault::EndEarly { .. })) {
            // Before the client can have the last byte: who asks afterwards sees it counted.
            offer.transfers.add(self.clock.now());
        }
        response
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        // Nothing in here can panic half way through a change.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(state: &State, url: &str) -> Option<u16> {
        let target = url.strip_prefix("http://127.0.0.1:1").unwrap().to_owned();
        let request = Request { method: "GET".to_owned(), target, headers: Vec::new() };
        state.answer(request).map(|response| response.status)
    }

    #[test]
    fn the_oldest_links_and_requests_are_forgotten() {
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        let links = Links(Arc::new(State { addr, clock: Clock::start(None), tables: Mutex::default() }));
        let file = File::new("some.bin", "some");
        let issue = || links.issue(&file, Duration::from_secs(60), None);
        let (first, second) = (issue(), issue());
        for _ in 1..MAX_LINKS {
            issue();
        }
        assert_eq!((status(&links.0, &first), status(&links.0, &second)), (Some(404), Some(200)));
        for _ in 2..=MAX_REQUESTS {
            assert_eq!(status(&links.0, &second), Some(410));
        }
        let requests = links.requests();
        assert_eq!((requests.len(), requests[0].status, requests[1].status), (MAX_REQUESTS, Some(200), Some(410)));
        assert_eq!(file.transfers.get().count, 1);
    }
}
