//! Tokens of JSON text that is known to be well-formed, or the beginning of such text.

/// A piece of JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `{` or `[`.
    Open(u8),
    /// `}` or `]`.
    Close,
    /// `,`.
    Comma,
    /// `:`.
    Colon,
    /// A string with its quotes; the closing one may be missing at the end of the text.
    String(&'a str),
    /// A number, `true`, `false` or `null`.
    Scalar(&'a str),
}

/// The tokens of `text`, each with the byte at which it begins.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = (usize, Token<'_>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let bytes = text.as_bytes();
        at += bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let start = at;
        let token = match *bytes.get(at)? {
            open @ (b'{' | b'[') => Token::Open(open),
            b'}' | b']' => Token::Close,
            b',' => Token::Comma,
            b':' => Token::Colon,
            b'"' => Token::String(&text[at..string_end(bytes, at)]),
            _ => Token::Scalar(&text[at..scalar_end(text, at)]),
        };
        at += match token {
            Token::String(text) | Token::Scalar(text) => text.len(),
            _ => 1,
        };
        Some((start, token))
    })
}

/// Where the string that begins at `start` ends, its closing quote included.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Where the scalar that begins at `start` ends. It is never empty: text that is no JSON must not stop the tokens.
fn scalar_end(text: &str, start: usize) -> usize {
    let ends = |c: char| matches!(c, '{' | '}' | '[' | ']' | ',' | ':' | '"') || c.is_ascii_whitespace();
    text[start..].find(ends).map_or(text.len(), |length| start + length)
}

#[cfg(test)]
mod tests {
    use super::Token::{Close, Colon, Comma, Open, Scalar, String};
    use super::*;

    #[test]
    fn every_kind_of_token() {
        let all: Vec<_> = tokens(r#" {"a\"" : [-1.5e3,true] , "":null}"#).collect();
        assert_eq!(
            all,
            [
                (1, Open(b'{')),
                (2, String(r#""a\"""#)),
                (8, Colon),
                (10, Open(b'[')),
                (11, Scalar("-1.5e3")),
                (17, Comma),
                (18, Scalar("true")),
                (22, Close),
                (24, Comma),
                (26, String(r#""""#)),
                (28, Colon),
                (29, Scalar("null")),
                (33, Close),
            ]
        );
    }

    #[test]
    fn a_string_that_stops_short() {
        assert_eq!(tokens(r#""ab\"#).collect::<Vec<_>>(), [(0, String(r#""ab\"#))]);
        assert_eq!(tokens("\"").collect::<Vec<_>>(), [(0, String("\""))]);
    }
}
