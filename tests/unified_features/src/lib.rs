//! Downloads next to a crate that enables features of reqwest.
#![cfg(test)]

use std::error::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What a server stores; to a decoder it is nonsense.
const STORED: &[u8] = b"\x1f\x8bstored as it is";

/// Answers one request with the stored bytes. Returns the link and the head of the request.
async fn serve(coding: &'static str) -> Result<(String, tokio::task::JoinHandle<String>), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let link = format!("http://{}/f", listener.local_addr()?);
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("a request"));
        }
        let length = STORED.len();
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all(&[answer.as_bytes(), STORED].concat()).await.expect("an answer");
        String::from_utf8(head).expect("ASCII").to_lowercase()
    });
    Ok((link, served))
}

#[tokio::test]
async fn bodies_are_returned_as_they_are_stored() -> Result<(), Box<dyn Error>> {
    let client = statuswire::http::LinkClient::new(&statuswire::ConnectOptions::default())?;
    for coding in ["gzip", "br", "zstd", "deflate"] {
        let (link, served) = serve(coding).await?;
        let mut download = client.download(link, 0..STORED.len() as u64).await?;
        let mut bytes = Vec::new();
        while let Some(chunk) = download.chunk().await? {
            bytes.extend_from_slice(&chunk);
        }
        assert_eq!(bytes, STORED, "{coding}");
        let head = served.await?;
        assert!(head.contains("\r\naccept-encoding: identity\r\n"), "{head}");
        assert_eq!(head.matches("accept-encoding").count(), 1, "{head}");
    }
    Ok(())
}

#[tokio::test]
async fn other_clients_of_the_program_decompress() -> Result<(), Box<dyn Error>> {
    // reqwest makes no client without a provider, even for plain text.
    rustls::crypto::ring::default_provider().install_default().expect("no other provider");
    for coding in ["gzip", "br", "zstd", "deflate"] {
        let (link, _) = serve(coding).await?;
        let body = reqwest::get(link).await?.bytes().await;
        assert!(body.is_err(), "the feature for {coding} is not enabled: the other test proves nothing");
    }
    Ok(())
}
