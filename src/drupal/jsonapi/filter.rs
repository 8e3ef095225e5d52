//! Filters of collections.

use super::filter_value::FilterValue;
use super::path::FieldPath;
use crate::codes::drupal::ErrorCode;
use crate::error::Error;

/// A condition that resources of a collection must meet, or a group of conditions.
///
/// A path names a field (`title`), a property of a field with several (`body.value`), or leads through a relationship:
/// `field_port.name`, `field_port.id` (the UUID), `field_crew.meta.drupal_internal__target_id`. A field with one property
/// has no `.value`. A relationship alone is complete only with [`is_null`](Self::is_null) and
/// [`is_not_null`](Self::is_not_null).
///
/// ```
/// use statuswire::drupal::{Filter, Query};
///
/// let small = Filter::any([Filter::eq("field_class", "tug"), Filter::between("field_berths", 1, 4)]);
/// let query = Query::new().filter(small).filter(Filter::eq("status", true));
/// # let _ = query;
/// ```
///
/// Only filters that Drupal understands can be written. One with a malformed path, without any value, or with a number that
/// is not finite is refused when it is used ([`InvalidQuery`](ErrorCode::InvalidQuery)).
///
/// Filtering by some fields is forbidden to most callers, such as the `mail` of users.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter(Node);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Condition { path: String, operator: &'static str, values: Values },
    Group { conjunction: &'static str, members: Vec<Filter> },
}

#[derive(Clone, Debug, PartialEq)]
enum Values {
    Without,
    One(FilterValue),
    List(Vec<FilterValue>),
}

impl Filter {
    fn one(path: &str, operator: &'static str, value: impl Into<FilterValue>) -> Self {
        Self(Node::Condition { path: path.to_owned(), operator, values: Values::One(value.into()) })
    }

    fn list<V: Into<FilterValue>>(path: &str, operator: &'static str, values: impl IntoIterator<Item = V>) -> Self {
        let values = Values::List(values.into_iter().map(Into::into).collect());
        Self(Node::Condition { path: path.to_owned(), operator, values })
    }

    fn without(path: &str, operator: &'static str) -> Self {
        Self(Node::Condition { path: path.to_owned(), operator, values: Values::Without })
    }

    /// Matches if the field equals the value.
    pub fn eq(path: &str, value: impl Into<FilterValue>) -> Self {
        Self::one(path, "=", value)
    }

    /// Matches if the field has another value. Unset fields do not match.
    pub fn ne(path: &str, value: impl Into<FilterValue>) -> Self {
        Self::one(path, "<>", value)
    }

    /// Matches if the field is greater than the value.
    pub fn gt(path: &str, value: impl Into<FilterValue>) -> Self {
        Self::one(path, ">", value)
    }

    /// Matches if the field is greater than the value or equal to it.
    pub fn ge(path: &str, value: impl Into<FilterValue>) -> Self {
        Self::one(path, ">=", value)
    }

    /// Matches if the field is less than the value.
    pub fn lt(path: &str, value: impl Into<FilterValue>) -> Self {
        Self::one(path, "<", value)
    }

    /// Matches if the field is less than the value or equal to it.
    pub fn le(path: &str, value: impl Into<FilterValue>) -> Self {
        Self::one(path, "<=", value)
    }

    /// Matches if the text starts with the value.
    pub fn starts_with(path: &str, value: impl Into<FilterValue>) -> Self {
        Self::one(path, "STARTS_WITH", value)
    }

    /// Matches if the text contains the value.
    pub fn contains(path: &str, value: impl Into<FilterValue>) -> Self {
        Self::one(path, "CONTAINS", value)
    }

    /// Matches if the text ends with the value.
    pub fn ends_with(path: &str, value: impl Into<FilterValue>) -> Self {
        Self::one(path, "ENDS_WITH", value)
    }

    /// Matches if the field equals one of the values. There must be at least one.
    pub fn one_of<V: Into<FilterValue>>(path: &str, values: impl IntoIterator<Item = V>) -> Self {
        Self::list(path, "IN", values)
    }

