//! Everything the site stores: entities with their revisions and translations.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::schema::{EntityType, Kind, ResourceType, Schema};
use super::text::random_uuid;

/// One value of a field: its properties as they are stored.
pub(super) type Item = Map<String, Value>;
/// The values of all fields, by the name inside of the site.
pub(super) type Values = IndexMap<String, Vec<Item>>;

/// The language of a new site.
pub(super) const DEFAULT_LANGUAGE: &str = "en";

/// The state of an entity at one time.
#[derive(Clone, Debug, Default)]
pub(super) struct Revision {
    pub(super) values: Values,
    /// By language, without the default one.
    pub(super) translations: BTreeMap<String, Values>,
}

/// An entity.
#[derive(Clone, Debug)]
pub(super) struct Entity {
    pub(super) entity_type: &'static str,
    pub(super) bundle: String,
    pub(super) uuid: String,
    /// A number, or a machine name of configuration.
    pub(super) id: Value,
    /// By number; entity types without revisions have one, 0.
    pub(super) revisions: BTreeMap<u64, Revision>,
    /// The revision that is shown.
    pub(super) current: u64,
}

impl Entity {
    /// The newest revision, which can be a draft.
    pub(super) fn latest(&self) -> u64 {
        self.revisions.last_key_value().map_or(self.current, |(number, _)| *number)
    }
}

/// A look at one revision of an entity in one language.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) entity: &'a Entity,
    pub(super) resource: &'a ResourceType,
    pub(super) revision: u64,
    pub(super) language: &'a str,
    values: &'a Values,
}

impl<'a> View<'a> {
    /// The values of a field.
    pub(super) fn items(&self, field: &str) -> &'a [Item] {
        self.values.get(field).map_or(&[], Vec::as_slice)
    }

    /// The values of a field in all of these languages, and in the default one.
    pub(super) fn items_in_all(&self, field: &str, languages: &BTreeSet<String>) -> Vec<&'a [Item]> {
        let Some(revision) = self.entity.revisions.get(&self.revision) else { return Vec::new() };
        let translations = revision.translations.iter().filter(|(language, _)| languages.contains(*language));
        let all = std::iter::once(&revision.values).chain(translations.map(|(_, values)| values));
        all.filter_map(|values| values.get(field)).map(Vec::as_slice).collect()
    }

    /// A property of the first value.
    pub(super) fn property(&self, field: &str, property: &str) -> Option<&'a Value> {
        self.items(field).first().and_then(|item| item.get(property))
    }

    pub(super) fn text(&self, field: &str) -> &'a str {
        self.property(field, "value").and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn flag(&self, field: &str) -> bool {
        self.property(field, "value").and_then(Value::as_bool).unwrap_or_default()
    }

    pub(super) fn number(&self, field: &str) -> i64 {
        self.property(field, "value").and_then(Value::as_i64).unwrap_or_default()
    }

    /// The number of the first entity that a reference leads to.
    pub(super) fn target(&self, field: &str) -> Option<&'a Value> {
        self.property(field, "target_id")
    }

    pub(super) fn id(&self) -> u64 {
        self.entity.id.as_u64().unwrap_or_default()
    }

    pub(super) fn owner(&self) -> Option<u64> {
        match self.resource.entity.name {
            "user" => Some(self.id()),
            _ => self.target(self.resource.entity.owner?).and_then(Value::as_u64),
        }
    }

    pub(super) fn published(&self) -> bool {
        !self.resource.entity.published || self.flag("status")
    }

    pub(super) fn is_current(&self) -> bool {
        self.revision == self.entity.current
    }

    pub(super) fn values(&self) -> &'a Values {
        self.values
    }
}

#[derive(Debug)]
pub(super) struct Store {
    pub(super) schema: Arc<Schema>,
    /// In the order of their numbers, by entity type.
    entities: BTreeMap<&'static str, Vec<Entity>>,
    next_id: BTreeMap<&'static str, u64>,
    next_revision: BTreeMap<&'static str, u64>,
    pub(super) next_alias: u64,
    /// The content of files, by address.
    pub(super) files: BTreeMap<String, bytes::Bytes>,
}

/// A value with one property.
pub(super) fn value(value: impl Into<Value>) -> Vec<Item> {
    vec![item("value", value)]
}

/// A reference to an entity.
pub(super) fn target(id: impl Into<Value>) -> Item {
    item("target_id", id)
}

fn item(property: &str, value: impl Into<Value>) -> Item {
    Item::from_iter([(property.to_owned(), value.into())])
}

impl Store {
    pub(super) fn new(schema: Schema) -> Self {
        Self {
            schema: Arc::new(schema),
            entities: BTreeMap::new(),
            next_id: BTreeMap::new(),
            next_revision: BTreeMap::new(),
            next_alias: 1,
            files: BTreeMap::new(),
        }
    }

    pub(super) fn all(&self, entity_type: &str) -> &[Entity] {
        self.entities.get(entity_type).map_or(&[], Vec::as_slice)
    }

