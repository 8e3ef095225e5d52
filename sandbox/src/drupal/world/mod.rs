//! What the site holds when it starts.
mod common;
mod demo;
mod harbor;

use super::site::Site;

/// What a [`Drupal`](super::Drupal) holds when it starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum World {
    /// A small site: the accounts `admin`, `editor` and `reader` with the passwords `admin-pass`, `editor-pass` and
    /// `reader-pass`; articles with tags, a menu `main`, a view at `/api/articles`.
    #[default]
    Demo,
    /// A larger one with vessels, ports, articles and menus, whose accounts have passwords like `mara-pass-1`.
    Harbor,
}

impl World {
    pub(super) fn site(self) -> Site {
        match self {
            Self::Demo => demo::site(),
            Self::Harbor => harbor::site(),
        }
    }
}
