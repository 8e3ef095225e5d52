//! Checks a file of rules against its table.

use super::pattern::{self, Flaw, Pattern};
use super::reach::{Taken, taken};
use super::read::Reader;
use super::{Condition, Rule, Rules};
use crate::diagnostic::Diagnostic;
use crate::draft::Draft;
use crate::excerpt::quoted;
use crate::identifier;
use crate::nearest::nearest;
use crate::node::Node;
use crate::source::{Located, Source};
use crate::table::Table;
use crate::text::Text;
use crate::toml;
use crate::vocabulary::{self, Origin};
use std::ops::Range;

const KEYS: &[&str] = &["several", "[conditions]", "[[rule]]"];
const KEYS_OF_A_RULE: &[&str] = &["status", "method", "path", "text", "not_text", "when", "code"];
const HOW: &str = "begin each rule with a line `[[rule]]`, in the order in which they are tried";

/// Reads the rules of a table that was made of the draft. `None` if nothing can be understood.
pub(crate) fn check(source: &Source, draft: &Draft, table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Rules> {
    let start = if source.text().starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let members = toml::read(source, start..source.text().len(), "the file", diagnostics)?;
    let reader = Reader { source, diagnostics };
    Some(Checker { reader, draft, table, conditions: Vec::new() }.rules(&members))
}

struct Checker<'a> {
    reader: Reader<'a>,
    draft: &'a Draft,
    table: &'a Table,
    /// The conditions, and where their names stand.
    conditions: Vec<(Condition, Range<usize>)>,
}

/// A rule, where it starts, and where its texts stand.
type Placed = (Rule, Range<usize>, Vec<Range<usize>>);

