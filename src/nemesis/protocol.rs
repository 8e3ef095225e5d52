//! How NemesisDB speaks: in order, one reply for each command, no ids.
//!
//! Observed on a running server 0.9: replies come strictly in the order of the commands. The server drops replies,
//! silently, for a client that has more than 128 KiB waiting to be read; hence the window, which bounds what is
//! expected, and the check of every reply's name against the command that it would answer.

use super::command::Command;
use super::reply::{self, Reply};
use super::verb;
use crate::error::Error;
use crate::rpc::{Expect, Matching, Message, Outgoing, Protocol, Routes, Unroutable, Window};
use crate::ws::Upgrade;
use std::borrow::Cow;

/// Commands on the wire: more would not make a server of one thread much faster.
const WINDOW_COMMANDS: usize = 64;
/// Bytes of expected replies on the wire: half of what the server keeps for a reader before it drops replies.
const WINDOW_REPLY_BYTES: usize = 64 * 1024;

/// The longest error reply: its name may be as long as the command's, which never comes near this in practice.
const ERROR_REPLY_BYTES: usize = 512;

/// The families whose unknown commands are answered with [`Key::Generic`]; commands of any other are "of an unknown
/// family". `SV` is none of them.
const FAMILIES: [&str; 7] = ["KV", "OARR", "IARR", "STRARR", "SIARR", "SSTRARR", "OLST"];

/// The protocol of a current server. It has no state: nothing is bound to a connection.
#[derive(Debug)]
pub(super) struct Nemesis;

/// What tells replies apart: their name. Not everything here can be waited for, nor received.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// The reply of a command with a typed method. Waited for and received.
    Named(&'static str),
    /// The reply of a raw command. Waited for.
    Raw(String),
    /// A reply under another name, and its status if it is short enough to be an error. Received.
    Other(String, Option<u64>),
    /// `ERR`: the command could not be told from the frame, or failed badly. Received.
    Generic,
}

impl Protocol for Nemesis {
    type Command = Command;
    type Reply = Reply;
    type Event = ();
    type Key = Key;

    fn service(&self) -> &'static str {
        super::SERVICE
    }

    fn matching(&self) -> Matching {
        Matching::InOrder
    }

    fn window(&self) -> Window {
        Window { commands: WINDOW_COMMANDS, reply_bytes: WINDOW_REPLY_BYTES }
    }

    fn command_name(&self, command: &Command) -> Cow<'static, str> {
        command.name.into()
    }

    fn encode(&self, command: &Command, _seq: u64, out: &mut Outgoing) -> Result<Expect<Key>, Error> {
        out.payload.extend_from_slice(&command.text);
        let expect = Expect::one(command.key.clone()).repeat(command.repeat).reply_bytes(command.reply_bytes);
        Ok(match command.silence() {
            Some(limit) => expect.reply_timeout(limit),
            None => expect,
        })
    }

    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        let Message::Text(text) = message else {
            return Err(Unroutable::new("a binary message, where the server only ever sends text"));
        };
        let name = reply::name(&text).map_err(Unroutable::new)?;
        let key = match (&*name, verb::known_reply(&name)) {
            ("ERR", _) => Key::Generic,
            (_, Some(name)) if name != verb::OLST_CREATE.reply => Key::Named(name),
            _ => {
                // Creating a list is typed, too; but its name alone does not tell whose error it is.
                let status = (text.len() <= ERROR_REPLY_BYTES).then(|| reply::status(&text)).flatten();
                Key::Other(Cow::into_owned(name), status)
            }
        };
        routes.answer(key, Reply::new(text));
        Ok(())
    }

    fn fits(&self, waiting: &Key, got: &Key) -> bool {
        match (waiting, got) {
            (_, Key::Generic) => true,
            (Key::Named(waiting), Key::Named(got)) => waiting == got,
            (Key::Raw(waiting), Key::Named(got)) => waiting == got,
            (Key::Named(waiting), Key::Other(got, status)) => waiting == got || is_misnamed(waiting, got, *status),
            (Key::Raw(waiting), Key::Other(got, status)) => waiting == got || is_misnamed(waiting, got, *status),
            _ => false,
        }
    }
}

