//! The headers that pages use for a column, each list in order of preference.

use crate::vocabulary::Key;

/// What a column holds according to its header, and how well the header says it: 0 is best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sense {
    pub(super) key: Key,
    pub(super) rank: usize,
}

const VALUE: &[&str] = &[
    "value",
    "code",
    "error code",
    "status code",
    "numeric code",
    "numeric value",
    "code value",
    "error number",
    "errno",
    "st",
    "status value",
    "return code",
    "return value",
    "result code",
    "response code",
    "reason code",
    "close code",
    "exit code",
    "exception code",
    "reply code",
    "sqlstate",
    "sql state",
    "number",
    "num",
    "no",
    "nr",
    "id",
    "numeric",
    "int",
    "integer",
    "decimal",
    "dec",
    "decimal value",
    "enum value",
    "wire value",
    "opcode",
    "op code",
    "hex",
    "hexadecimal",
    "hex value",
    "http status code",
    "http code",
    "http status",
    "http response code",
    "#",
    "código",
    "código de error",
    "código de erro",
    "código de estado",
    "código de respuesta",
    "code d'erreur",
    "fehlercode",
    "fehlernummer",
    "statuscode",
    "wert",
    "valor",
    "error no",
    "codice",
    "codice errore",
    "codice di errore",
    "foutcode",
    "felkod",
    "kod",
    "kod błędu",
    "kode",
    "kód",
    "код",
    "код ошибки",
    "код помилки",
    "mã lỗi",
    "hata kodu",
    "错误码id",
    "编号",
    "返回值",
    "值",
    "数值",
    "値",
    "번호",
];

const NAME: &[&str] = &[
    "name",
    "constant",
    "constant name",
    "symbol",
    "symbolic name",
    "symbolic constant",
    "identifier",
    "enum",
    "enumerator",
    "enumeration",
    "error name",
    "status name",
    "code name",
    "mnemonic",
    "macro",
    "define",
    "variant",
    "status",
    "error",
    "errors",
    "key",
    "label",
    "title",
    "short name",
    "error type",
    "type",
    "condition name",
    "condition",
    "exception",
    "error constant",
    "error identifier",
    "error class",
    "class",
    "reason phrase",
    "reason",
    "status text",
    "phrase",
    "fault",
    "result",
    "response",
    "event",
    "string",
    "text",
    "short description",
    "nombre",
    "nom",
    "nome",
    "bezeichnung",
    "naam",
    "nazwa",
    "название",
    "имя",
    "назва",
    "命名",
    "名前",
    "이름",
];

const MEANING: &[&str] = &[
    "meaning",
    "description",
    "explanation",
    "message",
    "error message",
    "definition",
    "details",
    "detail",
    "usage",
    "text",
    "when it can be returned",
    "when",
    "cause",
    "possible cause",
    "possible causes",
    "reason",
    "notes",
    "note",
    "comment",
    "comments",
    "remarks",
    "summary",
    "long description",
    "info",
    "information",
    "help",
    "purpose",
    "what it means",
    "beschreibung",
    "bedeutung",
    "erklärung",
    "descripción",
    "significado",
    "mensaje",
    "signification",
    "descrição",
    "mensagem",
    "descrizione",
    "messaggio",
    "omschrijving",
    "betekenis",
    "beskrivning",
    "opis",
    "popis",
    "keterangan",
    "описание",
    "сообщение",
    "опис",
    "mô tả",
    "açıklama",
    "说明",
    "描述",
    "含义",
    "错误信息",
    "错误内容",
    "意味",
    "メッセージ",
    "エラー情報",
    "エラーメッセージ",
    "エラー内容",
    "설명",
    "의미",
    "메시지",
];

/// The headers of columns of statuses of HTTP.
const HTTP: &[&str] = &[
    "http",
    "http status",
    "http status code",
    "http code",
    "http response code",
    "http status codes",
    "http error code",
];

/// The headers of names in tables that have a column of codes as text and no other value: OAuth's `error`.
const TEXT_CODE: &[&str] =
    &["error", "errors", "error type", "error name", "exception", "status", "error identifier", "reason"];

