//! Rules of somebody else's table, which has every key that a rule may have.

use crate::generated::codes;
use codes::ruled::{Condition, ErrorCode, RULES};
use statuswire::codes::Answer;

fn find(status: Option<u16>, request: &str, text: &str, conditions: &[Condition]) -> Option<u8> {
    let (method, path) = request.split_once(' ').unwrap();
    let rule = RULES.find(&Answer::new(status, method, path), text, |condition| conditions.contains(&condition))?;
    Some(u8::try_from(rule.code().value()).unwrap())
}

#[test]
fn every_key_restricts_a_rule() {
    let shown = &[Condition::CardShown][..];
    for (status, request, text, conditions, expected) in [
        (None, "GET /", "", &[Condition::Lost][..], Some(4)),
        (Some(200), "GET /", "", &[Condition::Lost], Some(4)),
        (None, "GET /", "", shown, None),
        (Some(200), "GET /", "", shown, None),
        (Some(401), "POST /gates/7/open", "", shown, Some(2)),
        (Some(403), "POST /gates/7/open?now", "", shown, Some(2)),
        (Some(403), "POST /north/lanes", "", shown, Some(2)),
        (Some(402), "POST /gates/7/open", "", shown, Some(6)),
        (Some(401), "PUT /gates/7/open", "", shown, Some(6)),
        (Some(401), "post /gates/7/open", "", shown, Some(6)),
        (Some(401), "POST /gates/7/close", "", shown, Some(6)),
        (Some(401), "POST /gates/7/open", "", &[], Some(6)),
        (Some(401), "POST /gates/7/open", "An OLD one", shown, Some(6)),
        (Some(401), "POST /gates/7/open", "Your Card `12` is very old.", shown, Some(3)),
        (Some(499), "GET /", "The \"card\"", &[], Some(3)),
        (Some(500), "GET /", "The \"card\"", &[], Some(1)),
        (Some(503), "HEAD /", "", &[], Some(1)),
        (Some(504), "GET /", "", &[], Some(6)),
        (Some(500), "POST /", "", &[], Some(6)),
        (Some(600), "POST /", "", &[], None),
    ] {
        assert_eq!(find(status, request, text, conditions), expected, "{status:?} {request} {text}");
    }
}

#[test]
fn a_rule_tells_its_line() {
    let file = include_str!("../../../codegen/tests/tables/ruled.rules.toml");
    let starts: Vec<_> =
        (1..).zip(file.lines()).filter(|(_, line)| *line == "[[rule]]").map(|(line, _)| line).collect();
    let lines: Vec<_> = RULES.all().iter().map(|rule| rule.line()).collect();
    assert_eq!(lines, starts);
    assert!(format!("{RULES:?}").contains(&format!("Rule {{ code: Busy, line: {}, .. }}", starts[0])));
}

#[test]
fn several_codes_become_one() {
    use ErrorCode::{Busy, Other, Several};
    for (codes, expected) in [
        (&[][..], None),
        (&[Busy], Some(Busy)),
        (&[Busy, Busy], Some(Busy)),
        (&[Busy, Other], Some(Several)),
        (&[Busy, Busy, Other], Some(Several)),
    ] {
        assert_eq!(RULES.combined(codes.iter().copied()), expected, "{codes:?}");
    }
}

#[test]
fn a_table_may_have_rules_without_conditions_and_without_a_code_for_several() {
    use codes::text::{ErrorCode, RULES};
    let find = |text| RULES.find(&Answer::new(None, "", ""), text, |condition| match condition {});
    let code = |text| find(text).map(|rule| rule.code());
    assert_eq!(code("ERROR: relation \"ships\" does not exist"), Some(ErrorCode::UndefinedTable));
    assert_eq!(code("relation does not exist"), None);
    let codes = [ErrorCode::FeatureNotSupported, ErrorCode::UndefinedTable];
    assert_eq!(RULES.combined(codes), Some(ErrorCode::FeatureNotSupported), "the first");
}
