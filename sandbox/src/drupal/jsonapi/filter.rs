//! The parameter `filter`: conditions and groups.
use std::cmp::Ordering;

use super::document::list;
use super::path::{self, Cell, Path};
use crate::drupal::access;
use crate::drupal::call::Call;
use crate::drupal::failure::{Failure, Outcome};
use crate::drupal::query::{Param, Query};
use crate::drupal::schema::ResourceType;
use crate::drupal::site::Site;
use crate::drupal::store::View;

const ROOT: &str = "@root";
/// How deep groups nest here; a real site has no such limit.
const DEEPEST: usize = 64;
const SYNTAX: &str = "SQLSTATE[HY000]: General error: 1 near \")\": syntax error";
const OPERATORS: [&str; 15] = [
    "=",
    "<>",
    ">",
    ">=",
    "<",
    "<=",
    "STARTS_WITH",
    "CONTAINS",
    "ENDS_WITH",
    "IN",
    "NOT IN",
    "BETWEEN",
    "NOT BETWEEN",
    "IS NULL",
    "IS NOT NULL",
];

#[derive(Debug)]
enum Node {
    Condition(Condition),
    Group { any: bool, members: Vec<Node> },
}

#[derive(Debug)]
struct Condition {
    path: Path,
    operator: String,
    values: Vec<String>,
}

/// What a collection is filtered by.
#[derive(Debug)]
pub(super) struct Filter {
    root: Vec<Node>,
}

/// A filter of the query, its parts not judged yet.
struct Entry<'q> {
    id: &'q str,
    member_of: &'q str,
    group: Option<&'q Query>,
    condition: Query,
}

/// Reads the parameter, if it is there.
pub(super) fn read(site: &Site, call: &Call<'_>, resource: &ResourceType) -> Outcome<Option<Filter>> {
    let Some(parameter) = call.query.get("filter") else { return Ok(None) };
    let mut entries = Vec::new();
    for (id, parameter) in &list("filter", parameter)?.0 {
        entries.push(entry(id, parameter)?);
    }
    // Paths are judged before operators and values.
    let mut paths = Vec::new();
    for entry in &entries {
        let path = match entry.condition.text("path") {
            Some(path) if entry.group.is_none() => {
                let operator = entry.condition.text("operator").unwrap_or("=");
                let needs_property = !["IS NULL", "IS NOT NULL"].contains(&operator);
                Some(path::resolve(site, &call.viewer, resource, path, needs_property)?)
            }
            _ => None,
        };
        paths.push(path);
    }
    let root = members(ROOT, &entries, &mut paths, 0)?;
    Ok(Some(Filter { root }))
}

fn entry<'q>(id: &'q str, parameter: &'q Param) -> Outcome<Entry<'q>> {
    if id == ROOT {
        return Err(Failure::new(500, format!("'{ROOT}' is a reserved filter id.")));
    }
    let none = Entry { id, member_of: ROOT, group: None, condition: Query::default() };
    let parts = match parameter {
        Param::Text(_) => {
            let condition = Query(vec![
                ("value".to_owned(), parameter.clone()),
                ("path".to_owned(), Param::Text(id.to_owned())),
                ("operator".to_owned(), Param::Text("=".to_owned())),
            ]);
            return Ok(Entry { condition, ..none });
        }
        Param::List(parts) => parts,
    };
    let group = parts.list("group");
    let long = parts.list("condition");
    let member_of = long.and_then(|long| long.text("memberOf")).or_else(|| group?.text("memberOf")).unwrap_or(ROOT);
    let mut condition = match long {
        Some(long) if !parts.has("value") => long.clone(),
        _ if parts.has("value") => parts.clone(),
        _ => Query::default(),
    };
    if parts.has("value") && !condition.has("path") {
        condition.set("path", Param::Text(id.to_owned()));
    }
    if !condition.has("operator") {
        condition.set("operator", Param::Text("=".to_owned()));
    }
    Ok(Entry { member_of, group, condition, ..none })
}

fn members(id: &str, entries: &[Entry<'_>], paths: &mut [Option<Path>], depth: usize) -> Outcome<Vec<Node>> {
    let mut nodes = Vec::new();
    for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.member_of == id) {
        if let Some(group) = entry.group {
            let any = match group.text("conjunction") {
                Some("OR") => true,
                Some("AND") => false,
                _ => return Err(Failure::new(500, "Allowed conjunctions: AND, OR.")),
            };
            if depth == DEEPEST {
                return Err(Failure::bad_request(format!("Filter groups nest deeper than {DEEPEST} levels.")));
            }
            nodes.push(Node::Group { any, members: members(entry.id, entries, paths, depth + 1)? });
        } else {
            nodes.push(Node::Condition(condition(&entry.condition, &mut paths[index])?));
        }
    }
    // A group without members makes a query that the database does not understand; so does a condition that belongs to a
    // group that does not exist, if it is the only one.
    if nodes.is_empty() { Err(Failure::new(500, SYNTAX)) } else { Ok(nodes) }
}

