//! A client for a label printer whose statuses are the table `codes/printer.md`.
#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

mod client;
mod protocol;

/// The codes of the printer, made from the tables by the build script.
pub mod codes {
    include!(concat!(env!("OUT_DIR"), "/codes.rs"));
}

pub use client::Printer;
pub use codes::printer::ErrorCode;
