//! The sum of all tables.

use super::ALLOW;
use super::out::{DERIVES, Out, list, markdown};
use super::used;
use crate::reexport::Reexport;
use crate::table::Table;

/// What becomes a variant.
struct Summand<'a> {
    module: &'a str,
    identifier: &'a str,
    /// What its documentation says behind "A code of".
    title: String,
}

pub(super) fn sum(out: &mut Out, tables: &[Table], reexports: &[Reexport<'_>], rt: &str) {
    let written = tables.iter().map(|Table { module, identifier, title, .. }| Summand {
        module,
        identifier,
        title: markdown(title).to_string(),
    });
    let reexported = reexports.iter().map(|Reexport { module, identifier, .. }| Summand {
        module,
        identifier,
        title: format!("[`{module}`]"),
    });
    let tables: &[_] = &written.chain(reexported).collect::<Vec<_>>();
    enumeration(out, tables, rt);
    inherent(out, rt);
    conversions(out, tables, rt);
    display(out, rt);
    tables_fn(out, tables, rt);
    out.blank();
    used::write(out, "ErrorCode", &["kind", "outcome", "recovery"], Some("tables"));
}

fn enumeration(out: &mut Out, tables: &[Summand<'_>], rt: &str) {
    out.doc("A code of any table: one variant for each table here, for a single `match` over all of them.");
    out.line(DERIVES);
    out.line("#[derive(::core::fmt::Debug)]");
    out.line(ALLOW);
    out.line("#[non_exhaustive]");
    out.block("pub enum ErrorCode", |out| {
        for table in tables {
            out.doc(format_args!("A code of {}.", table.title));
            out.line(format_args!("{}({}::ErrorCode),", table.identifier, table.module));
        }
        out.doc("A code of another table.");
        out.doc("");
        out.doc("`From` never makes this variant of a code whose table is here.");
        out.line(format_args!("Foreign({rt}::AnyCode),"));
    });
    out.blank();
}

fn inherent(out: &mut Out, rt: &str) {
    out.line(ALLOW);
    out.block("impl ErrorCode", |out| {
        out.doc("The code with its table, its row and its classification.");
        out.line("#[must_use]");
        out.block(format_args!("pub fn to_any(self) -> {rt}::AnyCode"), |out| {
            out.line("::core::convert::From::from(self)")
        });
        for (field, result, doc) in [
            ("kind", "Kind", "What happened, for every service alike."),
            ("outcome", "Outcome", "What it says about its command."),
            ("recovery", "Recovery", "What helps."),
        ] {
            out.blank();
            out.doc(doc);
            out.line("#[must_use]");
            out.block(format_args!("pub fn {field}(self) -> {rt}::{result}"), |out| {
                out.line(format_args!("self.to_any().{field}()"));
            });
        }
    });
    out.blank();
}

fn conversions(out: &mut Out, tables: &[Summand<'_>], rt: &str) {
    out.block(format_args!("impl ::core::convert::From<{rt}::AnyCode> for ErrorCode"), |out| {
        out.block(format_args!("fn from(any: {rt}::AnyCode) -> Self"), |out| {
            for table in tables {
                out.block("if let ::core::option::Option::Some(code) = any.downcast()", |out| {
                    out.line(format_args!("return Self::{}(code);", table.identifier));
                });
            }
            out.line("Self::Foreign(any)");
        });
    });
    out.blank();
    out.block(format_args!("impl ::core::convert::From<ErrorCode> for {rt}::AnyCode"), |out| {
        out.block("fn from(code: ErrorCode) -> Self", |out| {
            out.block("match code", |out| {
                for table in tables {
                    out.line(format_args!("ErrorCode::{}(code) => Self::of(code),", table.identifier));
                }
                out.line("ErrorCode::Foreign(any) => any,");
            });
        });
    });
    out.blank();
    for Summand { module, identifier, .. } in tables {
        out.block(format_args!("impl ::core::convert::From<{module}::ErrorCode> for ErrorCode"), |out| {
            out.block(format_args!("fn from(code: {module}::ErrorCode) -> Self"), |out| {
                out.line(format_args!("Self::{identifier}(code)"));
            });
        });
        out.blank();
    }
}

fn display(out: &mut Out, rt: &str) {
    out.doc("As [`AnyCode`] displays it: table, value and name.");
    out.doc("");
    out.doc(format_args!("[`AnyCode`]: {rt}::AnyCode"));
    out.block("impl ::core::fmt::Display for ErrorCode", |out| {
        out.block("fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result", |out| {
            out.line("::core::fmt::Display::fmt(&self.to_any(), f)");
        });
    });
    out.blank();
    out.line("impl ::core::error::Error for ErrorCode {}");
    out.blank();
}

fn tables_fn(out: &mut Out, tables: &[Summand<'_>], rt: &str) {
    out.doc("The tables here.");
    out.line("#[must_use]");
    out.line(ALLOW);
    out.block(format_args!("pub const fn tables() -> &'static [&'static {rt}::TableInfo]"), |out| {
        let all = list(tables.iter().map(|table| format!("&{}::TABLE", table.module)));
        out.line(format_args!("static ALL: &[&{rt}::TableInfo] = {all};"));
        out.line("ALL");
    });
}
