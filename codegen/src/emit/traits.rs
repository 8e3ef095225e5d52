//! The traits of a code.

use super::out::Out;
use crate::table::Table;

pub(super) fn traits(out: &mut Out, table: &Table) {
    display(out);
    from_str(out);
    code(out, table);
    conversions(out, table);
    out.line(format_args!("rt::impl_serde!(ErrorCode, {});", table.repr));
}

fn display(out: &mut Out) {
    out.doc("The name; the number of an unlisted value.");
    out.block("impl ::core::fmt::Display for ErrorCode", |out| {
        out.block("fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result", |out| {
            out.block("match self", |out| {
                out.line("Self::Unlisted(unlisted) => ::core::fmt::Display::fmt(&unlisted.0, f),");
                out.line("listed => f.pad(listed.name()),");
            });
        });
    });
    out.blank();
}

fn from_str(out: &mut Out) {
    out.doc("Reads a name, as [`ErrorCode::from_name`] does, or a number in decimal digits.");
    out.block("impl ::core::str::FromStr for ErrorCode", |out| {
        out.line("type Err = rt::ParseCodeError;");
        out.blank();
        out.block("fn from_str(text: &str) -> ::core::result::Result<Self, rt::ParseCodeError>", |out| {
            out.block("match Self::from_name(text)", |out| {
                out.line("::core::option::Option::Some(code) => ::core::result::Result::Ok(code),");
                out.line("::core::option::Option::None => text");
                out.line("    .parse()");
                out.line("    .map(Self::from_value)");
                out.line("    .map_err(|_| rt::parse_code_error(&TABLE)),");
            });
        });
    });
    out.blank();
}

fn code(out: &mut Out, table: &Table) {
    out.block("impl rt::Code for ErrorCode", |out| {
        out.block("fn table() -> &'static rt::TableInfo", |out| out.line("&TABLE"));
        out.blank();
        out.block("fn try_from_value(value: rt::Value) -> ::core::option::Option<Self>", |out| {
            out.line(format_args!("rt::narrow::<{}>(value).map(Self::from_value)", table.repr));
        });
        out.blank();
        out.block("fn to_value(self) -> rt::Value", |out| {
            out.line("rt::Value::Number(::core::convert::From::from(self.value()))");
        });
        out.blank();
        out.block("fn info(self) -> ::core::option::Option<&'static rt::CodeInfo>", |out| out.line("self.info()"));
    });
    out.blank();
}

fn conversions(out: &mut Out, table: &Table) {
    let repr = table.repr;
    for (from, into, body) in [
        (repr.word(), "ErrorCode", "Self::from_value(from)"),
        ("ErrorCode", repr.word(), "from.value()"),
        ("ErrorCode", "rt::AnyCode", "Self::of(from)"),
    ] {
        out.block(format_args!("impl ::core::convert::From<{from}> for {into}"), |out| {
            out.block(format_args!("fn from(from: {from}) -> Self"), |out| out.line(body));
        });
        out.blank();
    }
    out.block("impl ::core::cmp::PartialEq<rt::AnyCode> for ErrorCode", |out| {
        out.block("fn eq(&self, other: &rt::AnyCode) -> bool", |out| out.line("other == self"));
    });
    out.blank();
}
