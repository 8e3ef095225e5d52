//! Reading, checking and writing tables of 100, 1,000 and 10,000 codes.
#![allow(missing_docs, unreachable_pub)]

mod support;

use statuswire_codegen::{Builder, Error};
use std::fmt::Write;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

/// Writes a table with a number of codes; returns its path.
fn table(directory: &tempfile::TempDir, codes: usize) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let mut text = String::from(
        "+++\nname = \"big\"\ntitle = \"Big\"\nrepr = \"u32\"\nsource = \"made up\"\nrevision = \"1\"\n\n[default]\nkind = \"INTERNAL\"\n+++\n",
    );
    for code in 0..codes {
        if code % 100 == 0 {
            write!(
                text,
                "\n## Group {}\n\n| Value | Name | Meaning | Kind | Aliases |\n|---|---|---|---|---|\n",
                code / 100
            )?;
        }
        writeln!(
            text,
            "| {code} | Failure{code} | What went wrong in case {code}. | NOT_FOUND | FAILED_{code}_TIMES |"
        )?;
    }
    let path = directory.path().join(format!("{codes}.md"));
    std::fs::write(&path, text)?;
    Ok(path)
}

/// The seconds that one run takes.
fn seconds(builder: &Builder) -> Result<f64, Error> {
    let start = Instant::now();
    black_box(builder.generate()?);
    Ok(start.elapsed().as_secs_f64())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let sizes = [100, 1_000, 10_000];
    let mut builders = Vec::new();
    for size in sizes {
        builders.push(Builder::new().tables(table(&directory, size)?));
    }
    let (mut per_code, mut largest) = ([const { Vec::new() }; 3], Vec::new());
    for _ in 0..support::rounds() {
        for ((builder, size), times) in builders.iter().zip(sizes).zip(&mut per_code) {
            times.push(seconds(builder)? / size as f64);
        }
        largest.extend(per_code[2].last().map(|time| time * 10_000.0));
    }
    let growth = |from: &[f64], to: &[f64]| from.iter().zip(to).map(|(from, to)| to / from).collect();
    // 1 is linear: ten times the codes take ten times as long.
    support::report("codegen/per-code-1000-to-100", growth(&per_code[0], &per_code[1]));
    support::report("codegen/per-code-10000-to-1000", growth(&per_code[1], &per_code[2]));
    support::report("codegen/10000-codes-seconds", largest);
    Ok(())
}
