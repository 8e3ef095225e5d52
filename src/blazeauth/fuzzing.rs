//! Fuzz targets for what a BlazeAuth server sends.

use super::file_info::FileInfo;
use super::license::License;
use super::protocol::BlazeAuth;
use super::session::Session;
use crate::error::{CloseFrame, Error};
use crate::policy::Backoff;
use crate::rpc::{Close, Message, Protocol, Routes};
use secrecy::SecretString;
use serde_json::Value;

const API_KEY: &str = "BAfuzzing000000000041x";
const EXCERPT: usize = 120;

fn protocol() -> BlazeAuth {
    let [api_key, client_id] = [API_KEY, "fuzzing-0001"].map(SecretString::from);
    let session = Session::new([&api_key, &client_id], EXCERPT, true, true);
    BlazeAuth { api_key, client_id, session, backoff: Backoff::default() }
}

/// Routes a message, text and binary, and reads it in all ways that packets read their answers. The API key is not
/// shown.
pub fn blazeauth_replies(data: &[u8]) {
    let text = String::from_utf8_lossy(data).replace("KEY", API_KEY);
    for message in [Message::Text(text.into()), Message::Binary(bytes::Bytes::copy_from_slice(data))] {
        let protocol = protocol();
        let mut routes = Routes::default();
        if protocol.route(message, &mut routes).is_err() {
            continue;
        }
        for (_, _, reply) in routes.into_answers() {
            let _ = (protocol.status(&reply), protocol.reply_bytes(&reply));
            let Err(refused) = reply.open(&protocol.session) else {
                let answer = || reply.open(&protocol.session);
                let results: [Result<(), Error>; 3] = [
                    answer().and_then(|answer| answer.read::<Value>().map(drop)),
                    answer().and_then(|answer| answer.read::<License>().map(drop)),
                    answer().and_then(|answer| answer.read::<FileInfo>().map(drop)),
                ];
                results.into_iter().filter_map(Result::err).for_each(|error| shows_no_key(&error));
                continue;
            };
            let _ = License::of_refusal(&refused);
            shows_no_key(&refused);
        }
    }
}

fn shows_no_key(error: &Error) {
    for shown in [error.to_string(), format!("{error:#}"), format!("{error:?}")] {
        assert!(!shown.contains(API_KEY), "{shown}");
    }
}

/// Reads a close frame: two bytes of code and a reason.
pub fn close_reasons(data: &[u8]) {
    let Some((code, reason)) = data.split_first_chunk::<2>() else { return };
    let frame = CloseFrame::new(u16::from_be_bytes(*code), String::from_utf8_lossy(reason));
    let protocol = protocol();
    let _ = format!("{:?}", protocol.on_close(&Close::Frame(&frame)));
    // The same with each code that the table lists, since few bytes hit one.
    for code in 4000..4300 {
        let _ = protocol.on_close(&Close::Frame(&CloseFrame::new(code, frame.reason.clone())));
    }
}
