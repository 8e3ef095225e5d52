//! The recorded answers of a real site lead to the errors that the recordings propose.

use crate::fake::{answer, site};
use crate::recording::{Exchange, exchange, exchanges};
use statuswire::ConnectOptions;
use statuswire::drupal::{Attributes, Client, ErrorCode, Query};
use statuswire::error::{Delivery, Error};
use statuswire::http;
use statuswire::policy::Retry;
use statuswire::reexport::http::Method;
use statuswire::reexport::uuid::Uuid;
use std::sync::{Arc, Mutex};

/// Sends the request of an exchange to a site that answers as recorded.
async fn replay(exchanges: &[Exchange]) -> Vec<Result<http::Response, Error>> {
    let present = Arc::new(Mutex::new(exchanges[0].clone()));
    let server = site({
        let present = present.clone();
        move |_, _| recorded_answer(&present.lock().unwrap())
    })
    .await;
    let options = ConnectOptions::default().with_retry(Retry::never());
    let client = Client::builder(&server.url()).options(options).build().unwrap();
    let mut results = Vec::new();
    for exchange in exchanges {
        *present.lock().unwrap() = exchange.clone();
        results.push(client.send(recorded_request(exchange)).await);
    }
    results
}

fn recorded_answer(
    exchange: &Exchange,
) -> statuswire_sandbox::reexport::http::Response<statuswire_sandbox::reexport::bytes::Bytes> {
    let mut response = answer(exchange.status(), "", exchange.response_body());
    for (name, value) in exchange.response_headers() {
        if name != "content-length" {
            let name = statuswire_sandbox::reexport::http::HeaderName::try_from(name).unwrap();
            response.headers_mut().append(name, value.parse().unwrap());
        }
    }
    response
}

fn recorded_request(exchange: &Exchange) -> http::Request {
    let method = Method::from_bytes(exchange.method().as_bytes()).unwrap();
    let mut request = http::Request::new(method, exchange.path());
    for (name, value) in exchange.request_headers() {
        if name != "host" && name != "content-length" {
            request = request.header(name, value);
        }
    }
    if let Some(body) = exchange.request_body() {
        request = request.body(body);
    }
    request
}

#[tokio::test]
async fn every_recorded_answer_leads_to_its_error() {
    let exchanges = exchanges();
    let results = replay(&exchanges).await;
    let mut wrong = Vec::new();
    for (exchange, result) in exchanges.iter().zip(&results) {
        let found = result.as_ref().err().map(|error| {
            assert_eq!(error.delivery(), Delivery::Answered, "{error}");
            let code = error.code_as::<ErrorCode>().map_or(i64::MIN, |code| code.value().into());
            let children = error.children();
            let children = children.iter().map(|it| it.code_as::<ErrorCode>().unwrap().value().into());
            (code, if code == 600 { children.collect() } else { Vec::<i64>::new() })
        });
        if found != exchange.proposed_error() {
            wrong.push(format!("{}: {found:?}, not {:?}: {result:?}", exchange.case(), exchange.proposed_error()));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn errors_keep_what_the_site_said() {
    let case = exchange("maintenance-jsonapi");
    let error = replay(&[case]).await.pop().unwrap().unwrap_err();
    assert!(error.retry_after().is_some(), "{error:?}");
    assert_eq!(error.http_failure().unwrap().status, 503);
    assert!(error.details()[0].text.contains("under maintenance"));
    assert_eq!(error.context().service, "drupal");
    assert!(error.context().command.starts_with("GET /jsonapi/node/vessel/"), "{}", error.context().command);
}

/// The resources of a recorded answer, whatever they are.
fn is_document(exchange: &Exchange) -> bool {
    let body = &exchange.0["response_body"];
    exchange.status() < 300 && body.get("jsonapi").is_some() && body.get("data").is_some()
}

/// Each recorded document is read by the method that asks for such a one.
#[tokio::test]
async fn every_recorded_document_is_read() {
    let documents: Vec<_> = exchanges().into_iter().filter(is_document).collect();
    assert!(documents.len() > 80);
    let present = Arc::new(Mutex::new(documents[0].clone()));
    let server = site({
        let present = present.clone();
        move |_, _| recorded_answer(&present.lock().unwrap())
    })
    .await;
    let client = Client::builder(&server.url()).build().unwrap();
    let anywhere = client.resources::<Attributes>(&"node--vessel".parse().unwrap());
    for document in documents {
        *present.lock().unwrap() = document.clone();
        let data = &document.0["response_body"]["data"];
        let count = data.as_array().map_or(usize::from(!data.is_null()), Vec::len);
        if document.path().contains("/relationships/") {
            let linkage = anywhere.relationship(Uuid::nil(), "field").get().await.unwrap();
            assert_eq!(linkage.identifiers().len(), count, "{}", document.case());
            continue;
        }
        let related = anywhere.related::<Attributes>(Uuid::nil(), "field", &Query::new()).await.unwrap();
        assert_eq!(related.data.len(), count, "{}", document.case());
        let body = &document.0["response_body"];
        assert_eq!(related.included.len(), body["included"].as_array().map_or(0, Vec::len), "{}", document.case());
        assert_eq!(related.has_next(), body["links"].get("next").is_some());
        let omitted = body["meta"]["omitted"]["links"].as_object().map_or(0, |links| links.len() - 1);
        assert_eq!(related.omitted.len(), omitted, "{}", document.case());
        for included in related.included.identifiers() {
            assert!(related.included.get::<Attributes>(&included).unwrap().is_some());
        }
    }
}
