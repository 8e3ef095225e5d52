//! What kinds of resources the site has, and their fields.
mod configuration;
mod content;
mod fields;
mod node;

pub(super) use fields::{Field, FileRule, Kind, Target};

/// Properties of an entity type.
#[derive(Debug)]
pub(super) struct EntityType {
    pub(super) name: &'static str,
    /// The field with the number or machine name.
    pub(super) id: &'static str,
    /// The field with the number of the revision.
    pub(super) revision: Option<&'static str>,
    pub(super) label: &'static str,
    /// The field with the bundle.
    pub(super) bundle: Option<&'static str>,
    pub(super) owner: Option<&'static str>,
    /// Whether `status` means published.
    pub(super) published: bool,
    /// Configuration can only be read.
    pub(super) configuration: bool,
    /// Where a page shows an entity, before and behind its number.
    pub(super) page: Option<(&'static str, &'static str)>,
    /// The permission that allows everything.
    pub(super) admin: &'static str,
}

/// A type of resources of JSON:API.
#[derive(Debug)]
pub(super) struct ResourceType {
    pub(super) entity: &'static EntityType,
    pub(super) bundle: &'static str,
    pub(super) fields: Vec<Field>,
}

impl ResourceType {
    pub(super) fn name(&self) -> String {
        format!("{}--{}", self.entity.name, self.bundle)
    }

    /// Its path below the site, `/jsonapi/node/article`.
    pub(super) fn path(&self) -> String {
        format!("/jsonapi/{}/{}", self.entity.name, self.bundle)
    }

    /// The field with this name inside of the site.
    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field with this name in JSON:API.
    pub(super) fn public_field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.public == name && !matches!(field.kind, Kind::Uuid))
    }

    pub(super) fn relationship(&self, public: &str) -> Option<&Field> {
        self.public_field(public).filter(|field| field.target().is_some())
    }

    pub(super) fn relationships(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.target().is_some())
    }

    pub(super) fn takes_files(&self) -> bool {
        self.fields.iter().any(|field| field.file_rule().is_some())
    }
}

/// All types of resources.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) types: Vec<ResourceType>,
}

impl Schema {
    /// The types of a site with nodes of these bundles, beyond those that every site has.
    pub(super) fn new(nodes: Vec<ResourceType>, vocabularies: &[&'static str]) -> Self {
        let mut types = nodes;
        types.extend(content::types(vocabularies));
        types.extend(configuration::types());
        types.sort_by_key(ResourceType::name);
        Self { types }
    }

    pub(super) fn get(&self, entity: &str, bundle: &str) -> Option<&ResourceType> {
        self.types.iter().find(|known| known.entity.name == entity && known.bundle == bundle)
    }

    pub(super) fn by_name(&self, name: &str) -> Option<&ResourceType> {
        name.split_once("--").and_then(|(entity, bundle)| self.get(entity, bundle))
    }

    /// The types that a reference may lead to, in order.
    pub(super) fn targets(&self, target: &Target) -> Vec<&ResourceType> {
        if target.bundles.is_empty() {
            return self.types.iter().filter(|known| known.entity.name == target.entity).collect();
        }
        target.bundles.iter().filter_map(|bundle| self.get(target.entity, bundle)).collect()
    }
}

pub(super) use configuration::LANGUAGE_TYPES;
pub(super) use node::node_type;
