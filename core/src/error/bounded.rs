//! Texts of bounded length from values that a peer may have made large.

use std::fmt::{self, Display, Write};

/// Maximum bytes of a text about what a peer sent, in an error.
pub(super) const STORED: usize = 1024;
/// Maximum bytes of an excerpt: each client chooses a length, and may choose the whole message.
pub(super) const EXCERPT: usize = 16 << 10;
/// Maximum bytes of what `Debug` shows of one such part of an error.
pub(super) const SHOWN: usize = 4096;

/// Formats a value into at most about `limit` bytes. If the text is longer, it is cut there and ends with `…`.
///
/// The rest of the value is not formatted: no more than the limit is allocated, however long the value is. Use it for
/// texts that a peer determines, before they go into an error. It hides no secrets, see [`Redaction`](super::Redaction).
///
/// ```
/// use statuswire::error::bounded;
///
/// let name = "x".repeat(1000);
/// assert_eq!(bounded(format_args!("a reply {name:?}"), 12), r#"a reply "xxx…"#);
/// assert_eq!(bounded("short", 12), "short");
/// ```
pub fn bounded(value: impl Display, limit: usize) -> String {
    let mut text = Bounded { text: String::new(), left: limit };
    if write!(text, "{value}").is_err() {
        text.text.push('…');
    }
    text.text
}

/// Takes text until the limit is reached; then it fails, which ends the formatting.
struct Bounded {
    text: String,
    left: usize,
}

impl Write for Bounded {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let taken = prefix(piece, self.left);
        self.text.push_str(taken);
        self.left -= taken.len();
        if taken.len() == piece.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

/// Returns the longest beginning of a text with at most `limit` bytes.
fn prefix(text: &str, limit: usize) -> &str {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(bounded("", 0), "");
        assert_eq!(bounded("abc", 3), "abc");
        assert_eq!(bounded("abc", 2), "ab…");
        assert_eq!(bounded("aé", 2), "a…");
        assert_eq!(bounded(format_args!("{}{}", "ab", "cd"), 2), "ab…");
    }

    #[test]
    fn nothing_is_formatted_beyond_the_limit() {
        struct Endless;
        impl Display for Endless {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                loop {
                    f.write_char('x')?;
                }
            }
        }
        assert_eq!(bounded(Endless, 100).len(), 100 + '…'.len_utf8());
    }
}
