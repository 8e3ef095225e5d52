//! JSONPath as jsoncons understands it, as far as clients are likely to use it.
mod expression;
mod functions;
mod parse;

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use super::super::json::Value;
use expression::Expression;

/// A path that parses.
#[derive(Debug)]
pub(super) struct JsonPath(Vec<Step>);

/// One step of a path.
#[derive(Debug)]
struct Step {
    /// Whether it is taken from the value and from all arrays and objects inside it (`..`).
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
    /// The value itself: what a `..` at the end leads to.
    Itself,
}

/// A place inside a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Location(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    Name(String),
    Index(usize),
}

impl JsonPath {
    /// Returns the places that the path leads to, each once.
    pub(super) fn find(&self, root: &Value) -> Vec<Location> {
        places(&self.0, root, root).into_iter().map(|(location, _)| location).collect()
    }
}

/// A place and the value there. It is owned if it is only computed: a length.
type Place<'v> = (Location, Cow<'v, Value>);

/// Follows steps from a value.
fn places<'v>(steps: &[Step], from: &'v Value, root: &'v Value) -> Vec<Place<'v>> {
    let mut places = vec![(Location::default(), Cow::Borrowed(from))];
    for step in steps {
        let (mut next, mut descended) = (Vec::new(), HashSet::new());
        for place in places {
            let starts = if step.descends { containers(place, &mut descended) } else { vec![place] };
            for start in &starts {
                for selector in &step.selectors {
                    selector.select(start, root, &mut next);
                }
            }
        }
        // A place that is there twice leads nowhere else.
        let mut seen = HashSet::new();
        next.retain(|(location, _)| seen.insert(location.clone()));
        places = next;
    }
    places
}

/// Returns a place and all those inside it that can hold others, each before what is inside it. Leaves out those that
/// are `known`.
fn containers<'v>(place: Place<'v>, known: &mut HashSet<Location>) -> Vec<Place<'v>> {
    let mut places = vec![place];
    let mut at = 0;
    while let Some((location, value)) = places.get(at).cloned() {
        if matches!(*value, Value::Array(_) | Value::Object(_)) && known.insert(location.clone()) {
            at += 1;
            places.splice(at..at, children(&location, &value));
        } else {
            places.remove(at);
        }
    }
    places
}

fn children<'v>(at: &Location, value: &Cow<'v, Value>) -> Vec<Place<'v>> {
    let Cow::Borrowed(value) = value else { return Vec::new() };
    match value {
        Value::Array(items) => {
            let item = |(index, item)| (at.then(Part::Index(index)), Cow::Borrowed(item));
            items.iter().enumerate().map(item).collect()
        }
        Value::Object(members) => {
            let member = |(name, value): (&String, _)| (at.then(Part::Name(name.clone())), Cow::Borrowed(value));
            members.iter().map(member).collect()
        }
        _ => Vec::new(),
    }
}

impl Selector {
    fn select<'v>(&self, (at, value): &Place<'v>, root: &'v Value, found: &mut Vec<Place<'v>>) {
        match self {
            Self::Name(name) => found.extend(named(name, at, value)),
            Self::Index(index) => found.extend(indexed(*index, at, value)),
            Self::Slice { start, stop, step } => {
                let Cow::Borrowed(Value::Array(items)) = value else { return };
                for index in slice(items.len() as i64, *start, *stop, *step) {
                    found.push((at.then(Part::Index(index)), Cow::Borrowed(&items[index])));
                }
            }
            Self::All => found.extend(children(at, value)),
            Self::Filter(filter) => {
                found.extend(children(at, value).into_iter().filter(|(_, child)| filter.holds(child, root)));
            }
            Self::Itself => found.push((at.clone(), value.clone())),
        }
    }
}

