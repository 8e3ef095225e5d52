//! What to ask of a collection or of a resource.

use super::filter::Filter;
use super::path::FieldPath;
use super::resource_type::ResourceType;
use crate::codes::drupal::ErrorCode;
use crate::error::{Error, bounded};
use std::collections::BTreeMap;
use std::fmt;

/// What to ask for: filters, order, page, included resources, fields.
///
/// Methods add; none replaces what an earlier call set, except [`offset`](Self::offset), [`limit`](Self::limit) and
/// [`version`](Self::version).
///
/// ```
/// use statuswire::drupal::{Filter, Query, ResourceType};
///
/// let vessel: ResourceType = "node--vessel".parse()?;
/// let query = Query::new()
///     .filter(Filter::one_of("field_class", ["sloop", "tug"]))
///     .include("field_port")
///     .include("field_crew.user_picture")
///     .fields(&vessel, ["title", "field_port", "field_crew"])
///     .sort("-field_launched")
///     .sort("drupal_internal__nid");
/// # let _ = query;
/// # Ok::<(), statuswire::Error>(())
/// ```
///
/// Malformed names are refused when the query is used, before anything is sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    filters: Vec<Filter>,
    includes: Vec<String>,
    fields: BTreeMap<ResourceType, Vec<String>>,
    sort: Vec<String>,
    offset: Option<u64>,
    limit: Option<u64>,
    version: Option<Version>,
    parameters: Vec<(String, String)>,
}

/// A revision of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Version {
    /// The revision with this id, the attribute `drupal_internal__vid`.
    Id(u64),
    /// The published revision.
    Latest,
    /// The newest revision, which may be a draft.
    WorkingCopy,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "id:{id}"),
            Self::Latest => f.write_str("rel:latest-version"),
            Self::WorkingCopy => f.write_str("rel:working-copy"),
        }
    }
}

impl Query {
    /// Makes a query that asks for everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a condition. All conditions must be met.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// Includes the resources that a relationship leads to. A dotted path includes those on the way too:
    /// `field_crew.user_picture`.
    #[must_use]
    pub fn include(mut self, path: &str) -> Self {
        if !self.includes.iter().any(|there| there == path) {
            self.includes.push(path.to_owned());
        }
        self
    }

    /// Asks for these fields of a type only, attributes and relationships. It applies to included resources too. An empty
    /// list leaves only type and id. The site ignores unknown names.
    #[must_use]
    pub fn fields<N: AsRef<str>>(mut self, of: &ResourceType, names: impl IntoIterator<Item = N>) -> Self {
        let fields = self.fields.entry(of.clone()).or_default();
        for name in names {
            if !fields.iter().any(|there| there == name.as_ref()) {
                fields.push(name.as_ref().to_owned());
            }
        }
        self
    }

    /// Orders by a field, ascending; descending with `-` in front. Further calls order what is equal so far.
    ///
    /// Without an order the site may return resources in any, and pages may overlap. Let the last key be unique, such as
    /// `drupal_internal__nid`.
    #[must_use]
    pub fn sort(mut self, key: &str) -> Self {
        self.sort.push(key.to_owned());
        self
    }

    /// Skips resources. Those that the caller may not see count.
    #[must_use]
    pub fn offset(mut self, resources: u64) -> Self {
        self.offset = Some(resources);
        self
    }

    /// Sets the number of resources on a page, at least 1. Default, and the site's maximum: 50. Of pages that are followed
    /// each is this long.
    #[must_use]
    pub fn limit(mut self, resources: u64) -> Self {
        self.limit = Some(resources);
        self
    }

    /// Asks for a revision. Collections have only [`Version::Latest`] and [`Version::WorkingCopy`]. A type without revisions
    /// fails with [`CommandUnavailable`](ErrorCode::CommandUnavailable).
    #[must_use]
    pub fn version(mut self, version: Version) -> Self {
        self.version = Some(version);
        self
    }

