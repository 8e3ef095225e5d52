//! Menus as trees.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A menu: its links as trees, each level in the site's order.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Menu {
    /// The links of the first level. Empty if the menu has no links that the caller may see.
    pub items: Vec<MenuLink>,
}

impl Menu {
    /// Returns all links, each before those below it.
    pub fn iter(&self) -> impl Iterator<Item = &MenuLink> {
        let mut rest: Vec<_> = self.items.iter().rev().collect();
        std::iter::from_fn(move || {
            let link = rest.pop()?;
            rest.extend(link.items.iter().rev());
            Some(link)
        })
    }
}

/// A link of a menu. As JSON it has the members of the JavaScript SDK: `id`, `parentId`, `name`, `href`, `level`, `items`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MenuLink {
    /// The id: the menu's name and the positions on the way to the link, `main.000.002`.
    pub id: String,
    /// The id of the link above; `0` on the first level.
    pub parent_id: String,
    /// The text of the link.
    #[serde(rename = "name")]
    pub title: String,
    /// Where it leads: a path, a URL of another site, or nothing (`<nolink>`).
    pub href: String,
    /// The level, from 1 on.
    pub level: usize,
    /// The relation of the link, `item` unless the link has an attribute `rel`.
    pub relation: String,
    /// The other attributes of the link, such as `target` and `class`, each a list of words.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// The links below it.
    pub items: Vec<Self>,
}

/// The relation of links without an attribute `rel`.
const ITEM: &str = "item";
const ANCHOR: &str = "anchor";
/// Levels of a menu. Drupal's have nine at most.
const LEVELS: usize = 64;
/// The id above the first level.
const ROOT: &str = "0";

/// The members of a link that are no attributes, as Drupal and as the older module Decoupled Menus call them.
const HIERARCHY: [&str; 2] = ["hierarchy", "drupal-menu-hierarchy"];
const MACHINE_NAME: [&str; 2] = ["machine-name", "drupal-menu-machine-name"];

