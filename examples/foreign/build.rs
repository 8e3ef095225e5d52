//! Turns the tables in `codes/` into code.

fn main() -> Result<(), statuswire_codegen::Error> {
    statuswire_codegen::Builder::new().tables("codes").runtime("::sw").sum(true).build_script("codes.rs")
}
