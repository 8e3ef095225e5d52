//! Codes only: the tables as enums, without a client, for numbers that come from a log or another library.
//!
//! Run it with `cargo run --example codes_only`. A program of your own needs no feature for this: the tables work
//! without std and without an allocator.

#[path = "common/print.rs"]
mod print;

use print::println;
use statuswire::AnyCode;
use statuswire::codes::{Outcome, blazeauth_close, nemesis};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // From a number to a code. The lookup is a `match`, and every number has a result.
    let code = nemesis::ErrorCode::from_value(22);
    assert_eq!(code, nemesis::ErrorCode::NotExist);
    println!("22 is {} ({}): {}", code.name(), code.kind(), code.meaning());

    // From a name, in any of the spellings that the table lists.
    let code: nemesis::ErrorCode = "KeyNotExist".parse()?;
    println!("KeyNotExist is {}", code.value());

    // A number without a row keeps its value and is treated with caution.
    let newer = nemesis::ErrorCode::from_value(999);
    println!("{newer} is listed: {}", newer.is_listed());

    // What a program decides by.
    let close = blazeauth_close::ErrorCode::from_value(4201);
    println!("{close}: {}, recovery: {}", close.kind(), close.recovery());

    // All rows of a table.
    let errors = nemesis::ErrorCode::ALL.iter().filter(|code| code.outcome() == Outcome::Error);
    println!("the table of NemesisDB lists {} errors", errors.count());

    // Codes of several tables in one place.
    let seen = [AnyCode::from(nemesis::ErrorCode::LoadError), AnyCode::from(close)];
    for code in seen {
        println!("{} {}: HTTP {:?}", code.table().name, code.value(), code.http_status());
    }
    Ok(())
}
