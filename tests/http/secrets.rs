//! Links are secrets: whatever goes wrong, neither errors nor logs show more of them than the host.

use crate::support::files::{FILE, Files, chunked, client, collect, plain, respond};
use crate::support::traced::Traced;
use statuswire::error::Error;

/// In the path, as a value, and percent-encoded; the last is what it decodes to.
const CANARIES: [&str; 4] = ["cAnArY-in-the-path", "cAnArY-value", "cAn%41rY%2Fencoded", "cAnArY/encoded"];
const PATH: &str = "/cAnArY-in-the-path/f?sign=cAnArY-value&also=cAn%41rY%2Fencoded&e=1#cAnArY-fragment";

fn assert_harmless(text: &str) {
    for canary in CANARIES.iter().chain(&["cAnArY", "cAn%41rY"]) {
        assert!(!text.contains(canary), "{canary} shows in {text}");
    }
}

fn all_that_an_error_shows(error: &Error) -> String {
    let mut text = format!("{error} {error:#} {error:?} {error:#?}");
    text += &serde_json::to_string(&error.to_problem()).unwrap();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text += &format!(" {error} {error:?}");
        source = error.source();
    }
    text
}

// One test, for it looks at the log of the whole process.
#[tokio::test]
async fn no_failure_and_no_log_shows_a_link() {
    let log = Traced::start();
    // What a server sees of it.
    let path = PATH.split('#').next().unwrap();
    let url = format!("https://files.example{path}");
    let echo = |status: &str| {
        let body = format!("{url} {path} {} no {path}", CANARIES.join(" "));
        plain(status, "", body.as_bytes())
    };
    let redirect = |location: &str| plain("302 Found", &format!("Location: {location}\r\n"), path.as_bytes());
    let cut = |mut answer: Vec<u8>| {
        answer.truncate(answer.len() - 3);
        answer
    };
    let answers = [
        echo("404 Not Found"),
        echo("416 Range Not Satisfiable"),
        echo("500 Oops"),
        // A secret that is cut off where reading ends.
        plain("403 Forbidden", "", format!("{}{path}", CANARIES[1].repeat(169)).as_bytes()),
        cut(plain("403 Forbidden", "", format!("<S>{}", CANARIES[1]).as_bytes())),
        redirect(&format!("ftp://host{path}")),
        redirect(&format!("http://cAnArY:cAnArY@127.0.0.1{path}")),
        redirect(&format!("http://127.0.0.1:1{path}")),
        redirect(&format!("http://[{path}")),
        redirect(path),
        plain("206 Partial Content", &format!("Content-Range: {path}\r\n"), FILE),
        plain("200 OK", &format!("X: {path}\r\n"), &[b'x'; 50]),
        cut(plain("200 OK", "", FILE)),
        cut(chunked("200 OK", "", FILE, 9)),
        respond("200 OK", "Connection: close\r\n", &FILE[..20]),
        chunked("200 OK", "", &[b'x'; 50], 10),
        format!("HTTP/1.1 200 OK\r\nContent-Length: {path}\r\n\r\n").into_bytes(),
        format!("{path}\r\n\r\n").into_bytes(),
        Vec::new(),
    ];
    let client = client();
    for answer in answers {
        let files = Files::answering(answer.clone()).await;
        let (_, end) = collect(&client, files.link(PATH), 0..43).await;
        let error = end.expect_err(&String::from_utf8_lossy(&answer));
        assert_harmless(&all_that_an_error_shows(&error));
        assert!(error.context().endpoint.starts_with("http://127.0.0.1:"), "{error:?}");
    }
    for link in
        [format!("ftp://host{PATH}"), format!("https://host:x{PATH}"), format!("https://a:b@h{PATH}"), PATH.into()]
    {
        assert_harmless(&all_that_an_error_shows(&client.download(link, 0..43).await.unwrap_err()));
    }
    let error = client.download(format!("https://127.0.0.1:1{PATH}"), 0..43).await.unwrap_err();
    assert_harmless(&all_that_an_error_shows(&error));

    // After a redirect the secrets of both links are hidden.
    let files = Files::serving(move |head, _| match head.contains("first") {
        true => plain("302 Found", "Location: /f?sign=cAnArY-second\r\n", b""),
        false => plain("404 Not Found", "", b"no cAnArY-first and no cAnArY-second"),
    })
    .await;
    let error = client.download(files.link("/f?sign=cAnArY-first"), 0..43).await.unwrap_err();
    assert!(error.to_string().contains("\"no *** and no ***\""), "{error}");
    assert_harmless(&all_that_an_error_shows(&error));

    let files = Files::answering(plain("200 OK", "", FILE)).await;
    let download = client.download(files.link(PATH), 0..43).await.unwrap();
    assert_harmless(&format!("{client:?} {download:?}"));

    let log = log.text();
    for library in ["reqwest", "hyper_util"] {
        assert!(log.contains(library), "nothing of {library} was logged: {log}");
    }
    assert_harmless(&log);
}
