//! From a vendor's spelling to a Rust identifier.

use crate::text::Text;
use std::borrow::Cow;

/// How many characters a name may have. Generated code repeats it for each alias, and a heading for each row.
pub(crate) const LONGEST_NAME: usize = 255;

/// Is a name, or the heading of a group, too long?
pub(crate) fn is_too_long(name: &str) -> bool {
    name.len() > LONGEST_NAME && name.chars().nth(LONGEST_NAME).is_some()
}

/// The words that cannot name a Rust module, in editions up to 2024.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Returns the variant's identifier for a name: `NotExist`, `NOT_EXIST`, `not exist` and `not-exist` all become `NotExist`.
///
/// A word is a run of ASCII letters and digits; Latin letters lose their marks (`Größe` becomes `Grosse`). A word without lower-case letters keeps one capital letter (`INVALID`
/// becomes `Invalid`); in others only the first letter changes. A leading digit gets a `_` before it. `Self`, the only
/// keyword with a capital letter, gets a `_` behind it. A name with a letter that is not Latin, or without any letter, makes no
/// identifier.
pub(crate) fn variant(name: &str) -> Option<Text> {
    let name = &*without_marks(name)?;
    if !name.contains(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let mut identifier = String::with_capacity(name.len() + 1);
    for word in name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        push_word(&mut identifier, word);
    }
    if identifier.starts_with(|c: char| c.is_ascii_digit()) {
        identifier.insert(0, '_');
    }
    if identifier == "Self" {
        identifier.push('_');
    }
    Some(identifier.into())
}

/// Returns a name with ASCII letters alone, if all of its letters are Latin.
fn without_marks(name: &str) -> Option<Cow<'_, str>> {
    if name.is_ascii() {
        return Some(name.into());
    }
    let mut plain = String::with_capacity(name.len());
    for c in name.chars() {
        match latin(c) {
            Some(letters) if c.is_uppercase() => plain.push_str(&letters.to_ascii_uppercase()),
            Some(letters) => plain.push_str(letters),
            None if !c.is_ascii() && c.is_alphanumeric() => return None,
            None => plain.push(c),
        }
    }
    Some(plain.into())
}

/// Is it a letter that is not Latin?
#[cfg(feature = "pages")]
pub(crate) fn is_foreign(c: char) -> bool {
    !c.is_ascii() && c.is_alphabetic() && latin(c).is_none()
}

/// Returns the ASCII letters, in lower case, for a Latin letter with a mark. A mark of its own has none.
fn latin(c: char) -> Option<&'static str> {
    if c.is_ascii() {
        return None;
    }
    Some(match c.to_lowercase().next()? {
        'ª' | 'à'..='å' | 'ā' | 'ă' | 'ą' | 'ạ'..='ặ' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ð' | 'ď' | 'đ' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ'..='ệ' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'i' | 'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ỉ'..='ị' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'º' | 'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ơ' | 'ọ'..='ợ' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ụ'..='ự' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' | 'ỳ'..='ỹ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        '\u{300}'..='\u{36f}' => "",
        _ => return None,
    })
}

fn push_word(identifier: &mut String, word: &str) {
    // `E_1_2` and `E_12` are two names: two digits that meet stay apart.
    if identifier.ends_with(|c: char| c.is_ascii_digit()) && word.starts_with(|c: char| c.is_ascii_digit()) {
        identifier.push('_');
    }
    let is_upper_case = !word.contains(|c: char| c.is_ascii_lowercase());
    let start = identifier.len();
    identifier.push_str(word);
    if is_upper_case {
        identifier[start..].make_ascii_lowercase();
    }
    identifier[start..=start].make_ascii_uppercase();
}

/// Returns the module's name for a table's name. The name must consist of lower-case ASCII letters, digits, `-` and `_`,
/// start with a letter, and be no keyword.
pub(crate) fn module(name: &str) -> Option<String> {
    words(name).filter(|module| !KEYWORDS.contains(&module.as_str()))
}

