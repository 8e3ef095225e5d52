//! Links of a document.

use super::resource::Attributes;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// The links of a document or of a resource, by name.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize, serde::Serialize)]
pub struct Links(BTreeMap<String, Option<Link>>);

/// A link.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Link {
    /// Where it leads, an absolute URL as a rule.
    pub href: String,
    /// What the site says about it.
    #[serde(skip_serializing_if = "Attributes::is_empty")]
    pub meta: Attributes,
}

impl Links {
    /// Returns a link.
    pub fn get(&self, name: &str) -> Option<&Link> {
        self.0.get(name)?.as_ref()
    }

    /// Returns where a link leads.
    pub fn href(&self, name: &str) -> Option<&str> {
        self.get(name).map(|link| &*link.href)
    }

    /// Returns the names and the links, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Link)> {
        self.0.iter().filter_map(|(name, link)| Some((&**name, link.as_ref()?)))
    }
}

/// Drupal sends objects; JSON:API also allows texts.
impl<'de> Deserialize<'de> for Link {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        struct Object {
            href: String,
            #[serde(default)]
            meta: Attributes,
        }

        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Link;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a link")
            }

            fn visit_str<E>(self, href: &str) -> Result<Link, E> {
                Ok(Link { href: href.to_owned(), meta: Attributes::new() })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Link, A::Error> {
                let Object { href, meta } = Object::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Link { href, meta })
            }
        }

        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_texts_and_null() {
        let links = json!({"a": {"href": "/a", "meta": {"id": 1}, "more": 2}, "b": "/b", "c": null});
        let links: Links = serde_json::from_value(links).unwrap();
        assert_eq!(links.get("a").unwrap().meta["id"], 1);
        assert_eq!((links.href("b"), links.href("c"), links.href("d")), (Some("/b"), None, None));
        assert_eq!(links.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b"]);
        assert!(serde_json::from_value::<Links>(json!({"a": 1})).is_err());
    }
}
