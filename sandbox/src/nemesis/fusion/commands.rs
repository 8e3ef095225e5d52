//! The names of all commands.
use super::NemesisFusion;

impl NemesisFusion {
    /// Returns the names of all commands that the server carries out, for checking the name in a rule: a
    /// [`Fault`](crate::Fault) for any other name never applies.
    pub fn commands() -> impl Iterator<Item = String> {
        NAMES.into_iter().map(|command| format!("KV_{command}"))
    }
}

const NAMES: [&str; 10] = ["SET", "SETQ", "GET", "ADD", "ADDQ", "RMV", "APPEND", "CLEAR", "COUNT", "SERVER_INFO"];

#[cfg(test)]
mod tests {
    use super::super::database::Database;
    use super::*;
    use crate::message::Message;
    use crate::service::Service;

    #[test]
    fn every_command_exists() {
        let mut database = Database::default();
        let mut answer = |command: &str| {
            let request = Database::read(&Message::Text(format!(r#"{{"{command}":{{}}}}"#).into()));
            format!("{:?}", database.carry_out(1, request).replies)
        };
        let unknown = "\\\"st\\\":10,";
        for command in NemesisFusion::commands() {
            assert!(!answer(&command).contains(unknown), "{command}");
        }
        assert!(answer("KV_GTE").contains(unknown));
    }
}
