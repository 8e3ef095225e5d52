//! What the administrators of a site do besides requests.
use super::site::Site;
use super::store::value;

impl Site {
    /// Does what administrators do besides requests, by a line of words:
    ///
    /// - `set NAME VALUE` changes a setting, as [`Settings::set`](super::Settings::set) does
    /// - `block NAME`, `unblock NAME`, `password NAME NEW`: an account; a new password ends its sessions
    /// - `end-sessions` forgets all sessions, `clear-flood` all failed logins
    /// - `advance SECONDS`, `time UNIX` move the clock
    /// - `draft UUID TITLE` gives a node an unpublished draft
    ///
    /// # Errors
    /// If there is no such command, or what it names does not exist; the message says so.
    pub fn control(&mut self, line: &str) -> Result<(), String> {
        let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let (first, second) = rest.split_once(' ').unwrap_or((rest, ""));
        self.cache.clear();
        match word {
            "" => Ok(()),
            "set" => self.settings.set(first, second),
            "block" => self.change_user(first, "status", false.into()),
            "unblock" => self.change_user(first, "status", true.into()),
            "password" => self.set_password(first, second),
            "clear-flood" => {
                self.flood.clear_all();
                Ok(())
            }
            "end-sessions" => {
                self.sessions.close_all();
                Ok(())
            }
            "advance" => {
                let seconds = first.parse().map_err(|_| format!("`{first}` is not a number of seconds"))?;
                self.clock.advance(std::time::Duration::from_secs(seconds));
                Ok(())
            }
            "time" => {
                self.clock.set(first.parse().map_err(|_| format!("`{first}` is not a Unix time"))?);
                Ok(())
            }
            "draft" => self.draft(first, second),
            _ => Err(format!("there is no command `{word}`")),
        }
    }

    fn change_user(&mut self, name: &str, field: &str, new: serde_json::Value) -> Result<(), String> {
        let user = self.store.user_named(name).ok_or_else(|| format!("there is no user `{name}`"))?;
        let (uuid, mut values) = (user.entity.uuid.clone(), user.values().clone());
        values.insert(field.to_owned(), value(new));
        self.store.update("user", &uuid, None, values);
        Ok(())
    }

    /// A new password ends all sessions of the account.
    fn set_password(&mut self, name: &str, password: &str) -> Result<(), String> {
        self.change_user(name, "pass", password.into())?;
        let id = self.store.user_named(name).map(|user| user.id()).unwrap_or_default();
        self.sessions.close_all_of(id, None);
        Ok(())
    }

    /// Gives a node an unpublished draft with another title.
    fn draft(&mut self, uuid: &str, title: &str) -> Result<(), String> {
        let node = self.store.by_uuid("node", uuid).and_then(|node| self.store.view(node, None));
        let mut values = node.map(|node| node.values().clone()).ok_or_else(|| format!("there is no node `{uuid}`"))?;
        values.insert("title".to_owned(), value(title));
        values.insert("status".to_owned(), value(false));
        self.store.revise("node", uuid, None, values, true);
        Ok(())
    }
}
