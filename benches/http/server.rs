//! The server: the same answer to each request, as cheaply as it can.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) fn run() -> crate::Outcome {
    crate::process::listen(serve)
}

async fn serve(mut stream: TcpStream) -> crate::Outcome {
    let body = format!(r#"{{"id":17,"text":"{}"}}"#, "x".repeat(1000));
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
    let answer = head + &body;
    let mut request = Vec::with_capacity(4096);
    loop {
        request.clear();
        while !request.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut request).await? == 0 {
                return Ok(());
            }
        }
        stream.write_all(answer.as_bytes()).await?;
    }
}
