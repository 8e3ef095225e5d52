//! An excerpt in the making.

/// A line with room for `left` more characters.
pub(super) struct Line {
    text: String,
    left: usize,
}

impl Line {
    pub(super) fn new(limit: usize) -> Self {
        Self { text: String::new(), left: limit }
    }

    pub(super) fn whole(self) -> String {
        self.text
    }

    /// Adds that the text was cut, and its length in bytes.
    pub(super) fn cut(self, bytes: usize) -> String {
        format!("{}… ({bytes} bytes in all)", self.text)
    }

    /// Adds a whole piece; returns false if it does not fit.
    pub(super) fn push(&mut self, piece: &str) -> bool {
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
    pub(super) fn push_each(&mut self, text: &str) -> bool {
        text.chars().all(|c| self.push_char(c))
    }
}
