//! Byte streams to servers, directly or through an HTTP proxy, and the heads of HTTP answers: for `ws` and `http`.

#[cfg_attr(not(feature = "ws"), allow(dead_code, reason = "the WebSocket transport needs more of an answer"))]
pub(crate) mod answer;
mod dial;
pub(crate) mod refusal;
pub(crate) mod tunnel;

#[cfg(feature = "ws")]
pub(crate) use dial::dial;

use tokio::io::{AsyncRead, AsyncWrite};

/// A stream of bytes in both directions, with or without TLS.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}
