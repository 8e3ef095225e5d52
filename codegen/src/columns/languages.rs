//! The headers of pages in other languages than English, each list in order of preference.

use crate::grid::Cell;

pub(super) const VALUE: &[&str] = &[
    "fehlercode",
    "fehlernummer",
    "statuscode",
    "wert",
    "valor",
    "foutcode",
    "felkod",
    "code d'erreur",
    "code erreur",
    "code retour",
    "code de retour",
    "hata kodu",
    "错误码id",
    "编号",
    "返回值",
    "值",
    "数值",
    "値",
    "번호",
    "官方值",
    "枚举值",
];

pub(super) const NAME: &[&str] = &[
    "nombre",
    "título",
    "titulo",
    "nom",
    "titre",
    "libellé",
    "nome",
    "titolo",
    "bezeichnung",
    "titel",
    "naam",
    "nazwa",
    "название",
    "наименование",
    "имя",
    "статус",
    "назва",
    "命名",
    "名前",
    "이름",
    "tên",
];

pub(super) const MEANING: &[&str] = &[
    "beschreibung",
    "bedeutung",
    "erklärung",
    "meldung",
    "significado",
    "signification",
    "explication",
    "significato",
    "omschrijving",
    "betekenis",
    "beskrivning",
    "betydelse",
    "beskrivelse",
    "betydning",
    "kuvaus",
    "opis",
    "znaczenie",
    "komunikat",
    "popis",
    "význam",
    "leírás",
    "keterangan",
    "deskripsi",
    "arti",
    "pesan",
    "опис",
    "mô tả",
    "ý nghĩa",
    "açıklama",
    "anlamı",
    "คำอธิบาย",
    "ความหมาย",
    "รายละเอียด",
    "说明",
    "描述",
    "含义",
    "含義",
    "意義",
    "錯誤訊息",
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
    "mô tả ngắn",
    "thông báo",
];

/// The headers of causes. They tell codes apart if nothing else does.
pub(super) const CAUSES: &[&str] =
    &["ursache", "causa", "przyczyna", "причина", "原因", "원인", "nguyên nhân", "penyebab"];

/// What a first word says of a header, in languages that put it first: `Código de error`, `Kod błędu`. The keys of data files
/// have no accents.
pub(super) const VALUE_STARTS: &[&str] = &["código", "codigo", "codice", "kod", "kode", "kód", "код", "mã", "รหัส"];
pub(super) const MEANING_STARTS: &[&str] = &[
    "descripción",
    "descripcion",
    "mensaje",
    "descrição",
    "descricao",
    "mensagem",
    "descrizione",
    "messaggio",
    "описание",
    "сообщение",
];

/// Leaves one plain header of those over the same text in several languages, such as `Text (DE)` and `Text (EN)`.
pub(super) fn in_english(plain: &mut [String], headers: &[Cell]) {
    let full: Vec<_> =
        headers.iter().map(|header| super::synonyms::plain(&header.text().replace(['(', ')'], " "))).collect();
    for (text, _) in full.iter().filter_map(|header| in_language(header)).filter(|(_, language)| is_english(language)) {
        for (plain, header) in plain.iter_mut().zip(&full) {
            match in_language(header) {
                Some((other, language)) if other == text && is_english(language) => text.clone_into(plain),
                Some((other, _)) if other == text => plain.clear(),
                _ => {}
            }
        }
    }
}

/// Splits `text en` into the text and its language.
fn in_language(header: &str) -> Option<(&str, &str)> {
    let (text, language) = header.rsplit_once(' ')?;
    let is_short = language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_language =
        is_short || is_english(language) || matches!(language, "german" | "french" | "spanish" | "chinese");
    is_language.then_some((text, language))
}

fn is_english(language: &str) -> bool {
    matches!(language, "en" | "eng" | "english")
}
