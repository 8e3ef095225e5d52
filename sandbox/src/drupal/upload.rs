//! Uploaded files: their names, the rules for them, and where they are kept.
use bytes::Bytes;
use serde_json::Value;

use super::call::Call;
use super::failure::{Failure, Outcome};
use super::schema::{Field, FileRule, Kind};
use super::site::Site;
use super::store::{Values, target, value};
use super::value::time::month;

/// Extensions of programs.
const INSECURE: [&str; 11] = ["phar", "php", "pl", "py", "cgi", "asp", "js", "htaccess", "phtml", "exe", "sh"];

/// Stores the body of a request as a file of this field; returns its number.
pub(super) fn receive(site: &mut Site, call: &Call<'_>, field: &Field, rule: FileRule) -> Outcome<Value> {
    let name = secure_name(&file_name(call)?, rule);
    let broken = broken_rules(field, rule, &name, call.body());
    if !broken.is_empty() {
        let detail = format!("Unprocessable Entity: file validation failed.\n{}", broken.join("\n"));
        return Err(Failure::unprocessable(detail));
    }
    let folder = format!("public://{}{}", rule.folder, month(site.now()));
    let uri = free_uri(site, &folder, &name);
    let name = uri.rsplit('/').next().unwrap_or(&name).to_owned();
    Ok(store(site, call.viewer.id, &uri, &name, call.body().clone()))
}

/// Refuses a request that does not name its file.
pub(super) fn check_disposition(call: &Call<'_>) -> Outcome<()> {
    file_name(call).map(drop)
}

/// Adds a file.
pub(super) fn store(site: &mut Site, owner: u64, uri: &str, name: &str, content: Bytes) -> Value {
    let now = site.now();
    let values = Values::from_iter([
        ("langcode".to_owned(), value("en")),
        ("uid".to_owned(), vec![target(owner)]),
        ("filename".to_owned(), value(name)),
        ("uri".to_owned(), value(uri)),
        ("filemime".to_owned(), value(media_type(name))),
        ("filesize".to_owned(), value(content.len())),
        ("status".to_owned(), value(false)),
        ("created".to_owned(), value(now)),
        ("changed".to_owned(), value(now)),
    ]);
    site.store.files.insert(uri.to_owned(), content);
    site.store.insert("file", "file", None, values)
}

