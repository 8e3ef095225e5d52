//! Optional members: one in an odd form must not spoil the answer that it comes with.

use super::account::Account;
use super::application::Application;
use super::levels::Levels;
use super::license::License;
use super::time_left::TimeLeft;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// An optional member; null is the same as a missing one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Lenient<T> {
    #[default]
    Missing,
    Read(T),
    /// It is there, and is no `T`, or it is there twice.
    Odd,
}

impl<T> Lenient<T> {
    /// Returns the value, if it can be read.
    pub(super) fn ok(self) -> Option<T> {
        match self {
            Self::Read(value) => Some(value),
            Self::Missing | Self::Odd => None,
        }
    }

    /// Adds a further member of the same name. JSON does not say which of two counts.
    pub(super) fn and(self, further: Self) -> Self {
        match (self, further) {
            (Self::Missing, one) | (one, Self::Missing) => one,
            _ => Self::Odd,
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Box::<RawValue>::deserialize(deserializer)?.get() {
            "null" => Self::Missing,
            text => serde_json::from_str(text).map_or(Self::Odd, Self::Read),
        })
    }
}

/// The names of the members that cannot be read.
#[derive(Default)]
pub(super) struct Unread(Vec<&'static str>);

impl Unread {
    /// Returns a member's value, if it can be read.
    pub(super) fn read<T>(&mut self, name: &'static str, member: Lenient<T>) -> Option<T> {
        match member {
            Lenient::Missing => None,
            Lenient::Read(value) => Some(value),
            Lenient::Odd => {
                self.0.push(name);
                None
            }
        }
    }

    /// Logs the names and returns them.
    pub(super) fn told(self) -> Vec<&'static str> {
        if !self.0.is_empty() {
            tracing::warn!(service = super::SERVICE, members = ?self.0, "the server sent members that cannot be read");
        }
        self.0
    }
}

