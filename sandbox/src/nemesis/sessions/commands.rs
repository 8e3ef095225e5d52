//! The names of all commands.
use super::NemesisSessions;

impl NemesisSessions {
    /// Returns the names of all commands that the server carries out, for checking the name in a rule: a
    /// [`Fault`](crate::Fault) for any other name never applies.
    pub fn commands() -> impl Iterator<Item = String> {
        let of = |family: &'static str, commands: &'static str| {
            commands.split(' ').map(move |command| format!("{family}_{command}"))
        };
        of("SH", SESSIONS).chain(of("KV", KEYS))
    }
}

const SESSIONS: &str = "NEW OPEN INFO INFO_ALL END END_ALL SAVE LOAD";
const KEYS: &str = "SET SETQ GET ADD ADDQ RMV CLEAR COUNT CONTAINS KEYS FIND UPDATE";

#[cfg(test)]
mod tests {
    use super::super::database::Database;
    use super::*;
    use crate::message::Message;
    use crate::service::Service;

    #[test]
    fn every_command_exists() {
        let mut database = Database::new(true);
        let mut answer = |command: &str| {
            let request = Database::read(&Message::Text(format!(r#"{{"{command}":{{}}}}"#).into()));
            format!("{:?}", database.carry_out(1, request).replies)
        };
        let unknown = "\\\"st\\\":10,";
        for command in NemesisSessions::commands() {
            assert!(!answer(&command).contains(unknown), "{command}");
        }
        assert!(answer("KV_GTE").contains(unknown));
    }
}
