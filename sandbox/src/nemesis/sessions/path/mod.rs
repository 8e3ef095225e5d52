//! JSONPath, as far as clients are likely to use it.
mod filter;
mod parse;

use std::fmt;

use super::super::json::Value;
use filter::Expression;

/// A path that parses.
#[derive(Debug)]
pub(super) struct JsonPath(Vec<Step>);

/// One step of a path.
#[derive(Debug)]
struct Step {
    /// Whether it is taken from the value and from all values inside it (`..`).
    descends: bool,
    selectors: Vec<Selector>,
}

#[derive(Debug)]
enum Selector {
    Name(String),
    /// Counted from the end if it is negative.
    Index(i64),
    Slice {
        start: Option<i64>,
        stop: Option<i64>,
        step: i64,
    },
    All,
    Filter(Expression),
}

/// A place inside a value.
#[derive(Clone, Debug, Default)]
pub(super) struct Location(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Name(String),
    Index(usize),
}

impl JsonPath {
    /// Returns the places that the path leads to.
    pub(super) fn find(&self, root: &Value) -> Vec<Location> {
        places(&self.0, root, root).into_iter().map(|(location, _)| location).collect()
    }
}

type Places<'v> = Vec<(Location, &'v Value)>;

/// Follows steps from a value.
fn places<'v>(steps: &[Step], from: &'v Value, root: &'v Value) -> Places<'v> {
    let mut places = vec![(Location::default(), from)];
    for step in steps {
        let mut next = Vec::new();
        for place in places {
            let mut starts = vec![place];
            if step.descends {
                descend(&mut starts);
            }
            for (location, value) in &starts {
                for selector in &step.selectors {
                    selector.select(location, value, root, &mut next);
                }
            }
        }
        places = next;
    }
    places
}

/// Adds everything inside the only place, each value before what is inside it.
fn descend(places: &mut Places<'_>) {
    let mut at = 0;
    while let Some((location, value)) = places.get(at).cloned() {
        at += 1;
        let inside: Vec<_> = children(&location, value).collect();
        places.splice(at..at, inside);
    }
}

fn children<'v>(location: &Location, value: &'v Value) -> Box<dyn Iterator<Item = (Location, &'v Value)> + 'v> {
    let location = location.clone();
    match value {
        Value::Array(items) => {
            Box::new(items.iter().enumerate().map(move |(index, item)| (location.then(Part::Index(index)), item)))
        }
        Value::Object(members) => {
            Box::new(members.iter().map(move |(name, value)| (location.then(Part::Name(name.clone())), value)))
        }
        _ => Box::new(std::iter::empty()),
    }
}

impl Selector {
    fn select<'v>(&self, at: &Location, value: &'v Value, root: &'v Value, found: &mut Places<'v>) {
        match (self, value) {
            (Self::Name(name), Value::Object(members)) => {
                found.extend(members.get(name).map(|value| (at.then(Part::Name(name.clone())), value)));
            }
            (Self::Index(index), Value::Array(items)) => {
                let index = usize::try_from(if *index < 0 { items.len() as i64 + index } else { *index });
                let item = index.ok().and_then(|index| Some((at.then(Part::Index(index)), items.get(index)?)));
                found.extend(item);
            }
            (Self::Slice { start, stop, step }, Value::Array(items)) => {
                for index in slice(items.len() as i64, *start, *stop, *step) {
                    found.push((at.then(Part::Index(index)), &items[index]));
                }
            }
            (Self::All, _) => found.extend(children(at, value)),
            (Self::Filter(filter), _) => {
                found.extend(children(at, value).filter(|(_, child)| filter.holds(child, root)));
            }
            _ => {}
        }
    }
}

