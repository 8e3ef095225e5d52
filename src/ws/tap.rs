//! What the handshake must not swallow.

use bytes::{Buf, BytesMut};
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

/// A stream of bytes in both directions, TLS or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Passes on what is read up to the blank line that ends an HTTP head, and holds back what follows: the first frames,
/// or the body of a refusal. Of a stream handed to tungstenite directly, these would be lost.
pub(super) struct Tap<S> {
    pub(super) stream: S,
    /// Read from the stream and not passed on.
    pub(super) rest: BytesMut,
    /// Line ends in a row; two end the head.
    line_ends: u8,
}

impl<S> Tap<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, rest: BytesMut::new(), line_ends: 0 }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.rest.is_empty() && this.line_ends < 2 {
            let read = this.stream.read_buf(&mut this.rest);
            ready!(pin!(read).poll(cx))?;
        }
        let mut passed = 0;
        for &byte in this.rest.iter().take(buf.remaining()) {
            if this.line_ends == 2 {
                break;
            }
            passed += 1;
            match byte {
                b'\n' => this.line_ends += 1,
                b'\r' => {}
                _ => this.line_ends = 0,
            }
        }
        buf.put_slice(&this.rest[..passed]);
        this.rest.advance(passed);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_follows_the_head_is_held_back_however_it_is_cut() {
        let head = b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n";
        let all = [&head[..], b"\x81\x02{}\n\n"].concat();
        for piece in 1..=all.len() {
            let mut script = in_pieces(&all, piece);
            let mut tap = Tap::new(&mut script);
            let mut passed = Vec::new();
            tap.read_to_end(&mut passed).await.unwrap();
            assert_eq!(passed, head, "in pieces of {piece}");
            let mut rest = tap.rest.to_vec();
            tap.stream.read_to_end(&mut rest).await.unwrap();
            assert_eq!(rest, b"\x81\x02{}\n\n", "in pieces of {piece}");
        }
    }

    /// Gives `all` in pieces.
    fn in_pieces(all: &[u8], piece: usize) -> impl AsyncRead + Unpin {
        struct Pieces(Vec<Vec<u8>>);
        impl AsyncRead for Pieces {
            fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
                if let Some(piece) = self.0.pop() {
                    buf.put_slice(&piece);
                }
                Poll::Ready(Ok(()))
            }
        }
        Pieces(all.chunks(piece).rev().map(<[u8]>::to_vec).collect())
    }
}
