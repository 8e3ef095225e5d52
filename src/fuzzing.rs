//! The bodies of the fuzz targets (`fuzz/`), and a test that runs those of this crate on `fuzz/seeds` with any compiler.
//!
//! Each takes bytes that a peer or a user may give, and panics if a promise is broken.

#[cfg(feature = "blazeauth")]
pub use crate::blazeauth::fuzzing::{blazeauth_replies, close_reasons};
#[cfg(feature = "nemesis")]
pub use crate::nemesis::fuzzing::nemesis_replies;
#[cfg(fuzzing)]
pub use statuswire_core::fuzzing::*;

/// Explains a text.
#[cfg(feature = "explain")]
pub fn explain(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = format!("{:?}", crate::codes::explain::explain(&text));
}

#[cfg(all(test, feature = "blazeauth", feature = "explain", feature = "nemesis-older"))]
#[path = "../fuzz/seeds.rs"]
mod seeds;

#[cfg(all(test, feature = "blazeauth", feature = "explain", feature = "nemesis-older"))]
mod tests {
    use super::*;

    #[test]
    fn the_seeds_break_no_promise() {
        seeds::run("blazeauth_replies", blazeauth_replies);
        seeds::run("close_reasons", close_reasons);
        seeds::run("explain", explain);
        seeds::run("nemesis_replies", nemesis_replies);
    }
}
