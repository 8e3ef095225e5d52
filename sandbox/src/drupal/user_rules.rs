//! The rules for accounts.
use serde_json::Value;

use super::schema::Field;
use super::site::Site;
use super::store::Item;
use super::value::validate::Subject;
use super::viewer::Viewer;

/// Checks a field of an account.
pub(super) fn check(
    site: &Site,
    viewer: &Viewer,
    subject: &Subject<'_>,
    field: &Field,
    items: &[Item],
    add: &mut impl FnMut(&str, String),
) {
    let text = items.first().and_then(|item| item.get("value")).and_then(Value::as_str);
    let original = subject.original.as_ref();
    let own = original.is_some_and(|user| user.id() == viewer.id && viewer.id > 0);
    let taken = |name: &str, text: &str| {
        let users = site.store.views("user", None);
        let others = users.iter().filter(|user| original.is_none_or(|original| original.id() != user.id()));
        others.filter(|user| user.id() > 0).any(|user| user.text(name).eq_ignore_ascii_case(text))
    };
    match (field.name, text) {
        ("name", None) => add("", "You must enter a username.".to_owned()),
        ("name", Some(name)) => {
            for message in name_rules(name) {
                add("", message);
            }
            if taken("name", name) {
                add("", format!("The username {name} is already taken."));
            }
        }
        ("mail", None) => {
            let had = original.is_some_and(|user| !user.text("mail").is_empty());
            if had || !viewer.may("administer users") {
                add("", "Email field is required.".to_owned());
            }
        }
        ("mail", Some(mail)) if taken("mail", mail) => {
            add("", format!("The email address {mail} is already taken."));
        }
        _ => {}
    }
    let changed = match field.name {
        "mail" => original.is_some_and(|user| Some(user.text("mail")) != text),
        "pass" => text.is_some_and(|text| original.is_some_and(|user| user.text("pass") != text)),
        _ => false,
    };
    let existing = subject.values.get("pass").and_then(|items| items.first()?.get("existing")).and_then(Value::as_str);
    if own && changed && original.is_none_or(|user| existing != Some(user.text("pass"))) {
        let label = field.label;
        add("", format!("Your current password is missing or incorrect; it's required to change the {label}."));
    }
}

fn name_rules(name: &str) -> Vec<String> {
    let illegal = |c: char| c.is_control() || c == '\u{ad}' || "!\"#$%&()*,/:;<=>?[\\]^`{|}~".contains(c);
    let mut broken = Vec::new();
    if name.starts_with(' ') {
        broken.push("The username cannot begin with a space.".to_owned());
    }
    if name.ends_with(' ') {
        broken.push("The username cannot end with a space.".to_owned());
    }
    if name.contains("  ") {
        broken.push("The username cannot contain multiple spaces in a row.".to_owned());
    }
    if name.contains(illegal) {
        broken.push("The username contains an illegal character.".to_owned());
    }
    if name.chars().count() > 60 {
        broken.push(format!("The username {name} is too long: it must be 60 characters or less."));
    }
    broken
}
