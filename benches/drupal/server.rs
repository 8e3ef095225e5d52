//! The site: pages of articles as Drupal sends them, as cheaply as it can.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Resources on a page.
const PAGE: usize = 50;

pub(crate) fn run() -> crate::Outcome {
    crate::process::listen(serve)
}

async fn serve(mut stream: TcpStream) -> crate::Outcome {
    let host = stream.local_addr()?;
    let data = (0..PAGE).map(article).collect::<Vec<_>>();
    let data = serde_json::to_string(&data)?;
    let mut request = Vec::with_capacity(4096);
    loop {
        request.clear();
        while !request.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut request).await? == 0 {
                return Ok(());
            }
        }
        // The offset says where the page starts, and `last` how many resources there are.
        let line = String::from_utf8_lossy(&request);
        let number = |name: &str| {
            let digits = line.split(name).nth(1).unwrap_or_default();
            let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
            digits[..end].parse::<usize>().unwrap_or_default()
        };
        let (offset, last) = (number("offset%5D=") + PAGE, number("x-last="));
        let next = match offset < last {
            true => format!(
                r#","next":{{"href":"http:\/\/{host}\/jsonapi\/node\/article?page%5Boffset%5D={offset}&x-last={last}"}}"#
            ),
            false => String::new(),
        };
        let body =
            format!(r#"{{"jsonapi":{{"version":"1.0"}},"data":{data},"links":{{"self":{{"href":"x"}}{next}}}}}"#);
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.api+json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).await?;
    }
}

fn article(number: usize) -> Value {
    let id = format!("00000000-0000-4000-8000-{number:012}");
    let related = |field: &str, data: Value| {
        let url = format!("http://harbor.example/jsonapi/node/article/{id}");
        json!({"data": data, "links": {
            "related": {"href": format!("{url}/{field}?resourceVersion=id%3A{number}")},
            "self": {"href": format!("{url}/relationships/{field}?resourceVersion=id%3A{number}")}
        }})
    };
    let tag = json!({"type": "taxonomy_term--tags", "id": id, "meta": {"drupal_internal__target_id": number}});
    let author = json!({"type": "user--user", "id": id, "meta": {"drupal_internal__target_id": 2}});
    json!({
        "type": "node--article",
        "id": id,
        "links": {"self": {"href": format!("http://harbor.example/jsonapi/node/article/{id}?resourceVersion=id%3A{number}")}},
        "attributes": {
            "drupal_internal__nid": number, "drupal_internal__vid": number, "langcode": "en", "status": true,
            "title": format!("Harbor note {number}"), "created": "2026-01-05T08:00:00+00:00",
            "changed": "2026-01-05T08:00:00+00:00", "promote": true, "sticky": false,
            "path": {"alias": null, "pid": null, "langcode": "en"},
            "body": {"value": "The tide is out. ".repeat(20), "format": "basic_html",
                "processed": "The tide is out. ".repeat(20), "summary": ""}
        },
        "relationships": {
            "uid": related("uid", author),
            "field_tags": related("field_tags", json!([tag.clone(), tag])),
            "field_image": related("field_image", Value::Null)
        }
    })
}
