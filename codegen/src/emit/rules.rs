//! The rules that find the code of an answer without one.

use super::item::path;
use super::out::{DERIVES, Out, list, markdown};
use crate::rules::{Pattern, Rule, Rules};
use crate::table::Table;
use std::fmt::Debug;

pub(super) fn rules(out: &mut Out, table: &Table) {
    let Some(rules) = &table.rules else { return };
    out.blank();
    conditions(out, table, rules);
    let count = rules.rules.len();
    out.open(
        format_args!("static RULE_LIST: [rt::Rule<ErrorCode, Condition>; {count}] = ["),
        |out| rules.rules.iter().for_each(|rule| out.line(row(table, rules, rule))),
        "];",
    );
    out.blank();
    out.doc(format_args!("The rules that find the code of an answer of {} that carries none.", markdown(&table.title)));
    let several = match rules.several {
        Some(at) => format!("::core::option::Option::Some({})", path(table, &table.codes[at])),
        None => "::core::option::Option::None".to_owned(),
    };
    out.line(format_args!("pub static RULES: rt::Rules<ErrorCode, Condition> = rt::rules(&RULE_LIST, {several});"));
    out.blank();
    out.line("// A program may leave them unused.");
    out.line("const _: &rt::Rules<ErrorCode, Condition> = &RULES;");
}

fn conditions(out: &mut Out, table: &Table, rules: &Rules) {
    out.doc(format_args!("What the rules of {} ask, and neither request nor answer tells.", markdown(&table.title)));
    out.line(DERIVES);
    out.line("#[derive(::core::fmt::Debug)]");
    out.line("#[non_exhaustive]");
    out.block("pub enum Condition", |out| {
        for condition in &rules.conditions {
            out.doc(format_args!("`{}`: {}", condition.name, markdown(&condition.meaning)));
            out.line(format_args!("{},", condition.identifier));
        }
    });
    out.blank();
}

fn strings(texts: &[impl Debug]) -> String {
    list(texts.iter().map(|text| format!("{text:?}")))
}

fn row(table: &Table, rules: &Rules, rule: &Rule) -> String {
    let Rule { line, statuses, methods, paths, texts, not_texts, when, code } = rule;
    let statuses = list(statuses.iter().map(|range| format!("({}, {})", range.start(), range.end())));
    let patterns =
        |patterns: &[Pattern]| list(patterns.iter().map(|pattern| list(pattern.runs.iter().map(|run| strings(run)))));
    let when = list(when.iter().map(|at| format!("Condition::{}", rules.conditions[*at].identifier)));
    format!(
        "rt::rule(rt::RuleRow {{ line: {line}, statuses: {statuses}, methods: {}, paths: {}, texts: {}, not_texts: {}, when: {when}, code: {} }}),",
        strings(methods),
        strings(paths),
        patterns(texts),
        patterns(not_texts),
        path(table, &table.codes[*code]),
    )
}
