//! Names of saves as paths. The real server uses them unchecked; here all stay below one directory, which stands for
//! the root of the file system.
use std::io;
use std::path::{Path, PathBuf};

/// The directory that no name leaves.
#[derive(Debug)]
pub(super) struct Root(PathBuf);

/// Where names without `..` end up.
const SAVES: &str = "saves";

impl Root {
    /// Makes the directories that are missing.
    pub(super) fn make(directory: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(directory.join(SAVES))?;
        Ok(Self(directory.to_owned()))
    }

    /// The path of a name: relative to the saves, or absolute. Like in a real file system, nothing is above the root.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        let mut path = self.0.clone();
        let mut depth = 0_usize;
        let start = if name.starts_with('/') { "" } else { SAVES };
        for part in std::iter::once(start).chain(name.split('/')).filter(|part| !matches!(*part, "" | ".")) {
            if part == ".." {
                if depth == 0 {
                    continue;
                }
                depth -= 1;
            } else {
                depth += 1;
            }
            path.push(part);
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_the_root() {
        let root = Root(PathBuf::from("/r"));
        for (name, path) in [
            ("a", "/r/saves/a"),
            ("", "/r/saves"),
            (".", "/r/saves"),
            ("a/b", "/r/saves/a/b"),
            ("../x", "/r/saves/../x"),
            ("../../../x", "/r/saves/../x"),
            ("a/../../..//../x/../..", "/r/saves/a/../../x/.."),
            ("/etc/x", "/r/etc/x"),
            ("/../etc", "/r/etc"),
        ] {
            assert_eq!(root.path(name), Path::new(path), "{name}");
        }
    }
}
