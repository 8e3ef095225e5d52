//! Downloads of files by links that are secrets.

mod client;
mod download;
mod link;

pub use client::LinkClient;
pub use download::Download;
