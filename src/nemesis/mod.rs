//! nemesis.
