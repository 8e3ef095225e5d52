//! Conditions as texts.

use statuswire::drupal::{Filter, FilterValue};

const FORMS: &str = "write PATH=VALUE, !=, >, >=, <, <=, PATH~STARTS_WITH:TEXT, ~CONTAINS:, ~ENDS_WITH:, ~IN:A,B, \
                     ~NOT_IN:A,B, ~BETWEEN:LOW,HIGH, ~NOT_BETWEEN:LOW,HIGH, ~IS_NULL or ~IS_NOT_NULL; between \
                     alternatives ` || `";

/// Parses a condition, or several of which one must be met.
pub(crate) fn parse(text: &str) -> Result<Filter, String> {
    let filters = text.split(" || ").map(|text| condition(text.trim())).collect::<Result<Vec<_>, _>>();
    match &filters.map_err(|what| format!("{what}; {FORMS}"))?[..] {
        [one] => Ok(one.clone()),
        several => Ok(Filter::any(several.iter().cloned())),
    }
}

type Compare = fn(&str, FilterValue) -> Filter;

fn condition(text: &str) -> Result<Filter, String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let (path, rest) = text.split_at(text.find(|c| !is_name(c)).unwrap_or(text.len()));
    if path.is_empty() || path.split('.').any(str::is_empty) {
        return Err(format!("`{text}` does not begin with the name of a field"));
    }
    if let Some(rest) = rest.strip_prefix('~') {
        return worded(path, rest);
    }
    // The longer signs first.
    let signs: [(&str, Compare); 6] = [
        ("!=", Filter::ne),
        (">=", Filter::ge),
        ("<=", Filter::le),
        ("=", Filter::eq),
        (">", Filter::gt),
        ("<", Filter::lt),
    ];
    match signs.iter().find_map(|(sign, filter)| Some((sign, filter, rest.strip_prefix(sign)?))) {
        Some((sign, _, "")) => Err(format!("there is no value behind `{path}{sign}`; a field without one is ~IS_NULL")),
        Some((_, filter, value)) => Ok(filter(path, compared(value))),
        None if rest.is_empty() => Err(format!("`{path}` is compared with nothing")),
        None => Err(format!("`{rest}` does not begin with a comparison")),
    }
}

/// Returns a value; Drupal compares booleans as numbers, and with their words nothing.
fn compared(value: &str) -> FilterValue {
    match value {
        "true" => true.into(),
        "false" => false.into(),
        text => text.into(),
    }
}

/// A comparison by a word: `IN:A,B`.
fn worded(path: &str, rest: &str) -> Result<Filter, String> {
    let (word, value) = rest.split_once(':').map_or((rest, None), |(word, value)| (word, Some(value)));
    let text = || value.filter(|value| !value.is_empty()).ok_or(format!("~{word} needs a value: ~{word}:VALUE"));
    let list = || {
        let values: Vec<_> = text()?.split(',').collect();
        if values.contains(&"") { Err(format!("a value of ~{word} is empty")) } else { Ok(values) }
    };
    let two = || match list()?[..] {
        [low, high] => Ok((low, high)),
        _ => Err(format!("~{word} needs two values: ~{word}:LOW,HIGH")),
    };
    let without = |filter: fn(&str) -> Filter| match value {
        None => Ok(filter(path)),
        Some(_) => Err(format!("~{word} takes no value")),
    };
    match word.to_ascii_uppercase().as_str() {
        "STARTS_WITH" => Ok(Filter::starts_with(path, text()?)),
        "CONTAINS" => Ok(Filter::contains(path, text()?)),
        "ENDS_WITH" => Ok(Filter::ends_with(path, text()?)),
        "IN" => Ok(Filter::one_of(path, list()?)),
        "NOT_IN" => Ok(Filter::none_of(path, list()?)),
        "BETWEEN" => two().map(|(low, high)| Filter::between(path, low, high)),
        "NOT_BETWEEN" => two().map(|(low, high)| Filter::not_between(path, low, high)),
        "IS_NULL" => without(Filter::is_null),
        "IS_NOT_NULL" => without(Filter::is_not_null),
        _ => Err(format!("there is no comparison ~{word}")),
    }
}
