//! HTTP proxies that do what a test tells them.

use crate::support::{Server, drain, read_head};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

/// A proxy that records the heads of the requests.
pub struct Proxy {
    pub server: Server,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Makes tunnels, and forwards requests without one, always to `address`: the proxy knows where a name leads.
    pub async fn to(address: &str) -> Self {
        Self::start(address.to_owned(), b"HTTP/1.1 200 Connection established\r\n\r\n").await
    }

    /// The same to the server that the request names.
    pub async fn forwarding() -> Self {
        Self::start(String::new(), b"HTTP/1.1 200 Connection established\r\n\r\n").await
    }

    /// With another answer to CONNECT.
    pub async fn start(address: String, established: &'static [u8]) -> Self {
        Self::serving(move |head, mut stream| {
            let named = head.split(' ').nth(1).and_then(|url| url.trim_start_matches("http://").split('/').next());
            let named = named.unwrap().to_owned();
            let address = if address.is_empty() { named.clone() } else { address.clone() };
            async move {
                let Ok(mut there) = TcpStream::connect(&address).await else { return };
                let first = if head.starts_with("CONNECT ") {
                    stream.write_all(established).await
                } else {
                    there.write_all(head.replacen(&format!("http://{named}"), "", 1).as_bytes()).await
                };
                if first.is_ok() {
                    let _ = copy_bidirectional(&mut stream, &mut there).await;
                }
            }
        })
        .await
    }

    /// Answers each request with these bytes, and then says nothing.
    pub async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::serving(move |_, mut stream| {
            let answer = answer.clone();
            async move {
                let _ = stream.write_all(&answer).await;
                drain(&mut stream).await;
            }
        })
        .await
    }

    /// Reads a request and leaves.
    pub async fn leaving() -> Self {
        Self::serving(|_, _| async {}).await
    }

    async fn serving<F: Future<Output = ()> + Send + 'static>(
        serve: impl Fn(String, TcpStream) -> F + Send + Sync + 'static,
    ) -> Self {
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (record, serve) = (Arc::clone(&heads), Arc::new(serve));
        let server = Server::raw(move |mut stream, _| {
            let (record, serve) = (Arc::clone(&record), Arc::clone(&serve));
            async move {
                let head = read_head(&mut stream).await;
                record.lock().unwrap().push(head.clone());
                serve(head, stream).await;
            }
        })
        .await;
        Self { server, heads }
    }

    pub fn url(&self) -> String {
        self.server.url.replace("ws://", "http://").trim_end_matches('/').to_owned()
    }

    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// The address of a server, for a proxy.
pub fn address(server: &Server) -> &str {
    server.url.trim_start_matches("ws://").trim_end_matches('/')
}

/// Everything that an error shows in any way.
pub fn shown(error: &statuswire::Error) -> String {
    format!("{error:#} {error:?} {error:#?} {} {:?}", crate::support::files::chain(error), error.to_problem())
}