/// Whether the server is known to give this name to an error of the command that waits. Observed on a running server
/// 0.9: errors of `OLST_ADD` are named like those of `OLST_CREATE`; and a command of an unknown family is answered
/// with status 10 under the name of the first such command that the server ever received, from any client.
fn is_misnamed(waiting: &str, got: &str, status: Option<u64>) -> bool {
    let of_unknown_family = |name: &str| name.split_once('_').is_some_and(|(family, _)| !FAMILIES.contains(&family));
    match status {
        None | Some(1) => false,
        Some(10) if of_unknown_family(waiting) && of_unknown_family(got) => true,
        Some(_) => (waiting, got) == ("OLST_ADD_RSP", "OLST_CREATE_RSP"),
    }
}

impl Upgrade for Nemesis {}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(command: &str) -> Key {
        Key::Raw(format!("{command}_RSP"))
    }

    fn other(reply: &str, status: Option<u64>) -> Key {
        Key::Other(reply.to_owned(), status)
    }

    #[test]
    fn typed_commands_take_their_own_reply_and_the_generic_error() {
        let set = Key::Named(verb::KV_SET.reply);
        assert!(Nemesis.fits(&set, &set));
        assert!(Nemesis.fits(&set, &Key::Generic));
        assert!(!Nemesis.fits(&set, &Key::Named(verb::KV_GET.reply)));
        assert!(!Nemesis.fits(&set, &other("kv_count_RSP", Some(10))));
    }

    #[test]
    fn raw_commands_take_what_the_server_misnames() {
        assert!(Nemesis.fits(&raw("KV_COUNT"), &Key::Named(verb::KV_COUNT.reply)));
        assert!(Nemesis.fits(&raw("OARR_LEN"), &other("OARR_LEN_RSP", None)));
        assert!(Nemesis.fits(&raw("ABC_DEF"), &other("kv_count_RSP", Some(10))));
        assert!(Nemesis.fits(&raw("SV_STATS"), &other("ABC_DEF_RSP", Some(10))));
        assert!(Nemesis.fits(&raw("OLST_ADD"), &other("OLST_CREATE_RSP", Some(22))));
    }

    #[test]
    fn adding_to_a_list_takes_the_errors_of_its_creation() {
        let (add, create) = (Key::Named(verb::OLST_ADD.reply), Key::Named(verb::OLST_CREATE.reply));
        assert!(Nemesis.fits(&add, &other("OLST_CREATE_RSP", Some(22))));
        assert!(!Nemesis.fits(&add, &other("OLST_CREATE_RSP", Some(1))));
        assert!(Nemesis.fits(&create, &other("OLST_CREATE_RSP", Some(1))));
        assert!(Nemesis.fits(&create, &other("OLST_CREATE_RSP", Some(160))));
        assert!(!Nemesis.fits(&create, &add));
    }

    #[test]
    fn raw_commands_take_nothing_else() {
        assert!(!Nemesis.fits(&raw("OARR_LEN"), &other("OARR_GET_RSP", Some(22))));
        assert!(!Nemesis.fits(&raw("OLST_ADD"), &other("OLST_CREATE_RSP", Some(1))));
        assert!(!Nemesis.fits(&raw("OLST_LEN"), &other("OLST_CREATE_RSP", Some(22))));
        assert!(!Nemesis.fits(&raw("ABC_DEF"), &other("XYZ_RSP", Some(1))));
        assert!(!Nemesis.fits(&raw("KV_NOPE"), &other("abc_def_RSP", Some(10))));
        assert!(!Nemesis.fits(&raw("KV_COUNT"), &Key::Named(verb::KV_KEYS.reply)));
    }
}