/// Makes a type for an object: members that it must have, and optional ones. An optional member that is there twice is odd;
/// the `Deserialize` that serde derives would refuse the whole object.
macro_rules! told {
    (
        $(#[$about:meta])*
        $told:ident { $($must:ident: $required:ty,)* }
        optionally { $($may:ident: $optional:ty,)* }
    ) => {
        $(#[$about])*
        pub(super) struct $told {
            $(pub(super) $must: $required,)*
            $(pub(super) $may: Lenient<$optional>,)*
        }

        impl<'de> serde::Deserialize<'de> for $told {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use serde::de::{IgnoredAny, MapAccess, Visitor};
                use std::fmt;

                #[derive(serde::Deserialize)]
                #[serde(field_identifier)]
                #[allow(non_camel_case_types, reason = "the names of the members")]
                enum Name {
                    $($must,)*
                    $($may,)*
                    #[serde(other)]
                    Other,
                }

                struct Members;

                impl<'de> Visitor<'de> for Members {
                    type Value = $told;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<$told, A::Error> {
                        $(let mut $must = None;)*
                        $(let mut $may = Lenient::Missing;)*
                        while let Some(name) = members.next_key()? {
                            match name {
                                $(Name::$must if $must.is_some() => {
                                    return Err(serde::de::Error::duplicate_field(stringify!($must)));
                                })*
                                $(Name::$must => $must = Some(members.next_value()?),)*
                                $(Name::$may => $may = $may.and(members.next_value()?),)*
                                Name::Other => drop(members.next_value::<IgnoredAny>()?),
                            }
                        }
                        $(let $must = $must
                            .ok_or_else(|| <A::Error as serde::de::Error>::missing_field(stringify!($must)))?;)*
                        Ok($told { $($must,)* $($may,)* })
                    }
                }

                deserializer.deserialize_map(Members)
            }
        }
    };
}
pub(super) use told;

told! {
    /// What the server tells about an application, a licence or an account, and in a refusal.
    Told {}
    optionally {
        app_name: String,
        app_version: String,
        license: String,
        login: String,
        levels: Levels,
        comment: String,
        ip_address: String,
        time_left: TimeLeft,
        license_required: bool,
        retry_after: u64,
    }
}

impl Told {
    /// Returns whether it describes a licence, beyond its key.
    pub(super) fn describes(&self) -> bool {
        let Self { levels, comment, time_left, .. } = self;
        !matches!((levels, comment, time_left), (Lenient::Missing, Lenient::Missing, Lenient::Missing))
    }
}

/// Reads the levels as far as possible.
fn levels(unread: &mut Unread, member: Lenient<Levels>) -> Levels {
    let levels = unread.read("levels", member).unwrap_or_default();
    if levels.is_odd() {
        unread.0.push("levels");
    }
    levels
}

impl From<Told> for Application {
    fn from(told: Told) -> Self {
        let mut unread = Unread::default();
        Self {
            name: unread.read("app_name", told.app_name).unwrap_or_default(),
            version: unread.read("app_version", told.app_version).unwrap_or_default(),
            unread: unread.told(),
        }
    }
}

impl From<Told> for License {
    fn from(told: Told) -> Self {
        let mut unread = Unread::default();
        Self {
            key: unread.read("license", told.license).map(Into::into),
            levels: levels(&mut unread, told.levels),
            comment: unread.read("comment", told.comment),
            ip_address: unread.read("ip_address", told.ip_address),
            time_left: unread.read("time_left", told.time_left),
            unread: unread.told(),
        }
    }
}

impl From<Told> for Account {
    fn from(told: Told) -> Self {
        let mut unread = Unread::default();
        Self {
            login: unread.read("login", told.login),
            levels: levels(&mut unread, told.levels),
            comment: unread.read("comment", told.comment),
            ip_address: unread.read("ip_address", told.ip_address),
            time_left: unread.read("time_left", told.time_left),
            license_required: unread.read("license_required", told.license_required),
            unread: unread.told(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blazeauth::Reading;
    use std::time::Duration;

    #[test]
    fn an_odd_member_is_left_out_and_named_and_the_others_are_read() {
        let license: License = serde_json::from_str(
            r#"{"license":"KEY-123","levels":"pro","comment":5,"ip_address":["::1"],"time_left":5400.0,"status":1}"#,
        )
        .unwrap();
        assert!(license.key.is_some());
        assert_eq!(license.time_left.unwrap().reading(), Reading::Remaining(Duration::from_secs(5400)));
        assert_eq!((license.levels.names.len(), license.levels.raw.as_str()), (0, Some("pro")));
        assert_eq!((license.comment, license.ip_address), (None, None));
        assert_eq!(license.unread, ["levels", "comment", "ip_address"]);

        let account: Account = serde_json::from_str(
            r#"{"login":{},"levels":["staff",5],"comment":"night","time_left":"soon","license_required":1}"#,
        )
        .unwrap();
        assert_eq!((account.levels.names, account.comment), (vec!["staff".to_owned()], Some("night".to_owned())));
        assert_eq!(account.unread, ["login", "levels", "time_left", "license_required"]);

        let nothing: Account = serde_json::from_str(r#"{"login":null,"levels":null,"time_left":null}"#).unwrap();
        assert_eq!(nothing, Account::default());

        let application: Application = serde_json::from_str(r#"{"app_name":"Kiosk","app_version":2.4}"#).unwrap();
        assert_eq!((&*application.name, &*application.version), ("Kiosk", ""));
        assert_eq!(application.unread, ["app_version"]);
    }

    #[test]
    fn a_member_that_is_there_twice_is_left_out_and_named() {
        let account: Account = serde_json::from_str(
            r#"{"login":"ada","comment":"a","x":1,"comment":"b","levels":null,"levels":["staff"],"x":2}"#,
        )
        .unwrap();
        assert_eq!((account.login.as_deref(), account.comment), (Some("ada"), None));
        assert_eq!((account.levels.names, account.unread), (vec!["staff".to_owned()], vec!["comment"]));
    }
}
