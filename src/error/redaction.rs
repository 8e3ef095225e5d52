//! Hides secrets in messages, and cuts excerpts for errors and logs.

use secrecy::{ExposeSecret, SecretString};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt::{self, Write};

/// Members of JSON objects whose values are hidden wherever they occur.
const SECRET_MEMBERS: [&str; 14] = [
    "access_token",
    "api_key",
    "apikey",
    "auth",
    "authorization",
    "client_secret",
    "cookie",
    "passwd",
    "password",
    "refresh_token",
    "secret",
    "session",
    "tkn",
    "token",
];

const HIDDEN: &str = "***";

/// Hides secrets in messages, and makes excerpts for errors and logs.
///
/// It hides the values of JSON members that commonly hold secrets (`password`, `token`, `tkn`, `authorization`, ... in
/// any case) and of the members named with [`hide_member`](Self::hide_member), and every occurrence of the texts given
/// to [`hide`](Self::hide). The message need not be valid JSON. Pass the whole message: a truncated secret is not
/// recognized.
///
/// An excerpt is one line, cut between characters. Control characters, and those that change the text direction, are
/// escaped. If the text was cut, the excerpt states its full length.
///
/// ```
/// use statuswire::error::Redaction;
///
/// let redaction = Redaction::default();
/// let shown = redaction.excerpt(r#"{"user":"ada","password":"pw","n":1}"#, 40);
/// assert_eq!(shown, r#"{"user":"ada","password":***,"n":1}"#);
/// assert_eq!(redaction.excerpt("a\nbcdefg", 5), r"a\nbc… (8 bytes in all)");
/// ```
#[derive(Clone)]
pub struct Redaction {
    members: Vec<Cow<'static, str>>,
    secrets: Vec<SecretString>,
}

/// Hides the members that commonly hold secrets.
impl Default for Redaction {
    fn default() -> Self {
        Self { members: SECRET_MEMBERS.map(Cow::Borrowed).into(), secrets: Vec::new() }
    }
}

impl Redaction {
    /// Hides the values of JSON members with this name, in any case.
    #[must_use]
    pub fn hide_member(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.members.push(name.into());
        self
    }

    /// Hides every occurrence of a text, as it is and as escaped in a JSON string. An empty text hides nothing.
    #[must_use]
    pub fn hide(mut self, secret: impl Into<SecretString>) -> Self {
        let secret = secret.into();
        let quoted = serde_json::Value::from(secret.expose_secret()).to_string();
        let escaped = &quoted[1..quoted.len() - 1];
        if !escaped.is_empty() {
            if escaped != secret.expose_secret() {
                self.secrets.push(escaped.into());
            }
            self.secrets.push(secret);
            // Of several secrets with the same beginning, the longest must match first.
            self.secrets.sort_by_key(|secret| Reverse(secret.expose_secret().len()));
        }
        self
    }

    /// Returns an excerpt of at most `limit` characters, not counting the note on the full length.
    pub fn excerpt(&self, text: &str, limit: usize) -> String {
        let mut line = Line { text: String::new(), left: limit };
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (taken, fits) = if let Some(length) = self.secret_at(rest) {
                (length, line.push(HIDDEN))
            } else if let Some((name, value)) = self.member_at(rest) {
                (name + value, line.push_each(&rest[..name]) && line.push(HIDDEN))
            } else {
                (first.len_utf8(), line.push_char(first))
            };
            if !fits {
                // Writing to a string cannot fail.
                let _ = write!(line.text, "… ({} bytes in all)", text.len());
                break;
            }
            rest = &rest[taken..];
        }
        line.text
    }

    /// Returns an excerpt of bytes; invalid UTF-8 is replaced by U+FFFD.
    pub fn excerpt_bytes(&self, bytes: &[u8], limit: usize) -> String {
        self.excerpt(&String::from_utf8_lossy(bytes), limit)
    }

    /// Returns the whole text and hides only the secrets given to [`hide`](Self::hide).
    pub fn mask(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), HIDDEN))
    }

    /// Returns the length of the secret that `rest` begins with.
    fn secret_at(&self, rest: &str) -> Option<usize> {
        self.secrets.iter().map(SecretString::expose_secret).find(|secret| rest.starts_with(secret)).map(str::len)
    }

    /// Returns the length of `"name":` and that of the value if `rest` begins with a member to hide. The quotes may be
    /// escaped, as they are in JSON within a JSON string.
    fn member_at(&self, rest: &str) -> Option<(usize, usize)> {
        let inside = rest.strip_prefix('"')?;
        let hidden = |name: &&Cow<'static, str>| {
            inside.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
                && (inside[name.len()..].starts_with('"') || inside[name.len()..].starts_with("\\\""))
        };
        let name = self.members.iter().find(hidden)?;
        let after = &inside[name.len()..];
        let after = after.strip_prefix('\\').unwrap_or(after).strip_prefix('"')?;
        let value = after.trim_start().strip_prefix(':')?.trim_start();
        Some((rest.len() - value.len(), value_length(value)))
    }
}

impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redaction")
            .field("members", &self.members)
            .field("secrets", &format_args!("{} hidden", self.secrets.len()))
            .finish()
    }
}

/// Returns the length of the JSON value at the beginning of `text`, which may be cut off.
fn value_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escapes = 0_usize;
    // Backslashes before the quote that opened the string: none, or more in JSON within a JSON string.
    let mut opened_with = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\\' => {
                escapes += 1;
                continue;
            }
            b'"' if !in_string => (in_string, opened_with) = (true, escapes),
            b'"' if escapes < opened_with || escapes % (2 * (opened_with + 1)) == opened_with => {
                in_string = false;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return if depth == 1 { at + 1 } else { at },
            b'}' | b']' => depth -= 1,
            b',' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return at,
            _ => {}
        }
        escapes = 0;
    }
    text.len()
}

/// A line with room for `left` more characters.
struct Line {
    text: String,
    left: usize,
}

impl Line {
    /// Adds a whole piece; returns false if it does not fit.
    fn push(&mut self, piece: &str) -> bool {
        let length = piece.chars().count();
        let fits = length <= self.left;
        if fits {
            self.left -= length;
            self.text.push_str(piece);
        }
        fits
    }

    /// Adds a character; escapes it if it would disturb the line.
    fn push_char(&mut self, c: char) -> bool {
        match c {
            // Invisible characters, and those that change the text direction, can falsify a line.
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {
                self.push(&c.escape_unicode().to_string())
            }
            c if c.is_control() => self.push(&c.escape_default().to_string()),
            c => self.push(c.encode_utf8(&mut [0; 4])),
        }
    }

    /// Adds characters one by one; returns false if not all fit.
    fn push_each(&mut self, text: &str) -> bool {
        text.chars().all(|c| self.push_char(c))
    }
}
