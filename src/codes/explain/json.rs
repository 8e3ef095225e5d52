//! A scanner for JSON: which members hold which plain values. Nothing is unescaped or converted.

use alloc::vec::Vec;

/// A member of an object whose value is neither object nor array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member<'t> {
    pub(super) key: &'t str,
    pub(super) value: Scalar<'t>,
}

/// A plain value as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar<'t> {
    /// Without the quotation marks.
    String(&'t str),
    /// A number, `true`, `false` or `null`.
    Other(&'t str),
}

/// Scans the object or array that a text begins with: its members at all depths, and its length. `None` if it is none,
/// or not complete.
pub(super) fn scan(text: &str) -> Option<(Vec<Member<'_>>, usize)> {
    let mut scanner = Scanner { text, at: 0, members: Vec::new() };
    scanner.value_at_top()?;
    Some((scanner.members, scanner.at))
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    members: Vec<Member<'t>>,
}

/// What the scanner is inside of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Object,
    Array,
}

impl<'t> Scanner<'t> {
    /// Without recursion: a text may nest as deep as it likes.
    fn value_at_top(&mut self) -> Option<()> {
        let mut stack = Vec::new();
        stack.push(self.opening()?);
        let mut is_first = true;
        while let Some(inside) = stack.last().copied() {
            self.skip_space();
            if self.eat(if inside == Inside::Object { b'}' } else { b']' }) {
                stack.pop();
                is_first = false;
                continue;
            }
            if !is_first && !self.eat(b',') {
                return None;
            }
            self.skip_space();
            let key = match inside {
                Inside::Object => Some(self.key()?),
                Inside::Array => None,
            };
            self.skip_space();
            if let Some(opened) = self.opening() {
                stack.push(opened);
                is_first = true;
                continue;
            }
            let value = self.scalar()?;
            self.members.extend(key.map(|key| Member { key, value }));
            is_first = false;
        }
        Some(())
    }

    fn opening(&mut self) -> Option<Inside> {
        if self.eat(b'{') {
            Some(Inside::Object)
        } else if self.eat(b'[') {
            Some(Inside::Array)
        } else {
            None
        }
    }

    fn key(&mut self) -> Option<&'t str> {
        let key = self.string()?;
        self.skip_space();
        self.eat(b':').then_some(key)
    }

    fn scalar(&mut self) -> Option<Scalar<'t>> {
        if let Some(string) = self.string() {
            return Some(Scalar::String(string));
        }
        let rest = &self.text[self.at..];
        let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count();
        self.at += length;
        (length > 0).then(|| Scalar::Other(&rest[..length]))
    }

    fn string(&mut self) -> Option<&'t str> {
        let rest = self.text[self.at..].strip_prefix('"')?;
        let mut escaped = false;
        for (length, byte) in rest.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    self.at += length + 2;
                    return Some(&rest[..length]);
                }
                _ => {}
            }
        }
        None
    }

    fn skip_space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is_there = self.text.as_bytes().get(self.at) == Some(&byte);
        self.at += usize::from(is_there);
        is_there
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn string<'t>(key: &'t str, value: &'t str) -> Member<'t> {
        Member { key, value: Scalar::String(value) }
    }

    fn other<'t>(key: &'t str, value: &'t str) -> Member<'t> {
        Member { key, value: Scalar::Other(value) }
    }

    #[test]
    fn members_are_found_at_all_depths() {
        let text = r#"{"a":{"st":26,"x":[{"st": -1.5e3},"y",[]],"m":"q\"}"},"b" : true} rest"#;
        let (members, length) = scan(text).unwrap();
        assert_eq!(members, [other("st", "26"), other("st", "-1.5e3"), string("m", "q\\\"}"), other("b", "true")]);
        assert_eq!(&text[length..], " rest");
        assert_eq!(scan("[]"), Some((vec![], 2)));
    }

    #[test]
    fn what_is_incomplete_is_none() {
        for text in ["", "1", "\"a\"", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{a:1}", "[1 2]", "{\"a\":\"b}", "[,]x"] {
            assert_eq!(scan(text), None, "{text}");
        }
    }

    #[test]
    fn depth_is_no_problem() {
        let text = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(scan(&text), Some((vec![], 200_000)));
    }
}