/// A set of links (RFC 9264), grouped by their relations.
#[derive(Deserialize)]
pub(super) struct Linkset {
    linkset: Vec<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
struct Target {
    href: String,
    #[serde(default)]
    title: String,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

impl Linkset {
    /// Returns the links of all relations as trees. `menu` names those links that do not say which menu they belong to.
    pub(super) fn into_menu(self, menu: &str) -> Result<Menu, Malformed> {
        let mut links = Vec::new();
        for (at, context) in self.linkset.into_iter().enumerate() {
            for (relation, targets) in context {
                if relation == ANCHOR {
                    continue;
                }
                let malformed = |reason: String| Malformed { path: format!("$.linkset[{at}].{relation}"), reason };
                let targets: Vec<Target> =
                    serde_json::from_value(targets).map_err(|error| malformed(error.to_string()))?;
                for target in targets {
                    let path = positions(&target.more)
                        .ok_or_else(|| malformed("the place of a link cannot be read".to_owned()))?;
                    links.push(Placed::new(path, relation.clone(), target, menu));
                }
            }
        }
        Ok(Menu { items: trees(links) })
    }
}

/// Why a set of links is not a menu.
#[derive(Debug)]
pub(super) struct Malformed {
    pub(super) path: String,
    pub(super) reason: String,
}

/// Returns the positions on the way to a link: one text for each level, or one text with dots.
fn positions(more: &BTreeMap<String, Value>) -> Option<Vec<u64>> {
    let texts = HIERARCHY.iter().find_map(|name| more.get(*name))?.as_array()?;
    let texts = texts.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
    let parts = texts.iter().flat_map(|text| text.split('.')).filter(|part| !part.is_empty());
    let path = parts.map(|part| part.parse().ok()).collect::<Option<Vec<_>>>()?;
    (1..=LEVELS).contains(&path.len()).then_some(path)
}

/// A link and its place in the tree.
struct Placed {
    path: Vec<u64>,
    link: MenuLink,
}

impl Placed {
    fn new(path: Vec<u64>, relation: String, target: Target, menu: &str) -> Self {
        let words = |value: &Value| match value {
            Value::Array(words) => words.iter().filter_map(|word| Some(word.as_str()?.to_owned())).collect(),
            Value::String(word) => vec![word.clone()],
            _ => Vec::new(),
        };
        let name = MACHINE_NAME.iter().find_map(|name| target.more.get(*name)).and_then(|value| words(value).pop());
        let name = name.as_deref().unwrap_or(menu);
        let own = |name: &str| HIERARCHY.contains(&name) || MACHINE_NAME.contains(&name);
        let link = MenuLink {
            id: id(name, &path),
            parent_id: parent(&path).map_or_else(|| ROOT.to_owned(), |above| id(name, above)),
            title: target.title,
            href: target.href,
            level: path.len(),
            relation: if relation.is_empty() { ITEM.to_owned() } else { relation },
            attributes: target
                .more
                .iter()
                .filter(|(name, _)| !own(name))
                .map(|(name, it)| (name.clone(), words(it)))
                .collect(),
            items: Vec::new(),
        };
        Self { path, link }
    }
}

fn parent(path: &[u64]) -> Option<&[u64]> {
    path.split_last().map(|(_, above)| above).filter(|above| !above.is_empty())
}

/// Returns the id that the JavaScript SDK gives a link.
fn id(menu: &str, path: &[u64]) -> String {
    path.iter().fold(menu.to_owned(), |id, position| format!("{id}.{position:03}"))
}

/// Builds the trees. A link whose parent is absent becomes a root; two links at one place stay next to each other.
fn trees(mut links: Vec<Placed>) -> Vec<MenuLink> {
    links.sort_by(|a, b| a.path.cmp(&b.path));
    let mut roots = Vec::new();
    // The links on the way to the last one. Sorted, each parent stands before its children.
    let mut open: Vec<Placed> = Vec::new();
    let close = |open: &mut Vec<Placed>, roots: &mut Vec<MenuLink>| {
        if let Some(done) = open.pop() {
            match open.last_mut() {
                Some(above) => above.link.items.push(done.link),
                None => roots.push(done.link),
            }
        }
    };
    for placed in links {
        while open.last().is_some_and(|above| parent(&placed.path) != Some(&above.path)) {
            close(&mut open, &mut roots);
        }
        open.push(placed);
    }
    while !open.is_empty() {
        close(&mut open, &mut roots);
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn menu(linkset: &Value) -> Menu {
        serde_json::from_value::<Linkset>(linkset.clone()).unwrap().into_menu("main").unwrap()
    }

    fn link(title: &str, hierarchy: &[&str]) -> Value {
        json!({"href": format!("/{title}"), "title": title, "hierarchy": hierarchy, "machine-name": ["harbor-guide"]})
    }

    /// Titles and levels, each link before those below it.
    fn shape(menu: &Menu) -> Vec<(&str, usize)> {
        menu.iter().map(|link| (&*link.title, link.level)).collect()
    }

    #[test]
    fn a_tree_of_all_relations_in_numeric_order() {
        let menu = menu(&json!({"linkset": [{
            "anchor": "/system/menu/harbor-guide/linkset",
            "item": [
                link("Last", &["10"]),
                link("First", &["0", "1"]),
                link("Notes", &["0"]),
                link("Fleet", &["2"]),
                link("Deep", &["0", "1", "4"]),
            ],
            "noopener": [{
                "href": "https://tides.example/", "title": "Tides", "hierarchy": ["1"], "target": ["_blank"],
                "machine-name": ["harbor-guide"]
            }]
        }]}));
        assert_eq!(shape(&menu), [("Notes", 1), ("First", 2), ("Deep", 3), ("Tides", 1), ("Fleet", 1), ("Last", 1)]);
        let first = &menu.items[0].items[0];
        assert_eq!((&*first.id, &*first.parent_id), ("harbor-guide.000.001", "harbor-guide.000"));
        assert_eq!((&*menu.items[0].parent_id, &*menu.items[0].relation), ("0", "item"));
        let tides = &menu.items[1];
        assert_eq!((&*tides.relation, &*tides.attributes["target"]), ("noopener", &["_blank".to_owned()][..]));
    }

    #[test]
    fn the_older_hierarchy_gives_the_same_ids() {
        let old = |title: &str, hierarchy: &str| {
            json!({
                "href": "", "title": title, "drupal-menu-hierarchy": [hierarchy], "drupal-menu-machine-name": ["main"]
            })
        };
        let menu = menu(&json!({"linkset": [{"anchor": "/", "item": [old("b", ".000.001"), old("a", ".000")]}]}));
        assert_eq!(shape(&menu), [("a", 1), ("b", 2)]);
        assert_eq!(menu.items[0].items[0].id, "main.000.001");
        assert!(menu.items[0].attributes.is_empty());
    }

    #[test]
    fn links_without_their_parent_become_roots() {
        let menu = menu(&json!({"linkset": [{"item": [
            link("Orphan", &["5", "0"]),
            link("Below", &["5", "0", "3"]),
            link("Root", &["0"]),
        ]}]}));
        assert_eq!(shape(&menu), [("Root", 1), ("Orphan", 2), ("Below", 3)]);
        assert_eq!(menu.items.len(), 2);
        assert_eq!(menu.items[1].parent_id, "harbor-guide.005");
    }

    #[test]
    fn two_links_at_one_place_are_both_kept() {
        let menu = menu(&json!({"linkset": [{"item": [link("a", &["0"]), link("b", &["0"])]}]}));
        assert_eq!(shape(&menu), [("a", 1), ("b", 1)]);
    }

    #[test]
    fn an_empty_menu_is_a_menu() {
        assert_eq!(menu(&json!({"linkset": []})), Menu::default());
        assert_eq!(menu(&json!({"linkset": [{"anchor": "/x"}]})), Menu::default());
    }

    #[test]
    fn the_javascript_layout() {
        let menu = menu(&json!({"linkset": [{"item": [link("a", &["0"])]}]}));
        let node = serde_json::to_value(&menu.items[0]).unwrap();
        assert_eq!((&node["id"], &node["parentId"]), (&json!("harbor-guide.000"), &json!("0")));
        assert_eq!((&node["name"], &node["href"]), (&json!("a"), &json!("/a")));
        assert_eq!((&node["level"], &node["items"]), (&json!(1), &json!([])));
    }

    #[test]
    fn malformed_links() {
        for item in [
            json!([{"title": "x", "hierarchy": ["0"]}]),
            json!([{"href": "/", "hierarchy": ["x"]}]),
            json!([{"href": "/", "hierarchy": []}]),
            json!([{"href": "/", "hierarchy": [0]}]),
            json!([{"href": "/"}]),
            json!({"href": "/"}),
        ] {
            let linkset: Linkset = serde_json::from_value(json!({"linkset": [{"item": item}]})).unwrap();
            assert_eq!(linkset.into_menu("main").unwrap_err().path, "$.linkset[0].item", "{item}");
        }
    }

    #[test]
    fn a_menu_has_a_limited_depth() {
        let deep = |levels: usize| {
            let hierarchy = vec!["0"; levels];
            json!({"linkset": [{"item": [link("x", &hierarchy)]}]})
        };
        assert_eq!(menu(&deep(LEVELS)).items[0].level, LEVELS);
        let linkset: Linkset = serde_json::from_value(deep(LEVELS + 1)).unwrap();
        assert!(linkset.into_menu("main").is_err());
    }
}
