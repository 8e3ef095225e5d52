//! Rules that find the code of an answer that carries none: of an HTTP status and a sentence.

mod path;
mod text;

use core::fmt;
pub(super) use text::Pattern;

/// The rules of a table, in the order in which they are tried. The generator makes them of `codes/NAME.rules.toml`.
///
/// `C` is the table's `ErrorCode`, and `K` its `Condition`: what a rule asks of the caller, because neither request nor
/// answer tells it.
///
/// ```
/// use statuswire::codes::Answer;
/// use statuswire::codes::drupal::{Condition, ErrorCode, RULES};
///
/// let answer = Answer::new(403, "POST", "/jsonapi/node/article");
/// let text = "X-CSRF-Token request header is missing";
/// let rule = RULES.find(&answer, text, |_| false).ok_or("no rule")?;
/// assert_eq!(rule.code(), ErrorCode::SessionMissing);
///
/// // The same answer, and it removes the session's cookie.
/// let rule = RULES.find(&answer, text, |condition| condition == Condition::SessionCleared).ok_or("no rule")?;
/// assert_eq!(rule.code(), ErrorCode::InvalidSessionToken);
///
/// // An answer with several texts.
/// let answer = Answer::new(422, "PATCH", "/jsonapi/node/article/1");
/// let texts = ["title: This value should not be null.", "mail: This value is not a valid email address."];
/// let codes = texts.iter().filter_map(|text| RULES.find(&answer, text, |_| false)).map(|rule| rule.code());
/// assert_eq!(RULES.combined(codes), Some(ErrorCode::AggregateError));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Rules<C: 'static, K: 'static> {
    rules: &'static [Rule<C, K>],
    several: Option<C>,
}

impl<C: Copy + PartialEq, K: Copy> Rules<C, K> {
    pub(super) const fn new(rules: &'static [Rule<C, K>], several: Option<C>) -> Self {
        Self { rules, several }
    }

    /// Returns all rules, in their order.
    #[must_use]
    pub const fn all(&self) -> &'static [Rule<C, K>] {
        self.rules
    }

    /// Returns the first rule that takes an answer with this text. `holds` says whether a condition holds; only rules that
    /// fit otherwise ask.
    ///
    /// A rule without texts takes any text, also an empty one. If an answer has several texts, look for each of them, and
    /// pass the codes to [`combined`](Self::combined).
    pub fn find(&self, answer: &Answer<'_>, text: &str, holds: impl Fn(K) -> bool) -> Option<&'static Rule<C, K>> {
        self.rules.iter().find(|rule| rule.takes(answer, text, &holds))
    }

    /// Returns the code of an answer whose texts have these codes: the code of all, or, if they differ, the code for several
    /// errors, else the first one. `None` if there are no codes.
    pub fn combined(&self, codes: impl IntoIterator<Item = C>) -> Option<C> {
        let mut codes = codes.into_iter();
        let first = codes.next()?;
        if codes.all(|code| code == first) { Some(first) } else { self.several.or(Some(first)) }
    }
}

/// What rules ask about an answer, apart from its texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    status: Option<u16>,
    method: &'a str,
    path: &'a str,
}

impl<'a> Answer<'a> {
    /// Takes the status, and method and path of the request. The status is `None` if there was no answer. The path is the
    /// URL's, without the host; a query behind it makes no difference.
    #[must_use]
    pub fn new(status: impl Into<Option<u16>>, method: &'a str, path: &'a str) -> Self {
        Self { status: status.into(), method, path }
    }
}

/// A rule: which answers it takes, and which code they mean.
#[derive(Clone, Copy)]
pub struct Rule<C: 'static, K: 'static> {
    pub(super) line: u32,
    /// Ranges with their ends; empty if the status makes no difference, also below.
    pub(super) statuses: &'static [(u16, u16)],
    pub(super) methods: &'static [&'static str],
    pub(super) paths: &'static [&'static str],
    pub(super) texts: &'static [Pattern],
    pub(super) not_texts: &'static [Pattern],
    /// All of them must hold.
    pub(super) when: &'static [K],
    pub(super) code: C,
}

impl<C: Copy, K: Copy> Rule<C, K> {
    /// Returns the code.
    #[must_use]
    pub const fn code(&self) -> C {
        self.code
    }

    /// Returns the line of the file of rules where it stands.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.line
    }

    fn takes(&self, answer: &Answer<'_>, text: &str, holds: &impl Fn(K) -> bool) -> bool {
        let has_status = |status: u16| self.statuses.iter().any(|(first, last)| (*first..=*last).contains(&status));
        (self.statuses.is_empty() || answer.status.is_some_and(has_status))
            && (self.methods.is_empty() || self.methods.contains(&answer.method))
            && (self.paths.is_empty() || self.paths.iter().any(|pattern| path::matches(pattern, answer.path)))
            && (self.texts.is_empty() || self.texts.iter().any(|pattern| text::is_in(pattern, text)))
            && !self.not_texts.iter().any(|pattern| text::is_in(pattern, text))
            && self.when.iter().all(|condition| holds(*condition))
    }
}

/// Shows the code and the line.
impl<C: fmt::Debug, K> fmt::Debug for Rule<C, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule").field("code", &self.code).field("line", &self.line).finish_non_exhaustive()
    }
}
