//! The builder that a build script calls: from table files to a file of code.

use crate::check::check;
use crate::diagnostic::{Diagnostic, Error};
use crate::draft::Draft;
use crate::emit::{self, Target};
use crate::excerpt::quoted;
use crate::format;
use crate::identifier;
use crate::reexport::Reexport;
use crate::report::Report;
use crate::table::Table;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Reads tables and writes their code.
///
/// A build script needs these lines:
///
/// ```no_run
/// fn main() -> Result<(), statuswire_codegen::Error> {
///     statuswire_codegen::Builder::new().tables("codes").build_script("codes.rs")
/// }
/// ```
///
/// and the crate one more: `include!(concat!(env!("OUT_DIR"), "/codes.rs"));`.
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    inputs: Vec<PathBuf>,
    drafts: Vec<Draft>,
    reexports: Vec<String>,
    runtime: String,
    sum: bool,
    is_strict: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            inputs: Vec::new(),
            drafts: Vec::new(),
            reexports: Vec::new(),
            runtime: "::statuswire".to_owned(),
            sum: false,
            is_strict: false,
        }
    }
}

impl Builder {
    /// Makes a builder without tables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a table file, or a directory: all files in it that end in `.md`, `.mdx`, `.csv`, `.tsv`, `.json`, `.jsonc` or `.toml`,
    /// without `README.md`, corrections (`.fix.toml`), rules (`.rules.toml`) and subdirectories, in the order of their names.
    ///
    /// A relative path starts at the current directory, which is the package's for a build script.
    pub fn tables(mut self, path: impl Into<PathBuf>) -> Self {
        self.inputs.push(path.into());
        self
    }

    /// Adds a table that was read from another file format.
    pub fn draft(mut self, draft: Draft) -> Self {
        self.drafts.push(draft);
        self
    }

    /// Re-exports the module of a table that another crate has, such as `::statuswire::codes::websocket_close`. In the
    /// [sum](Self::sum) it has a variant, and its table follows the others.
    pub fn reexport(mut self, path: impl Into<String>) -> Self {
        self.reexports.push(path.into());
        self
    }

    /// Sets the path of the runtime crate in the generated code: `::` and the name that the crate has among the
    /// dependencies, or `crate`. Default: `::statuswire`.
    pub fn runtime(mut self, path: impl Into<String>) -> Self {
        self.runtime = path.into();
        self
    }

    /// Sets whether `ErrorCode`, the sum of all tables, and `tables()` are written too. Default: `false`.
    pub fn sum(mut self, sum: bool) -> Self {
        self.sum = sum;
        self
    }

    /// Sets whether every row must have a kind, and every table a source and a revision. Default: `false`.
    pub fn strict(mut self, is_strict: bool) -> Self {
        self.is_strict = is_strict;
        self
    }

    /// Reads and checks the tables.
    ///
    /// # Errors
    ///
    /// All diagnostics of all files: files that cannot be read, and what is wrong in the tables.
    pub fn check(&self) -> Result<Vec<Table>, Error> {
        Ok(self.report()?.into_iter().map(|report| report.table).collect())
    }