/// The headers of what a request, a reply or a configuration consists of. A table of such things holds no codes.
const MEMBERS: &[&str] = &[
    "parameter",
    "parameters",
    "parameter name",
    "param",
    "field",
    "fields",
    "field name",
    "argument",
    "arguments",
    "option",
    "options",
    "property",
    "properties",
    "attribute",
    "attributes",
    "header",
    "headers",
    "setting",
    "settings",
    "variable",
    "environment variable",
    "flag",
    "query parameter",
    "member",
    "method",
    "endpoint",
    "version",
    "column",
    "example",
];

/// The headers of what several codes have in common.
const CLASSES: &[&str] = &[
    "type",
    "error type",
    "class",
    "error class",
    "category",
    "level",
    "severity",
    "priority",
    "module",
    "component",
    "subsystem",
    "service",
    "domain",
    "area",
    "layer",
    "scope",
    "source",
    "since",
    "owner",
    "protocol",
    "kategorie",
    "schweregrad",
    "类型",
    "类别",
    "分类",
    "级别",
    "模块",
    "schema",
    "data model",
    "数据模型",
];

/// The headers that only tables of members have.
const OF_MEMBERS: &[&str] = &[
    "required",
    "default",
    "default value",
    "optional",
    "required?",
    "data type",
    "mandatory",
    "valid",
    "必填",
    "是否必选",
    "是否必填",
];

/// What a last word says of a header: `Kafka error code`, `constant in C`.
/// Languages without spaces have the end of the header.
const VALUE_ENDS: &[&str] = &[
    "code",
    "codes",
    "number",
    "nr",
    "errno",
    "value",
    "values",
    "rcode",
    "id",
    "fehlercode",
    "código",
    "码",
    "碼",
    "コード",
    "코드",
];
const NAME_ENDS: &[&str] = &[
    "name",
    "constant",
    "symbol",
    "identifier",
    "mnemonic",
    "macro",
    "enum",
    "title",
    "phrase",
    "bezeichnung",
    "名称",
    "名稱",
];
const MEANING_ENDS: &[&str] = &[
    "description",
    "meaning",
    "message",
    "explanation",
    "details",
    "text",
    "notes",
    "cause",
    "beschreibung",
    "bedeutung",
    "fehlermeldung",
    "说明",
    "描述",
    "説明",
];

/// The rank of a header that only its last word tells.
const BY_LAST_WORD: usize = 100;

/// Returns a header in lower case, without punctuation, and without an addition in parentheses.
pub(super) fn plain(header: &str) -> String {
    let without = match header.find('(') {
        Some(at) if at > 0 => &header[..at],
        _ => header,
    };
    // `errorCode`
    let mut lower = String::with_capacity(without.len() + 2);
    let mut before = ' ';
    for c in without.chars() {
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            lower.push(' ');
        }
        before = c;
        lower.extend(c.to_lowercase());
    }
    let lower = lower.replace(['_', '-', '/'], " ");
    let words: Vec<_> =
        lower.split_whitespace().map(|word| word.trim_matches(['.', ':', '*', '?', '"', '\'', ','])).collect();
    words.join(" ").trim().to_owned()
}

/// Returns what a plain header may mean; a header can have several senses.
pub(super) fn senses(header: &str) -> Vec<Sense> {
    let mut senses = Vec::new();
    let last = header.rsplit(' ').next().unwrap_or("");
    for (key, exact, ends) in
        [(Key::Value, VALUE, VALUE_ENDS), (Key::Name, NAME, NAME_ENDS), (Key::Meaning, MEANING, MEANING_ENDS)]
    {
        let rank = exact.iter().position(|known| *known == header);
        let rank = rank.or_else(|| ends.iter().any(|end| is_end(header, last, end)).then_some(BY_LAST_WORD));
        let rank = rank.or_else(|| (key == Key::Meaning && header.starts_with("when ")).then_some(BY_LAST_WORD));
        senses.extend(rank.map(|rank| Sense { key, rank }));
    }
    if HTTP.contains(&header) {
        senses.push(Sense { key: Key::Http, rank: 0 });
    }
    senses
}