    pub(super) fn by_uuid(&self, entity_type: &str, uuid: &str) -> Option<&Entity> {
        self.all(entity_type).iter().find(|entity| entity.uuid.eq_ignore_ascii_case(uuid))
    }

    pub(super) fn by_id(&self, entity_type: &str, id: &Value) -> Option<&Entity> {
        self.all(entity_type).iter().find(|entity| entity.id == *id)
    }

    pub(super) fn resource(&self, entity: &Entity) -> Option<&ResourceType> {
        self.schema.get(entity.entity_type, &entity.bundle)
    }

    /// The revision that is shown, in a language if it is translated into it.
    pub(super) fn view<'a>(&'a self, entity: &'a Entity, language: Option<&'a str>) -> Option<View<'a>> {
        self.view_revision(entity, entity.current, language)
    }

    pub(super) fn view_revision<'a>(
        &'a self,
        entity: &'a Entity,
        revision: u64,
        language: Option<&'a str>,
    ) -> Option<View<'a>> {
        let resource = self.resource(entity)?;
        let state = entity.revisions.get(&revision)?;
        let translation = language.and_then(|language| Some((language, state.translations.get(language)?)));
        let (language, values) = translation.unwrap_or((DEFAULT_LANGUAGE, &state.values));
        Some(View { entity, resource, revision, language, values })
    }

    /// Views of all entities of a type, in the order of their numbers.
    pub(super) fn views<'a>(&'a self, entity_type: &str, language: Option<&'a str>) -> Vec<View<'a>> {
        self.all(entity_type).iter().filter_map(|entity| self.view(entity, language)).collect()
    }

    /// The entity that a value of a reference leads to.
    pub(super) fn referenced(&self, entity_type: &str, item: &Item) -> Option<&Entity> {
        self.by_id(entity_type, item.get("target_id")?)
    }

    fn kind(&self, entity_type: &str, bundle: &str) -> Option<&'static EntityType> {
        self.schema.get(entity_type, bundle).map(|resource| resource.entity)
    }

    /// The number that the next entity of this type gets.
    pub(super) fn peek_id(&self, entity_type: &str) -> u64 {
        self.next_id.get(entity_type).copied().unwrap_or(1)
    }

    /// Numbers up to this one are used.
    pub(super) fn skip_to(&mut self, entity_type: &'static str, id: u64, revision: u64) {
        let next = self.next_id.entry(entity_type).or_insert(1);
        *next = (*next).max(id + 1);
        let next = self.next_revision.entry(entity_type).or_insert(1);
        *next = (*next).max(revision + 1);
    }

    /// Adds an entity and gives it numbers. A type that does not exist adds nothing.
    pub(super) fn insert(&mut self, entity_type: &str, bundle: &str, uuid: Option<String>, values: Values) -> Value {
        let Some(kind) = self.kind(entity_type, bundle) else { return Value::Null };
        let id = Value::from(self.peek_id(kind.name));
        self.insert_as(kind, bundle, uuid, id, values)
    }

    /// Adds an entity with this number.
    pub(super) fn insert_numbered(&mut self, entity_type: &str, bundle: &str, uuid: &str, id: u64, values: Values) {
        if let Some(kind) = self.kind(entity_type, bundle) {
            self.insert_as(kind, bundle, Some(uuid.to_owned()), id.into(), values);
        }
    }

    /// Adds a translation to the current revision.
    pub(super) fn translate(&mut self, entity_type: &str, uuid: &str, language: &str, values: Values) {
        let Some(entity) = self.entity_mut(entity_type, uuid) else { return };
        let current = entity.current;
        if let Some(revision) = entity.revisions.get_mut(&current) {
            revision.translations.insert(language.to_owned(), values);
        }
    }

    /// Adds configuration with a machine name.
    pub(super) fn insert_named(&mut self, entity_type: &str, id: &str, uuid: &str, values: Values) {
        if let Some(kind) = self.kind(entity_type, entity_type) {
            self.insert_as(kind, entity_type, Some(uuid.to_owned()), id.into(), values);
        }
    }

    fn insert_as(
        &mut self,
        kind: &'static EntityType,
        bundle: &str,
        uuid: Option<String>,
        id: Value,
        mut values: Values,
    ) -> Value {
        let revision = match kind.revision {
            Some(_) => self.next_revision.get(kind.name).copied().unwrap_or(1),
            None => 0,
        };
        if let Some(number) = id.as_u64() {
            self.skip_to(kind.name, number, revision);
        }
        let uuid = uuid.unwrap_or_else(random_uuid);
        values.insert(kind.id.to_owned(), value(id.clone()));
        values.insert("uuid".to_owned(), value(uuid.clone()));
        if let Some(name) = kind.revision {
            values.insert(name.to_owned(), value(revision));
        }
        let entity = Entity {
            entity_type: kind.name,
            bundle: bundle.to_owned(),
            uuid,
            id: id.clone(),
            revisions: BTreeMap::from([(revision, Revision { values, translations: BTreeMap::new() })]),
            current: revision,
        };
        self.entities.entry(kind.name).or_default().push(entity);
        id
    }

    fn entity_mut(&mut self, entity_type: &str, uuid: &str) -> Option<&mut Entity> {
        self.entities.get_mut(entity_type)?.iter_mut().find(|entity| entity.uuid == uuid)
    }

    /// Changes the current revision in place.
    pub(super) fn update(&mut self, entity_type: &str, uuid: &str, language: Option<&str>, values: Values) {
        let Some(entity) = self.entity_mut(entity_type, uuid) else { return };
        let current = entity.current;
        if let Some(revision) = entity.revisions.get_mut(&current) {
            revision.put(language, values);
        }
    }

    /// Makes a new revision. A draft is not shown.
    pub(super) fn revise(
        &mut self,
        entity_type: &str,
        uuid: &str,
        language: Option<&str>,
        mut values: Values,
        draft: bool,
    ) {
        let bundle = self.by_uuid(entity_type, uuid).map(|entity| entity.bundle.clone()).unwrap_or_default();
        let Some(kind) = self.kind(entity_type, &bundle) else { return };
        let Some(name) = kind.revision else { return self.update(entity_type, uuid, language, values) };
        let number = self.next_revision.get(kind.name).copied().unwrap_or(1);
        self.skip_to(kind.name, 0, number);
        let Some(entity) = self.entity_mut(entity_type, uuid) else { return };
        let mut revision = entity.revisions.get(&entity.current).cloned().unwrap_or_default();
        values.insert(name.to_owned(), value(number));
        revision.values.insert(name.to_owned(), value(number));
        revision.put(language, values);
        entity.revisions.insert(number, revision);
        if !draft {
            entity.current = number;
        }
    }

    pub(super) fn remove(&mut self, entity_type: &str, uuid: &str) {
        if let Some(entities) = self.entities.get_mut(entity_type) {
            entities.retain(|entity| entity.uuid != uuid);
        }
    }

    /// The address of the page of an entity: its alias, or its number.
    pub(super) fn page(&self, view: &View<'_>) -> String {
        let alias = view.property("path", "alias").and_then(Value::as_str);
        match (alias, view.resource.entity.page) {
            (Some(alias), _) => alias.to_owned(),
            (None, Some((before, behind))) => format!("{before}{}{behind}", view.id()),
            (None, None) => String::new(),
        }
    }

    /// The entity whose page has this alias.
    pub(super) fn by_alias(&self, alias: &str) -> Option<&Entity> {
        let types = ["node", "taxonomy_term"];
        let mut entities = types.into_iter().flat_map(|entity_type| self.all(entity_type));
        entities.find(|entity| {
            let path = self.view(entity, None).and_then(|view| view.property("path", "alias"));
            path.and_then(Value::as_str) == Some(alias)
        })
    }

    /// The user with this name.
    pub(super) fn user_named(&self, name: &str) -> Option<View<'_>> {
        let users = self.views("user", None);
        users.into_iter().find(|user| user.id() > 0 && user.text("name").eq_ignore_ascii_case(name))
    }
}

