//! The generated file of the example `own_service` is what its table becomes.

use statuswire_codegen::Builder;

#[test]
fn the_generated_enum_is_up_to_date() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_service");
    let code = Builder::new().tables(format!("{directory}/codes")).generate().unwrap();
    let path = format!("{directory}/generated.rs");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &code).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(kept, code, "{path} differs; UPDATE_GOLDEN=1 writes it anew");
}
