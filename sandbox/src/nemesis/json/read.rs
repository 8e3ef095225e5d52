//! Reading: a loop with its own stack, so that no depth of nesting can exhaust the thread's.
use super::value::{Object, Value};

/// Levels of arrays and objects that jsoncons reads (observed: 1021 inside the three of a `KV_SET`).
const MAX_DEPTH: usize = 1024;

/// The library that a server reads JSON with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::nemesis) enum Dialect {
    /// Accepts comments. Of two members with one name the first stays, integers beyond 64 bits become strings, floats
    /// beyond a double become null, a lone low surrogate vanishes.
    Jsoncons,
    /// Refuses comments, floats beyond a double and lone surrogates. Of two members with one name the last stays, integers
    /// beyond 64 bits become floats.
    Nlohmann,
}

/// Reads one JSON document as jsoncons does; `None` if the text is not one (the server does not say more either).
pub(in crate::nemesis) fn parse(text: &str) -> Option<Value> {
    parse_as(text, Dialect::Jsoncons)
}

/// Reads one JSON document; `None` if the text is not one.
pub(in crate::nemesis) fn parse_as(text: &str, dialect: Dialect) -> Option<Value> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { text, at: 0, dialect };
    let value = reader.document()?;
    // Comments are accepted inside the document only.
    reader.text[reader.at..].bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).then_some(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    dialect: Dialect,
}

/// A container whose end has not been read, and the name that waits for its value.
enum Open {
    Array(Vec<Value>),
    Object(Object, String),
}

