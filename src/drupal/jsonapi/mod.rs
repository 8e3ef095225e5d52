//! JSON:API: resources, queries, documents.

mod decode;
mod document;
mod entry;
mod fields;
mod filter;
mod filter_value;
mod identifier;
mod included;
mod linkage;
mod links;
mod one_or_many;
mod pages;
mod path;
mod query;
mod relationship;
mod resource;
mod resource_type;
mod resources;
mod upload;
mod write;

pub use document::{Document, Omission, Page};
pub use fields::Fields;
pub(super) use fields::Targets;
pub use filter::Filter;
pub use filter_value::FilterValue;
pub use identifier::{Identifier, ResourceId};
pub use included::Included;
pub use linkage::Linkage;
pub use links::{Link, Links};
pub use pages::Pages;
pub use query::{Query, Version};
pub use relationship::Relationship;
pub use resource::{Attributes, Resource};
pub use resource_type::ResourceType;
pub use resources::{Count, Resources};
pub use upload::{File, FileUri, Upload};
