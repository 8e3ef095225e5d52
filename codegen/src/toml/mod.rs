//! Reads TOML as a tree of values: all of it with the crate `toml`; without that feature the part that a table of one's own
//! needs, because each build of `statuswire` waits for what this crate depends on.

#[cfg(any(not(feature = "toml"), test))]
mod part;
#[cfg(feature = "toml")]
mod whole;

use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::source::{Located, Source};
use std::ops::Range;

#[cfg(not(feature = "toml"))]
use part::read as tree;
#[cfg(feature = "toml")]
use whole::read as tree;

const HELP: &str = if cfg!(feature = "toml") {
    "write it as `key = \"value\"` and `[table]` lines, each key once"
} else {
    "write it as `key = \"value\"` and `[table]` lines, each key once; texts of several lines need the feature `toml` of statuswire-codegen"
};

/// Keys and their values, in the order of the file. A text is as it was given, not with single spaces.
pub(crate) type Members = Vec<(Located, Node)>;

/// What is wrong, and where.
type Flaw = (Range<usize>, String);

/// Reads the TOML in a range of the source; reports what is no TOML.
pub(crate) fn read(
    source: &Source,
    range: Range<usize>,
    what: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Members> {
    let report = |(range, flaw): Flaw| Diagnostic::at(source, range, format!("{what} is not valid TOML: {flaw}"), HELP);
    tree(source.text(), range).map_err(|flaws| diagnostics.extend(flaws.into_iter().map(report))).ok()
}

#[cfg(all(test, feature = "toml"))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::{Path, PathBuf};

    /// Writes members by their names. A table that is begun several times has several places: none is written.
    fn shown(members: &Members) -> String {
        let mut lines: Vec<_> = members
            .iter()
            .map(|(key, value)| match value {
                Node::Text(_) => format!("{}@{}={}", key.text, key.range.start, shown_value(value)),
                _ => format!("{}={}", key.text, shown_value(value)),
            })
            .collect();
        lines.sort();
        format!("{{{}}}", lines.join(", "))
    }

    fn shown_value(value: &Node) -> String {
        let item = |item: &Node| format!("{}@{}", shown_value(item), item.range().start);
        match value {
            Node::Text(Located { text, range }) => format!("{text:?}@{range:?}"),
            Node::List(items, _) => format!("[{}]", items.iter().map(item).collect::<Vec<_>>().join(", ")),
            Node::Table(members, _) => shown(members),
            Node::Nothing => "nothing".to_owned(),
        }
    }

    /// Compares the readers on a text in a page; returns how many read it.
    fn compare(toml: &str) -> usize {
        let page = format!("é\n{toml}+++\n");
        let range = 3..3 + toml.len();
        match (part::read(&page, range.clone()), whole::read(&page, range.clone())) {
            (Ok(part), Ok(whole)) => {
                assert_eq!(shown(&part), shown(&whole), "{toml}");
                2
            }
            (Err(flaws), whole) => {
                let [(at, _)] = &flaws[..] else { panic!("{flaws:?}") };
                assert!(range.start <= at.start && at.start <= at.end && at.end <= range.end, "{toml:?} {at:?}");
                assert!(page.get(at.clone()).is_some(), "{toml:?} {at:?}");
                usize::from(whole.is_ok())
            }
            (Ok(_), Err(_)) => 1,
        }
    }

    fn files(directory: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
    }

    #[test]
    fn both_readers_read_the_settings_of_tables_alike() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut settings = 0;
        for path in ["../codes", "../core/codes"].iter().flat_map(|codes| files(&root.join(codes))) {
            let text = std::fs::read_to_string(&path).unwrap();
            let front_matter = text.strip_prefix("+++\n").and_then(|text| text.split_once("+++\n"));
            if let Some(toml) = front_matter
                .map(|(toml, _)| toml)
                .or(path.extension().is_some_and(|extension| extension == "toml").then_some(&text))
            {
                assert_eq!(compare(toml), 2, "{}", path.display());
                settings += 1;
            }
        }
        assert!(settings > 5, "the tables were not found");
        for path in files(&root.join("tests")) {
            if path.extension().is_some_and(|extension| extension == "toml") {
                compare(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    #[test]
    fn both_readers_read_what_settings_need() {
        for toml in [
            "",
            "a = 1",
            "a = 1\r\nb = 0x10 # c\r\n",
            "a=-5\nb = +1_000\nc = 1.5e3\nd = 2026-11-27T10:00:00Z\ne = 07:32:00\nf = inf\ng = -nan\nh = true\n",
            "a.b.c = 1\na.b.d = 2\n\"a\".'e f' = 3\n",
            "a = \"q\\\"\\\\\\t\\u00e9\\U0001F600\\x41\\e\"\nb = 'c:\\d'\nc = ''\n",
            "[a]\nb = 1\n[ a . c ]\nd = 2\n[e.f]\n[e]\ng = 1\n",
            "[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 3\n[[a.e]]\n[[a.e]]\n",
            "a = [1, \"two\", [3,], {b = 4, c.d = 5}, # six\n]\nb = []\nc = {}\n",
            "[group.\"Kéys\"]\nkind = \"INTERNAL\"\n[override.\"1.2\"]\nvalue = '1'\n",
        ] {
            assert_eq!(compare(toml), 2, "{toml}");
        }
    }

    #[test]
    fn the_part_is_clear_about_what_it_does_not_read() {
        for (toml, at, what) in [
            ("a = \"\"\"x\"\"\"", 4..5, "expected a text of one line"),
            ("a = NOT_FOUND", 4..13, "expected a value: a text stands in quotation marks"),
            ("a = \"x", 4..6, "expected a quotation mark at the end of the text"),
            ("a = \"x\n\"", 4..6, "expected a quotation mark at the end of the text"),
            ("a = \"\\q\"", 5..7, "expected a known escape; a backslash is written `\\\\`"),
            ("a = \"\\uD800\"", 5..11, "expected a known escape; a backslash is written `\\\\`"),
            ("a = 1 b = 2", 6..7, "expected the end of the line"),
            ("a 1", 2..3, "expected `=`"),
            ("= 1", 0..1, "expected a key"),
            ("a.= 1", 2..3, "expected a key"),
            ("[a", 2..2, "expected `]`"),
            ("[[a]", 3..4, "expected `]]`"),
            ("a = [1 2]", 7..8, "expected `]`"),
            ("a = {b = 1", 10..10, "expected `}`"),
            ("a = 1\na = 2", 6..7, "the key `a` is given twice"),
            ("a = 1\n[a]", 7..8, "the key `a` is given twice"),
            ("[a]\nb = 1\n[a.b.c]", 13..14, "the key `b` is given twice"),
            ("a = 1\na.b = 2", 6..7, "the key `a` is given twice"),
        ] {
            let flaws = part::read(toml, 0..toml.len()).map(|_| ()).unwrap_err();
            assert_eq!(flaws, [(at, what.to_owned())], "{toml}");
        }
        for nested in ["a = ".to_owned() + &"[".repeat(100_000), "a.".repeat(100_000) + "a = 1"] {
            assert!(part::read(&nested, 0..nested.len()).is_err());
        }
    }

    proptest! {
        #[test]
        fn what_both_readers_read_is_alike(words in proptest::collection::vec(prop_oneof![
            Just("a"), Just("b"), Just("\"c d\""), Just("'é'"), Just("1"), Just("-2.5"), Just("true"), Just("\"\\n\""),
            Just("."), Just("="), Just(" = "), Just("["), Just("]"), Just("[["), Just("]]"), Just("{"), Just("}"), Just(","),
            Just("\n"), Just("\r\n"), Just(" "), Just("# x\n"), Just("\\"), Just("\"")
        ], 0..24), lines in proptest::collection::vec(prop_oneof![
            Just("[a]"), Just("[[b]]"), Just("[a.b]"), Just("[b.c]"), Just("x = 1"), Just("y.z = [\"é\", 2]"), Just("y.w = 'q'"),
            Just("b = {c = 1, d.e = []}"), Just("c = [{x = 1}, {x = 2}]"), Just("# note"), Just("")
        ], 0..12)) {
            compare(&words.concat());
            compare(&lines.join("\n"));
        }
    }
}