fn condition(parts: &Query, path: &mut Option<Path>) -> Outcome<Condition> {
    let Some(path) = path.take() else {
        return Err(Failure::bad_request(
            "You must provide a valid filter condition. Check that you have set the required keys for your filter.",
        ));
    };
    let operator = parts.text("operator").unwrap_or("=").to_owned();
    if !OPERATORS.contains(&operator.as_str()) {
        return Err(Failure::bad_request(format!("The '{operator}' operator is not allowed in a filter parameter.")));
    }
    let value = parts.get("value");
    if operator.starts_with("IS ") && value.is_some() {
        let detail = format!("Filters using the '{operator}' operator should not provide a value.");
        return Err(Failure::bad_request(detail));
    }
    let takes_list = operator.ends_with("IN") || operator.ends_with("BETWEEN");
    let values: Vec<String> = match value {
        None => Vec::new(),
        Some(Param::Text(text)) => vec![text.clone()],
        Some(Param::List(list)) if takes_list => {
            list.0.iter().filter_map(|(_, value)| value.text().map(str::to_owned)).collect()
        }
        Some(Param::List(list)) => {
            let values: Vec<_> = list.0.iter().filter_map(|(_, value)| value.text()).collect();
            let detail = format!(
                "Query condition '{} {operator} {}' must have an array compatible operator.",
                parts.text("path").unwrap_or_default(),
                values.join(", ")
            );
            return Err(Failure::new(500, detail));
        }
    };
    if operator.ends_with("BETWEEN") && values.len() < 2 {
        return Err(Failure::new(500, SYNTAX));
    }
    Ok(Condition { path, operator, values })
}

impl Filter {
    /// Whether the filter finds this entity for the viewer.
    pub(super) fn finds(&self, site: &Site, call: &Call<'_>, view: &View<'_>) -> bool {
        let secure = |condition: &Condition| condition.path.is_secure(site, &call.viewer, view);
        access::is_found_by_filter(&call.viewer, view)
            && conditions(&self.root).into_iter().all(secure)
            && self.root.iter().all(|node| node.holds(site, view))
    }
}

fn conditions(nodes: &[Node]) -> Vec<&Condition> {
    let inner = nodes.iter().map(|node| match node {
        Node::Condition(condition) => vec![condition],
        Node::Group { members, .. } => conditions(members),
    });
    inner.flatten().collect()
}

impl Node {
    fn holds(&self, site: &Site, view: &View<'_>) -> bool {
        match self {
            Self::Condition(condition) => condition.holds(site, view),
            Self::Group { any: true, members } => members.iter().any(|node| node.holds(site, view)),
            Self::Group { any: false, members } => members.iter().all(|node| node.holds(site, view)),
        }
    }
}

impl Condition {
    fn holds(&self, site: &Site, view: &View<'_>) -> bool {
        let cells = self.path.cells(site, view);
        match self.operator.as_str() {
            "IS NULL" => cells.is_empty(),
            "IS NOT NULL" => !cells.is_empty(),
            operator => cells.iter().any(|cell| self.compares(operator, cell)),
        }
    }

    fn compares(&self, operator: &str, cell: &Cell) -> bool {
        let Some(first) = self.values.first() else { return false };
        let order = |value: &str| compare(cell, value);
        let between = |low: &str, high: &str| order(low) != Ordering::Less && order(high) != Ordering::Greater;
        let text = match cell {
            Cell::Text(text) => text.to_lowercase(),
            Cell::Number(number) => number.to_string(),
        };
        let wanted = first.to_lowercase();
        match operator {
            "=" => order(first) == Ordering::Equal,
            "<>" => order(first) != Ordering::Equal,
            ">" => order(first) == Ordering::Greater,
            ">=" => order(first) != Ordering::Less,
            "<" => order(first) == Ordering::Less,
            "<=" => order(first) != Ordering::Greater,
            "STARTS_WITH" => text.starts_with(&wanted),
            "CONTAINS" => text.contains(&wanted),
            "ENDS_WITH" => text.ends_with(&wanted),
            "IN" => self.values.iter().any(|value| order(value) == Ordering::Equal),
            "NOT IN" => self.values.iter().all(|value| order(value) != Ordering::Equal),
            "BETWEEN" => self.values.get(1).is_some_and(|high| between(first, high)),
            "NOT BETWEEN" => self.values.get(1).is_some_and(|high| !between(first, high)),
            _ => false,
        }
    }
}

/// Compares as SQLite does: numbers with numbers, before all text; text without case.
fn compare(cell: &Cell, value: &str) -> Ordering {
    match cell {
        Cell::Number(number) => match value.trim().parse::<f64>() {
            Ok(value) => number.total_cmp(&value),
            Err(_) => Ordering::Less,
        },
        // Decimal numbers are stored as text.
        Cell::Text(text) => match (text.parse::<f64>(), value.trim().parse::<f64>()) {
            (Ok(number), Ok(value)) => number.total_cmp(&value),
            _ => text.to_lowercase().cmp(&value.to_lowercase()),
        },
    }
}
