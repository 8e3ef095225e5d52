//! Explains codes by the tables: by number, by name, from a reply, or from a line of a log.
//!
//! ```text
//! cargo run --example explain -- 22
//! cargo run --example explain -- 0x79
//! cargo run --example explain -- nemesis-sessions 22
//! cargo run --example explain -- KeyNotExist
//! cargo run --example explain -- edgware 2030d
//! cargo run --example explain -- 4201 "rate limited, 37 seconds left"
//! cargo run --example explain -- '{"KV_GET_RSP":{"st":26}}'
//! cargo run --example explain -- --all --json
//! ```
//!
//! If nothing is found, it names similar codes and exits with 1.

#[path = "common/note.rs"]
mod note;

use clap::Parser;
use note::note;
use serde_json::{Map, Value as Json, json};
use statuswire::codes::explain::{Explanation, Match, Registry, Subject};
use statuswire::codes::{AnyCode, Classification, CodeInfo, Field, RangeInfo, TableInfo, Value};
use std::io::{self, Write};
use std::process::ExitCode;

/// Explains status codes, close codes and names.
#[derive(Parser)]
#[command(name = "explain")]
struct Cli {
    /// A number, a name, a table and one of these, a close code and its reason, a reply, or a line of a log.
    #[arg(required_unless_present = "all", conflicts_with = "all", allow_negative_numbers = true)]
    words: Vec<String>,
    /// List every row of every table.
    #[arg(long)]
    all: bool,
    /// Write an array of objects.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let registry = Registry::new();
    let result = if cli.all { all(&registry, cli.json) } else { explain(&registry, &cli.words.join(" "), cli.json) };
    match result {
        Ok(code) => code,
        // The reader stopped reading, such as `head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            note(format_args!("error: cannot write to stdout: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn explain(registry: &Registry, text: &str, json: bool) -> io::Result<ExitCode> {
    let explanation = registry.explain(text);
    if explanation.matches.is_empty() {
        note(&explanation);
        if json {
            print_json(&Json::Array(Vec::new()))?;
        }
        return Ok(ExitCode::FAILURE);
    }
    if json {
        explanation.remarks.iter().for_each(note);
        print_json(&Json::Array(explanation.matches.iter().map(match_to_json).collect()))?;
    } else {
        print_text(&explanation)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print_text(explanation: &Explanation<'_>) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{explanation}")
}

fn print_json(json: &Json) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{json:#}")
}

fn all(registry: &Registry, json: bool) -> io::Result<ExitCode> {
    if json {
        let rows = registry.with_parts().flat_map(|table| {
            let codes =
                table.codes.iter().map(|row| row_to_json(table, value_to_json(row.value), row, row.classification()));
            codes.chain(table.ranges.iter().map(|range| range_to_json(table, range)))
        });
        print_json(&Json::Array(rows.collect()))?;
    } else {
        registry.with_parts().try_for_each(list)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A table for people: one line for each row.
fn list(table: &TableInfo) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}: {}, read from {}, revision {}", table.name, table.title, table.source, table.revision)?;
    let mut group = "";
    let rows = table.codes.iter().map(|row| (row.value.to_string(), row));
    for (value, row) in rows.chain(table.ranges.iter().map(|range| (range.to_string(), &range.row))) {
        if row.group != group {
            group = row.group;
            writeln!(out, "  {group}")?;
        }
        let CodeInfo { name, kind, outcome, recovery, origin, meaning, .. } = row;
        let classification = format!("{kind}, {outcome}, {recovery}, {origin}");
        writeln!(out, "    {value:>9}  {name:<28}  {classification:<48}  {meaning}")?;
    }
    writeln!(out)
}

fn value_to_json(value: Value) -> Json {
    match value {
        Value::Number(number) => number.into(),
        Value::Unsigned(number) => number.into(),
        text => text.to_string().into(),
    }
}

fn row_to_json(table: &TableInfo, value: Json, row: &CodeInfo, classification: Classification) -> Json {
    json!({
        "table": table.name,
        "value": value,
        "name": row.name,
        "group": row.group,
        "kind": classification.kind.as_str(),
        "outcome": classification.outcome.as_str(),
        "recovery": classification.recovery.as_str(),
        "origin": classification.origin.as_str(),
        "http_status": classification.http_status,
        "meaning": row.meaning,
    })
}

fn range_to_json(table: &TableInfo, range: &RangeInfo) -> Json {
    row_to_json(table, range.to_string().into(), &range.row, range.row.classification())
}

/// The members of a row of the list, and aliases, commands, reasons and fields.
fn match_to_json(found: &Match<'_>) -> Json {
    let mut json = match found.subject {
        Subject::Code(code) => code_to_json(code),
        Subject::Range(range) => range_to_json(range.row.table, range),
        _ => json!({ "name": found.to_string() }),
    };
    let Some(object) = json.as_object_mut() else { return json };
    if let Some(row) = found.subject.row() {
        let reasons: Vec<_> = row.reasons.iter().map(ToString::to_string).collect();
        object.extend([
            ("aliases".to_owned(), json!(row.aliases)),
            ("commands".to_owned(), json!(row.commands)),
            ("reasons".to_owned(), json!(reasons)),
        ]);
    }
    if let Some(reading) = found.reading {
        let mut fields = Map::new();
        reading.for_each(|name, field| {
            fields.insert(name.to_owned(), field_to_json(field));
        });
        object.insert("reason".to_owned(), reading.text().into());
        object.insert("fields".to_owned(), fields.into());
    }
    json
}

fn code_to_json(code: AnyCode) -> Json {
    let table = code.table();
    let mut json = match code.info().or(code.range().map(|range| &range.row)) {
        Some(row) => row_to_json(table, value_to_json(code.value()), row, code.classification()),
        None => {
            let meanings: Vec<_> = code.parts().filter_map(|part| part.info()).map(|row| row.meaning).collect();
            let classification = code.classification();
            json!({
                "table": table.name,
                "value": value_to_json(code.value()),
                "name": code.label().to_string(),
                "group": "",
                "kind": classification.kind.as_str(),
                "outcome": classification.outcome.as_str(),
                "recovery": classification.recovery.as_str(),
                "origin": classification.origin.as_str(),
                "http_status": classification.http_status,
                "meaning": meanings.join(" "),
            })
        }
    };
    if let Some(object) = json.as_object_mut() {
        object.insert("source".to_owned(), table.source.into());
        object.insert("revision".to_owned(), table.revision.into());
    }
    json
}

fn field_to_json(field: Field<'_>) -> Json {
    match field {
        Field::Unsigned(number) => number.into(),
        Field::Signed(number) => number.into(),
        other => other.to_string().into(),
    }
}
