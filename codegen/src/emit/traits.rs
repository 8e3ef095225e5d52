//! The traits of a code.

use super::out::Out;
use crate::repr::Repr;
use crate::table::Table;

pub(super) fn traits(out: &mut Out, table: &Table) {
    display(out, table);
    out.line(format_args!("impl ::core::error::Error for {} {{}}", table.type_name));
    out.blank();
    from_str(out, table);
    code(out, table);
    conversions(out, table);
    let (name, integer) = (&table.type_name, table.repr.integer());
    if table.repr.digits().is_some() || table.repr.is_text() {
        out.line(format_args!("rt::impl_serde_as_text!({name});"));
    } else {
        out.line(format_args!("rt::impl_serde!({name}, {integer});"));
    }
}

fn display(out: &mut Out, table: &Table) {
    let is_composed = !table.parts.is_empty();
    out.doc(match (is_composed, table.repr.digits()) {
        (true, _) => "The digits, in lower case.",
        (false, Some(_)) => "The name; the digits of an unlisted value.",
        (false, None) if table.repr.is_text() => "The name; the text of an unlisted value.",
        (false, None) => "The name; the number of an unlisted value.",
    });
    out.block(format_args!("impl ::core::fmt::Display for {}", table.type_name), |out| {
        out.block("fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result", |out| {
            if is_composed {
                out.line("::core::fmt::Display::fmt(&rt::Code::to_value(*self), f)");
                return;
            }
            out.block("match self", |out| {
                if table.repr.digits().is_some() || table.repr.is_text() {
                    out.line("Self::Unlisted(_) => ::core::fmt::Display::fmt(&rt::Code::to_value(*self), f),");
                } else {
                    out.line("Self::Unlisted(unlisted) => ::core::fmt::Display::fmt(&unlisted.0, f),");
                }
                if !table.codes.is_empty() {
                    out.line("listed => f.pad(listed.name()),");
                }
            });
        });
    });
    out.blank();
}

fn from_str(out: &mut Out, table: &Table) {
    let (name, digits) = (&table.type_name, table.repr.digits());
    let what = match digits {
        Some(_) => "all the hexadecimal digits",
        None if table.repr.is_text() => "a value",
        None => "a number in decimal digits",
    };
    out.doc(format_args!("Reads a name, as [`{name}::from_name`] does, or {what}."));
    out.block(format_args!("impl ::core::str::FromStr for {name}"), |out| {
        out.line("type Err = rt::ParseCodeError;");
        out.blank();
        out.block("fn from_str(text: &str) -> ::core::result::Result<Self, rt::ParseCodeError>", |out| {
            out.block("match Self::from_name(text)", |out| {
                out.line("::core::option::Option::Some(code) => ::core::result::Result::Ok(code),");
                if let Some(digits) = digits {
                    out.line(format_args!("::core::option::Option::None => rt::parse_hex(text, {digits})"));
                    out.line("    .and_then(Self::from_value)");
                    out.line("    .ok_or(rt::parse_code_error(&TABLE)),");
                } else if table.repr.is_text() {
                    out.line(
                        "::core::option::Option::None => Self::from_value(text).ok_or(rt::parse_code_error(&TABLE)),",
                    );
                } else {
                    out.line("::core::option::Option::None => text");
                    out.line("    .parse()");
                    out.line("    .map(Self::from_value)");
                    out.line("    .map_err(|_| rt::parse_code_error(&TABLE)),");
                }
            });
        });
    });
    out.blank();
}

fn code(out: &mut Out, table: &Table) {
    let integer = table.repr.integer();
    out.block(format_args!("impl rt::Code for {}", table.type_name), |out| {
        out.block("fn table() -> &'static rt::TableInfo", |out| out.line("&TABLE"));
        out.blank();
        out.block("fn try_from_value(value: rt::Value) -> ::core::option::Option<Self>", |out| {
            if table.repr.is_text() {
                out.block("match value", |out| {
                    out.line("rt::Value::Text(text) => Self::from_value(text.as_str()),");
                    out.line("_ => ::core::option::Option::None,");
                });
            } else if table.repr == Repr::U64 {
                out.line("rt::narrow_unsigned(value).map(Self::from_value)");
            } else if let Some(digits) = table.repr.digits() {
                out.line(format_args!("rt::narrow_hex::<{integer}>(value, {digits}).and_then(Self::from_value)"));
            } else {
                out.line(format_args!("rt::narrow::<{integer}>(value).map(Self::from_value)"));
            }
        });
        out.blank();
        out.block("fn to_value(self) -> rt::Value", |out| {
            if let Some(digits) = table.repr.digits() {
                let value = if integer == "u32" { "self.value()" } else { "::core::convert::From::from(self.value())" };
                out.line(format_args!("rt::hex({value}, {digits})"));
            } else if table.repr.is_text() {
                out.line("rt::text(self.value())");
            } else if table.repr == Repr::U64 {
                out.line("::core::convert::From::from(self.value())");
            } else {
                out.line("rt::Value::Number(::core::convert::From::from(self.value()))");
            }
        });
        out.blank();
        out.block("fn info(self) -> ::core::option::Option<&'static rt::CodeInfo>", |out| out.line("self.info()"));
        out.blank();
        out.block("fn classification(self) -> rt::Classification", |out| out.line("self.classification()"));
    });
    out.blank();
}

fn conversions(out: &mut Out, table: &Table) {
    let name = table.type_name.as_str();
    let integer = table.repr.integer();
    let mut conversions = vec![(name, integer, "from.value()"), (name, "rt::AnyCode", "Self::of(from)")];
    if table.repr.is_text() {
        conversions.remove(0);
    } else if table.repr.digits().is_none() {
        // Not every integer has so few digits.
        conversions.insert(0, (integer, name, "Self::from_value(from)"));
    }
    for (from, into, body) in conversions {
        out.block(format_args!("impl ::core::convert::From<{from}> for {into}"), |out| {
            out.block(format_args!("fn from(from: {from}) -> Self"), |out| out.line(body));
        });
        out.blank();
    }
    out.block(format_args!("impl ::core::cmp::PartialEq<rt::AnyCode> for {name}"), |out| {
        out.block("fn eq(&self, other: &rt::AnyCode) -> bool", |out| out.line("other == self"));
    });
    out.blank();
}