impl Revision {
    fn put(&mut self, language: Option<&str>, values: Values) {
        match language.and_then(|language| self.translations.get_mut(language)) {
            Some(translation) => *translation = values,
            None => self.values = values,
        }
    }
}

/// The values that a new entity has if it says nothing.
pub(super) fn defaults(resource: &ResourceType, now: i64, user: u64) -> Values {
    let mut values = Values::new();
    for field in &resource.fields {
        let default = match (field.name, field.kind) {
            ("langcode", _) => value(DEFAULT_LANGUAGE),
            ("content_translation_source", _) => value("und"),
            ("access" | "login", _) => value(0),
            (_, Kind::Created | Kind::Changed) => value(now),
            ("status" | "promote" | "default_langcode" | "revision_translation_affected" | "enabled", _)
                if resource.entity.name != "file" && resource.entity.name != "user" =>
            {
                value(true)
            }
            ("default_langcode", _) => value(true),
            ("sticky" | "content_translation_outdated" | "status" | "external" | "rediscover" | "expanded", _) => {
                value(false)
            }
            ("weight", _) => value(0),
            ("uid" | "revision_uid", Kind::Reference(_)) => vec![target(user)],
            ("revision_user", _) => continue,
            ("preferred_langcode", _) => value(DEFAULT_LANGUAGE),
            ("timezone", _) => value("UTC"),
            ("parent", Kind::Reference(_)) => vec![target(0)],
            ("menu_name", _) => value("tools"),
            ("bundle", Kind::Line { .. }) => value(resource.bundle),
            ("thread", _) => value("01/"),
            (name, Kind::Reference(_)) if resource.entity.bundle == Some(name) => vec![target(resource.bundle)],
            (_, Kind::Comments) => vec![Item::from_iter([("status".to_owned(), json!(2))])],
            _ => continue,
        };
        values.insert(field.name.to_owned(), default);
    }
    values
}
