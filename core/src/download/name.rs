//! File names that are safe.

use super::digest::Sum;
use crate::error::Error;

/// Device names on Windows, with any extension.
const DEVICES: [&str; 6] = ["AUX", "CON", "CONIN$", "CONOUT$", "NUL", "PRN"];
/// Device names that a digit follows.
const NUMBERED_DEVICES: [&str; 2] = ["COM", "LPT"];
/// The prefix and the suffixes of the files for an unfinished target, see [`companion`].
const HIDDEN: char = '.';
pub(super) const PART: &str = ".part";
pub(super) const STATE: &str = ".part.json";
pub(super) const STATE_DRAFT: &str = ".part.json.new";

/// The maximum length of a file name in bytes, on most systems.
const LONGEST: usize = 255;
/// The maximum length of the target's name in those of its companion files.
const STEM: usize = LONGEST - HIDDEN.len_utf8() - STATE_DRAFT.len();
/// Hexadecimal digits of the sum that ends a shortened name.
const DIGITS: usize = 16;

/// Returns the name of a companion file of the target `name`. Of a long name it contains the beginning and a sum, so
/// that a later download finds the same file.
pub(super) fn companion(name: &str, suffix: &str) -> String {
    if name.len() <= STEM {
        return format!("{HIDDEN}{name}{suffix}");
    }
    let sum = Sum::of(name.as_bytes()).to_string();
    let mut end = STEM - DIGITS - 1;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{HIDDEN}{}~{}{suffix}", &name[..end], &sum[..DIGITS])
}

/// Refuses a name that is not a plain file name on every system; device names of Windows are refused there. Servers choose
/// names, and a name must not lead out of the directory, to a device, or to the companion files of a target.
pub(super) fn check(name: &str) -> Result<(), Error> {
    match reason(name) {
        None => Ok(()),
        Some(reason) => Err(Error::invalid_request(format!(
            "{name:?} cannot be the name of a local file: {reason}; give a plain file name with `save_as`"
        ))),
    }
}

fn reason(name: &str) -> Option<&'static str> {
    let stem = name.split('.').next().unwrap_or(name).trim_end_matches(' ');
    if name.is_empty() {
        Some("it is empty")
    } else if name == "." || name == ".." {
        Some("it is a directory")
    } else if name.len() > LONGEST {
        Some("it is longer than 255 bytes")
    } else if name.contains(['/', '\\', ':']) {
        Some("it contains a separator or a drive")
    } else if name.contains(char::is_control) {
        Some("it contains a control character")
    } else if name.ends_with(['.', ' ']) {
        Some("it ends with a dot or a space, which Windows drops")
    } else if cfg!(windows) && is_device(stem) {
        Some("it is a device name on Windows")
    } else if name.starts_with(HIDDEN) && [PART, STATE, STATE_DRAFT].iter().any(|suffix| name.ends_with(suffix)) {
        Some("the name is reserved for files of unfinished transfers")
    } else {
        None
    }
}

fn is_device(stem: &str) -> bool {
    let numbered = |device: &str| {
        let after = stem.get(device.len()..).unwrap_or_default();
        let digit = matches!(after.chars().next(), Some('0'..='9' | '¹' | '²' | '³')) && after.chars().count() == 1;
        digit && stem.get(..device.len()).is_some_and(|start| start.eq_ignore_ascii_case(device))
    };
    DEVICES.iter().any(|device| stem.eq_ignore_ascii_case(device)) || NUMBERED_DEVICES.iter().any(|it| numbered(it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::{Component, Path};

    #[test]
    fn plain_names_pass() {
        for name in
            ["patch-0007", "a b.txt", ".profile", "...a", "COM", "COM10", "console", "naïve.zip", "x.part", "LPTx"]
        {
            assert!(check(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let names = [
            "",
            ".",
            "..",
            "/",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a/b",
            "a\\b",
            "\\\\host\\share",
            "C:",
            "C:x",
            "a:stream",
            "a\0b",
            "a\nb",
            "a.",
            "a ",
            "..  ",
            ".x.part",
            ".x.part.json",
            ".x.part.json.new",
            &"é".repeat(128),
        ];
        for name in names {
            let error = check(name).unwrap_err();
            assert!(error.is_invalid_request() && error.to_string().contains("save_as"), "{name}");
        }
    }

    #[test]
    fn devices_are_refused_where_they_are_devices() {
        for name in ["nul", "NUL.txt", "con", "Com1", "lpt9.tar.gz", "COM¹", "aux .txt"] {
            assert!(is_device(name.split('.').next().unwrap().trim_end()), "{name}");
            assert_eq!(check(name).is_err(), cfg!(windows), "{name}");
        }
    }

    #[test]
    fn the_companions_of_a_long_name_are_short_and_its_own() {
        for letter in ["a", "é", "語", "🦀"] {
            for length in 235..=255 {
                let name = letter.repeat(length / letter.len()) + &"x".repeat(length % letter.len());
                assert!(check(&name).is_ok() && name.len() == length);
                for suffix in [PART, STATE, STATE_DRAFT] {
                    let companion = companion(&name, suffix);
                    assert!(companion.len() <= 255 && companion.ends_with(suffix), "{companion}");
                    assert!(check(&companion).is_err(), "{companion} is not reserved");
                    assert_eq!(companion == format!(".{name}{suffix}"), length <= 240);
                }
                assert_eq!(companion(&name, PART), companion(&name, PART));
                let mut other = name.clone();
                other.pop();
                assert_ne!(companion(&name, PART), companion(&other, PART));
            }
        }
    }

    proptest! {
        #[test]
        fn what_passes_is_one_component(name in "[./\\\\a:\u{0}-\u{1f}NUL0-9 ]{0,8}") {
            if check(&name).is_ok() {
                let components: Vec<_> = Path::new(&name).components().collect();
                prop_assert_eq!(components, [Component::Normal(name.as_ref())]);
            }
        }
    }
}
