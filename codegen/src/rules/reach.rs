//! Rules that are never reached, because an earlier one takes all that they would take. Only what is obvious is found.

use super::Rule;

/// How much of a rule an earlier one takes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    All,
    /// The texts at these places.
    Texts(Vec<usize>),
}

/// Returns what an earlier rule takes of another one.
pub(super) fn taken(earlier: &Rule, rule: &Rule) -> Taken {
    let is_apart_from_texts = covers(&earlier.statuses, &rule.statuses, |one, other| {
        one.start() <= other.start() && other.end() <= one.end()
    }) && covers(&earlier.methods, &rule.methods, |one, other| one == other)
        && covers(&earlier.paths, &rule.paths, |one, other| super::pattern::path_covers(one, other))
        && earlier.when.iter().all(|condition| rule.when.contains(condition))
        && earlier.not_texts.iter().all(|pattern| rule.not_texts.iter().any(|other| other.covers(pattern)));
    if !is_apart_from_texts {
        return Taken::Texts(Vec::new());
    }
    if earlier.texts.is_empty() {
        return Taken::All;
    }
    let is_taken = |at: &usize| earlier.texts.iter().any(|pattern| pattern.covers(&rule.texts[*at]));
    Taken::Texts((0..rule.texts.len()).filter(is_taken).collect())
}

/// Is each item of a list covered by one of the earlier list? An empty list stands for everything.
fn covers<T>(earlier: &[T], list: &[T], covers: impl Fn(&T, &T) -> bool) -> bool {
    earlier.is_empty() || !list.is_empty() && list.iter().all(|item| earlier.iter().any(|one| covers(one, item)))
}
