//! What replies with sessions say.

use super::protocol::removal;
use crate::codes::Outcome;
use crate::codes::nemesis_sessions::ErrorCode;
use crate::error::{Error, ServerStatus};
use crate::json::Members;
use crate::nemesis::path;
use crate::nemesis::reply::{Body as AnyBody, Reply};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{HashMap, HashSet};

/// The content of a reply.
pub(super) type Body<'a> = AnyBody<'a, ErrorCode>;

/// Finds the members of a reply that is no error. Replies with a status for each key have none for the whole. `token` is
/// that of the command's session, which no error shows.
pub(super) fn open(reply: &Reply, excerpt: usize, token: Option<u64>) -> Result<Body<'_>, Error> {
    let body = reply.read_hiding(excerpt, token)?;
    if !body.has("st") {
        return Ok(body.with_status(ErrorCode::Ok));
    }
    let status = ErrorCode::from_value(body.field("st")?);
    match status.outcome() {
        Outcome::Error => Err(failed(&body, status)),
        _ => Ok(body.with_status(status)),
    }
}

/// Returns the error that a status is. The token is hidden in it.
pub(super) fn failed<S>(body: &AnyBody<'_, S>, status: ErrorCode) -> Error {
    match body.whole::<&RawValue>() {
        Ok(whole) => {
            let shown = body.redaction().mask(whole.get());
            Error::status(status, ServerStatus::new().with_body(shown))
        }
        Err(unreadable) => unreadable.with_code(status),
    }
}

/// Reads the token. What is in its place is shown nowhere: it may be one that is only spelled differently.
pub(super) fn token(body: &Body<'_>) -> Result<u64, Error> {
    let token: &RawValue = body.field("tkn")?;
    serde_json::from_str(token.get()).map_err(|_| body.unreadable(body.path() + ".tkn", "this is not a token"))
}

/// Reads a reply with nothing but its status.
pub(super) fn done(_: Body<'_>) -> Result<(), Error> {
    Ok(())
}

/// Reads the number in the reply.
pub(super) fn counted(body: Body<'_>) -> Result<u64, Error> {
    body.field("cnt")
}

/// Reads the member `keys`, which has something for each key that was asked for.
pub(super) fn by_key<'a, V: Deserialize<'a>>(body: &Body<'a>, asked: &[String]) -> Result<HashMap<String, V>, Error> {
    let known: HashSet<&str> = asked.iter().map(String::as_str).collect();
    let mut found = HashMap::with_capacity(known.len());
    for (key, value) in body.keys()? {
        if !known.contains(&*key) {
            return Err(body.foreign_key(&key));
        }
        found.insert(key.into_owned(), value);
    }
    all_there(body, asked, &found, ".keys").map(|()| found)
}

/// Reads the status of each key. `read` returns `None` for a status that the command does not have.
pub(super) fn statuses<T>(
    body: &Body<'_>,
    asked: &[String],
    read: impl Fn(ErrorCode) -> Option<T>,
) -> Result<HashMap<String, T>, Error> {
    let read = |(key, status): (String, u16)| match read(ErrorCode::from_value(status)) {
        Some(result) => Ok((key, result)),
        None => {
            let at = format!("{}.keys{}", body.path(), path::key(&key));
            Err(body.unreadable(at, format_args!("the status {status} does not belong to this command")))
        }
    };
    by_key(body, asked)?.into_iter().map(read).collect()
}

/// Refuses a reply without one of the keys that were asked for.
fn all_there<T>(body: &Body<'_>, asked: &[String], found: &HashMap<String, T>, within: &str) -> Result<(), Error> {
    match asked.iter().find(|key| !found.contains_key(*key)) {
        None => Ok(()),
        Some(key) => {
            let at = format!("{}{within}{}", body.path(), path::key(key));
            Err(body.unreadable(at, "this key was asked for and is missing"))
        }
    }
}