/// Finds a member. An array has its items under their numbers, and `length` unless it is empty, as strings have.
fn named<'v>(name: &str, at: &Location, value: &Cow<'v, Value>) -> Option<Place<'v>> {
    let Cow::Borrowed(value) = value else { return None };
    let here = || at.then(Part::Name(name.to_owned()));
    let length = match value {
        Value::Object(members) => return members.get(name).map(|value| (here(), Cow::Borrowed(value))),
        Value::Array(items) => match name.parse() {
            Ok(index) if !name.starts_with('+') => return indexed(index, at, &Cow::Borrowed(value)),
            _ => items.len(),
        },
        Value::String(text) => text.chars().count(),
        _ => return None,
    };
    let has_length = name == "length" && (length > 0 || matches!(value, Value::String(_)));
    has_length.then(|| (here(), Cow::Owned(length.into())))
}

fn indexed<'v>(index: i64, at: &Location, value: &Cow<'v, Value>) -> Option<Place<'v>> {
    let Cow::Borrowed(Value::Array(items)) = value else { return None };
    let index = if index < 0 { (items.len() as i64).checked_add(index)? } else { index };
    let index = usize::try_from(index).ok()?;
    Some((at.then(Part::Index(index)), Cow::Borrowed(items.get(index)?)))
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
                // A length is stored nowhere.
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
            ("@", "$"),
            (" $ .a [0] . n ", "$['a'][0]['n']"),
            ("$.a[0].n", "$['a'][0]['n']"),
            ("$.'b'.\"age\"", "$['b']['age']"),
            ("$['a'][-1]['n']", "$['a'][1]['n']"),
            ("$.a[*].age", "$['a'][0]['age'] $['a'][1]['age']"),
            ("$..age", "$['a'][0]['age'] $['a'][1]['age'] $['b']['age']"),
            ("$..", "$ $['a'] $['a'][0] $['a'][1] $['a'][1]['tags'] $['b']"),
            ("$.*", "$['a'] $['b']"),
            ("$.a[5]", ""),
            ("$.a[-3]", ""),
            ("$.a[0:1]", "$['a'][0]"),
            ("$.a[:]", "$['a'][0] $['a'][1]"),
            ("$.a[-1:]", "$['a'][1]"),
            ("$.a[5:1]", ""),
            ("$.a[::-1]", "$['a'][1] $['a'][0]"),
            ("$.a[1,0]", "$['a'][1] $['a'][0]"),
            ("$['b','a']", "$['b'] $['a']"),
            ("$.a[0,1:,?@.n=='x']", "$['a'][0] $['a'][1]"),
            ("$.b..age", "$['b']['age']"),
            ("$.a.1.n", "$['a'][1]['n']"),
            ("$.a['-1'].n", "$['a'][1]['n']"),
            ("$.a.length", "$['a']['length']"),
            ("$.a[0].n.length", "$['a'][0]['n']['length']"),
            ("$.b.length", ""),
            ("$..length", "$['a']['length'] $['a'][1]['tags']['length']"),
            ("$.a.length.x[0].*", ""),
        ] {
            assert_eq!(found(PEOPLE, path), want, "{path}");
        }
        assert_eq!(found(r#"{"é-":{"a'b":1}}"#, r"$['\u00e9-']['a\'b']"), r"$['é-']['a\'b']");
        assert_eq!(found(r#"{"größe":1}"#, "$.größe"), "$['größe']");
        assert_eq!(found(r#"{"e":[],"s":""}"#, "$.*.length"), "$['s']['length']");
    }

    #[test]
    fn filters() {
        for (path, want) in [
            ("$.a[?(@.age > 20)]", "$['a'][0]"),
            ("$.a[?@.age>=19 && @.n == 'y'].n", "$['a'][1]['n']"),
            ("$.a[?(!(@.age < 20) || @.tags)]", "$['a'][0] $['a'][1]"),
            ("$.a[?(@.age == $.a[1].age)]", "$['a'][1]"),
            ("$.a[?(@['n'] != \"x\")]", "$['a'][1]"),
            ("$..[?(@.tags[0] == 't')]", "$['a'][1]"),
            ("$.b[?(@ > 5)]", "$['b']['age']"),
            // The negation binds more closely than the comparison.
            ("$.a[?(!@.tags == true)]", "$['a'][0]"),
            ("$.a[?(@.age - 1 == 30)]", "$['a'][0]"),
            ("$.a[?(@.age * 2 + 1 == 39)]", "$['a'][1]"),
            ("$.a[?(@.age % 2 == 1 && -@.age < -20)]", "$['a'][0]"),
            ("$.a[?(@.age / 2 == 15.5)]", "$['a'][0]"),
            ("$.a[?(@.n + 1)]", ""),
            ("$.a[?(@.n < 'y')]", "$['a'][0]"),
            ("$.a[?(@.n < 5)]", ""),
            ("$.a[?(@.none == null)]", "$['a'][0] $['a'][1]"),
            ("$.a[?(@.tags.length == 1)]", "$['a'][1]"),
            // What may lead to several places is an array.
            ("$.a[?(@.tags[*] == 't')]", ""),
            ("$.a[?(@.tags[*] == [\"t\"])]", "$['a'][1]"),
            ("$.a[?(@..age)]", "$['a'][0] $['a'][1]"),
            ("$.a[?(@.tags[0:1])]", "$['a'][1]"),
            ("$.a[?(length(@.tags) == 1)]", "$['a'][1]"),
            ("$.a[?length(@) > 2 && contains(keys(@), 'tags')]", "$['a'][1]"),
            ("$.a[?(starts_with(@.n, 'x') || ends_with(@.n, 'y'))]", "$['a'][0] $['a'][1]"),
            // What a function does not take is not true, whatever else holds.
            ("$.a[?(contains(@.tags, 't') || @.age)]", "$['a'][1]"),
            ("$.a[?(!contains(@.age, 't'))]", ""),
            ("$[?(sum(@..age) == 50 && max(@..age) == 31 && min(@..age) == 19)]", "$['a']"),
            ("$[?(avg(@..age) == 25 && prod(@..age) == 589 && ends_with(@[0].n, ''))]", "$['a']"),
            ("$.b[?(to_number('7') == @ && abs(-@) == 7 && ceil(6.5) == @ && floor(7.5) == @)]", "$['b']['age']"),
            ("$.b[?(max(@))]", ""),
            ("$.a[?(@ == {\"age\":31,\"n\":\"x\"})]", "$['a'][0]"),
        ] {
            assert_eq!(found(PEOPLE, path), want, "{path}");
        }
    }

    #[test]
    fn what_is_no_path() {
        let texts = concat!(
            "name|$[?(|$.|$[|$[?(@.a >)]|$x|$.a]|$['a|$[1:2:0]||$[?(size(@) > 1)]|$[?length()]|$[?length(@,1)]|$[?contains(@)]|$[?length (@)]|$.a-b|$.['a']|$...a|$[]|$[-]|$[0: 1]|",
            "$[a]|$['\\x']|$['\\ud800']|$[?(@.a = 1)]|$[?(@.a == 1-2)]|$[?(@.a == tru)]|$[?(@ & 1)]|$[?@.a ! 1]|$[1 2]|\u{a0}$",
        );
        for path in texts.split('|') {
            assert!(JsonPath::parse(path).is_none(), "{path}");
        }
        let deep = format!("$[?{}@{}]", "(".repeat(1000), ")".repeat(1000));
        assert!(JsonPath::parse(&deep).is_none());
        assert!(JsonPath::parse(&format!("$[?{}@]", "!".repeat(1000))).is_none());
    }

    #[test]
    fn a_path_that_meets_the_same_place_often_ends() {
        let nested = parse(&format!("{}{}", "[".repeat(300), "]".repeat(300))).unwrap();
        let path = JsonPath::parse("$..*..*..*..*..*..*").unwrap();
        assert_eq!(path.find(&nested).len(), 294);
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
