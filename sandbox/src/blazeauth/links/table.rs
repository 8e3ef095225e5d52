//! The links, which are used once, and the requests for them.
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use super::super::content::Content;
use super::super::files::{File, Transfers};
use super::fault::LinkFault;
use super::http::{Range, Request, Response};
use super::request::LinkRequest;
use crate::clock::Clock;

/// Requests that are remembered.
const MAX_REQUESTS: usize = 4096;
/// Links that are known, used or not; older ones are answered with 404.
const MAX_LINKS: usize = 4096;
/// How long a link serves.
const LIFE: Duration = Duration::from_secs(60);

/// What the server behind the links knows.
#[derive(Debug)]
pub(super) struct Table {
    addr: SocketAddr,
    clock: Clock,
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
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
    fault: Option<LinkFault>,
}

impl Table {
    pub(super) fn new(addr: SocketAddr, clock: Clock) -> Self {
        Self { addr, clock, entries: Mutex::default() }
    }

    pub(super) fn requests(&self) -> Vec<LinkRequest> {
        self.entries().requests.iter().cloned().collect()
    }

    pub(super) fn issue(&self, file: &File, fault: Option<LinkFault>) -> String {
        let offer = Offer { content: file.content.clone(), transfers: file.transfers.clone(), fault };
        let mut entries = self.entries();
        entries.last += 1;
        let number = entries.last;
        let signature = format!("{:032x}", rand::random::<u128>());
        let url = format!("http://{}/files/{number}?signature={signature}", self.addr);
        let expires = self.clock.now().saturating_add(LIFE);
        entries.links.insert(number, Link { signature, expires, offer: Some(offer) });
        if entries.links.len() > MAX_LINKS {
            entries.links.pop_first();
        }
        url
    }

    /// Returns the answer to a request, which is recorded before it is sent.
    pub(super) fn answer(&self, request: Request) -> Response {
        let response = self.respond(&request);
        let mut entries = self.entries();
        if entries.requests.len() == MAX_REQUESTS {
            entries.requests.pop_front();
        }
        let Request { method, target, headers } = request;
        entries.requests.push_back(LinkRequest { method, target, headers, status: response.status });
        response
    }

    fn respond(&self, request: &Request) -> Response {
        if request.method != "GET" {
            return Response::text(405, "links are for GET").header("Allow", "GET");
        }
        match self.take(&request.target) {
            Ok(Offer { fault: Some(LinkFault::Status { status, headers, body }), .. }) => {
                Response { headers, ..Response::text(status, &body) }
            }
            Ok(offer) => self.file(request, &offer),
            Err(refusal) => refusal,
        }
    }

    /// Uses the link up, whatever the answer to this request will be.
    fn take(&self, target: &str) -> Result<Offer, Response> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let number = path.strip_prefix("/files/").and_then(|number| number.parse().ok());
        let mut entries = self.entries();
        let Some(link) = number.and_then(|number: u64| entries.links.get_mut(&number)) else {
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
            // Before the client can have the last byte, so that it then finds the transfer counted.
            offer.transfers.add(self.clock.now());
        }
        response
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        // Nothing in here can panic half way through a change.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn status(table: &Table, url: &str) -> u16 {
        let target = url.strip_prefix("http://127.0.0.1:1").unwrap().to_owned();
        table.answer(Request { method: "GET".to_owned(), target, headers: Vec::new() }).status
    }

    #[test]
    fn the_oldest_links_and_requests_are_forgotten() {
        let table = Table::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 1)), Clock::start());
        let file = File::new("some.bin", "some");
        let issue = || table.issue(&file, None);
        let (first, second) = (issue(), issue());
        for _ in 1..MAX_LINKS {
            issue();
        }
        assert_eq!((status(&table, &first), status(&table, &second)), (404, 200));
        for _ in 2..=MAX_REQUESTS {
            assert_eq!(status(&table, &second), 410);
        }
        let requests = table.requests();
        assert_eq!((requests.len(), requests[0].status, requests[1].status), (MAX_REQUESTS, 200, 410));
        assert_eq!(file.transfers.get().count, 1);
    }
}