impl Checker<'_> {
    fn rules(mut self, members: &[(Located, Node)]) -> Rules {
        let known = self.reader.diagnostics.len();
        let (mut several, mut rules) = (None, Vec::new());
        if !self.table.parts.is_empty() {
            self.reader.report(
                0..0,
                format!("the codes of the table `{}` are composed", self.table.name),
                "rules can name the codes of plain tables only: remove this file",
            );
            return Rules { conditions: Vec::new(), rules: Vec::new(), several };
        }
        let find = |name: &str| members.iter().find(|(key, _)| key.text == *name);
        if let Some((key, value)) = find("conditions") {
            self.conditions(key, value);
        }
        for (key, value) in members {
            match key.text.as_str() {
                "conditions" => {}
                "several" => several = self.reader.text(key, value).and_then(|name| self.code(&name)),
                "rule" => rules = self.list(key, value),
                _ => self.reader.unknown_key(key, KEYS),
            }
        }
        if find("rule").is_none() {
            self.reader.report(0..0, "the file has no rules", HOW);
        }
        self.unreached(&rules);
        let rules: Vec<_> = rules.into_iter().map(|(rule, ..)| rule).collect();
        // Rules that are wrong were left out: then nothing is certain.
        if self.reader.diagnostics.len() == known {
            self.unused(&rules);
        }
        Rules { conditions: self.conditions.into_iter().map(|(condition, _)| condition).collect(), rules, several }
    }

    fn conditions(&mut self, key: &Located, value: &Node) {
        let help = "begin the conditions with a line `[conditions]`, and give each as `name = \"when it holds\"`";
        let Some(conditions) = self.reader.table(key, value, help) else { return };
        for (key, value) in conditions {
            let Some(meaning) = self.reader.text(key, value) else { continue };
            let (name, range) = (key.text.clone(), key.range.clone());
            let Some(identifier) = identifier::variant(&name) else {
                let what = format!("the name `{}` makes no identifier", quoted(&name));
                self.reader.report(range, what, "use ASCII letters, digits and `-`");
                continue;
            };
            if let Some((other, _)) = self.conditions.iter().find(|(other, _)| other.identifier == identifier) {
                let what = format!("the conditions `{}` and `{}` become one identifier", other.name, quoted(&name));
                self.reader.report(range, what, "give one of them another name");
                continue;
            }
            let sentence = meaning.text.split_whitespace().collect::<Vec<_>>().join(" ");
            if sentence.is_empty() {
                let what = format!("nothing says when the condition `{}` holds", quoted(&name));
                self.reader.report(meaning.range, what, "write a sentence: it becomes documentation");
            }
            self.conditions.push((Condition { name, identifier, meaning: sentence.into() }, range));
        }
    }

    fn list(&mut self, key: &Located, value: &Node) -> Vec<Placed> {
        let Some(rules) = value.items() else {
            self.reader.report(value.range(), "`rule` is no list", HOW);
            return Vec::new();
        };
        let read = |rule: &Node| {
            let members = self.reader.table(key, rule, HOW)?;
            self.rule(members, rule.range())
        };
        rules.iter().filter_map(read).collect()
    }

    /// Reads a rule; `None` if something in it is wrong: later rules are not compared with it.
    fn rule(&mut self, members: &[(Located, Node)], range: Range<usize>) -> Option<Placed> {
        let known = self.reader.diagnostics.len();
        let (mut code, mut places) = (None, Vec::new());
        let mut rule = Rule {
            line: self.reader.source.place(range.start).line,
            statuses: Vec::new(),
            methods: Vec::new(),
            paths: Vec::new(),
            texts: Vec::new(),
            not_texts: Vec::new(),
            when: Vec::new(),
            code: 0,
        };
        for (key, value) in members {
            match key.text.as_str() {
                "status" => rule.statuses = self.words(key, value, |_, word| pattern::status(&word.text)),
                "method" => rule.methods = self.words(key, value, |_, word| method(&word.text)),
                "path" => {
                    rule.paths =
                        self.words(key, value, |_, word| pattern::path(&word.text).map(|()| word.text.clone()));
                }
                "text" => {
                    rule.texts = self.words(key, value, |_, word| {
                        places.push(word.range.clone());
                        Pattern::new(&word.text)
                    });
                }
                "not_text" => rule.not_texts = self.words(key, value, |_, word| Pattern::new(&word.text)),
                "when" => rule.when = self.words(key, value, |checker, word| checker.condition(&word.text)),
                "code" => code = Some(self.reader.text(key, value).and_then(|name| self.code(&name))),
                _ => self.reader.unknown_key(key, KEYS_OF_A_RULE),
            }
        }
        if code.is_none() {
            let help =
                format!("add a line `code = \"...\"` with the name of a code of the table `{}`", self.table.name);
            self.reader.report(range.clone(), "the rule has no code", help);
        }
        // A code whose row is wrong is not known, and was reported with its row.
        rule.code = code.flatten()?;
        (self.reader.diagnostics.len() == known).then_some((rule, range, places))
    }

    /// Reads the words of a key; reports those that are wrong, and a list without any.
    fn words<T>(
        &mut self,
        key: &Located,
        value: &Node,
        mut read: impl FnMut(&Self, &Located) -> Result<T, Flaw>,
    ) -> Vec<T> {
        if value.items().is_some_and(<[_]>::is_empty) {
            let what = format!("the list `{}` is empty", key.text);
            self.reader.report(value.range(), what, "leave the key out: then it makes no difference");
        }
        let mut words = Vec::new();
        for word in self.reader.texts(key, value) {
            match read(self, &word) {
                Ok(word) => words.push(word),
                Err((what, help)) => self.reader.report(word.range, what, help),
            }
        }
        words
    }

    /// Returns the place of a condition.
    fn condition(&self, name: &str) -> Result<usize, Flaw> {
        let known = || self.conditions.iter().map(|(condition, _)| condition.name.as_str());
        known().position(|condition| condition == name).ok_or_else(|| {
            let meant = nearest(name, known()).map_or_else(String::new, |meant| format!(": is it `{meant}`?"));
            let what = format!("the condition `{}` is not known{meant}", quoted(name));
            (what, "add it to `[conditions]`, with a sentence that says when it holds")
        })
    }

    /// Returns the place of a code, which is named by its name or by its value.
    fn code(&mut self, named: &Located) -> Option<usize> {
        let Table { name, codes, .. } = self.table;
        let by_name = codes.iter().position(|code| code.name == named.text);
        let found = by_name.or_else(|| codes.iter().position(|code| self.table.show(code) == named.text));
        if let Some(code) = found.map(|at| &codes[at])
            && code.classification.origin == Origin::Reserved
        {
            self.reader.report(
                named.range.clone(),
                format!("the code `{}` is reserved: no answer leads to it", quoted(&code.name)),
                "name another code, or give its row in the table another origin",
            );
        }
        let is_wrong_row =
            |row: &crate::draft::Entry| row.get(vocabulary::Key::Name).is_some_and(|name| name.text == named.text);
        if found.is_none() && !self.draft.rows.iter().any(is_wrong_row) {
            let meant = nearest(&named.text, codes.iter().map(|code| code.name.as_str()));
            let help = meant.map_or_else(
                || "name a code by its name or its value; `statuswire-codes list` shows them".to_owned(),
                |meant| format!("is it `{meant}`? `statuswire-codes list` shows all codes"),
            );
            let what = format!("the table `{name}` has no code `{}`", quoted(&named.text));
            self.reader.report(named.range.clone(), what, help);
        }
        found
    }

    /// Reports what no answer reaches.
    fn unreached(&mut self, rules: &[Placed]) {
        for (at, (rule, range, places)) in rules.iter().enumerate() {
            let mut texts = Vec::new();
            for (earlier, ..) in &rules[..at] {
                match taken(earlier, rule) {
                    Taken::All => {
                        let what =
                            format!("the rule is never reached: that in line {} takes all that it takes", earlier.line);
                        self.reader.report(range.clone(), what, "move it up, or remove it");
                        texts.clear();
                        break;
                    }
                    Taken::Texts(found) => texts.extend(found.into_iter().map(|text| (text, earlier.line))),
                }
            }
            texts.sort_unstable();
            texts.dedup_by_key(|(text, _)| *text);
            for (text, line) in texts {
                let what = format!("the text is never reached: the rule in line {line} takes all that it fits");
                self.reader.report(places[text].clone(), what, "move the rule up, or remove the text");
            }
        }
    }

    /// Reports conditions that no rule asks for.
    fn unused(&mut self, rules: &[Rule]) {
        for (at, (condition, range)) in self.conditions.iter().enumerate() {
            if !rules.iter().any(|rule| rule.when.contains(&at)) {
                let what = format!("no rule asks for the condition `{}`", condition.name);
                self.reader.report(range.clone(), what, "remove it, or name it in `when` of a rule");
            }
        }
    }
}

/// Checks a method.
fn method(word: &Text) -> Result<Text, Flaw> {
    if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-') {
        return Err((format!("`{}` is no method", quoted(word)), "write it as in a request, such as \"GET\""));
    }
    Ok(word.clone())
}
