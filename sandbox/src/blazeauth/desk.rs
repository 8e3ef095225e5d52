//! What all transfers of a fake server share.
use std::collections::VecDeque;

use super::links::Links;
use super::transfer_options::TransferOptions;

#[derive(Debug)]
pub(super) struct Desk {
    /// Options for the next transfers, one each.
    pub(super) next: VecDeque<TransferOptions>,
    pub(super) links: Links,
}

impl Desk {
    pub(super) fn new(links: Links) -> Self {
        Self { next: VecDeque::new(), links }
    }
}
