//! The bodies of the fuzz targets (`fuzz/`) for this crate, and a test that runs them on `fuzz/seeds` with any compiler.
//!
//! Each takes bytes that a peer or a user may give, and panics if a promise is broken.

use crate::error::{Redaction, redacted_endpoint};

#[cfg(feature = "ws")]
pub use crate::ws::fuzzing::{endpoints, frames, upgrade_answers};

const SECRET: &str = "S3CR3T-kept-0fMIND";

/// Shows a text with a secret at some place, in several spellings, or cut at the end, and with the text as part of an
/// address. No secret is shown, of a cut one at most three characters, and no excerpt is longer than its limit.
pub fn excerpts(data: &[u8]) {
    let Some((&place, text)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    // In more JSON strings around each other than are read, escapes mean nothing.
    if text.contains(&"\\".repeat(64)) {
        return;
    }
    let mut at = usize::from(place).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let (before, after) = text.split_at(at);
    let redaction = Redaction::default().hide(SECRET).hide_member("licence");
    let escaped = escaped(SECRET);
    let member = format!("{{\"licence\":\"{escaped}\"}}");
    let nested = serde_json::json!({ "m": serde_json::json!({ "m": member }).to_string() }).to_string();
    for planted in [SECRET, &escaped, &format!("{{\"licence\":\"{SECRET}\"}}"), &member, &nested] {
        let planted = format!("{before}{planted}{after}");
        for limit in [0, 40, usize::MAX] {
            let shown = redaction.excerpt(&planted, limit);
            assert!(!shows(&shown, SECRET), "{shown}");
            let most = limit.saturating_add("… (18446744073709551615 bytes in all)".len());
            assert!(shown.chars().count() <= most, "{} characters for {limit}", shown.chars().count());
            assert!(!shown.contains(char::is_control), "{shown:?}");
        }
    }
    let beginning = &SECRET[..4];
    if !shows(&text, beginning) {
        for secret in [SECRET, &escaped] {
            // Cut in the middle, also of an escape.
            let least = secret.len() * beginning.len() / SECRET.len();
            let cut = &secret[..least + usize::from(place) % (secret.len() - least)];
            let shown = redaction.excerpt(&format!("{text}{cut}"), usize::MAX);
            assert!(!shows(&shown, beginning), "{cut} is shown in {shown}");
        }
    }
    if after.contains(SECRET) {
        return;
    }
    for address in [format!("{before}{SECRET}@{after}"), format!("wss://ada:{SECRET}{before}@host{after}")] {
        let shown = redacted_endpoint(&address);
        assert!(!shown.contains(SECRET), "{address:?} is shown as {shown:?}");
    }
}

/// Spells every character as in JSON by its number.
fn escaped(secret: &str) -> String {
    secret.bytes().map(|byte| format!("\\u{byte:04x}")).collect()
}

/// Returns whether a text contains this one, plainly or escaped, also more than once.
fn shows(text: &str, secret: &str) -> bool {
    let text = text.replace('\\', "");
    text.contains(secret) || text.contains(&escaped(secret).replace('\\', ""))
}

#[cfg(test)]
#[path = "../../fuzz/seeds.rs"]
mod seeds;

#[cfg(all(test, feature = "ws"))]
mod tests {
    use super::*;

    #[test]
    fn the_seeds_break_no_promise() {
        seeds::run("endpoints", endpoints);
        seeds::run("excerpts", excerpts);
        seeds::run("frames", frames);
        seeds::run("upgrade_answers", upgrade_answers);
    }
}
