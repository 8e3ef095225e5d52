//! The levels of a licence or an account.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// Maximum bytes of levels as text. As values they can take a hundred times as much memory.
const BYTES: usize = 64 << 10;

/// What a licence or an account may use, in the application's own terms.
///
/// The documentation shows levels as an array of names in some places and as an object (`{"tier":"pro"}`) in others;
/// both are read. What is in another form is only in [`raw`](Self::raw).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Levels {
    /// The names: the texts of an array, the names of an object's members.
    pub names: Vec<String>,
    /// As they came, in whatever form; `Null` if there were none.
    pub raw: Value,
}

impl Levels {
    /// Returns whether there is a level of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// Returns whether a part of them is in no documented form, and in [`raw`](Self::raw) only.
    pub(super) fn is_odd(&self) -> bool {
        match &self.raw {
            Value::Null | Value::Object(_) => false,
            Value::Array(items) => !items.iter().all(Value::is_string),
            _ => true,
        }
    }

    /// The value of a level, where levels come as an object.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.raw.get(name)
    }
}

impl<'de> Deserialize<'de> for Levels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        if text.get().len() > BYTES {
            return Err(D::Error::custom(format_args!("levels of {} bytes, more than {BYTES}", text.get().len())));
        }
        let raw: Value = serde_json::from_str(text.get()).map_err(D::Error::custom)?;
        let names = match &raw {
            Value::Null => Vec::new(),
            Value::Object(members) => members.keys().cloned().collect(),
            Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        Ok(Self { names, raw })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_and_none_are_read() {
        let read = |text| serde_json::from_str::<Levels>(text);
        assert_eq!(read(r#"["staff","beta"]"#).unwrap().names, ["staff", "beta"]);
        let object = read(r#"{"tier":"pro"}"#).unwrap();
        assert!(object.contains("tier"));
        assert_eq!(object.get("tier").and_then(Value::as_str), Some("pro"));
        assert_eq!(read("null").unwrap(), Levels::default());
        assert!(![r#"["staff"]"#, "{}", "null"].into_iter().any(|text| read(text).unwrap().is_odd()));
        assert!([r#"["staff",1]"#, "7", r#""pro""#].into_iter().all(|text| read(text).unwrap().is_odd()));
        assert_eq!(read(r#"["staff",1]"#).unwrap().names, ["staff"]);
        assert_eq!(serde_json::from_value::<Levels>(serde_json::json!(["a"])).unwrap().names, ["a"]);
    }

    #[test]
    fn levels_are_not_read_without_end() {
        let nested = format!("{}{}", "[".repeat(BYTES), "]".repeat(BYTES));
        let many = format!("[{}0]", "0,".repeat(BYTES));
        for text in [nested, many] {
            let error = serde_json::from_str::<Levels>(&text).unwrap_err().to_string();
            assert!(error.contains("more than 65536"), "{error}");
        }
    }
}
