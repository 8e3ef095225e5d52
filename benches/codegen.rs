//! Reading, checking and writing tables: what one row costs in a table of 10,000, compared with one of 1,000, without and
//! with an alias; what one item of a list in a cell, one diagnostic, and one repetition of a near match in a line that a
//! template is searched in cost when there are 100,000, compared with 1,000. The seconds that 10,000 rows take are printed too.
#![allow(missing_docs, unreachable_pub)]

mod support;

use statuswire::__private::v1 as rt;
use statuswire_codegen::Builder;
use std::hint::black_box;
use std::time::Instant;

/// Returns a table with a number of something.
type Text = fn(usize) -> String;

/// The small one of the two numbers whose costs are compared.
const FEW: usize = 1_000;
/// The large number of rows, and that of other things.
const ROWS: usize = 10_000;
const MANY: usize = 100_000;

const HEAD: &str = "+++\nname = \"big\"\ntitle = \"Big\"\nrepr = \"u32\"\nsource = \"made up\"\nrevision = \"1\"\n\n[default]\nkind = \"INTERNAL\"\n+++\n";

/// Returns a table with a number of codes.
fn rows(codes: usize) -> String {
    let mut text = HEAD.to_owned();
    for code in 0..codes {
        if code % 100 == 0 {
            text += &format!("\n## Group {}\n\n| Value | Name | Meaning | Kind |\n|---|---|---|---|\n", code / 100);
        }
        text += &format!("| {code} | Failure{code} | What went wrong in case {code}. | NOT_FOUND |\n");
    }
    text
}

/// Returns a table with a number of codes, each with an alias.
fn rows_with_aliases(codes: usize) -> String {
    let line = |(at, line): (usize, &str)| match line {
        "| Value | Name | Meaning | Kind |" => format!("{line} Aliases |\n"),
        "|---|---|---|---|" => format!("{line}---|\n"),
        _ if line.starts_with("| ") => format!("{line} FAILED_{at}_TIMES |\n"),
        _ => format!("{line}\n"),
    };
    rows(codes).lines().enumerate().map(line).collect()
}

/// Returns a table with a number of aliases in one cell.
fn aliases(items: usize) -> String {
    let aliases: Vec<_> = (0..items).map(|item| format!("Alias{item}")).collect();
    format!(
        "{HEAD}\n| Value | Name | Meaning | Aliases |\n|---|---|---|---|\n| 1 | One | x | {} |\n",
        aliases.join(", ")
    )
}

/// Returns a table with a number of mistakes in one line.
fn mistakes(items: usize) -> String {
    let aliases: Vec<_> = (0..items).map(|item| item.to_string()).collect();
    format!(
        "{HEAD}\n| Value | Name | Meaning | Aliases |\n|---|---|---|---|\n| 1 | One | x | {} |\n",
        aliases.join(", ")
    )
}

/// The seconds that one run takes, with the text of its code or messages.
fn seconds(builder: &Builder) -> f64 {
    let start = Instant::now();
    black_box(builder.generate().unwrap_or_else(|error| error.to_string()));
    start.elapsed().as_secs_f64()
}

/// As generated code states them.
static PIECES: [rt::Piece; 4] = [
    rt::Piece::Literal("busy by "),
    rt::hole("who", rt::Hole::Text),
    rt::Piece::Literal(" since "),
    rt::hole("at", rt::Hole::I64),
];

/// The seconds that one search takes that finds nothing but near matches.
fn seconds_of_search(line: &str) -> f64 {
    let template = rt::template("busy by {who:text} since {at:i64}", &PIECES);
    let start = Instant::now();
    black_box(template.find(black_box(line)));
    start.elapsed().as_secs_f64()
}

/// Measures both sizes alternately; reports how many times as much one item costs in the large one. 1 is linear.
fn report(name: &str, many: usize, mut seconds: impl FnMut(usize) -> f64) -> Vec<f64> {
    let (mut ratios, mut large) = (Vec::new(), Vec::new());
    for _ in 0..support::rounds() {
        // As many items in both: a single small run is too short to be measured.
        let small: f64 = (0..many / FEW).map(|_| seconds(FEW)).sum();
        let seconds = seconds(many);
        ratios.push(seconds / small);
        large.push(seconds);
    }
    support::report(name, ratios);
    large
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let texts: [(&str, Text, usize); 4] = [
        ("codegen/per-row", rows, ROWS),
        ("codegen/per-row-with-an-alias", rows_with_aliases, ROWS),
        ("codegen/per-item-of-a-cell", aliases, MANY),
        ("codegen/per-diagnostic", mistakes, MANY),
    ];
    for (name, text, many) in texts {
        let path = |size: usize| directory.path().join(format!("{size}.md"));
        for size in [FEW, many] {
            std::fs::write(path(size), text(size))?;
        }
        let mut large = report(name, many, |size| seconds(&Builder::new().tables(path(size))));
        if many == ROWS {
            large.sort_by(f64::total_cmp);
            println!("seconds {name} 10,000 rows {:.4}", large[large.len() / 2]);
        }
    }
    let line = |size: usize| "busy by me ".repeat(size);
    let (few, many) = (line(FEW), line(MANY));
    report("codes/template-find", MANY, |size| seconds_of_search(if size == FEW { &few } else { &many }));
    Ok(())
}
