//! Requests that bring the server down whatever it holds: all observed on a running server 0.9.

use crate::error::Error;
use crate::json::Members;
use serde_json::value::RawValue;

/// Returns a refusal: what would happen, and what to do instead.
pub(super) fn refusal(danger: &str, instead: &str) -> Error {
    Error::invalid_request(format!(
        "{danger}, which brings the server down with the data of all clients: {instead}; \
         `Client::insist_on_danger` sends it nevertheless"
    ))
}

/// Returns the refusal to move items of a list into itself.
pub(super) fn into_itself() -> Error {
    refusal(
        "items of a list would be moved into the same list",
        "read them, remove them and insert them where they belong",
    )
}

/// Refuses a command that brings the server down whatever it holds. A command that it answers with an error passes.
pub(super) fn refuse_fatal(command: &str, body: &RawValue) -> Result<(), Error> {
    let Ok(body) = serde_json::from_str::<Members<'_>>(body.get()) else { return Ok(()) };
    match command {
        "SIARR_SET_RNG" | "SSTRARR_SET_RNG" if array(&body, "items").is_some_and(|items| items.is_empty()) => {
            Err(refusal("an empty range would be put into a sorted array", "send nothing"))
        }
        "OARR_CLEAR" | "IARR_CLEAR" | "STRARR_CLEAR" | "SIARR_CLEAR" | "SSTRARR_CLEAR" => {
            match array(&body, "rng").as_deref().map(positions) {
                Some(Some(positions)) if runs_backwards(&positions) => {
                    Err(refusal("a range that runs backwards would be cleared", "give the smaller position first"))
                }
                _ => Ok(()),
            }
        }
        "OLST_SPLICE" => refuse_fatal_splice(&body),
        _ => Ok(()),
    }
}

fn refuse_fatal_splice(body: &Members<'_>) -> Result<(), Error> {
    let Some(range) = array(body, "srcRng") else { return Ok(()) };
    match positions(&range).as_deref() {
        Some([_] | [_, _]) if !positions(&range).is_some_and(|range| runs_backwards(&range)) => {}
        _ => {
            return Err(refusal(
                "items of a list would be moved by a range (`srcRng`) that is not one start, or a start and an end \
                 that is not before it",
                "write [START] or [START,END]",
            ));
        }
    }
    let name = |member: &str| body.get(member).and_then(|name| serde_json::from_str::<String>(name.get()).ok());
    match (name("srcName"), name("destName")) {
        (Some(source), Some(target)) if source == target => Err(into_itself()),
        _ => Ok(()),
    }
}

/// Returns the elements of a member that is an array.
fn array<'a>(body: &Members<'a>, name: &str) -> Option<Vec<&'a RawValue>> {
    serde_json::from_str(body.get(name)?.get()).ok()
}

/// Returns the elements as positions, if all of them are. Zero may have a sign: the server reads it as zero.
fn positions(elements: &[&RawValue]) -> Option<Vec<u64>> {
    let position = |element: &&RawValue| match element.get() {
        "-0" => Some(0),
        text => serde_json::from_str(text).ok(),
    };
    elements.iter().map(position).collect()
}

fn runs_backwards(range: &[u64]) -> bool {
    matches!(range, [start, stop] if start > stop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_invalid_request(command: &str, body: &str) -> bool {
        let body = RawValue::from_string(body.to_owned()).unwrap();
        refuse_fatal(command, &body).is_err_and(|error| error.is_invalid_request())
    }

    #[test]
    fn what_is_fatal_by_itself() {
        for (command, body) in [
            ("SIARR_SET_RNG", r#"{"name":"a","items":[]}"#),
            ("SSTRARR_SET_RNG", r#"{"it\u0065ms" : [ ],"name":"a"}"#),
            ("OARR_CLEAR", r#"{"name":"a","rng":[3,1]}"#),
            ("SSTRARR_CLEAR", r#"{"name":"a","rng":[3,1]}"#),
            ("IARR_CLEAR", r#"{"more":[{}], "rng" : [ 3 , -0 ] ,"name":"a"}"#),
            ("OLST_SPLICE", r#"{"srcName":"a","destName":"b","srcRng":[]}"#),
            ("OLST_SPLICE", r#"{"srcName":"a","destName":"b","srcRng":["0"]}"#),
            ("OLST_SPLICE", r#"{"srcName":"a","destName":"b","srcRng":[0,1,2]}"#),
            ("OLST_SPLICE", r#"{"srcName":"a","destName":"b","srcRng":[2,1]}"#),
            ("OLST_SPLICE", r#"{"srcName":"a","destName":"a","srcRng":[0]}"#),
        ] {
            assert!(is_invalid_request(command, body), "{command} {body}");
        }
    }

    #[test]
    fn a_refusal_is_shown_to_its_end() {
        let body = RawValue::from_string(r#"{"srcName":"a","destName":"b","srcRng":[]}"#.to_owned()).unwrap();
        let text = refuse_fatal("OLST_SPLICE", &body).unwrap_err().to_string();
        for part in ["(`srcRng`)", "write [START] or [START,END]", "sends it nevertheless"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn what_the_server_answers() {
        for (command, body) in [
            ("IARR_SET_RNG", r#"{"name":"a","items":[]}"#),
            ("SIARR_SET_RNG", r#"{"name":"a","items":[1]}"#),
            ("SIARR_SET_RNG", r#"{"name":"a","items":"x"}"#),
            ("OARR_CLEAR", r#"{"name":"a","rng":[1,3]}"#),
            ("OARR_CLEAR", r#"{"name":"a","rng":["3","1"]}"#),
            ("OARR_CLEAR", r#"{"name":"a"}"#),
            ("OARR_GET_RNG", r#"{"name":"a","rng":[3,1]}"#),
            ("OLST_SPLICE", r#"{"srcName":"a","destName":"b","srcRng":[0,0]}"#),
            ("OLST_SPLICE", r#"{"srcName":"a","destName":"b"}"#),
            ("OLST_SPLICE", r#"{"srcName":"a","destName":"b","srcRng":7}"#),
            ("OLST_SPLICE", "[]"),
            ("KV_SET", r#"{"keys":{}}"#),
        ] {
            assert!(!is_invalid_request(command, body), "{command} {body}");
        }
    }
}
