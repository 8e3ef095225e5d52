//! Reasons: texts with holes for values.

use super::Checker;
use crate::draft::Entry;
use crate::excerpt::quoted;
use crate::source::Located;
use crate::table::{Piece, Template};
use crate::vocabulary::{Hole, Key};
use std::collections::HashSet;
use std::ops::Range;

/// What is wrong with a part of a template.
struct Flaw {
    range: Range<usize>,
    what: String,
    help: &'static str,
}

impl Checker<'_> {
    /// Returns the templates of a row.
    pub(super) fn reasons(&mut self, row: &Entry) -> Vec<Template> {
        let before = self.diagnostics.len();
        self.list(row, Key::Reasons, "reason");
        if self.diagnostics.len() > before {
            return Vec::new();
        }
        row.all(Key::Reasons).filter_map(|reason| self.template(reason)).collect()
    }

    fn template(&mut self, reason: &Located) -> Option<Template> {
        let flaw = match pieces(&reason.text).and_then(|pieces| checked(&reason.text, pieces)) {
            Ok(pieces) => return Some(Template { text: reason.text.clone(), pieces }),
            Err(flaw) => flaw,
        };
        // Behind a backtick, if the text stands in the file as it is. The place of a whole list is not searched for each of
        // its reasons.
        let written = self.draft.source.text().get(reason.range.clone()).unwrap_or_default();
        let start = if written.len() <= 2 * reason.text.len() + 8 { written.find(reason.text.as_str()) } else { None };
        let range = match start.map(|start| reason.range.start + start) {
            Some(start) => start + flaw.range.start..start + flaw.range.end,
            None => reason.range.clone(),
        };
        self.report(&range, flaw.what, flaw.help);
        None
    }
}

/// Splits a template into pieces. Two adjacent braces are one brace of the text.
fn pieces(text: &str) -> Result<Vec<(Piece, Range<usize>)>, Flaw> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if rest.starts_with("{{") || rest.starts_with("}}") {
            literal.push(c);
            at += 2;
        } else if c == '{' {
            let Some(length) = rest.find('}') else {
                return Err(Flaw {
                    range: at..text.len(),
                    what: "the hole has no end".to_owned(),
                    help: "write a hole as `{name:type}`, and a brace that stands for itself twice",
                });
            };
            if !literal.is_empty() {
                pieces.push((Piece::Literal(std::mem::take(&mut literal).into()), at..at));
            }
            let range = at..at + length + 1;
            pieces.push((hole(&rest[1..length], &range)?, range.clone()));
            at = range.end;
        } else if c == '}' {
            return Err(Flaw {
                range: at..at + 1,
                what: "the brace closes no hole".to_owned(),
                help: "write a brace that stands for itself twice",
            });
        } else {
            literal.push(c);
            at += c.len_utf8();
        }
    }
    if !literal.is_empty() {
        pieces.push((Piece::Literal(literal.into()), at..at));
    }
    Ok(pieces)
}

fn hole(inside: &str, range: &Range<usize>) -> Result<Piece, Flaw> {
    let flaw = |what, help| Flaw { range: range.clone(), what, help };
    let (name, word) = inside.split_once(':').unwrap_or((inside, ""));
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !is_name {
        return Err(flaw(
            format!("`{}` is no name for a hole", quoted(name)),
            "use lower-case ASCII letters, digits and `_`, a letter first, as in `{seconds:u32}`",
        ));
    }
    match Hole::from_word(word) {
        Some(hole) => Ok(Piece::Hole { name: name.into(), hole }),
        None if word.is_empty() => Err(flaw(
            format!("the hole `{}` has no type", quoted(name)),
            "put one of :u32, :u64, :i64 and :text behind the name",
        )),
        None => Err(flaw(format!("the type `{}` is not known", quoted(word)), "use one of u32, u64, i64 and text")),
    }
}

/// Returns the pieces, if the beginning and the end of each hole are certain.
fn checked(text: &str, pieces: Vec<(Piece, Range<usize>)>) -> Result<Vec<Piece>, Flaw> {
    let mut names = HashSet::new();
    for (at, (piece, range)) in pieces.iter().enumerate() {
        let Piece::Hole { name, hole } = piece else { continue };
        let flaw = |what, help| Err(Flaw { range: range.clone(), what, help });
        if !names.insert(name) {
            return flaw(format!("the hole `{}` stands here twice", quoted(name)), "give each hole a name of its own");
        }
        let before = at.checked_sub(1).map(|before| &pieces[before].0);
        match (before, pieces.get(at + 1).map(|(next, _)| next)) {
            (Some(Piece::Hole { .. }), _) => {
                return flaw(
                    "two holes stand side by side".to_owned(),
                    "put text between them: otherwise the end of the first one is unknown",
                );
            }
            (_, Some(Piece::Literal(next)))
                if *hole != Hole::Text && next.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                return flaw(
                    format!("a digit follows the number `{}`", quoted(name)),
                    "put other text between them: otherwise the end of the number is unknown",
                );
            }
            _ => {}
        }
    }
    if !pieces.iter().any(|(piece, _)| matches!(piece, Piece::Literal(_))) {
        return Err(Flaw {
            range: 0..text.len(),
            what: "the reason has no text outside of holes".to_owned(),
            help: "write the text that tells this reason from others",
        });
    }
    Ok(pieces.into_iter().map(|(piece, _)| piece).collect())
}
