//! What to ask for, as options.

use crate::filter;
use clap::Args;
use statuswire::drupal::{Filter, Query, ResourceType};

/// Which resources, and in which order.
#[derive(Args)]
pub(crate) struct Find {
    /// A condition, `title=Heron`; may be repeated: all must be met. See the forms below.
    ///
    /// PATH is a field (title), a property of one (body.value), or leads through a relationship (field_port.name,
    /// field_port.id).
    ///
    ///   PATH=VALUE  PATH!=VALUE  PATH>VALUE  PATH>=VALUE  PATH<VALUE  PATH<=VALUE
    ///   PATH~STARTS_WITH:TEXT  PATH~CONTAINS:TEXT  PATH~ENDS_WITH:TEXT
    ///   PATH~IN:A,B,...  PATH~NOT_IN:A,B,...
    ///   PATH~BETWEEN:LOW,HIGH  PATH~NOT_BETWEEN:LOW,HIGH
    ///   PATH~IS_NULL  PATH~IS_NOT_NULL
    ///
    /// `true` and `false` are booleans. Dates are written 2012-01-31; created, changed and timestamps in Unix seconds. At
    /// least one of several conditions must be met if ` || ` stands between them: 'title=Ibis || field_berths>=8'.
    #[arg(long, value_name = "CONDITION", value_parser = filter::parse, verbatim_doc_comment)]
    pub(crate) filter: Vec<Filter>,

    /// Orders by fields, -created,title: `-` is descending. Without an order, pages may overlap; let the last field be
    /// unique, such as drupal_internal__nid.
    #[arg(long, value_name = "FIELD,...", value_delimiter = ',', allow_hyphen_values = true)]
    sort: Vec<String>,

    /// Prints this many resources at most [default: all].
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
}

/// What of each resource.
#[derive(Args)]
pub(crate) struct Fields {
    /// Includes the resources that relationships lead to: field_port,field_crew.user_picture.
    #[arg(long, value_name = "FIELD,...", value_delimiter = ',')]
    pub(crate) include: Vec<String>,

    /// Asks for these fields only: title,field_port; with TYPE=title,status for a type that is included. May be repeated.
    #[arg(long, value_name = "[TYPE=]FIELD,...", value_parser = names)]
    fields: Vec<Names>,
}

/// Names of fields, of the type that is asked for or of another one.
#[derive(Clone)]
struct Names {
    of: Option<ResourceType>,
    names: Vec<String>,
}

fn names(text: &str) -> Result<Names, String> {
    let (of, names) = match text.split_once('=') {
        Some((of, names)) => (Some(of.parse().map_err(|error: statuswire::Error| error.to_string())?), names),
        None => (None, text),
    };
    let names: Vec<_> = names.split(',').map(str::to_owned).collect();
    match names.iter().any(String::is_empty) {
        true => Err("a name is missing; write title,field_port or taxonomy_term--port=name".to_owned()),
        false => Ok(Names { of, names }),
    }
}

/// The most resources on a page.
const PAGE: u64 = 50;

impl Find {
    pub(crate) fn add_to(&self, query: Query) -> Query {
        let query = self.filter.iter().fold(query, |query, filter| query.filter(filter.clone()));
        let query = self.sort.iter().fold(query, |query, key| query.sort(key));
        match self.limit {
            Some(limit) => query.limit(limit.min(PAGE)),
            None => query,
        }
    }
}

impl Fields {
    pub(crate) fn query(&self, of: &ResourceType) -> Query {
        let query = self.include.iter().fold(Query::new(), |query, path| query.include(path));
        self.fields.iter().fold(query, |query, names| query.fields(names.of.as_ref().unwrap_or(of), &names.names))
    }

    /// Returns the fields that are asked for of the type itself.
    pub(crate) fn own(&self, of: &ResourceType) -> Vec<&str> {
        let own = self.fields.iter().filter(|names| names.of.as_ref().is_none_or(|other| other == of));
        own.flat_map(|names| names.names.iter().map(String::as_str)).collect()
    }
}
