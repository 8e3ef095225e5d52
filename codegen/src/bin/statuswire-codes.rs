//! The generator as a command.

use clap::{Args, Parser, Subcommand};
use statuswire_codegen::{Builder, Classification, Code, Error, Report, Table};
use std::io::{self, Write};
use std::iter;
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  statuswire-codes check codes/
  statuswire-codes check --verbose codes/printer.md
  statuswire-codes list codes/printer.md
  statuswire-codes generate codes/ -o src/codes.rs
  statuswire-codes generate codes/ --runtime ::sw --sum";

/// Checks tables of status codes, lists them, and turns them into Rust.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Reports everything that is wrong in the tables, and counts the codes of each. Writes no file.
    Check {
        #[command(flatten)]
        tables: Tables,
        /// Every row must have a kind, and every table a source and a revision.
        #[arg(long)]
        strict: bool,
        /// Also show which tables and rows were left out because they hold no codes.
        #[arg(short, long)]
        verbose: bool,
    },
    /// Writes the code of the tables.
    Generate {
        #[command(flatten)]
        tables: Tables,
        /// The file to write. Default: stdout.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// The path of statuswire in the code.
        #[arg(long, value_name = "PATH", default_value = "::statuswire")]
        runtime: String,
        /// Also write the sum of all tables.
        #[arg(long)]
        sum: bool,
    },
    /// Lists the codes, one per line: table, value, name, kind, outcome, recovery, origin and group, separated by tabs.
    List(Tables),
}

#[derive(Args)]
struct Tables {
    /// Table files, or directories of them.
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,
}

impl Tables {
    fn builder(self) -> Builder {
        self.files.into_iter().fold(Builder::new(), Builder::tables)
    }
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Tables(error)) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
        // The reader stopped reading, such as `head`.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Output(error)) => {
            eprintln!("error: cannot write to stdout: {error}");
            ExitCode::FAILURE
        }
    }
}

enum Failure {
    Tables(Error),
    Output(io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Tables(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Check { tables, strict, verbose } => check(tables.builder().strict(strict), verbose),
        Command::Generate { tables, output, runtime, sum } => {
            let builder = tables.builder().runtime(runtime).sum(sum);
            match output {
                Some(path) => Ok(builder.write(path)?),
                None => Ok(io::stdout().write_all(builder.generate()?.as_bytes())?),
            }
        }
        Command::List(tables) => list(tables),
    }
}

fn check(builder: Builder, verbose: bool) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    for report in builder.report()? {
        let Report { classified, duplicates, named, .. } = report;
        write!(
            stdout,
            "{}: {} codes, {classified} with kind, {duplicates} duplicates",
            report.table.name,
            report.rows()
        )?;
        if named > 0 {
            write!(stdout, ", {named} named by their meanings")?;
        }
        if let Some(rules) = &report.table.rules {
            write!(stdout, ", {} rules", rules.rules.len())?;
        }
        writeln!(stdout)?;
        if verbose {
            writeln!(stdout, "  values are {}", report.table.repr)?;
            for (place, why) in &report.left_out {
                writeln!(stdout, "  left out, {}:{}: {why}", report.path.display(), place.line)?;
            }
        }
    }
    Ok(())
}

fn list(tables: Tables) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    for table in tables.builder().check()?.iter().flat_map(with_parts) {
        for code in &table.codes {
            list_row(&mut stdout, table, &table.show(code), code)?;
        }
        for range in &table.ranges {
            let values = [range.row.value, range.last].map(|value| table.repr.show(value)).join("-");
            list_row(&mut stdout, table, &values, &range.row)?;
        }
    }
    Ok(())
}

/// Returns a table, then the tables of its parts.
fn with_parts(table: &Table) -> impl Iterator<Item = &Table> {
    iter::once(table).chain(&table.parts)
}

fn list_row(out: &mut impl Write, table: &Table, value: &str, code: &Code) -> io::Result<()> {
    let Classification { kind, outcome, recovery, origin, .. } = code.classification;
    writeln!(out, "{}\t{value}\t{}\t{kind}\t{outcome}\t{recovery}\t{origin}\t{}", table.name, code.name, code.group)
}
