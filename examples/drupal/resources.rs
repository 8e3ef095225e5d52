//! Prints resources: as a table or as JSON lines.

use crate::arguments::Of;
use crate::failure::Failure;
use crate::note::note;
use crate::output::{Output, json_line, plain};
use crate::query::{Fields, Find};
use crate::table::{Table, cell, label};
use futures_util::TryStreamExt;
use serde_json::{Value, json};
use statuswire::drupal::{Attributes, Client, Included, Linkage, Page, Resource, ResourceType};
use std::collections::{HashSet, VecDeque};
use std::io::{IsTerminal, stdout};

pub(crate) async fn get(site: &Client, of: &Of, fields: &Fields, output: &Output) -> Result<(), Failure> {
    let query = fields.query(&of.of);
    let document = site.resources::<Attributes>(&of.of).get_with(of.id, &query).await?;
    print(&document.data, &document.included, !fields.include.is_empty(), output)
}

/// Prints a resource without what it leads to.
pub(crate) fn print_one(resource: &Resource, output: &Output) -> Result<(), Failure> {
    print(resource, &Included::default(), false, output)
}

fn print(resource: &Resource, included: &Included, includes: bool, output: &Output) -> Result<(), Failure> {
    if is_for_machines(output) {
        return line(resource, included, includes, output);
    }
    let relationships = resource.relationships.iter();
    let rows = [("type", resource.resource_type.to_string()), ("id", resource.id.to_string())].into_iter();
    let rows = rows.chain(resource.attributes.iter().map(|(name, value)| (name.as_str(), cell(value))));
    let rows: Vec<_> = rows.chain(relationships.map(|(name, to)| (name.as_str(), references(to, included)))).collect();
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    rows.iter().try_for_each(|(name, value)| output.line(format!("{:<width$}  {value}", plain(name)).trim_end()))
}

pub(crate) async fn list(
    site: &Client,
    of: &ResourceType,
    find: &Find,
    fields: &Fields,
    output: &Output,
) -> Result<(), Failure> {
    let query = find.add_to(fields.query(of));
    let mut pages = site.resources::<Attributes>(of).pages(&query);
    let mut left = find.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let mut table = Table::new(columns(of, fields));
    let mut omitted = Vec::new();
    while left > 0
        && let Some(mut page) = pages.try_next().await?
    {
        page.data.truncate(left);
        left -= page.data.len();
        match is_for_machines(output) {
            true => page.data.iter().try_for_each(|it| line(it, &page.included, !fields.include.is_empty(), output))?,
            false => table.print(rows(&page, &table), output)?,
        }
        omitted.append(&mut page.omitted);
    }
    if let Some(first) = omitted.first() {
        let (number, why) = (omitted.len(), plain(&first.detail));
        note(format_args!("note: resources that the site left out: {number}; it says: {why}"));
    }
    Ok(())
}

fn is_for_machines(output: &Output) -> bool {
    output.json || !stdout().is_terminal()
}

/// Returns the names of the columns: what was asked for, or else the label and what is included.
fn columns(of: &ResourceType, fields: &Fields) -> Vec<String> {
    let own = fields.own(of);
    let included = fields.include.iter().map(|path| path.split('.').next().unwrap_or(path));
    let shown: Vec<&str> = if own.is_empty() { [LABEL].into_iter().chain(included).collect() } else { own };
    let mut columns = vec![ID.to_owned()];
    for name in shown {
        if !columns.iter().any(|there| there == name) {
            columns.push(name.to_owned());
        }
    }
    columns
}

const ID: &str = "id";
/// The column of what a resource is called, whatever attribute that is.
const LABEL: &str = "label";

fn rows(page: &Page, table: &Table) -> Vec<Vec<String>> {
    let value =
        |resource: &Resource, name: &str| match (resource.attributes.get(name), resource.relationships.get(name)) {
            (Some(value), _) => cell(value),
            (None, Some(to)) => references(to, &page.included),
            (None, None) if name == ID => resource.id.to_string(),
            (None, None) if name == LABEL => label(&resource.attributes).unwrap_or_default(),
            (None, None) => String::new(),
        };
    page.data.iter().map(|resource| table.columns().map(|name| value(resource, name)).collect()).collect()
}

/// Returns what a relationship refers to: labels of included resources, ids of others.
fn references(to: &Linkage, included: &Included) -> String {
    let texts = to.identifiers().iter().map(|reference| {
        let resource = included.get::<Attributes>(reference).ok().flatten();
        resource.and_then(|resource| label(&resource.attributes)).unwrap_or_else(|| reference.id.to_string())
    });
    texts.collect::<Vec<_>>().join(", ")
}

/// Prints a resource as one line of JSON.
fn line(resource: &Resource, included: &Included, includes: bool, output: &Output) -> Result<(), Failure> {
    let mut json = json!(resource);
    if includes {
        json["included"] = reached(resource, included)?.into();
    }
    output.line(json_line(&json).map_err(Failure::output)?)
}

/// Returns the included resources that a resource leads to, near ones first.
fn reached(from: &Resource, included: &Included) -> Result<Vec<Value>, Failure> {
    let references = |resource: &Resource| {
        resource.relationships.values().flat_map(|to| to.identifiers().to_vec()).collect::<VecDeque<_>>()
    };
    let (mut waiting, mut seen, mut found) = (references(from), HashSet::new(), Vec::new());
    while let Some(reference) = waiting.pop_front() {
        if seen.insert((reference.resource_type.clone(), reference.id))
            && let Some(resource) = included.get::<Attributes>(&reference)?
        {
            waiting.append(&mut references(&resource));
            found.push(json!(resource));
        }
    }
    Ok(found)
}
