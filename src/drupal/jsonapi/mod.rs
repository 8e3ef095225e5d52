//! JSON:API: resources, queries, documents.

mod decode;
mod document;
mod fields;
mod filter;
mod identifier;
mod included;
mod linkage;
mod links;
mod path;
mod query;
mod resource;
mod resource_type;

pub use document::{Document, Omission, Page};
pub use fields::Fields;
pub use filter::{Filter, FilterValue};
pub use identifier::{Identifier, ResourceId};
pub use included::Included;
pub use linkage::Linkage;
pub use links::{Link, Links};
pub use query::{Query, Version};
pub use resource::{Attributes, Resource};
pub use resource_type::ResourceType;
