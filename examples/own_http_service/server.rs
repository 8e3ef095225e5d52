//! The fake server: it does what the real one does, and faults on demand.

use crate::codes::lending::ErrorCode;
use serde_json::{Value, json};
use statuswire_sandbox::http::{Call, Routes, json as answer, text};
use statuswire_sandbox::reexport::bytes::Bytes;
use statuswire_sandbox::reexport::http::{Response, StatusCode};

/// The books on the shelf and on loan, and the number of the valid card.
pub(crate) struct Library {
    shelf: Vec<&'static str>,
    loans: Vec<&'static str>,
    card: u32,
}

pub(crate) fn library() -> Routes<Library> {
    let library = Library { shelf: vec!["Emma", "Moby Dick", "Walden"], loans: Vec::new(), card: 1 };
    Routes::new(library)
        .on("POST /cards", |library, _| text(StatusCode::OK, &format!("card-{}", library.card)))
        .on("GET /books", |library, call| match is_valid(library, call) {
            true => answer(StatusCode::OK, &json!(library.shelf)),
            false => expired(),
        })
        .on("POST /loans", |library, call| match is_valid(library, call) {
            true => lend(library, call.request.body()),
            false => expired(),
        })
}

fn is_valid(library: &Library, call: &Call<'_>) -> bool {
    call.request.headers().get("x-card-token").is_some_and(|token| *token == format!("card-{}", library.card))
}

fn lend(library: &mut Library, body: &[u8]) -> Response<Bytes> {
    let wish: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(title) = wish["title"].as_str() else {
        return refuse(StatusCode::BAD_REQUEST, ErrorCode::Malformed, "give a title");
    };
    if library.loans.contains(&title) {
        return refuse(StatusCode::CONFLICT, ErrorCode::OnLoan, "another reader has it");
    }
    let Some(at) = library.shelf.iter().position(|known| *known == title) else {
        return refuse(StatusCode::NOT_FOUND, ErrorCode::NoSuchBook, "we never had it");
    };
    let book = library.shelf.remove(at);
    library.loans.push(book);
    answer(StatusCode::CREATED, &json!({ "title": book }))
}

fn expired() -> Response<Bytes> {
    refuse(StatusCode::UNAUTHORIZED, ErrorCode::CardExpired, "get a new card")
}

fn refuse(status: StatusCode, code: ErrorCode, message: &str) -> Response<Bytes> {
    answer(status, &json!({ "code": code.value(), "message": message }))
}
