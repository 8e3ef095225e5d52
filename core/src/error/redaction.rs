//! Hides secrets in messages, and cuts excerpts for errors and logs.

mod line;
mod names;
mod prose;
mod scan;
mod texts;
mod units;
mod value;

use super::bounded::STORED;
use line::Line;
#[cfg(feature = "http")]
use names::Name;
use names::Names;
use scan::{Piece, Scan};
use secrecy::{ExposeSecret, SecretString};
use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};
use texts::Texts;

const HIDDEN: &str = "***";
/// Bytes of a text that are read for an excerpt, in addition to those that can be shown: what is hidden takes none of the
/// excerpt, and a text may have many megabytes.
const READ: usize = 16 << 10;

/// Hides secrets in messages, and makes excerpts for errors and logs.
///
/// It shows `***` in place of:
///
/// - **The texts given to [`hide`](Self::hide)**, wherever they occur, as they are or with any of their characters
///   escaped: as in JSON (`\/`, `\u002f`), in up to eight JSON strings within each other, or in a URL (`%2F`, `+`). Of texts
///   that overlap, all are hidden. A text of up to three characters is hidden only where it is a whole word, or a whole
///   JSON string or number: otherwise it would make messages unreadable.
/// - **The beginning of such a text**, of at least four characters, at the end of the message, or before quotes, brackets
///   or dots there: the message may have been cut.
/// - **The values of names that commonly hold secrets**, and of the names given to [`hide_member`](Self::hide_member): of
///   members of JSON at any depth, also within JSON strings and in the middle of other text, of parameters and variables
///   (`token=...`), and of headers (`Cookie: ...`, to the end of the line). A value may be a whole object or array. If the
///   end of a value cannot be found, everything behind its beginning is hidden.
///
/// Ordinary words after a name and a colon are no value, as in `invalid token: unexpected end of file`, if the name has no
/// quotes. A word is ordinary if it has fewer than 16 letters, no digits and no other characters but punctuation around it,
/// and no capitals in the middle. Of `Authorization` and `Cookie`, and after a scheme such as `Bearer`, the second word
/// must be ordinary as well. Without a space (`session:17`), only a value of up to three characters is shown.
///
/// Names are compared without case, `_` and `-`, and in any spelling. These hold secrets:
///
/// - names that contain `password`, `passwd` or `passphrase`;
/// - names that end with `token`, `secret`, `auth`, `authorization`, `cookie`, `credential`, `credentials`, `passcode`, `pwd`,
///   `jwt`, `signature`, `session_id`, `sessid`, `session_key`, `api_key`, `access_key`, `access_key_id`, `secret_key`,
///   `private_key`, `encryption_key`, `signing_key`, `license_key` or `licence_key`;
/// - the names `cookies`, `csrf`, `otp`, `pass`, `pin`, `session`, `sid`, `sig`, `tkn` and `xsrf`.
///
/// A message that is a JSON object or array remains valid JSON. The message need not be JSON, and may be cut anywhere.
/// It is read once, and only as far as it is shown.
///
/// An excerpt is one line, cut between characters after secrets were hidden. Control characters, and those that change
/// the text direction, are escaped. If the text was cut, the excerpt states its full length.
///
/// ```
/// use statuswire::error::Redaction;
///
/// let redaction = Redaction::default().hide("s3cret");
/// let shown = redaction.excerpt(r#"{"user":"ada","apiKey":17,"n":["\u00733cret"]}"#, 60);
/// assert_eq!(shown, r#"{"user":"ada","apiKey":"***","n":["***"]}"#);
/// assert_eq!(redaction.excerpt("a\nbcdefg", 5), r"a\nbc… (8 bytes in all)");
/// ```
#[derive(Clone, Default)]
pub struct Redaction {
    names: Names,
    secrets: Vec<SecretString>,
    /// What finds the secrets. It is made on first use, and copies share it.
    texts: Arc<OnceLock<Texts>>,
}

impl Redaction {
    /// Hides the values of members, parameters and headers with this name. Case, `_` and `-` make no difference.
    #[must_use]
    pub fn hide_member(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.names.add(&name.into());
        self
    }

    /// Hides every occurrence of a text. An empty text hides nothing.
    #[must_use]
    pub fn hide(mut self, secret: impl Into<SecretString>) -> Self {
        self.secrets.push(secret.into());
        self.texts = Arc::default();
        self
    }

    /// Returns an excerpt of at most `limit` characters, not counting the note on the full length.
    pub fn excerpt(&self, text: &str, limit: usize) -> String {
        let mut end = read(text.len(), limit);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.excerpt_of(&text[..end], text.len(), limit)
    }