    /// Matches if the field equals no value of a list. There must be at least one. Unset fields do not match.
    pub fn none_of<V: Into<FilterValue>>(path: &str, values: impl IntoIterator<Item = V>) -> Self {
        Self::list(path, "NOT IN", values)
    }

    /// Matches if the field is between two values, or equals one of them.
    pub fn between(path: &str, low: impl Into<FilterValue>, high: impl Into<FilterValue>) -> Self {
        Self::list(path, "BETWEEN", [low.into(), high.into()])
    }

    /// Matches if the field is less than the first value or greater than the second.
    pub fn not_between(path: &str, low: impl Into<FilterValue>, high: impl Into<FilterValue>) -> Self {
        Self::list(path, "NOT BETWEEN", [low.into(), high.into()])
    }

    /// Matches if the field is not set.
    pub fn is_null(path: &str) -> Self {
        Self::without(path, "IS NULL")
    }

    /// Matches if the field is set.
    pub fn is_not_null(path: &str) -> Self {
        Self::without(path, "IS NOT NULL")
    }

    /// Matches if all of the filters match. An empty list matches everything.
    pub fn all(filters: impl IntoIterator<Item = Self>) -> Self {
        Self(Node::Group { conjunction: "AND", members: filters.into_iter().collect() })
    }

    /// Matches if at least one of the filters matches. There must be at least one.
    pub fn any(filters: impl IntoIterator<Item = Self>) -> Self {
        Self(Node::Group { conjunction: "OR", members: filters.into_iter().collect() })
    }

    /// Adds the parameters of the filter. Groups stand before their members; keys are numbered.
    pub(super) fn write(&self, parameters: &mut Vec<(String, String)>) -> Result<(), Error> {
        let mut keys = 0;
        self.write_in(None, &mut keys, parameters)
    }

    /// Whether the filter has no condition that can fail: the site would read such a group in another one as absent.
    fn is_always_met(&self) -> bool {
        match &self.0 {
            Node::Condition { .. } => false,
            Node::Group { conjunction: "AND", members } => members.iter().all(Self::is_always_met),
            Node::Group { members, .. } => members.iter().any(Self::is_always_met),
        }
    }

