//! The commands that have typed methods.

/// A command's name and that of its reply.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verb {
    pub(super) name: &'static str,
    pub(super) reply: &'static str,
}

macro_rules! verbs {
    ($($name:ident)*) => {
        $(pub(super) const $name: Verb = Verb { name: stringify!($name), reply: concat!(stringify!($name), "_RSP") };)*

        /// The name of a typed command's reply, if it is one.
        pub(super) fn known_reply(name: &str) -> Option<&'static str> {
            match name {
                $(name if name == $name.reply => Some($name.reply),)*
                _ => None,
            }
        }
    };
}

verbs! {
    KV_GET KV_SET KV_ADD KV_RMV KV_CONTAINS KV_KEYS KV_COUNT KV_CLEAR KV_CLEAR_SET KV_SAVE KV_LOAD SV_INFO
}
