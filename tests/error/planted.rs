//! Secrets planted in random JSON, in random spellings, and cut anywhere: none shows.

use proptest::prelude::*;
use statuswire::error::Redaction;

/// Each secret begins with this. Three characters of a secret that is cut may show.
const BEGINNING: &str = "ZqZq";

const NAMES: [&str; 8] =
    ["password", "accessToken", "Session-Id", "X_API_KEY", "authorization", "pwd", "clientSecret", "set-cookie"];

/// Writes random JSON from a list of choices.
struct Writer<'a> {
    choices: std::iter::Cycle<std::slice::Iter<'a, u8>>,
    secrets: &'a [String],
}

impl Writer<'_> {
    fn choose(&mut self, from: usize) -> usize {
        usize::from(*self.choices.next().unwrap()) % from
    }

    /// Spells a text as a JSON string.
    fn string(&mut self, text: &str) -> String {
        let mut json = String::from('"');
        let usual = self.choose(2) == 0;
        for c in text.chars() {
            let mut units = [0; 2];
            let mut by_number = |upper: bool| {
                for unit in c.encode_utf16(&mut units) {
                    json += &if upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") };
                }
            };
            match (if usual { 9 } else { self.choose(4) }, c) {
                (0, _) => by_number(true),
                (1, _) => by_number(false),
                (2, '/') => json += "\\/",
                (_, '"' | '\\') => json.extend(['\\', c]),
                (_, '\n') => json += "\\n",
                (_, c) if c.is_control() => by_number(false),
                (_, c) => json.push(c),
            }
        }
        json + "\""
    }

    /// Writes a value. `hidden`: it belongs to a secret member, so that everything in it is a secret.
    fn value(&mut self, depth: usize, hidden: bool) -> String {
        match self.choose(if depth == 0 { 3 } else { 8 }) {
            0 if !hidden => "-12.5e3".to_owned(),
            1 if !hidden => self.string("some \"text\": in {braces}, C:\\new\\u12 100%25\n"),
            0..3 => {
                let secret = if hidden { format!("{BEGINNING}, \"x\\\\ }}]") } else { self.secret() };
                let text = ["", "it is ", "\\", "100%", "\u{fffd}"][self.choose(5)].to_owned() + &secret;
                let end = ["", " in it", "\"", "\\n"][self.choose(4)];
                self.string(&(text + end))
            }
            3 => format!("[{}, {}]", self.value(depth - 1, hidden), self.value(depth - 1, hidden)),
            4 | 5 => {
                let (a, b, c) =
                    (self.value(depth - 1, hidden), self.value(depth - 1, true), self.value(depth - 1, hidden));
                let name = NAMES[self.choose(NAMES.len())];
                let name = self.string(name);
                let space = ["", " ", "\n\t"][self.choose(3)];
                format!("{{\"a\":{a},{name}{space}:{space}{b}{space},\"c\":{c}}}")
            }
            6 => {
                let inner = self.value(depth - 1, hidden);
                self.string(&inner)
            }
            _ => {
                let inner = self.value(depth - 1, hidden);
                self.string(&format!("5\" error: {inner} (it's \"odd\")"))
            }
        }
    }

    fn secret(&mut self) -> String {
        self.secrets[self.choose(self.secrets.len())].clone()
    }
}

/// Undoes all escapes at all depths.
fn plain(text: &str) -> String {
    let mut plain = text.replace('\\', "\\\\").replace("\\\\", "\\");
    while let Some(at) = plain.rfind("\\u") {
        let number = plain.get(at + 2..at + 6).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match number {
            Some(number) => {
                let c = char::from_u32(number).unwrap_or('\u{fffd}');
                plain.replace_range(at..at + 6, c.encode_utf8(&mut [0; 4]));
            }
            None => plain.replace_range(at..at + 1, ""),
        }
    }
    plain.replace('\\', "")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_planted_secret_shows(
        choices in proptest::collection::vec(any::<u8>(), 1..300),
        ends in proptest::collection::vec("[ -~\u{e9}\u{1f600}\n]{0,9}", 1..4),
        cut in any::<prop::sample::Index>(),
        limit in 0_usize..400,
    ) {
        let secrets: Vec<String> = ends.iter().map(|end| format!("{BEGINNING}{end}")).collect();
        let redaction = secrets.iter().cloned().fold(Redaction::default(), Redaction::hide);
        let mut writer = Writer { choices: choices.iter().cycle(), secrets: &secrets };
        let json = format!("[{}]", writer.value(4, false));
        let masked = redaction.mask(&json);
        prop_assert!(!plain(&masked).contains(BEGINNING), "{masked} of {json}");
        // A secret that ends with a quotation mark or a backslash may take in the end of a string that contains the rest of it.
        let is_ambiguous = ends.iter().any(|end| end.contains(['"', '\\']));
        prop_assert!(is_ambiguous || serde_json::from_str::<serde_json::Value>(&masked).is_ok(), "{masked} of {json}");
        let excerpt = redaction.excerpt(&json, limit);
        prop_assert!(!plain(&excerpt).contains(BEGINNING), "{excerpt} of {json}");
        let prose = format!("he said \"no\": {json}");
        prop_assert!(!plain(&redaction.mask(&prose)).contains(BEGINNING), "{prose}");
        let cut = &json.as_bytes()[..cut.index(json.len())];
        let excerpt = redaction.excerpt_bytes(cut, usize::MAX);
        prop_assert!(!plain(&excerpt).contains(BEGINNING), "{excerpt} of {}", String::from_utf8_lossy(cut));
    }
}