/// The last part of the name in `Content-Disposition`.
fn file_name(call: &Call<'_>) -> Outcome<String> {
    const FORM: &str = "A file name in the format \"filename=FILENAME\" must be provided.";
    let Some(header) = call.header_text("content-disposition") else {
        return Err(Failure::bad_request(format!("\"Content-Disposition\" header is required. {FORM}")));
    };
    let word = |at: usize| header[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_');
    let start = header.match_indices("filename").map(|(at, found)| (at, &header[at + found.len()..]));
    let found = start.filter(|(at, _)| word(*at)).find_map(|(_, rest)| {
        let (extended, rest) = rest.strip_prefix('*').map_or((false, rest), |rest| (true, rest));
        let (name, _) = rest.strip_prefix("=\"")?.rsplit_once('"')?;
        (!name.is_empty()).then_some((extended, name))
    });
    match found {
        None => Err(Failure::bad_request(format!("No filename found in \"Content-Disposition\" header. {FORM}"))),
        Some((true, _)) => Err(Failure::bad_request(
            "The extended \"filename*\" format is currently not supported in the \"Content-Disposition\" header.",
        )),
        Some((false, name)) => Ok(name.trim_end_matches('/').rsplit('/').next().unwrap_or(name).to_owned()),
    }
}

/// Defuses extensions inside of a name.
fn secure_name(name: &str, rule: FileRule) -> String {
    let mut parts: Vec<&str> = name.split('.').collect();
    let base = parts.remove(0);
    let Some(mut last) = parts.pop() else { return name.to_owned() };
    let listed = |list: &[&str], part: &str| list.iter().any(|known| known.eq_ignore_ascii_case(part));
    if !listed(rule.extensions, last) {
        return name.to_owned();
    }
    if listed(&INSECURE, last) && listed(rule.extensions, "txt") {
        parts.push(last);
        last = "txt";
    }
    let all = parts.iter().any(|part| listed(&INSECURE, part));
    let mut secured = base.to_owned();
    for part in parts {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        let like_extension = (2..=5).contains(&letters.len())
            && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
            && part.len() - letters.len() <= 1;
        let mark = if all || like_extension && !listed(rule.extensions, part) { "_" } else { "" };
        secured.push_str(&format!(".{part}{mark}"));
    }
    format!("{secured}.{last}")
}

fn broken_rules(field: &Field, rule: FileRule, name: &str, content: &[u8]) -> Vec<String> {
    let mut broken = Vec::new();
    if name.chars().count() > 240 {
        broken.push("The file's name exceeds the 240 characters limit. Rename the file and try again.".to_owned());
    }
    if rule.max_size > 0 && content.len() > rule.max_size {
        let (size, most) = (shown_size(content.len()), shown_size(rule.max_size));
        broken.push(format!("The file is {size} exceeding the maximum file size of {most}."));
    }
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    if !rule.extensions.iter().any(|known| known.eq_ignore_ascii_case(extension)) {
        let allowed = rule.extensions.join(" ");
        broken.push(format!("Only files with the following extensions are allowed: {allowed}."));
    }
    if matches!(field.kind, Kind::Image(_)) && broken.is_empty() && image_size(content).is_none() {
        let types = "png, jpeg, jpg, jpe, gif, webp";
        broken.push(format!("The image file is invalid or the image type is not allowed. Allowed types: {types}"));
    }
    broken
}

/// A size as people read it, with two digits behind the point at most.
fn shown_size(bytes: usize) -> String {
    let (size, unit) = match bytes {
        0..1024 => return format!("{bytes} bytes"),
        1024..1_048_576 => (bytes as f64 / 1024.0, "KB"),
        _ => (bytes as f64 / 1_048_576.0, "MB"),
    };
    let digits = format!("{size:.2}");
    format!("{} {unit}", digits.trim_end_matches('0').trim_end_matches('.'))
}

/// A name that no file has, with a number in front of the extension if needed.
fn free_uri(site: &Site, folder: &str, name: &str) -> String {
    let (base, extension) = match name.rsplit_once('.') {
        Some((base, extension)) => (base, format!(".{extension}")),
        None => (name, String::new()),
    };
    let names = std::iter::once(name.to_owned()).chain((0u64..).map(|n| format!("{base}_{n}{extension}")));
    let mut uris = names.map(|name| format!("{folder}/{name}"));
    uris.find(|uri| !site.store.files.contains_key(uri)).unwrap_or_default()
}

/// The media type of a file by its name.
pub(super) fn media_type(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    match extension.as_str() {
        "txt" => "text/plain",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "gif" => "image/gif",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        _ => "application/octet-stream",
    }
}

/// Width and height of a PNG, GIF, JPEG or WebP image; `None`: not an image.
pub(super) fn image_size(content: &[u8]) -> Option<(u32, u32)> {
    let big = |at: usize, bytes: usize| {
        content.get(at..at + bytes).map(|bytes| bytes.iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte)))
    };
    if content.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some((big(16, 4)?, big(20, 4)?));
    }
    if content.starts_with(b"GIF8") {
        let little = |at: usize| big(at, 2).map(|number| (number & 0xff) << 8 | number >> 8);
        return Some((little(6)?, little(8)?));
    }
    if content.starts_with(b"RIFF") && content.get(8..12) == Some(b"WEBP") {
        return Some((0, 0));
    }
    if !content.starts_with(b"\xff\xd8") {
        return None;
    }
    let mut at = 2;
    while let Some(marker) = big(at, 2) {
        if matches!(marker, 0xffc0..=0xffc3) {
            return Some((big(at + 7, 2)?, big(at + 5, 2)?));
        }
        at += 2 + big(at + 2, 2)? as usize;
    }
    None
}
