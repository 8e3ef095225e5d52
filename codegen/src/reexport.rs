//! Modules of codes that another crate has, shown among the generated ones.

use crate::diagnostic::Diagnostic;
use crate::excerpt::quoted;
use crate::identifier;
use crate::table::{FOREIGN, Table};
use crate::text::Text;

/// A module of another crate.
pub(crate) struct Reexport<'a> {
    pub(crate) path: &'a str,
    pub(crate) module: &'a str,
    /// The variant in the sum of all tables.
    pub(crate) identifier: Text,
}

impl<'a> Reexport<'a> {
    /// Reads a path. Its last name is that of the module.
    pub(crate) fn new(path: &'a str) -> Result<Self, Diagnostic> {
        let names =
            path.rsplit_once("::").filter(|(parent, _)| !parent.is_empty() && identifier::is_absolute_path(path));
        let is_module = |module: &str| identifier::module(module).as_deref() == Some(module) && module != FOREIGN;
        let module = names.map(|(_, module)| module).filter(|module| is_module(module));
        match module.and_then(|module| Some((module, identifier::variant(module)?))) {
            Some((module, identifier)) => Ok(Self { path, module, identifier }),
            None => Err(Diagnostic::of_call(
                format!("`{}` is no absolute path of a table's module", quoted(path)),
                "give `::`, the crate and the module, such as `::statuswire::codes::websocket_close`",
            )),
        }
    }

    /// Checks that no table and no other module would have the same name.
    pub(crate) fn check(&self, tables: &[Table], others: &[Self]) -> Result<(), Diagnostic> {
        let mut taken =
            tables.iter().map(|table| &table.identifier).chain(others.iter().map(|other| &other.identifier));
        if !taken.any(|taken| *taken == self.identifier) {
            return Ok(());
        }
        Err(Diagnostic::of_call(
            format!("the module `{}` is re-exported, and there is another of this name", quoted(self.path)),
            "give the table another name, or leave the module out",
        ))
    }
}
