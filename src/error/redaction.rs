//! Hides secrets in messages, and cuts excerpts for errors and logs.

mod line;
mod names;
mod scan;
mod texts;
mod units;
mod value;

use super::bounded::STORED;
use line::Line;
use names::Names;
use scan::{Piece, Scan};
use secrecy::{ExposeSecret, SecretString};
use std::borrow::Cow;
use std::fmt;
use texts::Texts;

const HIDDEN: &str = "***";

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
        self
    }

    /// Returns an excerpt of at most `limit` characters, not counting the note on the full length.
    pub fn excerpt(&self, text: &str, limit: usize) -> String {
        let texts = self.texts();
        let mut line = Line::new(limit);
        for piece in Scan::new(text, &texts, &self.names) {
            let fits = match piece {
                Piece::Shown(piece) => line.push_each(piece),
                Piece::Hidden(quote) => line.push(&format!("{quote}{HIDDEN}{quote}")),
            };
            if !fits {
                return line.cut(text.len());
            }
        }
        line.whole()
    }

    /// Returns an excerpt of bytes; invalid UTF-8 is replaced by U+FFFD.
    pub fn excerpt_bytes(&self, bytes: &[u8], limit: usize) -> String {
        self.excerpt(&String::from_utf8_lossy(bytes), limit)
    }

    /// Returns the whole text without secrets. Unlike an excerpt it keeps its control characters.
    pub fn mask(&self, text: &str) -> String {
        let texts = self.texts();
        let mut masked = String::with_capacity(text.len());
        for piece in Scan::new(text, &texts, &self.names) {
            match piece {
                Piece::Shown(piece) => masked.push_str(piece),
                Piece::Hidden(quote) => masked.extend([quote, HIDDEN, quote]),
            }
        }
        masked
    }

    fn texts(&self) -> Texts {
        Texts::new(self.secrets.iter().map(SecretString::expose_secret))
    }
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
