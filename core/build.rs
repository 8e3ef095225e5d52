//! Generates the enum of `src/codes` from the table in `codes/`.

fn main() -> Result<(), statuswire_codegen::Error> {
    statuswire_codegen::Builder::new().tables("codes").runtime("crate").strict(true).build_script("codes.rs")
}
