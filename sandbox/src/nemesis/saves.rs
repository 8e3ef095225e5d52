//! `KV_SAVE` and `KV_LOAD`: the files of the real server, with their weak points.
//!
//! A save is `NAME/TIME/md/md.json` (what it is, is it complete) and `NAME/TIME/data/N` (`{ "keys":{...}}`, about 10 MiB
//! each; none for an empty store). Keys are written as they are, without escapes, so that some make the file no JSON
//! and others make it say something else (observed).
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use indexmap::IndexMap;

use super::json::{self, Value, object, to_text};
use super::params::{Outcome, Refusal};
use super::paths::Root;
use statuswire::codes::nemesis::ErrorCode;

/// All keys with their values as JSON text. The order is that of the server's map: insertion, until a removal puts the
/// last key into the gap.
pub(super) type Store = IndexMap<String, Arc<str>>;

const MAX_FILE: usize = 10 * 1024 * 1024;
/// The state `complete` in a save's description.
const COMPLETE: u64 = 1;

/// Whatever the real server meets as an exception.
const EXCEPTION: Refusal = Refusal::Generic(ErrorCode::Unknown);

impl From<io::Error> for Refusal {
    fn from(_: io::Error) -> Self {
        EXCEPTION
    }
}

/// Saves all keys under a name, next to the earlier saves of that name.
pub(super) fn save(root: &Root, name: String, store: &Store) -> Outcome {
    let start = Instant::now();
    // A path ends at a NUL for the operating system, so the directory seems to exist already.
    if name.contains('\0') {
        return Err(Refusal::Named(ErrorCode::SaveDirWriteFail));
    }
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let directory = root.path(&name).join(time.as_nanos().to_string());
    fs::create_dir_all(directory.join("md"))?;
    let description = directory.join("md").join("md.json");
    describe(&description, &name, 0).map_err(|_| Refusal::Named(ErrorCode::SaveDirWriteFail))?;
    let saved = match write_data(&directory.join("data"), store) {
        Ok(()) => ErrorCode::SaveComplete,
        Err(_) => ErrorCode::SaveError,
    };
    describe(&description, &name, COMPLETE)?;
    Ok(object([("duration", milliseconds(start)), ("name", Value::String(name)), ("st", saved.into())]))
}

fn describe(file: &Path, name: &str, state: u64) -> io::Result<()> {
    let description = object([("name", name.into()), ("saveDataType", 0_u64.into()), ("status", state.into())]);
    fs::write(file, to_text(&description))
}

fn write_data(directory: &Path, store: &Store) -> io::Result<()> {
    fs::create_dir(directory)?;
    let (mut files, mut text) = (0, String::new());
    for (key, value) in store {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&format!("\"{key}\":{value}"));
        if text.len() >= MAX_FILE {
            write_file(directory, &mut files, &mut text)?;
        }
    }
    if text.is_empty() { Ok(()) } else { write_file(directory, &mut files, &mut text) }
}

fn write_file(directory: &Path, files: &mut usize, text: &mut String) -> io::Result<()> {
    fs::write(directory.join(files.to_string()), format!("{{ \"keys\":{{{text}}}}}"))?;
    *files += 1;
    text.clear();
    Ok(())
}

/// Loads the newest save of a name over what is there.
pub(super) fn load(root: &Root, name: String, store: &mut Store) -> Outcome {
    let start = Instant::now();
    let Some(data) = find(root, &name)? else {
        return Ok(object([("name", Value::String(name)), ("st", ErrorCode::LoadError.into())]));
    };
    let mut files = fs::read_dir(data)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    files.sort();
    let (mut loaded, mut keys) = (ErrorCode::Loading, 0_u64);
    for file in files {
        loaded = ErrorCode::LoadComplete;
        match fs::read_to_string(file).ok().as_deref().and_then(json::parse) {
            None => {
                loaded = ErrorCode::LoadError;
                break;
            }
            Some(Value::Object(mut members)) => {
                if let Some(Value::Object(saved)) = members.remove("keys") {
                    keys += saved.len() as u64;
                    store.extend(saved.sorted().into_iter().map(|(key, value)| (key, to_text(&value).into())));
                }
            }
            Some(_) => {}
        }
    }
    Ok(object([
        ("duration", milliseconds(start)),
        ("keys", keys.into()),
        ("name", Value::String(name)),
        ("sessions", 0_u64.into()),
        ("st", loaded.into()),
    ]))
}

/// Returns the data of the newest save of a name; `None` if no save can be loaded.
fn find(root: &Root, name: &str) -> Result<Option<PathBuf>, Refusal> {
    let path = root.path(name.split('\0').next().unwrap_or_default());
    if !exists(&path)? {
        return Ok(None);
    }
    let mut newest = None;
    for entry in fs::read_dir(&path)? {
        let entry = entry?;
        let number = if entry.file_type()?.is_dir() {
            stoul(&entry.file_name().to_string_lossy()).ok_or(EXCEPTION)?
        } else {
            0
        };
        newest = newest.max(Some(number));
    }
    let Some(newest) = newest else { return Ok(None) };
    if name.contains('\0') {
        // Every path below the name is again the directory itself, which is no description that could be read.
        return Err(EXCEPTION);
    }
    let directory = path.join(newest.to_string());
    let (description, data) = (directory.join("md").join("md.json"), directory.join("data"));
    if !(exists(&description)? && data.is_dir()) {
        return Ok(None);
    }
    match json::parse(&fs::read_to_string(description)?) {
        Some(Value::Object(members)) => {
            let complete = matches!(members.get("status"), Some(Value::UInt(COMPLETE)));
            Ok((complete && members.contains_key("saveDataType")).then_some(data))
        }
        Some(_) => Ok(None),
        None => Err(EXCEPTION),
    }
}

/// As C++ sees it: a path below a file does not exist, one that cannot be looked at is an exception.
fn exists(path: &Path) -> Result<bool, Refusal> {
    match fs::metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
        Err(_) => Err(EXCEPTION),
    }
}

/// Like C++'s `std::stoul`, by which the server finds the newest save: what follows the digits does not matter, a name
/// without digits (another save below this one) is an exception.
pub(super) fn stoul(text: &str) -> Option<u64> {
    let text = text.trim_start_matches([' ', '\t', '\n', '\u{b}', '\u{c}', '\r']);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.find(|c: char| !c.is_ascii_digit()).map_or(unsigned, |end| &unsigned[..end]);
    let number: u64 = digits.parse().ok()?;
    Some(if text.starts_with('-') { number.wrapping_neg() } else { number })
}

fn milliseconds(start: Instant) -> Value {
    Value::UInt(start.elapsed().as_millis().try_into().unwrap_or(u64::MAX))
}