/// Reads which keys were removed. They are in the same object as the token, so that a key may have the name of a member of an error
/// (`st`, `m`) or take the place of the token: the reply is a success if it has exactly the keys that were asked for.
pub(super) fn removed(
    reply: &Reply,
    excerpt: usize,
    token: Option<u64>,
    asked: &[String],
) -> Result<HashMap<String, bool>, Error> {
    let body = reply.read_hiding(excerpt, token)?;
    let Members(members): Members<'_> = body.whole()?;
    let known: HashSet<&str> = asked.iter().map(String::as_str).collect();
    let mut found = HashMap::with_capacity(known.len());
    let own = |name: &str| name != "tkn" || known.contains("tkn");
    for (name, value) in members.iter().filter(|(name, _)| own(name)) {
        let result = serde_json::from_str(value.get()).ok().and_then(removal);
        let (true, Some(removed)) = (known.contains(&**name), result) else {
            // Not a success, then.
            let error = open(reply, excerpt, token).err();
            return Err(error.unwrap_or_else(|| {
                let at = format!("{}{}", body.path(), path::key(name));
                body.unreadable(at, "this is not the status of a key that was asked for")
            }));
        };
        found.insert(name.clone().into_owned(), removed);
    }
    all_there(&body.with_status(ErrorCode::Ok), asked, &found, "").map(|()| found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| (*key).to_owned()).collect()
    }

    fn removed_of(body: &str, asked: &[&str]) -> Result<HashMap<String, bool>, Error> {
        let reply = Reply::new(format!("{{\"KV_RMV_RSP\":{body}}}").into());
        removed(&reply, 120, None, &keys(asked))
    }

    #[test]
    fn removed_keys_with_the_names_of_members() {
        for (body, asked) in [
            (r#"{"tkn":7,"a":24,"b":22}"#, &["a", "b", "a"] as &[&str]),
            (r#"{"tkn":7,"st":24}"#, &["st"]),
            (r#"{"tkn":7,"m":24,"st":22}"#, &["m", "st"]),
            (r#"{"tkn":24}"#, &["tkn"]),
        ] {
            let found = removed_of(body, asked).unwrap();
            let mut names: Vec<_> = found.keys().map(String::as_str).collect();
            let mut asked = asked.to_vec();
            names.sort_unstable();
            asked.sort_unstable();
            asked.dedup();
            assert_eq!(names, asked, "{body}");
        }
        assert!(removed_of(r#"{"tkn":24}"#, &["tkn"]).unwrap()["tkn"]);
        assert!(!removed_of(r#"{"tkn":7,"st":22}"#, &["st"]).unwrap()["st"]);
    }

    #[test]
    fn an_error_is_no_removed_key() {
        for asked in [&["a"] as &[&str], &["st"], &["m"], &["st", "m"], &["tkn"]] {
            for body in [
                r#"{"st":100,"tkn":7,"m":""}"#,
                r#"{"st":101,"tkn":null,"m":""}"#,
                r#"{"st":26,"tkn":null,"m":"keys"}"#,
            ] {
                let error = removed_of(body, asked).unwrap_err();
                assert!(error.code_as::<ErrorCode>().is_some(), "{asked:?} {body} {error}");
            }
        }
        for body in [r#"{"tkn":7}"#, r#"{"tkn":7,"b":24}"#, r#"{"tkn":7,"a":24,"b":24}"#, r#"{"tkn":7,"a":20}"#, "{}"] {
            let error = removed_of(body, &["a"]).unwrap_err();
            assert!(error.code().is_none(), "{body} {error}");
        }
    }

    #[test]
    fn a_token_is_hidden() {
        let reply = Reply::new(r#"{"KV_GET_RSP":{"st":100,"tkn":18446744073709551615,"m":""}}"#.into());
        let error = open(&reply, 120, None).err().unwrap();
        assert_eq!(error.code_as(), Some(ErrorCode::SessionNotExist));
        assert!(!format!("{error:?} {error}").contains("18446744073709551615"), "{error:?}");
    }
}