/// Returns the name of a table for the name of its file, or for a heading: `Error Codes` becomes `error-codes`.
pub(crate) fn table_name(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for c in text.chars() {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => name.push(c),
            '_' => name.push('_'),
            _ if name.is_empty() || name.ends_with(['-', '_']) => {}
            _ => name.push('-'),
        }
    }
    let name = name.trim_matches(['-', '_']);
    let is_name = module(name).is_some();
    if is_name { name.to_owned() } else { format!("codes-{name}").trim_end_matches('-').to_owned() }
}

/// Returns the name of the field and of the module for a part's name. It is made as a module's name, and gets a `_` behind
/// it if it is a keyword or the name of a module that generated code has.
pub(crate) fn field(name: &str) -> Option<String> {
    let mut field = words(name)?;
    if field == "rt" || KEYWORDS.contains(&field.as_str()) {
        field.push('_');
    }
    Some(field)
}

fn words(name: &str) -> Option<String> {
    let well_formed = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_');
    well_formed.then(|| name.replace('-', "_"))
}

/// Is this text a path that generated code can start with: `crate`, or `::name`, with more names behind it?
pub(crate) fn is_absolute_path(path: &str) -> bool {
    let rest = match path.strip_prefix("crate") {
        Some(rest) => rest,
        None if path.is_empty() => return false,
        None => path,
    };
    rest.is_empty() || rest.strip_prefix("::").is_some_and(|names| names.split("::").all(is_plain_identifier))
}

fn is_plain_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name != "_"
        && !KEYWORDS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vendors_spellings_become_camel_case() {
        for (name, identifier) in [
            ("NotExist", "NotExist"),
            ("INVALID_JSON", "InvalidJson"),
            ("session expired", "SessionExpired"),
            ("not-found", "NotFound"),
            ("OK", "Ok"),
            ("JSONInvalid", "JSONInvalid"),
            ("2FA_REQUIRED", "_2faRequired"),
            ("E_1_2", "E1_2"),
            ("self", "Self_"),
            ("type", "Type"),
            ("Can't do", "CanTDo"),
            ("Não autorizado", "NaoAutorizado"),
            ("GRÖSSE", "Grosse"),
            ("Größe", "Grosse"),
            ("İŞLEM", "Islem"),
            ("Thẻ đã hết hạn", "TheDaHetHan"),
            ("Cafe\u{301}", "Cafe"),
        ] {
            assert_eq!(variant(name).as_deref(), Some(identifier), "{name}");
        }
    }

    #[test]
    fn some_names_make_no_identifier() {
        for name in ["", "404", "--", "Неверно", "数据", "1_2"] {
            assert_eq!(variant(name), None, "{name}");
        }
    }

    #[test]
    fn modules_are_plain_lower_case_words() {
        assert_eq!(module("nemesis-sessions").as_deref(), Some("nemesis_sessions"));
        for name in ["", "Nemesis", "9p", "type", "a b", "-a", "gen"] {
            assert_eq!(module(name), None, "{name}");
        }
    }

    #[test]
    fn every_file_has_a_name_for_its_table() {
        for (stem, name) in [
            ("printer", "printer"),
            ("Error Codes v2", "error-codes-v2"),
            ("404", "codes-404"),
            ("type", "codes-type"),
            ("my_service", "my_service"),
            ("数据", "codes"),
            ("_x.y_", "x-y"),
        ] {
            assert_eq!(table_name(stem), name);
        }
    }

    #[test]
    fn fields_may_be_called_like_keywords() {
        for (name, expected) in
            [("self", "self_"), ("type", "type_"), ("rt", "rt_"), ("value", "value"), ("sub-system", "sub_system")]
        {
            assert_eq!(field(name).as_deref(), Some(expected), "{name}");
        }
        assert_eq!(field("Type"), None);
    }

    #[test]
    fn runtime_paths_are_absolute() {
        for path in ["crate", "::statuswire", "::sw", "crate::deps::sw"] {
            assert!(is_absolute_path(path), "{path}");
        }
        for path in ["", "sw", "::", "crate::", "::a b", "cratesw", "::a::", "::self"] {
            assert!(!is_absolute_path(path), "{path}");
        }
    }
}