/// The positions of a slice in an array of this length.
fn slice(length: i64, start: Option<i64>, stop: Option<i64>, step: i64) -> Vec<usize> {
    let absolute = |position: i64| if position < 0 { length.saturating_add(position) } else { position };
    let positions: Vec<i64> = if step > 0 {
        let start = start.map_or(0, absolute).clamp(0, length);
        let stop = stop.map_or(length, absolute).clamp(0, length);
        (start..stop).step_by(usize::try_from(step).unwrap_or(usize::MAX)).collect()
    } else {
        let start = start.map_or(length - 1, absolute).clamp(-1, length - 1);
        let stop = stop.map_or(-1, absolute).clamp(-1, length - 1);
        let step = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
        (stop + 1..=start).rev().step_by(step).collect()
    };
    positions.into_iter().filter_map(|position| usize::try_from(position).ok()).collect()
}

impl Location {
    fn then(&self, part: Part) -> Self {
        Self(self.0.iter().cloned().chain([part]).collect())
    }

    /// Puts a value into this place of another one.
    pub(super) fn replace(&self, target: &mut Value, value: &Value) {
        let mut at = target;
        for part in &self.0 {
            let inside = match (part, at) {
                (Part::Name(name), Value::Object(members)) => members.get_mut(name),
                (Part::Index(index), Value::Array(items)) => items.get_mut(*index),
                _ => None,
            };
            // An earlier replacement may have taken the place away.
            let Some(inside) = inside else { return };
            at = inside;
        }
        *at = value.clone();
    }
}

/// Normalised: `$['tags'][0]`.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        self.0.iter().try_for_each(|part| match part {
            Part::Name(name) => write!(f, "['{}']", name.replace('\'', "\\'")),
            Part::Index(index) => write!(f, "[{index}]"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::json::{parse, to_unsorted_text};
    use super::*;

    #[track_caller]
    fn found(value: &str, path: &str) -> String {
        let value = parse(value).unwrap();
        let places = JsonPath::parse(path).unwrap_or_else(|| panic!("{path} does not parse")).find(&value);
        places.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    const PEOPLE: &str = r#"{"a":[{"n":"x","age":31},{"n":"y","age":19,"tags":["t"]}],"b":{"age":7}}"#;

    #[test]
    fn paths() {
        for (path, want) in [
            ("$", "$"),
            ("$.a[0].n", "$['a'][0]['n']"),
            ("$['a'][-1]['n']", "$['a'][1]['n']"),
            ("$.a[*].age", "$['a'][0]['age'] $['a'][1]['age']"),
            ("$..age", "$['a'][0]['age'] $['a'][1]['age'] $['b']['age']"),
            ("$.*", "$['a'] $['b']"),
            ("$.a[5]", ""),
            ("$.a[0:1]", "$['a'][0]"),
            ("$.a[::-1]", "$['a'][1] $['a'][0]"),
            ("$.a[1,0]", "$['a'][1] $['a'][0]"),
            ("$['b','a']", "$['b'] $['a']"),
            ("$.a[?(@.age > 20)]", "$['a'][0]"),
            ("$.a[?(@.age>=19 && @.n == 'y')].n", "$['a'][1]['n']"),
            ("$.a[?(!(@.age < 20) || @.tags)]", "$['a'][0] $['a'][1]"),
            ("$.a[?(@.age == $.a[1].age)]", "$['a'][1]"),
            ("$.a[?(@['n'] != \"x\")]", "$['a'][1]"),
            ("$..[?(@.tags[0] == 't')]", "$['a'][1]"),
            ("$.b[?(@ > 5)]", "$['b']['age']"),
        ] {
            assert_eq!(found(PEOPLE, path), want, "{path}");
        }
    }

    #[test]
    fn what_is_no_path() {
        for path in
            ["name", "$[?(", "$.", "$[", "$[?(@.a >)]", "$x", "$.a]", "$['a", "$[1:2:0]", "", "$[?(length(@) > 1)]"]
        {
            assert!(JsonPath::parse(path).is_none(), "{path}");
        }
    }

    #[test]
    fn replacing() {
        let mut value = parse(r#"{"tags":["x","y"],"n":1}"#).unwrap();
        let path = JsonPath::parse("$..*").unwrap();
        for at in path.find(&value) {
            at.replace(&mut value, &Value::Bool(true));
        }
        assert_eq!(to_unsorted_text(&value), r#"{"tags":true,"n":true}"#);
    }
}