    /// Adds a parameter of a module of the site. Its name must have another character than the letters a to z, as JSON:API
    /// demands of such parameters.
    #[must_use]
    pub fn parameter(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Returns the parameters for one resource, or for the resources behind a relationship.
    pub(super) fn for_one(&self) -> Result<Vec<(String, String)>, Error> {
        let unused = [
            ("a filter", !self.filters.is_empty()),
            ("an order", !self.sort.is_empty()),
            ("an offset", self.offset.is_some()),
            ("a limit", self.limit.is_some()),
        ];
        if let Some((what, _)) = unused.iter().find(|(_, used)| *used) {
            return Err(invalid(format!("the query has {what}, which only collections have; leave it out")));
        }
        let mut parameters = Vec::new();
        self.write_common(&mut parameters)?;
        Ok(parameters)
    }

    /// Returns the parameters for a resource that is written.
    pub(super) fn for_write(&self) -> Result<Vec<(String, String)>, Error> {
        match self.version {
            None => self.for_one(),
            Some(_) => Err(invalid("the query asks for a revision, which only reading has; leave it out")),
        }
    }

    /// Returns the parameters for a collection.
    pub(super) fn for_collection(&self) -> Result<Vec<(String, String)>, Error> {
        let mut parameters = Vec::new();
        match &self.filters[..] {
            [] => {}
            [one] => one.write(&mut parameters)?,
            many => Filter::all(many.iter().cloned()).write(&mut parameters)?,
        }
        if let Some(Version::Id(_)) = self.version {
            return Err(invalid("a collection has no revision ids; ask for the latest version or the working copy"));
        }
        self.write_common(&mut parameters)?;
        if !self.sort.is_empty() {
            for key in &self.sort {
                FieldPath::parse(key.strip_prefix('-').unwrap_or(key))?;
            }
            parameters.push(("sort".to_owned(), self.sort.join(",")));
        }
        if let Some(offset) = self.offset {
            parameters.push(("page[offset]".to_owned(), offset.to_string()));
        }
        match self.limit {
            None => {}
            Some(0) => return Err(invalid("a page of no resources is refused by the site; ask for at least one")),
            Some(limit) => parameters.push(("page[limit]".to_owned(), limit.to_string())),
        }
        Ok(parameters)
    }

    /// Returns the same query for counting: only types and ids, the longest pages. In an order that is not unique, pages could
    /// overlap.
    pub(super) fn counting(&self, of: &ResourceType) -> Self {
        let fields = BTreeMap::from([(of.clone(), Vec::new())]);
        Self { includes: Vec::new(), sort: vec!["id".to_owned()], fields, limit: None, ..self.clone() }
    }

    /// Returns the same query for the first resource alone.
    pub(super) fn first(&self) -> Self {
        Self { limit: Some(1), ..self.clone() }
    }

    fn write_common(&self, parameters: &mut Vec<(String, String)>) -> Result<(), Error> {
        if !self.includes.is_empty() {
            for path in &self.includes {
                FieldPath::parse(path)?;
            }
            parameters.push(("include".to_owned(), self.includes.join(",")));
        }
        for (resource_type, names) in &self.fields {
            for name in names {
                FieldPath::field(name)?;
            }
            parameters.push((format!("fields[{resource_type}]"), names.join(",")));
        }
        if let Some(version) = self.version {
            parameters.push(("resourceVersion".to_owned(), version.to_string()));
        }
        for (name, value) in &self.parameters {
            parameters.push((foreign(name)?.to_owned(), value.clone()));
        }
        Ok(())
    }
}

/// The parameters that have methods, by the word before their brackets.
const OWN: [&str; 6] = ["filter", "include", "fields", "sort", "page", "resourceVersion"];

/// Checks the name of a module's parameter.
fn foreign(name: &str) -> Result<&str, Error> {
    let shown = bounded(format_args!("{name:?}"), 100);
    if OWN.contains(&name.split('[').next().unwrap_or(name)) {
        return Err(invalid(format!("the parameter {shown} has a method of its own; use that")));
    }
    if name.chars().all(|c| c.is_ascii_lowercase()) {
        let what = format!(
            "the parameter {shown} has only letters a to z, which the site refuses; it cannot be one of its modules'"
        );
        return Err(invalid(what));
    }
    Ok(name)
}

fn invalid(reason: impl Into<String>) -> Error {
    Error::invalid_request(reason).with_code(ErrorCode::InvalidQuery)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vessel() -> ResourceType {
        "node--vessel".parse().unwrap()
    }

    fn written(query: &Query) -> String {
        let parameters = query.for_collection().unwrap();
        parameters.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    #[test]
    fn calls_add() {
        let query = Query::new()
            .include("field_port")
            .include("field_crew")
            .include("field_port")
            .fields(&vessel(), ["title"])
            .fields(&vessel(), ["title", "field_port"])
            .sort("-created")
            .sort("title");
        assert_eq!(
            written(&query),
            "include=field_port,field_crew&fields[node--vessel]=title,field_port&sort=-created,title"
        );
    }

    #[test]
    fn filters_join_to_one_group() {
        assert_eq!(written(&Query::new()), "");
        let one = Query::new().filter(Filter::is_null("a"));
        assert!(!written(&one).contains("memberOf"));
        let two = written(&one.filter(Filter::is_null("b")));
        assert!(two.starts_with("filter[k1][group][conjunction]=AND&filter[k2][condition][memberOf]=k1&"), "{two}");
    }

    #[test]
    fn pages_versions_and_parameters() {
        let query = Query::new().offset(20).limit(10).version(Version::WorkingCopy).parameter("viewMode", "teaser");
        assert_eq!(written(&query), "resourceVersion=rel:working-copy&viewMode=teaser&page[offset]=20&page[limit]=10");
        assert_eq!(Version::Id(9).to_string(), "id:9");
        assert_eq!(Version::Latest.to_string(), "rel:latest-version");
    }

    #[test]
    fn what_the_site_refuses_is_not_sent() {
        for query in [
            Query::new().limit(0),
            Query::new().version(Version::Id(3)),
            Query::new().include("a,b"),
            Query::new().include(""),
            Query::new().sort(""),
            Query::new().sort("--a"),
            Query::new().fields(&vessel(), ["a.b"]),
            Query::new().parameter("nope", "1"),
            Query::new().parameter("", "1"),
            Query::new().parameter("filter[a][value]", "1"),
            Query::new().parameter("page[number]", "2"),
        ] {
            assert!(query.for_collection().unwrap_err().is_invalid_request(), "{query:?}");
        }
        let for_collections = [
            Query::new().filter(Filter::is_null("a")),
            Query::new().sort("a"),
            Query::new().offset(1),
            Query::new().limit(1),
        ];
        for query in for_collections {
            assert!(query.for_one().unwrap_err().is_invalid_request(), "{query:?}");
        }
        assert!(Query::new().include("a").version(Version::Id(3)).for_one().is_ok());
        assert!(Query::new().version(Version::Latest).for_write().unwrap_err().is_invalid_request());
    }
}
