//! A JSON:API document.

use super::included::Included;
use super::links::Links;
use super::resource::{Attributes, Resource};
use serde::de::{Deserialize, Deserializer};

/// An answer: its data, the resources that it includes, and what the site left out.
///
/// `D` is a [`Resource`], a list of resources ([`Page`]), an `Option<Resource>`, or a [`Linkage`](super::Linkage).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Document<D> {
    /// What was asked for.
    pub data: D,
    /// The resources that [`Query::include`](super::Query::include) asked for, as far as the caller may see them.
    pub included: Included,
    /// The links of the document: `self`, and on pages `next`, `prev` and `first`.
    pub links: Links,
    /// What the site left out because the caller may not see it. With a filter the site leaves out more and does not say so.
    pub omitted: Vec<Omission>,
    /// What else the site and its modules say about the answer.
    pub meta: Attributes,
}

impl<D> Document<D> {
    /// Changes the data; the rest stays.
    pub fn map<E>(self, change: impl FnOnce(D) -> E) -> Document<E> {
        let Self { data, included, links, omitted, meta } = self;
        Document { data: change(data), included, links, omitted, meta }
    }
}

/// A page of resources. It may be shorter than the limit, even empty, although more pages follow: only
/// [`has_next`](Self::has_next) tells.
pub type Page<T = Attributes> = Document<Vec<Resource<T>>>;

impl<T> Document<Vec<Resource<T>>> {
    /// Returns whether a next page follows.
    pub fn has_next(&self) -> bool {
        self.links.get("next").is_some()
    }

    /// Returns how many resources match on all pages, if the site says so. Drupal itself does not; the module JSON:API
    /// Extras can.
    pub fn total(&self) -> Option<u64> {
        self.meta.get("count")?.as_u64()
    }
}

/// A resource that a site left out of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Omission {
    /// The URL of the resource.
    pub href: String,
    /// The site's reason.
    pub detail: String,
}

impl<'de, D: Deserialize<'de>> Deserialize<'de> for Document<D> {
    fn deserialize<R: Deserializer<'de>>(deserializer: R) -> Result<Self, R::Error> {
        #[derive(serde::Deserialize)]
        #[serde(rename = "Document")]
        struct Read<D> {
            data: D,
            #[serde(default)]
            included: Included,
            #[serde(default)]
            links: Links,
            #[serde(default)]
            meta: Option<Attributes>,
        }

        let Read { data, included, links, meta } = Read::deserialize(deserializer)?;
        let mut meta = meta.unwrap_or_default();
        let omitted = meta.remove("omitted").map(|omitted| omissions(&omitted)).unwrap_or_default();
        Ok(Self { data, included, links, omitted, meta })
    }
}

/// Reads `meta.omitted`: one link for each resource, and a link to a page of help.
fn omissions(omitted: &serde_json::Value) -> Vec<Omission> {
    let links = omitted["links"].as_object().into_iter().flatten();
    let items = links.filter(|(name, _)| *name != "help");
    let omission = |(_, link): (_, &serde_json::Value)| {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        Omission { href: text(&link["href"]), detail: text(&link["meta"]["detail"]) }
    };
    items.map(omission).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn omissions_are_reported() {
        let page: Page = serde_json::from_value(json!({
            "jsonapi": {"version": "1.0"},
            "data": [],
            "meta": {"count": 7, "omitted": {
                "detail": "Some resources have been omitted because of insufficient authorization.",
                "links": {
                    "help": {"href": "https://www.drupal.org/docs"},
                    "item--aB3": {"href": "https://x.example/1", "meta": {"rel": "item", "detail": "Not yours."}}
                }
            }},
            "links": {"self": {"href": "https://x.example"}, "next": {"href": "https://x.example/2"}}
        }))
        .unwrap();
        let omission = Omission { href: "https://x.example/1".into(), detail: "Not yours.".into() };
        assert_eq!(page.omitted, [omission]);
        assert!(page.has_next() && page.meta.len() == 1);
        assert_eq!(page.total(), Some(7));
    }

    #[test]
    fn nothing_but_data() {
        let page: Page = serde_json::from_value(json!({"data": []})).unwrap();
        assert!(page.omitted.is_empty() && !page.has_next() && page.included.is_empty());
        assert_eq!(page.total(), None);
        let none: Document<Option<Resource>> = serde_json::from_value(json!({"data": null})).unwrap();
        assert!(none.data.is_none());
        assert!(serde_json::from_value::<Page>(json!({"data": null})).is_err());
        assert!(serde_json::from_value::<Document<Resource>>(json!({"errors": []})).is_err());
    }
}
