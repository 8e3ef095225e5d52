//! The types of resources.

use crate::codes::drupal::ErrorCode;
use crate::error::{Error, bounded};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The type of a resource: an entity type and a bundle, written `node--article`.
///
/// Entity types without bundles repeat their name: `user--user`, `file--file`. Case matters.
///
/// ```
/// use statuswire::drupal::ResourceType;
///
/// let article: ResourceType = "node--article".parse()?;
/// assert_eq!((article.entity(), article.bundle()), ("node", "article"));
/// # Ok::<(), statuswire::Error>(())
/// ```
///
/// Parsing checks the name: two words of letters, digits and underscores, each with a letter at its beginning. The types in
/// a site's answers are not checked, since modules can rename them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceType(Arc<str>);

impl ResourceType {
    /// Makes the type of a bundle.
    ///
    /// # Errors
    ///
    /// If one of the names is malformed ([`InvalidClassName`](ErrorCode::InvalidClassName)).
    pub fn new(entity: &str, bundle: &str) -> Result<Self, Error> {
        format!("{entity}--{bundle}").parse()
    }

    /// Returns the whole name, `node--article`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the entity type, `node`. For a renamed type without `--` it is the whole name.
    pub fn entity(&self) -> &str {
        self.split().0
    }

    /// Returns the bundle, `article`. For a renamed type without `--` it is the whole name.
    pub fn bundle(&self) -> &str {
        self.split().1
    }

    fn split(&self) -> (&str, &str) {
        self.0.split_once("--").unwrap_or((&self.0, &self.0))
    }
}

impl FromStr for ResourceType {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name.split_once("--") {
            Some((entity, bundle)) if is_machine_name(entity) && is_machine_name(bundle) => Ok(Self(name.into())),
            _ => {
                let shown = bounded(format_args!("{name:?}"), 100);
                let reason =
                    format!("{shown} is not a resource type; write the entity type and the bundle: node--article");
                Err(Error::invalid_request(reason).with_code(ErrorCode::InvalidClassName))
            }
        }
    }
}

fn is_machine_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl fmt::Display for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl PartialEq<str> for ResourceType {
    fn eq(&self, name: &str) -> bool {
        &*self.0 == name
    }
}

impl PartialEq<&str> for ResourceType {
    fn eq(&self, name: &&str) -> bool {
        &*self.0 == *name
    }
}

impl Serialize for ResourceType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ResourceType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name.is_empty() { Err(D::Error::custom("the name of a type is empty")) } else { Ok(Self(name.into())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_two_parts() {
        let term: ResourceType = "taxonomy_term--port".parse().unwrap();
        assert_eq!((term.entity(), term.bundle(), term.as_str()), ("taxonomy_term", "port", "taxonomy_term--port"));
        assert_eq!(ResourceType::new("user", "user").unwrap(), "user--user");
    }

    #[test]
    fn malformed_names_are_refused_with_their_code() {
        for name in [
            "",
            "node",
            "node--",
            "--article",
            "node-article",
            "node--art icle",
            "node--a/b",
            "1--a",
            "node--a--b",
            "ñ--a",
        ] {
            let error = name.parse::<ResourceType>().unwrap_err();
            assert_eq!(error.code_as(), Some(ErrorCode::InvalidClassName), "{name}");
            assert!(error.is_invalid_request());
        }
        assert!("x".repeat(9000).parse::<ResourceType>().unwrap_err().to_string().len() < 500);
    }

    #[test]
    fn renamed_types_of_a_site_are_read() {
        let renamed: ResourceType = serde_json::from_str(r#""articles""#).unwrap();
        assert_eq!((renamed.entity(), renamed.bundle()), ("articles", "articles"));
        assert!(serde_json::from_str::<ResourceType>(r#""""#).is_err());
        assert_eq!(serde_json::to_string(&renamed).unwrap(), r#""articles""#);
    }
}
