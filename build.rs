//! Generates the enums of `src/codes` from the tables in `codes/`.

fn main() -> Result<(), statuswire_codegen::Error> {
    statuswire_codegen::Builder::new()
        .tables("codes")
        .reexport("::statuswire_core::codes::websocket_close")
        .runtime("::statuswire_core")
        .sum(true)
        .strict(true)
        .build_script("codes.rs")
}