impl Reader<'_> {
    fn document(&mut self) -> Option<Value> {
        let mut stack: Vec<Open> = Vec::new();
        'value: loop {
            self.skip_space()?;
            let mut value = match self.peek()? {
                open @ (b'[' | b'{') => {
                    if stack.len() == MAX_DEPTH {
                        return None;
                    }
                    self.at += 1;
                    self.skip_space()?;
                    match (open, self.peek()?) {
                        (b'[', b']') => self.then(Value::Array(Vec::new())),
                        (b'{', b'}') => self.then(Value::Object(Object::new())),
                        (b'[', _) => {
                            stack.push(Open::Array(Vec::new()));
                            continue 'value;
                        }
                        _ => {
                            let name = self.member_name()?;
                            stack.push(Open::Object(Object::new(), name));
                            continue 'value;
                        }
                    }
                }
                b'"' => Value::String(self.string()?),
                b'n' => self.word("null", Value::Null)?,
                b't' => self.word("true", Value::Bool(true))?,
                b'f' => self.word("false", Value::Bool(false))?,
                _ => self.number()?,
            };
            // The value is complete: hand it to what it is in, which may complete that.
            loop {
                let Some(open) = stack.pop() else { return Some(value) };
                self.skip_space()?;
                let separator = self.peek()?;
                self.at += 1;
                match (open, separator) {
                    (Open::Array(mut items), b',') => {
                        items.push(value);
                        stack.push(Open::Array(items));
                        continue 'value;
                    }
                    (Open::Array(mut items), b']') => {
                        items.push(value);
                        value = Value::Array(items);
                    }
                    (Open::Object(mut members, name), b',') => {
                        self.add(&mut members, name, value);
                        self.skip_space()?;
                        let name = self.member_name()?;
                        stack.push(Open::Object(members, name));
                        continue 'value;
                    }
                    (Open::Object(mut members, name), b'}') => {
                        self.add(&mut members, name, value);
                        value = Value::Object(members);
                    }
                    _ => return None,
                }
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Adds a member as the library does if its name is there already (observed).
    fn add(&self, members: &mut Object, name: String, value: Value) {
        match self.dialect {
            Dialect::Jsoncons => members.insert_new(name, value),
            Dialect::Nlohmann => members.insert(name, value),
        }
    }

    fn then(&mut self, value: Value) -> Value {
        self.at += 1;
        value
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        self.text[self.at..].starts_with(word).then(|| {
            self.at += word.len();
            value
        })
    }

    fn member_name(&mut self) -> Option<String> {
        if self.peek()? != b'"' {
            return None;
        }
        let name = self.string()?;
        self.skip_space()?;
        (self.peek()? == b':').then(|| self.at += 1)?;
        Some(name)
    }

    /// Skips white space and comments of both kinds; `None` if a comment does not end.
    fn skip_space(&mut self) -> Option<()> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(b'/') if self.dialect == Dialect::Jsoncons => match self.text.as_bytes().get(self.at + 1)? {
                    b'*' => self.skip_block_comment()?,
                    b'/' => self.at += self.text[self.at..].find(['\r', '\n'])?,
                    _ => return None,
                },
                _ => return Some(()),
            }
        }
    }

    /// An asterisk takes the next character with it unless that is the slash: `/***/` does not end (source of jsoncons).
    fn skip_block_comment(&mut self) -> Option<()> {
        self.at += 2;
        loop {
            self.at += self.text[self.at..].find('*')? + 1;
            let next = self.text[self.at..].chars().next()?;
            self.at += next.len_utf8();
            if next == '/' {
                return Some(());
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let end = rest.find(|c| matches!(c, '"' | '\\' | '\0'..='\x1f'))?;
            out.push_str(&rest[..end]);
            self.at += end + 1;
            match rest.as_bytes()[end] {
                b'"' => return Some(out),
                b'\\' => self.escape(&mut out)?,
                _ => return None,
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Option<()> {
        let escape = self.peek()?;
        self.at += 1;
        out.push(match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => match self.hex4()? {
                high @ 0xd800..=0xdbff => {
                    // Whatever escape comes second is taken for the low half, its upper bits are not looked at.
                    self.text[self.at..].starts_with("\\u").then(|| self.at += 2)?;
                    let low = self.hex4()?;
                    if self.dialect == Dialect::Nlohmann && !matches!(low, 0xdc00..=0xdfff) {
                        return None;
                    }
                    char::from_u32(0x1_0000 + ((high & 0x3ff) << 10) + (low & 0x3ff))?
                }
                // A lone low surrogate vanishes (observed: stored as an empty string).
                0xdc00..=0xdfff => return (self.dialect == Dialect::Jsoncons).then_some(()),
                code => char::from_u32(code)?,
            },
            _ => return None,
        });
        Some(())
    }

    fn hex4(&mut self) -> Option<u32> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4)?;
        self.at += 4;
        digits.iter().try_fold(0, |code, &digit| Some(code * 16 + char::from(digit).to_digit(16)?))
    }

    fn number(&mut self) -> Option<Value> {
        let start = self.at;
        let negative = self.peek()? == b'-';
        self.at += usize::from(negative);
        match self.peek()? {
            b'0' => self.at += 1,
            b'1'..=b'9' => self.digits()?,
            _ => return None,
        }
        let mut integer = true;
        if self.peek() == Some(b'.') {
            integer = false;
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            integer = false;
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        let text = &self.text[start..self.at];
        // A number must be followed by something that ends it: `01` and `1a` are not JSON.
        if matches!(self.peek(), Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z')) {
            return None;
        }
        match (integer, negative) {
            // Without its sign, zero is one of the numbers that have none.
            (true, true) if text == "-0" => Some(Value::UInt(0)),
            (true, true) => text.parse().map(Value::Int).ok(),
            (true, false) => text.parse().map(Value::UInt).ok(),
            (false, _) => None,
        }
        .or_else(|| match self.dialect {
            Dialect::Jsoncons if integer => Some(text.into()),
            // Zero loses its sign (observed).
            Dialect::Jsoncons => text.parse().map(|number: f64| Value::Float(number + 0.0)).ok(),
            Dialect::Nlohmann => text.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Float),
        })
    }

    /// At least one digit.
    fn digits(&mut self) -> Option<()> {
        let count = self.text.as_bytes()[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        (count > 0).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::write::{to_text, to_unsorted_text_as};
    use super::*;

    fn round(text: &str) -> Option<String> {
        parse(text).map(|value| to_text(&value))
    }

    #[test]
    fn other_texts_are_refused() {
        let texts = concat!(
            "{|[|[1,]|{,}|{'a':1}|nul|truee|NaN|Infinity|+1|01|-01|.5|5.|1e|1e+|0x1|-|[1]]|{}{}|[/***/1]||  |",
            "{\"a\":1,}|{\"a\"}|{\"a\":}|[1 2]|\"a|\"\\x\"|\"\\u12\"|\"\\ud800\"|\"\\ud800x\"|\"\u{1}\"|\"\t\"|",
            "\"\n\"|{} x|{} /* c */|[/* c ]|[// c|[/ 1]|\u{feff}|[\u{feff}]|1 2|[1]\0",
        );
        for text in texts.split('|') {
            assert_eq!(round(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_jsoncons_lets_pass_is_accepted() {
        for (text, want) in [
            ("\u{feff}{}", "{}"),
            (" \t\r\n[ ] ", "[]"),
            ("[/**/1/* * **x */,// line\n2]", "[1,2]"),
            ("{/**/\"a\"/**/:/**/1/**/}", "{\"a\":1}"),
            ("{\"b\":1,\"a\":2,\"b\":3}", "{\"a\":2,\"b\":1}"),
            ("\"\\udc00\"", "\"\""),
            ("\"a\\udc00b\\ud83d\\ude00\"", "\"ab😀\""),
            ("\"\\ud800\\u0041\"", "\"\u{10041}\""),
            (
                "\"\\u0000\\u001f\\u007F\\/\\b\\f\\n\\r\\t\\\\\\\"\"",
                "\"\\u0000\\u001F\\u007F/\\b\\f\\n\\r\\t\\\\\\\"\"",
            ),
            ("\"é\\u00e9\"", "\"éé\""),
        ] {
            assert_eq!(round(text).as_deref(), Some(want), "{text:?}");
        }
    }

    #[test]
    fn the_library_of_fusion_differs() {
        for (text, want) in [
            ("{\"b\":1,\"a\":2,\"b\":3}", Some("{\"b\":3,\"a\":2}")),
            ("\u{feff}{}", Some("{}")),
            ("123456789012345678901234567890", Some("1.2345678901234568e+29")),
            ("-0.0", Some("-0.0")),
            ("1e-400", Some("0.0")),
            ("\"\\ud83d\\ude00\"", Some("\"😀\"")),
            ("\"\\u001f\\u007f\\b\\/\"", Some("\"\\u001f\u{7f}\\b/\"")),
            ("1e400", None),
            ("[/**/1]", None),
            ("\"\\udc00\"", None),
            ("\"\\ud800\\u0041\"", None),
        ] {
            let got = parse_as(text, Dialect::Nlohmann).map(|value| to_unsorted_text_as(&value, Dialect::Nlohmann));
            assert_eq!(got.as_deref(), want, "{text:?}");
        }
    }

    #[test]
    fn numbers_keep_what_the_server_keeps() {
        for (text, want) in [
            ("0", "0"),
            ("-0", "0"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("-9223372036854775809", "\"-9223372036854775809\""),
            ("18446744073709551615", "18446744073709551615"),
            ("18446744073709551616", "\"18446744073709551616\""),
            ("1.0", "1.0"),
            ("1e2", "100.0"),
            ("1E+2", "100.0"),
            ("-0.0", "0.0"),
            ("1e400", "null"),
            ("-1e400", "null"),
            ("1e-400", "0.0"),
        ] {
            assert_eq!(round(text).as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn depth_is_limited_and_takes_no_stack() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let objects = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        std::thread::Builder::new()
            .stack_size(2 * 1024 * 1024)
            .spawn(move || {
                assert_eq!(round(&nested(1024)), Some(nested(1024)));
                assert_eq!(round(&objects(1024)), Some(objects(1024)));
                assert_eq!(round(&nested(1025)), None);
                assert_eq!(round(&objects(1025)), None);
                assert_eq!(round(&"[".repeat(1_000_000)), None);
            })
            .unwrap()
            .join()
            .unwrap();
    }
}
