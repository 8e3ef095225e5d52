//! Writing documents: resource objects, what was left out, links.
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::linkage;
use crate::drupal::access;
use crate::drupal::call::Call;
use crate::drupal::failure::{Failure, Outcome, with_reason};
use crate::drupal::query::Param;
use crate::drupal::reply::{self, JSON_API, Response};
use crate::drupal::schema::{Field, Kind};
use crate::drupal::site::Site;
use crate::drupal::store::View;
use crate::drupal::text::sha256_base64;
use crate::drupal::value::encode;

/// What the viewer sees of an entity.
pub(super) enum Seen<'a> {
    Whole(View<'a>),
    Label(View<'a>),
    /// With the reason.
    Nothing(View<'a>, String),
}

/// Looks at an entity with the viewer's rights.
pub(super) fn look<'a>(site: &Site, call: &Call<'_>, view: View<'a>) -> Seen<'a> {
    match access::view(site, &call.viewer, &view) {
        Ok(()) => Seen::Whole(view),
        Err(_) if view.is_current() && access::view_label(&call.viewer, &view) => Seen::Label(view),
        Err(reason) => Seen::Nothing(view, reason),
    }
}

/// The URL of an entity.
pub(super) fn url(call: &Call<'_>, view: &View<'_>) -> String {
    format!("{}{}/{}", call.root(), view.resource.path(), view.entity.uuid)
}

/// The same with its version, if it has versions.
pub(super) fn versioned_url(call: &Call<'_>, view: &View<'_>) -> String {
    format!("{}{}", url(call, view), version(view))
}

/// The query that names the version of an entity.
fn version(view: &View<'_>) -> String {
    match view.resource.entity.revision {
        Some(_) => format!("?resourceVersion=id%3A{}", view.revision),
        None => String::new(),
    }
}

/// A document in the making.
pub(super) struct Document<'a, 'b> {
    site: &'a Site,
    call: &'a Call<'b>,
    /// Whether a write made what is shown.
    fresh: bool,
    /// What was left out, and why, by URL.
    omitted: IndexMap<String, String>,
    included: Vec<Value>,
}

impl<'a, 'b> Document<'a, 'b> {
    pub(super) fn new(site: &'a Site, call: &'a Call<'b>, fresh: bool) -> Self {
        Self { site, call, fresh, omitted: IndexMap::new(), included: Vec::new() }
    }

    /// Writes a resource object; of what is not visible, notes that it was left out.
    pub(super) fn resource(&mut self, seen: &Seen<'_>) -> Outcome<Option<Value>> {
        match seen {
            Seen::Whole(view) => self.whole(view).map(Some),
            Seen::Label(view) => self.label(view).map(Some),
            Seen::Nothing(view, reason) => {
                let sentence = "The current user is not allowed to GET the selected resource.";
                self.omit(url(self.call, view), with_reason(sentence, reason));
                Ok(None)
            }
        }
    }

    pub(super) fn omit(&mut self, url: String, detail: String) {
        self.omitted.entry(url).or_insert(detail);
    }

    pub(super) fn include(&mut self, seen: &Seen<'_>) -> Outcome<()> {
        if let Some(resource) = self.resource(seen)? {
            let same = |known: &Value| known["id"] == resource["id"] && known["type"] == resource["type"];
            if !self.included.iter().any(same) {
                self.included.push(resource);
            }
        }
        Ok(())
    }

    /// The fields that the request asks for; `None`: all.
    fn wanted(&self, type_name: &str) -> Outcome<Option<Vec<String>>> {
        let fields = match self.call.query.get("fields") {
            None => return Ok(None),
            Some(fields) => list("fields", fields)?,
        };
        let names = fields.get(type_name).and_then(Param::text);
        Ok(names.map(|names| names.split(',').map(|name| name.trim().to_owned()).collect()))
    }

    fn head(&self, view: &View<'_>) -> Map<String, Value> {
        let url = url(self.call, view);
        let mut links = json!({"self": {"href": format!("{url}{}", version(view))}});
        if view.resource.entity.revision.is_some() {
            links["working-copy"] = json!({"href": format!("{url}?resourceVersion=rel%3Aworking-copy")});
        }
        Map::from_iter([
            ("type".to_owned(), view.resource.name().into()),
            ("id".to_owned(), view.entity.uuid.clone().into()),
            ("links".to_owned(), links),
        ])
    }

    fn whole(&self, view: &View<'_>) -> Outcome<Value> {
        let wanted = self.wanted(&view.resource.name())?;
        let asked = |name: &str| wanted.as_ref().is_none_or(|names| names.iter().any(|known| known == name));
        let mut attributes = Map::new();
        let mut relationships = Map::new();
        if view.resource.entity.name == "user" && asked("display_name") {
            attributes.insert("display_name".to_owned(), display_name(view).into());
        }
        let visible = |field: &&Field| {
            shown(self.site, field) && access::view_field(&self.call.viewer, view.resource, field, Some(view))
        };
        for field in view.resource.fields.iter().filter(visible).filter(|field| asked(field.public)) {
            if field.target().is_some() {
                let data = linkage::write(self.site, view, field);
                let links = self.relationship_links(view, field);
                relationships.insert(field.public.to_owned(), json!({"data": data, "links": links}));
            } else {
                let value = encode::attribute(self.site, view, field, self.fresh);
                attributes.insert(field.public.to_owned(), value);
            }
        }
        let mut resource = self.head(view);
        if !attributes.is_empty() {
            resource.insert("attributes".to_owned(), attributes.into());
        }
        if !relationships.is_empty() {
            resource.insert("relationships".to_owned(), relationships.into());
        }
        Ok(resource.into())
    }

    fn label(&self, view: &View<'_>) -> Outcome<Value> {
        let wanted = self.wanted(&view.resource.name())?;
        let (name, label) = match view.resource.entity.name {
            "user" => ("display_name", display_name(view)),
            _ => {
                let label = view.resource.entity.label;
                (view.resource.field(label).map_or(label, |field| field.public), view.text(label).to_owned())
            }
        };
        let mut resource = self.head(view);
        if wanted.is_none_or(|names| names.iter().any(|known| known == name)) {
            resource.insert("attributes".to_owned(), json!({name: label}));
        }
        Ok(resource.into())
    }

    /// The links of a relationship, with the version of its resource.
    pub(super) fn relationship_links(&self, view: &View<'_>, field: &Field) -> Value {
        let (url, version, name) = (url(self.call, view), version(view), field.public);
        json!({
            "related": {"href": format!("{url}/{name}{version}")},
            "self": {"href": format!("{url}/relationships/{name}{version}")},
        })
    }

    /// The whole document.
    pub(super) fn respond(self, status: u16, data: Value, links: Value) -> Response {
        let mut body = reply::document();
        body["data"] = data;
        if !self.included.is_empty() {
            body["included"] = self.included.into();
        }
        if !self.omitted.is_empty() {
            let help = "https://www.drupal.org/docs/8/modules/json-api/filtering#filters-access-control";
            let mut entries = json!({"help": {"href": help}});
            let salt: u64 = rand::random();
            for (url, detail) in self.omitted {
                let key: String =
                    sha256_base64(&format!("{salt}{url}")).replace(['-', '_'], "").chars().take(7).collect();
                entries[format!("item--{key}")] = json!({"href": url, "meta": {"rel": "item", "detail": detail}});
            }
            let detail = "Some resources have been omitted because of insufficient authorization.";
            body["meta"] = json!({"omitted": {"detail": detail, "links": entries}});
        }
        body["links"] = links;
        reply::json(status, JSON_API, &body)
    }
}

/// Translations have fields only if there are languages.
fn shown(site: &Site, field: &Field) -> bool {
    let translation = field.name.starts_with("content_translation_");
    !matches!(field.kind, Kind::Uuid) && (!translation || !site.settings.languages.is_empty())
}

fn display_name(user: &View<'_>) -> String {
    if user.id() == 0 { "Anonymous".to_owned() } else { user.text("name").to_owned() }
}

/// A parameter that has to be a list.
pub(super) fn list<'q>(name: &str, value: &'q Param) -> Outcome<&'q crate::drupal::query::Query> {
    value.list().ok_or_else(|| {
        Failure::bad_request(format!("Unexpected value for parameter \"{name}\": expecting \"array\", got \"string\"."))
    })
}
