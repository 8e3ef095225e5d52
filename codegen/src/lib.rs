//! Turns tables of status codes into typed Rust.
//!
//! Services document their statuses as tables: a number, a name, a meaning. This crate reads such a table from a page in
//! Markdown or from a data file, checks it, and writes an enum with lookups by number and by name, documentation for every variant, and a classification
//! of each code. The generated code needs the crate `statuswire` at run time, which needs no std.
//!
//! # In a build script
//!
//! ```no_run
//! fn main() -> Result<(), statuswire_codegen::Error> {
//!     statuswire_codegen::Builder::new().tables("codes").build_script("codes.rs")
//! }
//! ```
//!
//! and in the crate
//!
//! ```ignore
//! pub mod codes {
//!     include!(concat!(env!("OUT_DIR"), "/codes.rs"));
//! }
//! ```
//!
//! # A table
//!
//! The least that works is a file with a value and a name in each row:
//!
//! ```
//! # let file = r#"
//! | Code | Name      |
//! |------|-----------|
//! | 16   | PAPER_OUT |
//! # "#;
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("printer.md");
//! # std::fs::write(&path, file)?;
//! # let code = statuswire_codegen::Builder::new().tables(&path).generate()?;
//! # assert!(code.contains("16 => ErrorCode::PaperOut") && code.contains("pub mod printer"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The table has the name of its file, and the smallest type that holds its values. Columns of values, names and meanings
//! are found by many headers: `Status code`, `Constant`, `Description` and so on; if a header leaves a choice, the cells
//! decide. Tables that hold no codes, such as those of parameters, are left out: [`Report::left_out`] lists them. A row
//! without a name gets the first words of its meaning.
//!
//! Everything else is optional. A front matter in TOML, or a file `printer.fix.toml` next to `printer.md`, may say more:
//!
//! ```
//! # let file = r#"
//! +++
//! name = "printer"                    # also the module: `-` becomes `_`
//! title = "Label printer"
//! repr = "u16"                        # an integer from u8 to i64, hex1 to hex8, or ascii(1) to ascii(63)
//! source = "programming manual, chapter 7"
//! revision = "third edition"
//!
//! [default]                           # for every row
//! origin = "server"
//!
//! [group."Media"]                     # for the rows under the heading "Media"
//! kind = "FAILED_PRECONDITION"
//! recovery = "ask-operator"
//!
//! [rename]                            # rows by their name or value; also [drop] and [override."17"]
//! "17" = "COVER_OPEN"
//! +++
//!
//! # Status of a label printer
//!
//! ## Media
//!
//! | Value | Name      | Meaning            | Aliases  | HTTP |
//! |-------|-----------|--------------------|----------|------|
//! | 16    | PAPER_OUT | The roll is empty. | NO_PAPER | 503  |
//! | 17    | C0V       | A cover is open.   |          |      |
//! # "#;
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("printer.md");
//! # std::fs::write(&path, file.trim_start())?;
//! # let code = statuswire_codegen::Builder::new().tables(&path).generate()?;
//! # assert!(code.contains("16 => ErrorCode::PaperOut") && code.contains("17 => ErrorCode::CoverOpen"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Headings are groups. Columns stand in any order and case:
//!
//! | Column | What it holds |
//! |---|---|
//! | `Value` | an integer, hexadecimal digits, text, or a range of integers: `3000-3999` |
//! | `Name` | the service's spelling; `PAPER_OUT`, `paper out` and `PaperOut` all become the variant `PaperOut` |
//! | `Meaning` | a sentence in plain text; it becomes documentation |
//! | `Kind` | one of the seventeen names of `google.rpc.Code`, such as `NOT_FOUND`; `UNKNOWN` if nothing says it |
//! | `Outcome` | `success`, `progress`, `warning` or `error`; usually that of the kind |
//! | `Recovery` | `nothing`, `correct`, `wait`, `reconnect`, `log-in` or `ask-operator`; usually that of the kind |
//! | `Origin` | `server` (usually), `client` or `reserved` |
//! | `HTTP` | a status, if not the kind's |
//! | `Aliases` | other names, between commas |
//! | `Reasons` | of a close: templates between backticks, such as `` `rate limited, {seconds:u32} seconds left` `` |
//! | `Commands` | the commands that answer with it, between commas |
//! | `Since` | the version of the service that introduced it |
//! | `Deprecated` | why the code should not be used any more |
//!
//! Other columns are ignored. An empty cell takes the default of its group, else that of the table; the same
//! keys in lower case stand there (`kind`, `outcome`, `recovery`, `origin`, `http`). Emphasis and links in cells are
//! reduced to their text; comments and the marks of footnotes (`[^1]`, `¹`, `<sup>1</sup>`) are left out; a name with underscores at its ends goes between backticks, a `|` in a text is written `\|`.
//!
//! Optional keys: `family`, the same word in the tables of several generations of one service, and `members`, the members
//! of a JSON object that carry the code; `statuswire::codes::explain` uses them.
//!
//! A row for a range makes no variant: `range()` returns it for the values in it. A reason may have holes of the types
//! `u32`, `u64`, `i64` and `text`; `CodeInfo::read_reason` reads their values.
//!
//! # Composed codes
//!
//! The digits of one code may be read as several tables. The parts are listed in the order of their digits:
//!
//! ```toml
//! repr = "hex3"
//!
//! [[part]]
//! name = "module"
//! digits = 1
//!
//! [[part]]
//! name = "fault"
//! digits = 2
//! ```
//!
//! The rows under the heading `Module` belong to the part `module`. Rows under other headings describe whole codes. The
//! code becomes a struct with a field for each part. If the whole code has no row, its classification is that of the first
//! part whose kind is neither `OK` nor `UNKNOWN`.
//!
//! # Rules
//!
//! If a service sends no codes, but statuses of HTTP and sentences, a file `printer.rules.toml` next to `printer.md` says
//! which answer means which code. The first rule that takes an answer decides:
//!
//! ```
//! # let file = r#"
//! [conditions]                        # what the caller knows and the answer does not tell
//! pin-sent = "The request had a PIN."
//!
//! [[rule]]
//! status = [401, 403]                 # also "4xx", "500-503"
//! method = "POST"
//! path = "/jobs/*/pages/**"           # `*` is a segment, `**` any number of them
//! text = ["tray `*` is empty", "no paper...left"]  # somewhere in the text, in any case of letters
//! not_text = "envelope"
//! when = "pin-sent"
//! code = "PAPER_OUT"
//! # "#;
//! # let directory = tempfile::tempdir()?;
//! # std::fs::write(directory.path().join("printer.csv"), "value,name\n16,PAPER_OUT\n")?;
//! # std::fs::write(directory.path().join("printer.rules.toml"), file)?;
//! # let code = statuswire_codegen::Builder::new().tables(directory.path()).generate()?;
//! # assert!(code.contains("pub static RULES") && code.contains("when: &[Condition::PinSent]"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The module of the table has them as `RULES`, and the conditions as the enum `Condition`. The page `codes/README.md` of
//! `statuswire` describes each key.
//!
//! # Diagnostics
//!
//! One run finds what is wrong in all files, each time with the place and with what to do. The first hundred diagnostics
//! are printed; [`Error::diagnostics`] returns all:
//!
//! ```text
//! error: the value 22 is given twice, first in line 16
//!   --> codes/printer.md:18:3
//!    |
//! 18 | | 22 | JAM | A label is stuck. |
//!    |   ^^
//!    = help: list a value once; a second name for it goes into the column `Aliases`
//! ```
//!
//! # Other formats
//!
//! Files that end in `.csv`, `.tsv`, `.json`, `.jsonc` and `.toml` are tables with the same columns; a column `group` stands for
//! the headings. A reader of yet another format makes a [`Draft`], in which every word has its key and its place, and gives it to
//! [`Builder::draft`]. Checks, messages and code are the same. A word without a place is made by [`Located::new`]: messages
//! then quote its row.
//!
//! # Features
//!
//! `pages`, on by default: pages that were not written for this, with columns by synonym, lists, headings for each code and
//! tables of HTML tags. `csv`, `json` and `toml`, on by default: tables of CSV and TSV, of JSON, and of TOML; each brings `pages`.
//! `cli`: the tool `statuswire-codes`, which checks, lists and generates on the command line. Without features, tables of
//! Markdown with the columns `Value` and `Name` are read; the crate then compiles in half the time, and without the crate
//! `toml`: a text in a front matter, in corrections or in rules then ends in its line, and dates are not checked.

#[cfg(any(feature = "json", feature = "toml"))]
mod arrays;
mod builder;
mod check;
#[cfg(feature = "pages")]
mod columns;
mod diagnostic;
mod draft;
mod emit;
mod exact;
mod excerpt;
mod fixes;
mod format;
mod grid;
mod hash;
mod identifier;
mod invisible;
#[cfg(feature = "pages")]
mod lists;
#[cfg(feature = "pages")]
mod names;
mod nearest;
mod node;
mod number;
mod reexport;
mod report;
mod repr;
mod rules;
mod settings;
mod source;
mod table;
mod text;
mod toml;
#[cfg(any(feature = "json", feature = "toml"))]
mod tree;
mod vocabulary;

pub use builder::Builder;
pub use diagnostic::{Diagnostic, Error};
pub use draft::{Draft, Entry};
pub use report::Report;
pub use repr::Repr;
pub use rules::{Condition, Pattern, Rule, Rules};
pub use source::{Located, Place, Source};
pub use table::{Alias, Classification, Code, CodeRange, Piece, Table, Template};
pub use text::Text;
pub use vocabulary::{Hole, Key, Kind, Origin, Outcome, Recovery};