fn is_end(header: &str, last: &str, end: &str) -> bool {
    // `errordescription`, `Alarmbezeichnung`
    let is_long = end.len() > 7;
    last == end || ((is_long || end.chars().all(|c| c > '\u{2e7f}')) && header.ends_with(end))
}

/// Does a header say that its column holds codes?
pub(super) fn says_code(header: &str) -> bool {
    [
        "code",
        "errno",
        "sqlstate",
        "sql state",
        "código",
        "codice",
        "kod",
        "kód",
        "fehler",
        "код",
        "码",
        "碼",
        "コード",
        "코드",
    ]
    .iter()
    .any(|word| header.contains(word))
}

pub(super) fn is_text_code(header: &str) -> bool {
    let last = header.rsplit(' ').next().unwrap_or("");
    TEXT_CODE.contains(&header) || matches!(last, "error" | "errors" | "exception" | "exceptions")
}

/// Does a header say that its column holds places in a message or steps, and no codes?
pub(super) fn is_place(header: &str) -> bool {
    let is_word =
        |word| matches!(word, "index" | "offset" | "byte" | "bytes" | "bit" | "bits" | "position" | "step" | "page");
    header.split(|c: char| !c.is_alphanumeric()).any(is_word)
}

pub(super) fn is_class(header: &str) -> bool {
    CLASSES.contains(&header)
}

pub(super) fn is_member(header: &str) -> bool {
    MEMBERS.contains(&header)
}

pub(super) fn is_of_members(header: &str) -> bool {
    OF_MEMBERS.contains(&header)
}

/// Does a heading say that what stands below is no list of codes, but of settings of something?
pub(super) fn is_of_settings(heading: &str) -> bool {
    let is_word = |word: &str| is_member(word) || matches!(word, "config" | "configuration" | "limits" | "defaults");
    words(heading).any(|word| is_word(&word)) && !says_status(heading)
}

/// Does a heading say that an example stands below?
pub(super) fn is_of_example(heading: &str) -> bool {
    words(heading).any(|word| matches!(word.as_str(), "example" | "examples" | "sample")) && !says_status(heading)
}

fn words(heading: &str) -> impl Iterator<Item = String> {
    heading.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase)
}

fn says_status(heading: &str) -> bool {
    let known = ["error", "code", "status", "result", "fault", "reason"];
    words(heading).any(|word| known.iter().any(|known| word.starts_with(known)))
}

pub(super) fn is_hex(header: &str) -> bool {
    let header = header.to_lowercase();
    header.contains("hex") && !header.contains("dec")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_without_their_punctuation() {
        for (header, key) in [
            ("NUMERIC CODE", Key::Value),
            ("Code:", Key::Value),
            ("No.", Key::Value),
            ("Error Code (decimal)", Key::Value),
            ("Kafka error code", Key::Value),
            ("CONSTANT", Key::Name),
            ("error_name", Key::Name),
            ("errorName", Key::Name),
            ("ErrorCode", Key::Value),
            ("When it can be returned", Key::Meaning),
            ("When this happens", Key::Meaning),
            ("HTTP Status", Key::Http),
            ("错误码", Key::Value),
            ("返回码", Key::Value),
            ("错误代码", Key::Value),
            ("错误名称", Key::Name),
            ("错误描述", Key::Meaning),
            ("エラーコード", Key::Value),
            ("説明", Key::Meaning),
            ("오류 코드", Key::Value),
            ("설명", Key::Meaning),
            ("Fehlercode", Key::Value),
            ("Bedeutung", Key::Meaning),
            ("Código de error", Key::Value),
            ("Descripción", Key::Meaning),
            ("Code d'erreur", Key::Value),
            ("Signification", Key::Meaning),
            ("Nom", Key::Name),
            ("Descrição", Key::Meaning),
        ] {
            assert!(senses(&plain(header)).iter().any(|sense| sense.key == key), "{header}");
        }
        assert!(senses(&plain("Packets")).is_empty());
    }
}
