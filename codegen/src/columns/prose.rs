//! What cells say that are no codes: answers, notes, types of data, units.

/// Is it a unit? `10 s` is a duration, and no code with a name.
pub(super) fn is_unit(text: &str) -> bool {
    const UNITS: &[&str] = &[
        "ms",
        "s",
        "sec",
        "secs",
        "second",
        "seconds",
        "min",
        "mins",
        "minute",
        "minutes",
        "h",
        "hour",
        "hours",
        "day",
        "days",
        "b",
        "byte",
        "bytes",
        "kb",
        "mb",
        "gb",
        "kib",
        "mib",
        "gib",
        "bit",
        "bits",
        "hz",
        "khz",
        "mhz",
        "ghz",
        "v",
        "mv",
        "ma",
        "mm",
        "cm",
        "px",
        "chars",
        "characters",
    ];
    text.len() <= 10 && UNITS.iter().any(|unit| unit.eq_ignore_ascii_case(text))
}

/// Does it stand for what the other rows do not list: `anything else, including 252`?
pub(super) fn is_rest(text: &str) -> bool {
    const REST: &[&str] = &[
        "other",
        "others",
        "anything",
        "any",
        "all",
        "everything",
        "otherwise",
        "that",
        "same",
        "otros",
        "outros",
        "autres",
        "sonstige",
        "andere",
        "другие",
        "прочие",
        "остальные",
        "อื่น",
        "其他",
        "其它",
        "その他",
        "기타",
        "khác",
    ];
    let first = text.split_whitespace().next().unwrap_or("").trim_matches(|c: char| c.is_ascii_punctuation());
    first.len() < text.len() && REST.contains(&first.to_lowercase().as_str())
}

/// Does it answer a question in the header, such as `Retry`?
pub(super) fn is_answer(text: &str) -> bool {
    text.len() <= 5 && ["yes", "no", "true", "false", "y", "n"].iter().any(|answer| answer.eq_ignore_ascii_case(text))
}

pub(super) fn is_truth(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

const TYPES: &[&str] = &[
    "string",
    "str",
    "int",
    "uint",
    "integer",
    "long",
    "number",
    "float",
    "double",
    "decimal",
    "bool",
    "boolean",
    "object",
    "array",
    "list",
    "map",
    "byte",
    "bytes",
    "date",
    "datetime",
    "timestamp",
    "uuid",
];

/// Is it a type of data, such as a field has?
pub(super) fn is_type_of_data(text: &str) -> bool {
    // Most cells are longer.
    if text.len() > 12 {
        return false;
    }
    let word = text.trim_end_matches("[]").trim_end_matches(|c: char| c.is_ascii_digit());
    TYPES.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Is it short enough for a name: a few words and no sentence?
pub(super) fn is_title(text: &str) -> bool {
    text.split_whitespace().count() <= 7 && text.len() <= 70 && !text.trim_end().ends_with(['.', '!', '?', ':', ';'])
}

/// Is a text next to a value a note, and no name?
pub(super) fn is_note(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.split_whitespace().nth(2).is_some()
}

/// Does it say that there is nothing: an empty cell, a dash?
pub(super) fn is_nothing(text: &str) -> bool {
    let text = text.trim();
    text.chars().all(|c| matches!(c, '-' | '–' | '—' | '.' | '…' | '*'))
        || ["n/a", "tbd", "(none)"].iter().any(|word| word.eq_ignore_ascii_case(text))
}
