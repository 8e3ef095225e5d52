//! Values of fields: read from a client, checked, stored, written.
pub(super) mod decode;
pub(super) mod encode;
pub(super) mod settle;
pub(super) mod time;
pub(super) mod validate;
