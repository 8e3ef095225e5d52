//! The generated files of the examples `own_service` and `own_http_service` are what their tables become.

use crate::program::{command, done, output};
use statuswire_codegen::Builder;

#[tokio::test]
async fn it_shows_its_help() {
    let (status, text, errors) = done(output(command("own_service").arg("--help")).await);
    assert!(status == 0 && errors.is_empty() && text.contains("Usage: own_service"), "{text}{errors}");
    let (status, _, errors) = done(output(command("own_service").arg("more")).await);
    assert!(status == 2 && errors.contains("unexpected argument 'more'"), "{errors}");
}

#[test]
fn the_generated_enums_are_up_to_date() {
    is_up_to_date(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_service"));
    is_up_to_date(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_http_service"));
}

fn is_up_to_date(directory: &str) {
    let code = Builder::new().tables(format!("{directory}/codes")).generate().unwrap();
    let path = format!("{directory}/generated.rs");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &code).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(kept, code, "{path} differs; UPDATE_GOLDEN=1 writes it anew");
}
