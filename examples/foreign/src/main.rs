//! Lists the codes of all tables.

use printer::codes;
use sw::codes::AnyCode;

fn main() {
    for info in codes::tables().iter().flat_map(|table| table.codes).filter(|info| info.group != "Steps") {
        println!("{:<34} {:<20} {}", AnyCode::from(info).to_string(), info.kind, info.meaning);
    }
}
