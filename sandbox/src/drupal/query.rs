//! Query parameters with brackets, as PHP reads them.
use super::text::{percent_decode, percent_encode};

/// How many brackets a name can have; parameters with more are left out, as PHP does.
const DEEPEST: usize = 64;

/// A value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Param {
    Text(String),
    List(Query),
}

/// Parameters in the order of their first mention.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Query(pub(super) Vec<(String, Param)>);

impl Param {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::List(_) => None,
        }
    }

    pub(super) fn list(&self) -> Option<&Query> {
        match self {
            Self::List(list) => Some(list),
            Self::Text(_) => None,
        }
    }
}

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let mut query = Self::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decode = |text: &str| percent_decode(&text.replace('+', " "));
            let name = decode(name);
            let (base, keys) = brackets(&name);
            if keys.len() <= DEEPEST {
                query.insert(base, &keys, decode(value));
            }
        }
        query
    }

    fn insert(&mut self, key: &str, rest: &[&str], value: String) {
        let key = if key.is_empty() { self.next_index() } else { key.to_owned() };
        let at = self.0.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            self.0.push((key, Param::Text(String::new())));
            self.0.len() - 1
        });
        let slot = &mut self.0[at].1;
        let Some((next, rest)) = rest.split_first() else {
            *slot = Param::Text(value);
            return;
        };
        if let Param::Text(_) = slot {
            *slot = Param::List(Self::default());
        }
        if let Param::List(list) = slot {
            list.insert(next, rest, value);
        }
    }

    fn next_index(&self) -> String {
        let used = self.0.iter().filter_map(|(key, _)| key.parse::<u32>().ok()).max();
        used.map_or(0, |index| index.saturating_add(1)).to_string()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Param> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Param::text)
    }

    pub(super) fn list(&self, name: &str) -> Option<&Self> {
        self.get(name).and_then(Param::list)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Replaces the value in its place, or appends it.
    pub(super) fn set(&mut self, name: &str, value: Param) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some(entry) => entry.1 = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// The same with its names in order.
    pub(super) fn sorted(&self) -> Self {
        let mut sorted = self.clone();
        sorted.0.sort_by(|a, b| a.0.cmp(&b.0));
        sorted
    }

    /// Encodes with brackets encoded, without the question mark.
    pub(super) fn encode(&self) -> String {
        let mut pairs = Vec::new();
        self.collect(None, &mut pairs);
        pairs.join("&")
    }

    fn collect(&self, parent: Option<&str>, pairs: &mut Vec<String>) {
        for (key, value) in &self.0 {
            let name = match parent {
                Some(parent) => format!("{parent}{}", percent_encode(&format!("[{key}]"))),
                None => percent_encode(key),
            };
            match value {
                Param::Text(text) => pairs.push(format!("{name}={}", percent_encode(text))),
                Param::List(list) => list.collect(Some(&name), pairs),
            }
        }
    }
}

/// `a[b][]` as `a` and the keys `b` and nothing.
fn brackets(name: &str) -> (&str, Vec<&str>) {
    let Some(open) = name.find('[').filter(|open| *open > 0) else { return (name, Vec::new()) };
    let (base, mut rest) = name.split_at(open);
    let mut keys = Vec::new();
    while let Some((key, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        keys.push(key);
        rest = after;
    }
    (base, keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_too_many_brackets_are_left_out() {
        let deep = format!("a{}=1&b=2", "[x]".repeat(100_000));
        assert_eq!(Query::parse(&deep), Query(vec![("b".to_owned(), Param::Text("2".to_owned()))]));
    }

    #[test]
    fn brackets_make_lists() {
        let query = Query::parse("b=1&filter[t][value][]=a+b&filter%5Bt%5D%5Bvalue%5D%5B%5D=c&b=2&x[");
        assert_eq!(query.text("b"), Some("2"));
        let encoded = "b=2&filter%5Bt%5D%5Bvalue%5D%5B0%5D=a%20b&filter%5Bt%5D%5Bvalue%5D%5B1%5D=c&x%5B=";
        assert_eq!(query.encode(), encoded.replace("x%5B=", "x="));
    }
}
