//! Public enums and structs with public fields can grow without breaking a program.

use crate::sources::sources;
use std::collections::BTreeSet;

/// Those that cannot, and why.
const CLOSED: [(&str, &str); 14] = [
    ("core/src/codes/v1.rs Row", "generated code makes it"),
    ("core/src/codes/v1.rs RuleRow", "generated code makes it"),
    ("core/src/codes/v1.rs Table", "generated code makes it"),
    ("core/src/error/cause.rs InvalidRequest", "a text, which clients make"),
    ("core/src/error/cause.rs ProtocolViolation", "a text, which clients make"),
    ("core/src/json.rs Members", "a list, which is taken apart"),
    ("src/nemesis/array/family.rs Integers", "a name for a type"),
    ("src/nemesis/array/family.rs SortedIntegers", "a name for a type"),
    ("src/nemesis/array/family.rs SortedTexts", "a name for a type"),
    ("src/nemesis/array/family.rs Strings", "a name for a type"),
    ("core/src/rpc/message.rs Message", "text or binary; a third kind would break protocols anyway"),
    ("sandbox/src/message.rs Message", "text or binary; a third kind would break services anyway"),
    ("codegen/src/source.rs Located", "a text and its place"),
    ("codegen/src/source.rs Place", "a line and a column"),
];

/// The names of the public enums, and structs with public fields, that are not `#[non_exhaustive]`.
fn exhaustive(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in source.match_indices("\npub enum ").chain(source.match_indices("\npub struct ")) {
        let attributes = source[..at].rsplit("\n\n").next().unwrap();
        let mut words = source[at..].split_whitespace().skip(1);
        let kind = words.next().unwrap();
        let name = words.next().unwrap().split(['<', '(', ';']).next().unwrap();
        let head_to_end = source[at + 1..].split("\n}").next().unwrap();
        let first_line = head_to_end.lines().next().unwrap();
        let body = if first_line.ends_with(';') { first_line } else { head_to_end };
        let has_public_fields = body.contains("\n    pub ") || body.contains("(pub ") && body == first_line;
        if !attributes.contains("#[non_exhaustive]") && (kind == "enum" || has_public_fields) {
            found.push(name);
        }
    }
    found
}

#[test]
fn public_types_can_grow() {
    let sources = sources();
    let found = sources
        .iter()
        .flat_map(|(file, source)| exhaustive(source).into_iter().map(move |name| format!("{file} {name}")));
    let found: BTreeSet<_> = found.collect();
    let closed: BTreeSet<_> = CLOSED.iter().map(|(name, _)| (*name).to_owned()).collect();
    let missing: Vec<_> = found.difference(&closed).collect();
    assert!(missing.is_empty(), "make these `#[non_exhaustive]`, or list them above with a reason: {missing:?}");
    let gone: Vec<_> = closed.difference(&found).collect();
    assert!(gone.is_empty(), "these are gone, or can grow now: {gone:?}");
}
