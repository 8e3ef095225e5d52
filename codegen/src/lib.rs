//! x
mod builder;
mod check;
mod draft;
mod emit;
mod identifier;
mod markdown;
mod mistake;
mod source;
mod table;
mod vocabulary;

pub use builder::Builder;
pub use check::check;
pub use draft::{Draft, FactsDraft, GroupDraft, RowDraft};
pub use mistake::{Error, Mistake};
pub use source::{Located, Place, Source};
pub use table::{Alias, Code, Table};
pub use vocabulary::{Kind, Origin, Outcome, Recovery, Repr};
