//! Decoders in place of those of `async-compression`. They refuse to decode: if reading fails, a body was decompressed.

pub mod tokio {
    pub mod bufread {
        use ::tokio::io::{AsyncRead, ReadBuf};
        use std::io;
        use std::pin::Pin;
        use std::task::{Context, Poll};

        macro_rules! decoder {
            ($name:ident) => {
                pin_project_lite::pin_project! {
                    pub struct $name<R> {
                        #[pin]
                        inner: R,
                    }
                }

                impl<R> $name<R> {
                    pub fn new(inner: R) -> Self {
                        Self { inner }
                    }

                    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut R> {
                        self.project().inner
                    }

                    pub fn get_ref(&self) -> &R {
                        &self.inner
                    }

                    pub fn get_mut(&mut self) -> &mut R {
                        &mut self.inner
                    }

                    pub fn into_inner(self) -> R {
                        self.inner
                    }

                    pub fn multiple_members(&mut self, _: bool) {}
                }

                impl<R> AsyncRead for $name<R> {
                    fn poll_read(
                        self: Pin<&mut Self>,
                        _: &mut Context<'_>,
                        _: &mut ReadBuf<'_>,
                    ) -> Poll<io::Result<()>> {
                        Poll::Ready(Err(io::Error::other("the body is decompressed")))
                    }
                }
            };
        }

        decoder!(BrotliDecoder);
        decoder!(GzipDecoder);
        decoder!(ZlibDecoder);
        decoder!(ZstdDecoder);
    }
}
