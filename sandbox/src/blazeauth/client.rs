//! Who uses a session.

/// Who initialized a session.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Client {
    pub(super) application: String,
    pub(super) id: String,
}
