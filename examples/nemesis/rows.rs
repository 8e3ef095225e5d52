//! Files of key-values: lines of `{"key":...,"value":...}`.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use statuswire::Error;
use std::io::{self, BufRead};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) key: String,
    pub(crate) value: Box<RawValue>,
}

impl Row {
    /// Returns how many bytes the command has that stores the row.
    pub(crate) fn command_bytes(&self) -> usize {
        let key = serde_json::Value::from(self.key.as_str()).to_string();
        r#"{"KV_SET":{"keys":{:}}}"#.len() + key.len() + self.value.get().len()
    }
}

/// A line that is not blank.
pub(crate) struct Line {
    /// Counted from 1; blank lines count.
    pub(crate) number: u64,
    pub(crate) bytes: usize,
    pub(crate) row: Result<Row, Error>,
}

/// Returns the lines after the first `skip` ones.
pub(crate) fn lines(reader: impl BufRead, skip: u64) -> impl Iterator<Item = Line> {
    let lines = (1..).zip(reader.lines()).skip(usize::try_from(skip).unwrap_or(usize::MAX));
    lines.filter(|(_, text)| text.as_ref().map_or(true, |text| !text.trim().is_empty())).map(|(number, text)| Line {
        number,
        bytes: text.as_ref().map_or(0, String::len),
        row: row(number, text),
    })
}

fn row(number: u64, text: io::Result<String>) -> Result<Row, Error> {
    let text = text.map_err(|error| Error::invalid_request(format!("line {number} cannot be read: {error}")))?;
    serde_json::from_str(&text).map_err(|error| {
        Error::invalid_request(format!("line {number} is not {{\"key\":\"...\",\"value\":...}}: {error}"))
    })
}
