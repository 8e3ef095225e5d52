//! The sockets of the link server.
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::http::{Request, Response};
use super::table::Table;

/// Longest request head that is read.
const MAX_HEAD: usize = 16 * 1024;
/// How long the end of a connection waits for a client that does not close.
const LINGER: Duration = Duration::from_secs(2);

pub(super) async fn accept(listener: TcpListener, table: Arc<Table>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                // The end of a connection needs no further action.
                Ok((stream, _)) => drop(connections.spawn(serve(stream, table.clone()))),
                // Out of file descriptors, or the client is gone already: others may be served.
                Err(_) => sleep(Duration::from_millis(10)).await,
            },
        }
    }
}

/// One request and its answer.
async fn serve(mut stream: TcpStream, table: Arc<Table>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let response = match read(&mut stream).await? {
        Ok(request) => table.answer(request),
        Err(refusal) => refusal,
    };
    write(&mut stream, &response).await?;
    if response.cut.is_some_and(|after| after < response.body.len()) {
        return Ok(());
    }
    stream.shutdown().await?;
    // Unread bytes would turn the end into a reset.
    let _ = timeout(LINGER, until_closed(&mut stream)).await;
    Ok(())
}

async fn read(stream: &mut TcpStream) -> io::Result<Result<Request, Response>> {
    let mut buffer = Vec::new();
    loop {
        match Request::parse(&buffer) {
            Ok(Some(request)) => return Ok(Ok(request)),
            Ok(None) if buffer.len() < MAX_HEAD => {}
            Ok(None) => return Ok(Err(Response::text(431, "the head is too long"))),
            Err(refusal) => return Ok(Err(refusal)),
        }
        if stream.read_buf(&mut buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

async fn write(stream: &mut TcpStream, response: &Response) -> io::Result<()> {
    stream.write_all(&response.head()).await?;
    let body = &response.body[..response.cut.unwrap_or(usize::MAX).min(response.body.len())];
    let Some((piece, pause)) = response.pace else { return stream.write_all(body).await };
    for piece in body.chunks(piece) {
        sleep(pause).await;
        stream.write_all(piece).await?;
    }
    Ok(())
}

async fn until_closed(stream: &mut TcpStream) -> io::Result<()> {
    let mut scrap = [0; 4096];
    while stream.read(&mut scrap).await? > 0 {}
    Ok(())
}