    fn write_in(
        &self,
        group: Option<usize>,
        keys: &mut usize,
        parameters: &mut Vec<(String, String)>,
    ) -> Result<(), Error> {
        if self.is_always_met() {
            return Ok(());
        }
        *keys += 1;
        let key = *keys;
        let mut add = |kind: &str, member: &str, value: String| {
            parameters.push((format!("filter[k{key}][{kind}][{member}]"), value));
        };
        let kind = match &self.0 {
            Node::Condition { .. } => "condition",
            Node::Group { .. } => "group",
        };
        if let Some(group) = group {
            add(kind, "memberOf", format!("k{group}"));
        }
        match &self.0 {
            Node::Condition { path, operator, values } => {
                add(kind, "path", FieldPath::parse(path)?.to_string());
                add(kind, "operator", (*operator).to_owned());
                match values {
                    Values::Without => {}
                    Values::One(value) => add(kind, "value", value.text(path)?),
                    Values::List(values) if values.is_empty() => {
                        let what = format!("the filter {operator} of {path} has no values; give at least one");
                        return Err(Error::invalid_request(what).with_code(ErrorCode::InvalidQuery));
                    }
                    Values::List(values) => {
                        for (at, value) in values.iter().enumerate() {
                            add(kind, &format!("value][{at}"), value.text(path)?);
                        }
                    }
                }
            }
            Node::Group { conjunction, members } => {
                if members.is_empty() {
                    let what = "a filter of which any condition must match has no conditions; give at least one";
                    return Err(Error::invalid_request(what).with_code(ErrorCode::InvalidQuery));
                }
                add(kind, "conjunction", (*conjunction).to_owned());
                for member in members {
                    member.write_in(Some(key), keys, parameters)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(filter: &Filter) -> String {
        let mut parameters = Vec::new();
        filter.write(&mut parameters).unwrap();
        parameters.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    #[track_caller]
    fn refused(filter: &Filter) -> String {
        let error = filter.write(&mut Vec::new()).unwrap_err();
        assert!(error.is_invalid_request());
        error.to_string()
    }

    #[test]
    fn every_operator() {
        for (filter, operator) in [
            (Filter::eq("a", "x"), "="),
            (Filter::ne("a", "x"), "<>"),
            (Filter::gt("a", "x"), ">"),
            (Filter::ge("a", "x"), ">="),
            (Filter::lt("a", "x"), "<"),
            (Filter::le("a", "x"), "<="),
            (Filter::starts_with("a", "x"), "STARTS_WITH"),
            (Filter::contains("a", "x"), "CONTAINS"),
            (Filter::ends_with("a", "x"), "ENDS_WITH"),
        ] {
            let expected = format!(
                "filter[k1][condition][path]=a&filter[k1][condition][operator]={operator}&\
                 filter[k1][condition][value]=x"
            );
            assert_eq!(written(&filter), expected);
        }
        for (filter, operator) in [
            (Filter::one_of("a", [1, 2]), "IN"),
            (Filter::none_of("a", [1, 2]), "NOT IN"),
            (Filter::between("a", 1, 2), "BETWEEN"),
            (Filter::not_between("a", 1, 2), "NOT BETWEEN"),
        ] {
            let expected = format!(
                "filter[k1][condition][path]=a&filter[k1][condition][operator]={operator}&\
                 filter[k1][condition][value][0]=1&filter[k1][condition][value][1]=2"
            );
            assert_eq!(written(&filter), expected);
        }
        for (filter, operator) in [(Filter::is_null("a"), "IS NULL"), (Filter::is_not_null("a"), "IS NOT NULL")] {
            let expected = format!("filter[k1][condition][path]=a&filter[k1][condition][operator]={operator}");
            assert_eq!(written(&filter), expected);
        }
    }

    /// The site reads a group without members as absent, also where one met condition is enough.
    #[test]
    fn what_is_always_met_is_not_written() {
        let always = || Filter::all([]);
        let one = || Filter::is_null("a");
        for filter in [always(), Filter::all([always()]), Filter::any([always(), one()]), Filter::any([always()])] {
            assert_eq!(written(&filter), "", "{filter:?}");
        }
        let both = written(&Filter::all([Filter::any([always(), one()]), one()]));
        assert_eq!(both.matches("[condition][path]").count(), 1, "{both}");
        assert!(refused(&Filter::all([Filter::any([])])).contains("at least one"));
    }

    #[test]
    fn groups_stand_before_their_members_and_keys_differ() {
        let inner = Filter::all([Filter::is_null("c"), Filter::is_null("d")]);
        let filter = Filter::any([Filter::is_null("a"), Filter::is_null("a"), inner]);
        let names: Vec<_> = written(&filter).split('&').map(str::to_owned).collect();
        assert_eq!(
            names,
            [
                "filter[k1][group][conjunction]=OR",
                "filter[k2][condition][memberOf]=k1",
                "filter[k2][condition][path]=a",
                "filter[k2][condition][operator]=IS NULL",
                "filter[k3][condition][memberOf]=k1",
                "filter[k3][condition][path]=a",
                "filter[k3][condition][operator]=IS NULL",
                "filter[k4][group][memberOf]=k1",
                "filter[k4][group][conjunction]=AND",
                "filter[k5][condition][memberOf]=k4",
                "filter[k5][condition][path]=c",
                "filter[k5][condition][operator]=IS NULL",
                "filter[k6][condition][memberOf]=k4",
                "filter[k6][condition][path]=d",
                "filter[k6][condition][operator]=IS NULL",
            ]
        );
    }

    #[test]
    fn what_would_be_no_filter_is_refused() {
        assert!(refused(&Filter::one_of("a", [0_u8; 0])).contains("IN of a has no values"));
        assert!(refused(&Filter::any([])).contains("has no conditions"));
        assert!(refused(&Filter::gt("a", f64::NAN)).contains("compares with NaN"));
        assert!(refused(&Filter::any([Filter::eq("a]b", 1)])).contains("is not a field"));
        assert_eq!(written(&Filter::all([])), "");
    }
}
