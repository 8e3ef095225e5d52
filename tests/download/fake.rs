//! A source in memory that fails as a test tells it.

use statuswire::Error;
use statuswire::download::{Body, Failure, Piece, Source, Sum};
use statuswire::reexport::bytes::Bytes;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// Asks for pieces of 10 bytes.
#[derive(Clone)]
pub struct Fake {
    pub file: Vec<u8>,
    /// After how many pieces each body breaks off.
    pub breaks: VecDeque<usize>,
    /// How it breaks off.
    pub failure: fn(Error) -> Failure,
    pub sum: Option<Sum>,
    pub version: Option<&'static str>,
    /// Sends the whole file, whatever is requested, to this many requests.
    pub ignores: usize,
    /// A piece needs one permit.
    pub gate: Option<Arc<Semaphore>>,
    pub offsets: Arc<Mutex<Vec<u64>>>,
}

impl Fake {
    pub fn new(file: &[u8]) -> Self {
        Self {
            file: file.to_vec(),
            breaks: VecDeque::new(),
            failure: Failure::Lost,
            sum: Some(Sum::of(file)),
            version: None,
            ignores: 0,
            gate: None,
            offsets: Arc::default(),
        }
    }

    pub fn breaking(file: &[u8], breaks: impl IntoIterator<Item = usize>) -> Self {
        Self { breaks: breaks.into_iter().collect(), ..Self::new(file) }
    }

    /// The offsets that were asked for.
    pub fn offsets(&self) -> Vec<u64> {
        self.offsets.lock().unwrap().clone()
    }
}

pub struct FakeBody {
    rest: Bytes,
    size: u64,
    left: Option<usize>,
    failure: fn(Error) -> Failure,
    sum: Option<Sum>,
    version: Option<&'static str>,
    gate: Option<Arc<Semaphore>>,
}

impl Source for Fake {
    type Body = FakeBody;

    async fn open(&mut self, offset: u64, _: Option<u64>) -> Result<FakeBody, Failure> {
        self.offsets.lock().unwrap().push(offset);
        let mut offset = usize::try_from(offset).unwrap();
        if self.ignores > 0 {
            self.ignores -= 1;
            offset = 0;
        }
        if offset > 0 && offset >= self.file.len() {
            return Err(Failure::Changed(broken()));
        }
        Ok(FakeBody {
            rest: Bytes::copy_from_slice(&self.file[offset..]),
            size: self.file.len() as u64,
            left: self.breaks.pop_front(),
            failure: self.failure,
            sum: self.sum,
            version: self.version,
            gate: self.gate.clone(),
        })
    }
}

impl Body for FakeBody {
    async fn next(&mut self) -> Result<Piece, Failure> {
        match &mut self.left {
            Some(0) => return Err((self.failure)(broken())),
            Some(left) => *left -= 1,
            None => {}
        }
        if self.rest.is_empty() {
            return Ok(Piece::complete(None, self.sum).with_size(Some(self.size)));
        }
        if let Some(gate) = &self.gate {
            gate.acquire().await.unwrap().forget();
        }
        let chunk = self.rest.split_to(self.rest.len().min(10));
        Ok(Piece::bytes(chunk).with_size(Some(self.size)).with_version(self.version))
    }
}

fn broken() -> Error {
    let cause = statuswire::Cause::transport(io::Error::from(io::ErrorKind::ConnectionReset));
    Error::new(cause, statuswire::Delivery::MaybeSent)
}

/// Bytes that are different everywhere.
pub fn content(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 251) as u8 ^ (n / 251 % 256) as u8).collect()
}
