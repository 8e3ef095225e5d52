//! TCP connections to a host that may have several addresses, of which some may be dead.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::sleep;

/// How long one address is tried before the next is tried next to it (RFC 8305, section 5).
const STAGGER: Duration = Duration::from_millis(250);

/// Connects to the first address of a host that answers.
pub(crate) async fn dial(host: &str, port: u16) -> io::Result<TcpStream> {
    let stream = race(alternating(lookup_host((host, port)).await?), TcpStream::connect).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Orders addresses so that both families take turns, beginning with that of the first (RFC 8305, section 4).
fn alternating(addresses: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    let mut addresses = addresses.peekable();
    let is_first_v4 = addresses.peek().is_some_and(SocketAddr::is_ipv4);
    let (first, second): (VecDeque<_>, VecDeque<_>) = addresses.partition(|address| address.is_ipv4() == is_first_v4);
    let (mut turns, mut ordered) = ([first, second], Vec::new());
    while turns.iter().any(|turn| !turn.is_empty()) {
        ordered.extend(turns.iter_mut().filter_map(VecDeque::pop_front));
    }
    ordered
}

/// Connects to the addresses in turn, and returns the first connection. The next address is tried when the one before
/// has failed, or after [`STAGGER`]; earlier attempts go on.
async fn race<C, F: Future<Output = io::Result<C>>>(
    addresses: Vec<SocketAddr>,
    connect: impl Fn(SocketAddr) -> F,
) -> io::Result<C> {
    let mut attempts = FuturesUnordered::new();
    let mut failures = Vec::new();
    let mut left = addresses.into_iter();
    loop {
        let next = left.next();
        if let Some(address) = next {
            let attempt = connect(address);
            attempts.push(async move { attempt.await.map_err(|error| (address, error)) });
        }
        let ended = tokio::select! {
            biased;
            ended = attempts.next() => ended,
            () = sleep(STAGGER), if left.len() > 0 => continue,
        };
        match ended {
            Some(Ok(connection)) => return Ok(connection),
            Some(Err(failure)) => failures.push(failure),
            None => return Err(all_failed(failures)),
        }
    }
}

/// Makes one error of those of all addresses.
fn all_failed(mut failures: Vec<(SocketAddr, io::Error)>) -> io::Error {
    let Some((_, last)) = failures.last() else {
        return io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    };
    let kind = last.kind();
    if failures.len() == 1
        && let Some((_, only)) = failures.pop()
    {
        return only;
    }
    let each: Vec<String> = failures.iter().map(|(address, error)| format!("{address}: {error}")).collect();
    io::Error::new(kind, each.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::future::{pending, ready};
    use tokio::time::Instant;

    fn addresses(hosts: &[&str]) -> Vec<SocketAddr> {
        hosts.iter().map(|host| SocketAddr::new(host.parse().unwrap(), 80)).collect()
    }

    #[test]
    fn the_families_take_turns() {
        let mixed = addresses(&["::1", "::2", "::3", "1.1.1.1"]);
        assert_eq!(alternating(mixed.into_iter()), addresses(&["::1", "1.1.1.1", "::2", "::3"]));
        let first_v4 = addresses(&["1.1.1.1", "::1", "::2"]);
        assert_eq!(alternating(first_v4.into_iter()), addresses(&["1.1.1.1", "::1", "::2"]));
        assert!(alternating(std::iter::empty()).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_address_delays_the_next_one_a_little() {
        let begun = Instant::now();
        let tried = RefCell::new(Vec::new());
        let connect = |address: SocketAddr| {
            tried.borrow_mut().push((begun.elapsed(), address));
            async move {
                match address.ip().to_string().as_str() {
                    "1.1.1.1" | "2.2.2.2" => pending().await,
                    _ => Ok(address),
                }
            }
        };
        let all = addresses(&["1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4"]);
        assert_eq!(race(all.clone(), connect).await.unwrap(), all[2]);
        let expected: Vec<_> = (0..).zip(&all[..3]).map(|(turn, address)| (turn * STAGGER, *address)).collect();
        assert_eq!(*tried.borrow(), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_answer_of_an_earlier_address_counts() {
        let connect = |address: SocketAddr| async move {
            match address.ip().to_string().as_str() {
                "1.1.1.1" => sleep(2 * STAGGER).await,
                _ => pending().await,
            }
            Ok(address)
        };
        let all = addresses(&["1.1.1.1", "2.2.2.2"]);
        assert_eq!(race(all.clone(), connect).await.unwrap(), all[0]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_fails_is_followed_at_once_and_all_failures_are_told() {
        let begun = Instant::now();
        let refuse = |address: SocketAddr| {
            let why = if address.is_ipv6() { "unreachable" } else { "refused" };
            ready(Err::<(), _>(io::Error::new(io::ErrorKind::ConnectionRefused, why)))
        };
        let error = race(addresses(&["::1", "1.1.1.1"]), refuse).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(error.to_string(), "[::1]:80: unreachable; 1.1.1.1:80: refused");
        assert_eq!(race(addresses(&["1.1.1.1"]), refuse).await.unwrap_err().to_string(), "refused");
        assert!(race(Vec::new(), refuse).await.unwrap_err().to_string().contains("no address"));
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}
