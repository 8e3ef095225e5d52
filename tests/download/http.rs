//! A plain HTTP download to a path, with the public API of `http` and `download` alone.

use crate::support::files::{FILE, Files, client, plain, respond};
use crate::support::within;
use statuswire::download::{Body, Download, Failure, Interrupted, Piece, Source, Sum, Verified};
use statuswire::{Cause, http};
use std::fs;
use tempfile::TempDir;

struct Link {
    client: http::LinkClient,
    url: String,
    size: u64,
    sum: Option<Sum>,
}

struct Response {
    download: http::Download,
    sum: Option<Sum>,
}

impl Source for Link {
    type Body = Response;

    async fn open(&mut self, offset: u64, _: Option<u64>) -> Result<Response, Failure> {
        let download = self.client.download(self.url.clone(), offset..self.size).await?;
        Ok(Response { download, sum: self.sum })
    }

    fn size(&self) -> Option<u64> {
        Some(self.size)
    }
}

impl Body for Response {
    async fn next(&mut self) -> Result<Piece, Failure> {
        Ok(match self.download.chunk().await? {
            Some(chunk) => Piece::bytes(chunk).with_version(self.download.version()),
            None => Piece::complete(None, self.sum),
        })
    }
}

fn link(server: &Files, file: &[u8]) -> Link {
    Link { client: client(), url: server.link("/patch"), size: file.len() as u64, sum: Some(Sum::of(file)) }
}

/// Serves ranges, and breaks the first `cuts` answers off after 10 bytes.
async fn serving(file: &'static [u8], cuts: usize) -> Files {
    Files::serving(move |head, number| {
        let head = head.to_lowercase();
        let range = head.split_once("range: bytes=").and_then(|(_, rest)| rest.split_once('-')).map(|(from, _)| from);
        let from: usize = range.map_or(0, |from| from.parse().unwrap());
        let rest = &file[from..];
        let (last, length) = (file.len() - 1, rest.len());
        let sent = if number < cuts { &rest[..length.min(10)] } else { rest };
        match from {
            0 => respond("200 OK", &format!("Content-Length: {length}\r\n"), sent),
            _ => {
                let headers =
                    format!("Content-Length: {length}\r\nContent-Range: bytes {from}-{last}/{}\r\n", file.len());
                respond("206 Partial Content", &headers, sent)
            }
        }
    })
    .await
}

fn ranges(server: &Files) -> Vec<String> {
    let range = |head: &String| head.to_lowercase().split_once("range: ").map(|(_, rest)| rest.to_owned());
    server.heads().iter().filter_map(range).filter_map(|rest| rest.lines().next().map(str::to_owned)).collect()
}

#[tokio::test]
async fn a_broken_response_is_resumed_and_the_file_verified() {
    let dir = TempDir::new().unwrap();
    let server = serving(FILE, 2).await;
    let saved = within(Download::new("patch").save_in(link(&server, FILE), dir.path())).await.unwrap();
    assert_eq!((saved.verified, saved.attempts, saved.size), (Verified::File, 3, FILE.len() as u64));
    assert_eq!(fs::read(saved.path.unwrap()).unwrap(), FILE);
    assert_eq!(ranges(&server), ["bytes=10-", "bytes=20-"]);
}

#[tokio::test]
async fn a_later_program_goes_on_where_an_earlier_one_ended() {
    let dir = TempDir::new().unwrap();
    let server = serving(FILE, 1).await;
    let download = Download::new("patch");
    let stopper = download.stopper();
    let download = download.progress(move |_| stopper.stop());
    let error = within(download.save_in(link(&server, FILE), dir.path())).await.unwrap_err();
    assert_eq!(Interrupted::of(&error).unwrap().at_hand, 10);
    let saved = within(Download::new("patch").save_in(link(&server, FILE), dir.path())).await.unwrap();
    assert_eq!((saved.resumed_from, saved.verified), (10, Verified::File));
    assert_eq!(fs::read(saved.path.unwrap()).unwrap(), FILE);
}

#[tokio::test]
async fn another_file_by_now_is_begun_anew() {
    let dir = TempDir::new().unwrap();
    let server = serving(FILE, 1).await;
    let download = Download::new("patch");
    let stopper = download.stopper();
    let download = download.progress(move |_| stopper.stop());
    within(download.save_in(link(&server, FILE), dir.path())).await.unwrap_err();
    const OTHER: &[u8] = b"another";
    let server = serving(OTHER, 0).await;
    let saved = within(Download::new("patch").save_in(link(&server, OTHER), dir.path())).await.unwrap();
    assert_eq!((saved.resumed_from, saved.verified), (0, Verified::File));
    assert_eq!(fs::read(saved.path.unwrap()).unwrap(), OTHER);
}

#[tokio::test]
async fn a_file_that_changed_between_two_attempts_is_begun_anew() {
    const OLD: &[u8] = b"one version of a file";
    const NEW: &[u8] = b"ANOTHER OF THE LENGTH";
    let dir = TempDir::new().unwrap();
    let server = Files::serving(|head, number| {
        let (file, tag) = if number == 0 { (OLD, "\"1\"") } else { (NEW, "\"2\"") };
        let tag = format!("ETag: {tag}\r\n");
        match head.to_lowercase().contains("range: bytes=10-") {
            true => plain("206 Partial Content", &format!("{tag}Content-Range: bytes 10-20/21\r\n"), &file[10..]),
            false if number == 0 => respond("200 OK", &format!("{tag}Content-Length: 21\r\n"), &file[..10]),
            false => plain("200 OK", &tag, file),
        }
    })
    .await;
    // Without a sum, only the version tells that the parts do not belong together.
    let source = Link { sum: None, ..link(&server, NEW) };
    let saved = within(Download::new("patch").save_in(source, dir.path())).await.unwrap();
    assert_eq!((saved.verified, saved.attempts), (Verified::Nothing, 3));
    assert_eq!(fs::read(saved.path.unwrap()).unwrap(), NEW);
    assert_eq!(ranges(&server), ["bytes=10-"]);
}

#[tokio::test]
async fn a_server_that_cannot_send_the_rest_does_not_block_a_path() {
    for (status, headers) in [
        ("206 Partial Content", ""),
        ("206 Partial Content", "Content-Range: bytes 20-42/43\r\n"),
        ("416 Range Not Satisfiable", "Content-Range: bytes */43\r\n"),
    ] {
        let dir = TempDir::new().unwrap();
        let server = Files::serving(move |head, number| match head.to_lowercase().contains("range: ") {
            true => plain(status, headers, &FILE[20..]),
            false if number == 0 => respond("200 OK", "Content-Length: 43\r\n", &FILE[..10]),
            false => plain("200 OK", "", FILE),
        })
        .await;
        let saved = within(Download::new("patch").save_in(link(&server, FILE), dir.path())).await.unwrap();
        assert_eq!((saved.verified, saved.attempts), (Verified::File, 3));
        assert_eq!(fs::read(saved.path.unwrap()).unwrap(), FILE);
    }
}

#[tokio::test]
async fn a_wrong_file_is_not_saved_and_a_refusal_is_final() {
    let dir = TempDir::new().unwrap();
    let server = serving(FILE, 0).await;
    let wrong = Link { sum: Some(Sum::of(b"else")), ..link(&server, FILE) };
    let error = within(Download::new("patch").save_in(wrong, dir.path())).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
    let server = Files::answering(plain("404 Not Found", "", b"")).await;
    let error = within(Download::new("patch").save_in(link(&server, FILE), dir.path())).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Http(failure) if failure.status == 404), "{error:?}");
    assert_eq!(server.heads().len(), 1);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}
