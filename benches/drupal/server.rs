//! The server: pages of 50 resources as a Drupal site sends them, as cheaply as it can.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Resources on a page.
const PAGE: usize = 50;

pub(crate) fn run() -> crate::Outcome {
    crate::process::listen(serve)
}

async fn serve(mut stream: TcpStream) -> crate::Outcome {
    let host = format!("http://{}", stream.local_addr()?);
    let page = resources(&host);
    let mut request = Vec::with_capacity(4096);
    loop {
        request.clear();
        while !request.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut request).await? == 0 {
                return Ok(());
            }
        }
        let (offset, all) = asked(&request).ok_or("the request has no offset and no end")?;
        stream.write_all(answer(&host, &page, offset, all).as_bytes()).await?;
    }
}

/// Returns where the page begins, and where the collection ends: `page[offset]=50` and `endsAt=10000`.
fn asked(request: &[u8]) -> Option<(usize, usize)> {
    let line = std::str::from_utf8(request).ok()?.lines().next()?;
    let number = |name: &str| line.split_once(name)?.1.split(['&', ' ']).next()?.parse().ok();
    Some((number("page%5Boffset%5D=")?, number("endsAt=")?))
}

fn answer(host: &str, page: &str, offset: usize, all: usize) -> String {
    let link =
        |offset| format!("{host}/jsonapi/node/vessel?endsAt={all}&page%5Boffset%5D={offset}&page%5Blimit%5D={PAGE}");
    let next = offset + PAGE;
    let next = if next < all { format!(r#","next":{{"href":"{}"}}"#, link(next)) } else { String::new() };
    let head = r#"{"jsonapi":{"version":"1.0","meta":{"links":{"self":{"href":"http://jsonapi.org/format/1.0/"}}}}"#;
    let body = format!(r#"{head},"data":{page},"links":{{"self":{{"href":"{}"}}{next}}}}}"#, link(offset));
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.api+json\r\nContent-Length: {length}\r\n\r\n{body}")
}

/// The resources of every page: their number does not matter to the contenders.
fn resources(host: &str) -> String {
    let resource = |number: usize| {
        let id = format!("00000000-0000-4000-8000-{number:012}");
        let of = format!("{host}/jsonapi/node/vessel/{id}");
        json!({
            "type": "node--vessel",
            "id": id,
            "links": {"self": {"href": format!("{of}?resourceVersion=id%3A{number}")}},
            "attributes": {
                "drupal_internal__nid": number, "drupal_internal__vid": number, "langcode": "en", "status": true,
                "title": format!("Vessel {number}"), "created": "2023-11-16T22:13:20+00:00",
                "changed": "2023-11-16T22:13:20+00:00", "promote": true, "sticky": false, "default_langcode": true,
                "path": {"alias": null, "pid": null, "langcode": "en"}, "field_berths": number % 40,
                "field_class": "ketch", "field_length": "18.25", "field_launched": "2011-05-02",
                "body": {"value": "<p>A vessel.</p>", "format": "basic_html", "processed": "<p>A vessel.</p>", "summary": ""},
            },
            "relationships": {
                "node_type": {
                    "data": {"type": "node_type--node_type", "id": "109211b1-b918-4fbb-a1eb-a56fd9852f96",
                        "meta": {"drupal_internal__target_id": "vessel"}},
                    "links": {"related": {"href": format!("{of}/node_type")}, "self": {"href": format!("{of}/relationships/node_type")}},
                },
                "field_port": {
                    "data": {"type": "taxonomy_term--port", "id": "00000000-0000-4000-8000-000000000102",
                        "meta": {"drupal_internal__target_id": 2}},
                    "links": {"related": {"href": format!("{of}/field_port")}, "self": {"href": format!("{of}/relationships/field_port")}},
                },
            },
        })
    };
    serde_json::Value::from((1..=PAGE).map(resource).collect::<Vec<_>>()).to_string()
}
