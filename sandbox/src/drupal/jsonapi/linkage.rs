//! The linkage of relationships: identifiers and what belongs to the link itself.
use serde_json::{Map, Value, json};

use crate::drupal::schema::Field;
use crate::drupal::site::Site;
use crate::drupal::store::{Item, View};

/// An identifier of a linked resource.
#[derive(Clone, Debug)]
pub(super) struct Identifier {
    pub(super) type_name: String,
    pub(super) id: String,
    pub(super) meta: Map<String, Value>,
}

impl Identifier {
    fn arity(&self) -> Option<i64> {
        self.meta.get("arity").and_then(Value::as_i64)
    }

    /// Whether both name the same link. Without arity on one side, any copy is meant.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let copies = match (self.arity(), other.arity()) {
            (Some(own), Some(other)) => own == other,
            _ => true,
        };
        self.is_parallel(other) && copies
    }

    fn is_parallel(&self, other: &Self) -> bool {
        self.type_name == other.type_name && self.id == other.id
    }
}

/// The identifiers of a field; several links to one target are told apart by their arity.
pub(super) fn identifiers(site: &Site, view: &View<'_>, field: &Field) -> Vec<Identifier> {
    let mut all: Vec<Identifier> = Vec::new();
    for item in view.items(field.name) {
        let mut identifier = identifier(site, field, item);
        if let Some(known) = all.iter_mut().rev().find(|known| known.is_parallel(&identifier)) {
            let arity = known.arity().unwrap_or(0);
            known.meta.insert("arity".to_owned(), arity.into());
            identifier.meta.insert("arity".to_owned(), (arity + 1).into());
        }
        all.push(identifier);
    }
    all
}

fn identifier(site: &Site, field: &Field, item: &Item) -> Identifier {
    let Some(target) = field.target() else {
        return Identifier { type_name: String::new(), id: String::new(), meta: Map::new() };
    };
    if let Some(entity) = site.store.referenced(target.entity, item) {
        let names = field.properties().iter().skip(1);
        let mut meta: Map<_, _> =
            names.map(|name| ((*name).to_owned(), item.get(*name).cloned().unwrap_or_default())).collect();
        meta.insert("drupal_internal__target_id".to_owned(), entity.id.clone());
        let type_name = format!("{}--{}", entity.entity_type, entity.bundle);
        return Identifier { type_name, id: entity.uuid.clone(), meta };
    }
    let is_root = target.entity == "taxonomy_term" && item.get("target_id") == Some(&0.into());
    let id = if is_root { "virtual" } else { "missing" };
    let type_name = match site.store.schema.targets(&target).as_slice() {
        [only] => only.name(),
        _ => "?--?".to_owned(),
    };
    let help = json!({
        "href": format!("https://www.drupal.org/docs/8/modules/json-api/core-concepts#{id}"),
        "meta": {"about": format!("Usage and meaning of the '{id}' resource identifier.")},
    });
    let meta = Map::from_iter([("links".to_owned(), json!({"help": help}))]);
    Identifier { type_name, id: id.to_owned(), meta }
}

/// The member `data` of a relationship.
pub(super) fn write(site: &Site, view: &View<'_>, field: &Field) -> Value {
    let all = identifiers(site, view, field).into_iter();
    let mut all: Vec<_> = all.map(|link| json!({"type": link.type_name, "id": link.id, "meta": link.meta})).collect();
    if field.is_multiple() {
        return all.into();
    }
    if all.is_empty() { Value::Null } else { all.swap_remove(0) }
}

/// What a client may say about a link, without what only the server knows.
pub(super) fn item(field: &Field, id: Value, meta: Option<&Value>) -> Item {
    let mut item = Item::from_iter([("target_id".to_owned(), id)]);
    let meta = meta.and_then(Value::as_object).into_iter().flatten();
    for (name, value) in meta.filter(|(name, _)| field.properties().contains(&name.as_str())) {
        item.insert(name.clone(), value.clone());
    }
    item
}
