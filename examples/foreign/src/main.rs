//! Lists the codes of all tables.

use printer::codes;
use std::io::{self, ErrorKind, Write};
use sw::codes::AnyCode;

fn main() -> io::Result<()> {
    match list() {
        // The reader stopped reading, such as `head`.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        listed => listed,
    }
}

fn list() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for info in codes::tables().iter().flat_map(|table| table.codes).filter(|info| info.group != "Steps") {
        writeln!(out, "{:<34} {:<20} {}", AnyCode::from(info).to_string(), info.kind, info.meaning)?;
    }
    Ok(())
}
