//! What to write into a resource, as arguments.

use crate::failure::Failure;
use clap::Args;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use statuswire::drupal;
use statuswire::drupal::{Identifier, Linkage};
use statuswire::reexport::uuid::Uuid;
use std::collections::BTreeSet;

#[derive(Args)]
pub(crate) struct Given {
    /// Attributes: NAME=TEXT, or NAME:=JSON for numbers, true, null, lists and objects.
    #[arg(value_name = "NAME=TEXT|NAME:=JSON", value_parser = attribute)]
    attributes: Vec<(String, Value)>,

    /// Sets a relationship with one reference: field_port=taxonomy_term--port/UUID; with nothing behind `=` it is cleared.
    /// A reference may also be the JSON of an identifier, with `meta` such as the `alt` text of an image.
    #[arg(long, value_name = "FIELD=REFERENCE", value_parser = to_one)]
    to_one: Vec<(String, Linkage)>,

    /// Sets a relationship with several references, separated by commas: field_crew=user--user/UUID,user--user/UUID. They
    /// may also be a JSON list of identifiers.
    #[arg(long, value_name = "FIELD=REFERENCE,...", value_parser = to_many)]
    to_many: Vec<(String, Linkage)>,
}

impl Given {
    pub(crate) fn fields(&self) -> Result<drupal::Fields, Failure> {
        let relationships = || self.to_one.iter().chain(&self.to_many);
        let names = self.attributes.iter().map(|(name, _)| name).chain(relationships().map(|(name, _)| name));
        let mut seen = BTreeSet::new();
        if let Some(twice) = names.clone().find(|name| !seen.insert(*name)) {
            return Err(Failure::usage(&format!("the field {twice} is given twice")));
        }
        if seen.is_empty() {
            return Err(Failure::usage("say which fields to set: title=Gannet, field_berths:=4, --to-one, --to-many"));
        }
        let attributes: Map<_, _> = self.attributes.iter().cloned().collect();
        let fields = match attributes.is_empty() {
            true => drupal::Fields::without_attributes(),
            false => drupal::Fields::new(attributes.into()),
        };
        Ok(relationships().fold(fields, |fields, (name, linkage)| fields.relationship(name, linkage.clone())))
    }
}

fn attribute(text: &str) -> Result<(String, Value), String> {
    let (name, value) = named(text, "title=Gannet or field_berths:=4")?;
    match name.strip_suffix(':') {
        None => Ok((name.to_owned(), value.into())),
        Some(name) => match serde_json::from_str(value) {
            Ok(value) => Ok((name.to_owned(), value)),
            Err(error) => Err(format!("what stands behind `:=` is not JSON: {error}; a text is written {name}=TEXT")),
        },
    }
}

fn to_one(text: &str) -> Result<(String, Linkage), String> {
    let (name, value) = named(text, "field_port=taxonomy_term--port/UUID")?;
    let linkage = match value {
        "" => Linkage::ToOne(None),
        json if json.starts_with('{') => Linkage::ToOne(Some(read(json)?)),
        text => Linkage::ToOne(Some(reference(text)?)),
    };
    Ok((name.to_owned(), linkage))
}

fn to_many(text: &str) -> Result<(String, Linkage), String> {
    let (name, value) = named(text, "field_crew=user--user/UUID,user--user/UUID")?;
    let references = match value {
        "" => Vec::new(),
        json if json.starts_with('[') => read(json)?,
        text => text.split(',').map(reference).collect::<Result<_, _>>()?,
    };
    Ok((name.to_owned(), Linkage::ToMany(references)))
}

fn named<'a>(text: &'a str, example: &str) -> Result<(&'a str, &'a str), String> {
    text.split_once('=')
        .filter(|(name, _)| !name.trim_end_matches(':').is_empty())
        .ok_or_else(|| format!("a name and `=` are missing; write {example}"))
}

fn reference(text: &str) -> Result<Identifier, String> {
    let wrong = || format!("`{text}` is no reference; write taxonomy_term--port/UUID");
    let (of, id) = text.split_once('/').ok_or_else(wrong)?;
    let id = Uuid::try_parse(id).map_err(|_| wrong())?;
    Ok(Identifier::new(of.parse().map_err(|_| wrong())?, id))
}

fn read<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| {
        format!(
            r#"that is no reference as JSON: {error}; write {{"type":"file--file","id":"UUID","meta":{{"alt":"..."}}}}"#
        )
    })
}
