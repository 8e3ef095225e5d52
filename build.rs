//! Turns the tables in `codes/` into `src/codes`' enums.

fn main() -> Result<(), statuswire_codegen::Error> {
    statuswire_codegen::Builder::new().tables("codes").runtime("crate").sum(true).build_script("codes.rs")
}
