//! The names of members, parameters and headers that hold secrets.

/// A name that contains one of these holds a secret.
const CONTAINED: [&str; 3] = ["passphrase", "passwd", "password"];

/// A name that ends with one of these holds a secret.
const ENDINGS: [&str; 23] = [
    "accesskey",
    "accesskeyid",
    "apikey",
    "auth",
    "authorization",
    "cookie",
    "credential",
    "credentials",
    "encryptionkey",
    "jwt",
    "licencekey",
    "licensekey",
    "passcode",
    "privatekey",
    "pwd",
    "secret",
    "secretkey",
    "sessionid",
    "sessionkey",
    "sessid",
    "signature",
    "signingkey",
    "token",
];

/// A name that is one of these holds a secret.
const WHOLE: [&str; 10] = ["cookies", "csrf", "otp", "pass", "pin", "session", "sid", "sig", "tkn", "xsrf"];

/// Headers whose values are several words.
const LINES: [&str; 2] = ["authorization", "cookie"];

/// The longest part of a name that is looked at.
const LONGEST: usize = 128;

/// Further names, without case, `_` and `-`.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Vec<String>);

impl Names {
    pub(super) fn add(&mut self, name: &str) {
        self.0.push(Name::of(name).text);
    }

    /// Returns whether the values of this name are secrets.
    pub(super) fn hide(&self, name: &Name) -> bool {
        let last_word = &name.text[name.last_word..];
        CONTAINED.iter().any(|part| last_word.contains(part))
            || ENDINGS.iter().any(|end| name.text.ends_with(end))
            || WHOLE.contains(&last_word)
            || self.0.iter().any(|own| own == last_word || own == &name.text)
    }
}

/// A name in lower case, without `_`, `-` and spaces.
#[derive(Clone, Debug, Default)]
pub(super) struct Name {
    text: String,
    last_word: usize,
    /// A space follows the last word.
    ended: bool,
}

impl Name {
    /// Reads a name that is one word.
    pub(super) fn of(text: &str) -> Self {
        let mut name = Self::default();
        text.bytes().filter(u8::is_ascii_alphanumeric).for_each(|byte| name.push(byte));
        name
    }

    /// Adds a letter or a digit.
    pub(super) fn push(&mut self, byte: u8) {
        if self.text.len() == LONGEST {
            self.text.drain(..LONGEST / 2);
            self.last_word = self.last_word.saturating_sub(LONGEST / 2);
        }
        if std::mem::take(&mut self.ended) {
            self.last_word = self.text.len();
        }
        self.text.push(char::from(byte.to_ascii_lowercase()));
    }

    /// The next letter begins a word.
    pub(super) fn space(&mut self) {
        self.ended = true;
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        (self.last_word, self.ended) = (0, false);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Returns whether the value of this header goes to the end of the line.
    pub(super) fn is_line(&self) -> bool {
        LINES.iter().any(|line| self.text.ends_with(line))
    }
}
