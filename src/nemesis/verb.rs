//! The commands that have typed methods.

/// A command's name and that of its reply.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verb {
    pub(super) name: &'static str,
    pub(super) reply: &'static str,
}

macro_rules! verbs {
    ($($name:ident)*) => {
        $(pub(super) const $name: Verb =
            Verb { name: stringify!($name), reply: concat!(stringify!($name), "_RSP") };)*

        const ALL: &[Verb] = &[$($name),*];
    };
}

/// Returns the name of a reply as a constant, if it is one of those that bulk work waits for.
pub(super) fn known_reply(name: &str) -> Option<&'static str> {
    ALL.iter().map(|verb| verb.reply).find(|reply| *reply == name)
}

verbs! {
    KV_GET KV_SET KV_ADD KV_RMV KV_CONTAINS KV_KEYS KV_COUNT KV_CLEAR KV_CLEAR_SET KV_SAVE KV_LOAD
    SV_INFO
    OLST_CREATE OLST_DELETE OLST_DELETE_ALL OLST_EXIST OLST_LEN OLST_ADD OLST_SET_RNG OLST_GET OLST_GET_RNG OLST_RMV
    OLST_SPLICE
    KV_SETQ KV_ADDQ KV_FIND KV_UPDATE KV_APPEND KV_SERVER_INFO
    SH_NEW SH_OPEN SH_INFO SH_INFO_ALL SH_END SH_END_ALL SH_SAVE SH_LOAD
}

/// The commands of a family of arrays. Those that the family lacks are never sent.
#[derive(Debug)]
pub struct ArrayVerbs {
    pub(super) create: Verb,
    pub(super) delete: Verb,
    pub(super) delete_all: Verb,
    pub(super) exist: Verb,
    pub(super) len: Verb,
    pub(super) used: Verb,
    pub(super) set: Verb,
    pub(super) set_range: Verb,
    pub(super) get: Verb,
    pub(super) get_range: Verb,
    pub(super) clear: Verb,
    pub(super) swap: Verb,
    pub(super) min: Verb,
    pub(super) max: Verb,
    pub(super) intersect: Verb,
}

macro_rules! array_verbs {
    ($($family:ident)*) => {
        $(pub(super) const $family: ArrayVerbs = ArrayVerbs {
            create: array_verbs!($family "_CREATE"),
            delete: array_verbs!($family "_DELETE"),
            delete_all: array_verbs!($family "_DELETE_ALL"),
            exist: array_verbs!($family "_EXIST"),
            len: array_verbs!($family "_LEN"),
            used: array_verbs!($family "_USED"),
            set: array_verbs!($family "_SET"),
            set_range: array_verbs!($family "_SET_RNG"),
            get: array_verbs!($family "_GET"),
            get_range: array_verbs!($family "_GET_RNG"),
            clear: array_verbs!($family "_CLEAR"),
            swap: array_verbs!($family "_SWAP"),
            min: array_verbs!($family "_MIN"),
            max: array_verbs!($family "_MAX"),
            intersect: array_verbs!($family "_INTERSECT"),
        };)*
    };
    ($family:ident $command:literal) => {
        Verb { name: concat!(stringify!($family), $command), reply: concat!(stringify!($family), $command, "_RSP") }
    };
}

array_verbs! { OARR IARR STRARR SIARR SSTRARR }