    /// Returns an excerpt of bytes; invalid UTF-8 is replaced by U+FFFD.
    pub fn excerpt_bytes(&self, bytes: &[u8], limit: usize) -> String {
        let end = read(bytes.len(), limit);
        self.excerpt_of(&String::from_utf8_lossy(&bytes[..end]), bytes.len(), limit)
    }

    /// Returns an excerpt of the beginning of a text of `length` bytes.
    fn excerpt_of(&self, beginning: &str, length: usize, limit: usize) -> String {
        let texts = self.texts();
        let mut line = Line::new(limit);
        for piece in Scan::new(beginning, texts, &self.names) {
            let fits = match piece {
                Piece::Shown(piece) => line.push_each(piece),
                Piece::Hidden(quote) => line.push(&format!("{quote}{HIDDEN}{quote}")),
            };
            if !fits {
                return line.cut(length);
            }
        }
        if read(length, limit) < length { line.cut(length) } else { line.whole() }
    }

    /// Returns the whole text without secrets. Unlike an excerpt it keeps its control characters.
    pub fn mask(&self, text: &str) -> String {
        let texts = self.texts();
        let mut masked = String::with_capacity(text.len());
        for piece in Scan::new(text, texts, &self.names) {
            match piece {
                Piece::Shown(piece) => masked.push_str(piece),
                Piece::Hidden(quote) => masked.extend([quote, HIDDEN, quote]),
            }
        }
        masked
    }

    fn texts(&self) -> &Texts {
        self.texts.get_or_init(|| Texts::new(self.secrets.iter().map(SecretString::expose_secret)))
    }
}

/// Returns whether the values of members, parameters and headers with this name are secrets.
#[cfg(feature = "http")]
pub(crate) fn is_secret_name(name: &str) -> bool {
    Names::default().hide(&Name::of(name))
}

/// Returns how many bytes of a text of `length` bytes are read for an excerpt.
fn read(length: usize, limit: usize) -> usize {
    // A character has up to four bytes.
    length.min(limit.saturating_mul(4).saturating_add(READ))
}

/// Shows the beginning of a text in `Debug` without secrets.
pub(super) struct Masked<'a>(pub(super) &'a str);

impl fmt::Debug for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Redaction::default().excerpt(self.0, STORED), f)
    }
}

impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redaction")
            .field("members", &self.names)
            .field("secrets", &format_args!("{} hidden", self.secrets.len()))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_read_as_far_as_it_may_be_shown() {
        let redaction = Redaction::default().hide("c4nAry-text");
        let (limit, note) = (20, format!("… ({} bytes in all)", 15 << 20));
        let long = |beginning: &str, filling: &str| {
            let mut text = beginning.to_owned() + &filling.repeat((15 << 20) / filling.len());
            let mut end = 15 << 20;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            text + &".".repeat((15 << 20) - end)
        };
        for (text, shown) in [
            (long("refused", "."), "refused............."),
            (long(r#"{"n":1,"token":"#, r#"{"token":"#), r#"{"n":1,"token":"***""#),
            (long("token=", "c4nAry"), "token=***"),
            (long("no ", "c4nAry-text"), "no ***"),
            (long("refused ", "é"), "refused éééééééééééé"),
        ] {
            let expected = format!("{shown}{note}");
            assert_eq!(redaction.excerpt(&text, limit), expected);
            assert_eq!(redaction.excerpt_bytes(text.as_bytes(), limit), expected);
        }
        // A secret at the end of what is read, as in a text that was cut there.
        for cut in 4..11 {
            let text = long(&("token=".to_owned() + &"x".repeat(READ + 4 * limit - cut - 7) + "\nc4nAry-text"), ".");
            let shown = redaction.excerpt(&text, limit);
            assert!(shown.ends_with(&note) && !shown.contains("c4nA"), "{shown}");
        }
        let invalid = vec![0xff; 15 << 20];
        assert_eq!(redaction.excerpt_bytes(&invalid, 3), format!("\u{fffd}\u{fffd}\u{fffd}{note}"));
    }

    #[test]
    fn a_long_number_with_many_secrets_is_read_once() {
        let redaction = Redaction::default().hide("1111");
        let body = format!(r#"{{"x":{},"y":2}}"#, "1".repeat(200_000));
        assert_eq!(redaction.mask(&body), r#"{"x":"***","y":2}"#);
    }

    #[test]
    fn the_texts_are_prepared_once() {
        let redaction = Redaction::default().hide("s3cret");
        let copy = redaction.clone();
        assert_eq!(copy.mask("s3cret"), "***");
        assert!(std::ptr::eq(redaction.texts.get().unwrap(), copy.texts()));
        assert_eq!(copy.hide("0ther").mask("s3cret 0ther"), "*** ***");
        assert_eq!(redaction.mask("s3cret 0ther"), "*** 0ther");
    }
}