    /// Reads and checks the tables as [`check`](Self::check) does, and returns with each what was read and what was not.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub fn report(&self) -> Result<Vec<Report>, Error> {
        let mut diagnostics = Vec::new();
        let mut drafts = self.drafts.clone();
        for path in self.files(&mut diagnostics) {
            drafts.extend(format::read(&path, &mut diagnostics));
        }
        if drafts.is_empty() && diagnostics.is_empty() {
            diagnostics.push(Diagnostic::of_call(
                "there are no tables",
                "give at least one table file, or a directory with one",
            ));
        }
        let tables = check(&drafts, self.is_strict, &mut diagnostics);
        Error::check(diagnostics)?;
        Ok(drafts
            .into_iter()
            .zip(tables)
            .map(|(draft, (table, classified))| Report::new(&draft, table, classified))
            .collect())
    }

    /// Returns the generated code.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check); also a [`runtime`](Self::runtime) that is no path, and a module to [re-export](Self::reexport)
    /// that is no path or has the name of another.
    pub fn generate(&self) -> Result<String, Error> {
        self.check_runtime()?;
        self.code(&self.check()?)
    }

    fn check_runtime(&self) -> Result<(), Error> {
        if !identifier::is_absolute_path(&self.runtime) {
            return Err(Error::from(Diagnostic::of_call(
                format!("the runtime `{}` is no absolute path", quoted(&self.runtime)),
                "give `crate`, or `::` and the name of the dependency, such as `::statuswire`",
            )));
        }
        Ok(())
    }

    fn code(&self, tables: &[Table]) -> Result<String, Error> {
        let mut reexports = Vec::new();
        for path in &self.reexports {
            let reexport = Reexport::new(path)?;
            reexport.check(tables, &reexports)?;
            reexports.push(reexport);
        }
        Ok(emit::file(tables, &Target { runtime: &self.runtime, reexports: &reexports, sum: self.sum }))
    }

    /// Writes the generated code to a file. A file that already holds the code is not written.
    ///
    /// # Errors
    ///
    /// As [`generate`](Self::generate); also a file that cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        write(path.as_ref(), &self.generate()?)
    }

    /// Writes the generated code to a file of this name in `OUT_DIR`, for build scripts. Cargo runs the script again when a
    /// table changes, and when a file changes in a directory of tables, appears or disappears. It shows a note for each file
    /// whose codes got names from their meanings.
    ///
    /// A directory that holds other directories, such as that of the package, is not watched, only the tables that are in
    /// it: a new one is read when the script runs for another reason. Keep tables in a directory of their own.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write); also if `OUT_DIR` is not set.
    pub fn build_script(&self, file_name: &str) -> Result<(), Error> {
        for path in self.watched() {
            // With one colon: cargo refuses two in a package whose `rust-version` is below 1.77.
            println!("cargo:rerun-if-changed={}", path.display());
        }
        let Some(directory) = env::var_os("OUT_DIR") else {
            return Err(Error::from(Diagnostic::of_call(
                "the environment variable OUT_DIR is not set",
                "call `build_script` from a build script, or `write` from elsewhere",
            )));
        };
        self.check_runtime()?;
        let reports = self.report()?;
        for note in reports.iter().filter_map(Report::note) {
            println!("cargo:warning={note}");
        }
        let tables: Vec<_> = reports.into_iter().map(|report| report.table).collect();
        write(&Path::new(&directory).join(file_name), &self.code(&tables)?)
    }

    /// Returns what cargo watches: the table files, and the directories that hold nothing but files.
    ///
    /// Cargo watches a directory with everything below it. In one that holds other directories, such as that of the
    /// package, it would run the script again at each change of a source file.
    fn watched(&self) -> Vec<PathBuf> {
        // A directory that cannot be listed is reported when the tables are read.
        let mut paths = self.files(&mut Vec::new());
        let companions: Vec<_> =
            paths.iter().flat_map(|path| format::companions(path)).filter(|path| path.is_file()).collect();
        paths.extend(companions);
        paths.extend(self.inputs.iter().filter(|path| !holds_directories(path)).cloned());
        paths.sort();
        paths.dedup();
        paths
    }

    fn files(&self, diagnostics: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for path in &self.inputs {
            if path.is_dir() { files.extend(list(path, diagnostics)) } else { files.push(path.clone()) }
        }
        files
    }
}

/// Writes a file, unless it holds the code already.
fn write(path: &Path, code: &str) -> Result<(), Error> {
    // A pipe, such as `/dev/stdout`, is not read: it would wait for what is written.
    if path.is_file() && fs::read(path).is_ok_and(|present| present == code.as_bytes()) {
        return Ok(());
    }
    fs::write(path, code).map_err(|error| {
        Error::from(Diagnostic::of_path(
            path,
            format!("cannot write: {error}"),
            "check that its directory exists and is writable",
        ))
    })
}

fn holds_directories(directory: &Path) -> bool {
    fs::read_dir(directory).is_ok_and(|entries| entries.flatten().any(|entry| entry.path().is_dir()))
}

/// Returns the table files in a directory.
fn list(directory: &Path, diagnostics: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut files: Vec<PathBuf> = entries.unwrap_or_else(|error: std::io::Error| {
        diagnostics.push(Diagnostic::of_path(
            directory,
            format!("cannot list the directory: {error}"),
            "check its permissions",
        ));
        Vec::new()
    });
    let rules: Vec<_> = files.iter().filter(|path| format::ruled(path).is_some()).cloned().collect();
    files.retain(|path| format::is_table(path) && path.is_file());
    for rules in rules {
        let is_for = |table: &PathBuf| table.file_stem().and_then(OsStr::to_str) == format::ruled(&rules);
        if !files.iter().any(is_for) {
            diagnostics.push(Diagnostic::of_path(
                &rules,
                "there is no table that the rules are for",
                "give the file the name of a table next to it: `printer.rules.toml` is for `printer.md`",
            ));
        }
    }
    files.sort_by(|one, other| one.file_stem().cmp(&other.file_stem()));
    if files.is_empty() && diagnostics.is_empty() {
        diagnostics.push(Diagnostic::of_path(
            directory,
            "the directory holds no table",
            "put a file that ends in `.md`, `.csv`, `.tsv`, `.json` or `.toml` into it",
        ));
    }
    files
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_of_other_things_is_not_watched() {
        let directory = tempfile::tempdir().unwrap();
        let [table, readme] = ["a.md", "README.md"].map(|name| directory.path().join(name));
        fs::write(&table, "").unwrap();
        fs::write(readme, "").unwrap();
        let builder = Builder::new().tables(directory.path());
        assert_eq!(builder.watched(), [directory.path().to_owned(), table.clone()], "a new table is noticed");
        fs::create_dir(directory.path().join("src")).unwrap();
        assert_eq!(builder.watched(), std::slice::from_ref(&table));
        assert_eq!(Builder::new().tables(&table).watched(), std::slice::from_ref(&table));
        let companions = ["a.fix.toml", "a.rules.toml"].map(|name| directory.path().join(name));
        companions.iter().for_each(|path| fs::write(path, "").unwrap());
        assert_eq!(
            Builder::new().tables(&table).watched(),
            [&[companions[0].clone(), table], &companions[1..]].concat()
        );
    }
}
