//! Replies and events.
use std::borrow::Cow;

use serde_json::Value;

use statuswire::codes::blazeauth::ErrorCode as Status;

/// Members of a reply in their order, and its status.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) members: Vec<(Cow<'static, str>, Value)>,
    pub(super) status: Status,
}

impl From<Status> for Reply {
    fn from(status: Status) -> Self {
        Self { members: Vec::new(), status }
    }
}

impl Reply {
    pub(super) fn ok() -> Self {
        Status::Ok.into()
    }

    pub(super) fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.members.push((name.into(), value.into()));
        self
    }

    /// A member that is left out when there is no value.
    pub(super) fn with_some(self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The text as it goes out: `id` first, `status` last.
    pub(super) fn text(&self, id: u64) -> String {
        let mut text = format!("{{\"id\":{id}");
        for (name, value) in &self.members {
            text.push_str(&format!(",{}:{value}", Value::from(name.as_ref())));
        }
        text.push_str(&format!(",\"status\":{}}}", self.status.value()));
        text
    }
}

/// An event of the panel, as it goes out.
pub(super) fn event(event_type: u64, content: Option<&Value>) -> String {
    let content = content.map(|content| format!(",\"content\":{content}")).unwrap_or_default();
    format!("{{\"id\":{},\"event_type\":{event_type}{content}}}", u64::MAX)
}
