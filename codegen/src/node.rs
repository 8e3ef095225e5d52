//! The values of a data file or of settings, as JSON and TOML have them.

#[cfg(any(feature = "json", feature = "toml"))]
pub(crate) mod cells;

use crate::source::Located;
use std::ops::Range;

/// A value of a data file.
pub(crate) enum Node {
    /// A text, a number, a boolean or a date, as it is written.
    Text(Located),
    List(Vec<Node>, Range<usize>),
    /// The members of a table, in their order.
    Table(Vec<(Located, Node)>, Range<usize>),
    /// What holds no text in JSON: null, or what is too deep.
    #[cfg_attr(not(feature = "json"), allow(dead_code))]
    Nothing,
}

impl Node {
    pub(crate) fn members(&self) -> Option<&[(Located, Self)]> {
        if let Self::Table(members, _) = self { Some(members) } else { None }
    }

    pub(crate) fn items(&self) -> Option<&[Self]> {
        if let Self::List(items, _) = self { Some(items) } else { None }
    }

    pub(crate) fn range(&self) -> Range<usize> {
        match self {
            Self::Text(text) => text.range.clone(),
            Self::List(_, range) | Self::Table(_, range) => range.clone(),
            Self::Nothing => Located::NOWHERE,
        }
    }
}
