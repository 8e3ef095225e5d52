//! The names of all commands.
use super::Nemesis;

impl Nemesis {
    /// Returns the names of all commands that the server carries out, for checking the name in a rule: a
    /// [`Fault`](crate::Fault) for any other name never applies.
    pub fn commands() -> impl Iterator<Item = String> {
        let of = |family: &'static str, commands: &'static str| {
            commands.split(' ').map(move |command| format!("{family}_{command}"))
        };
        let arrays =
            ["OARR", "IARR", "STRARR", "SIARR", "SSTRARR"].into_iter().flat_map(move |family| of(family, ARRAYS));
        let unsorted = ["OARR", "IARR", "STRARR"].into_iter().map(|family| format!("{family}_SWAP"));
        let sorted = ["SIARR", "SSTRARR"].into_iter().flat_map(move |family| of(family, SORTED));
        of("SV", "INFO").chain(of("KV", KEYS)).chain(of("OLST", LISTS)).chain(arrays).chain(unsorted).chain(sorted)
    }
}

const KEYS: &str = "SET ADD GET CONTAINS RMV KEYS COUNT CLEAR CLEAR_SET SAVE LOAD";
const LISTS: &str = "CREATE DELETE DELETE_ALL EXIST LEN ADD SET_RNG GET GET_RNG RMV SPLICE";
const ARRAYS: &str = "CREATE DELETE DELETE_ALL EXIST LEN USED SET SET_RNG GET GET_RNG CLEAR";
const SORTED: &str = "MIN MAX INTERSECT";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Message;
    use crate::nemesis::database::Database;
    use crate::nemesis::paths::Root;
    use crate::nemesis::settings::{Limits, Settings};
    use crate::service::Service;
    use std::sync::Arc;

    #[test]
    fn every_command_exists() {
        let directory = tempfile::tempdir().unwrap();
        let root = Arc::new(Root::make(directory.path()).unwrap());
        let mut database = Database::new(Settings { persist: true, root, limits: Limits::default() });
        let mut answer = |command: &str| {
            let request = Database::read(&Message::Text(format!(r#"{{"{command}":{{}}}}"#).into()));
            format!("{:?}", database.carry_out(1, request).replies)
        };
        let unknown = "\\\"st\\\":10}";
        for command in Nemesis::commands() {
            assert!(!answer(&command).contains(unknown), "{command}");
        }
        assert!(answer("KV_GTE").contains(unknown));
    }
}
