//! Writing an entity as REST does: every field a list of objects.
use serde_json::{Map, Value};

use crate::drupal::access;
use crate::drupal::call::Call;
use crate::drupal::schema::{Field, Kind};
use crate::drupal::site::Site;
use crate::drupal::store::View;
use crate::drupal::value::encode;

pub(in crate::drupal) fn write(site: &Site, call: &Call<'_>, view: &View<'_>, fresh: bool) -> Value {
    let visible = |field: &&Field| {
        let translation = field.name.starts_with("content_translation_") && site.settings.languages.is_empty();
        !translation
            && !matches!(field.kind, Kind::Password)
            && access::view_field(&call.viewer, view.resource, field, Some(view))
    };
    let fields = view.resource.fields.iter().filter(visible);
    fields.map(|field| (field.name.to_owned(), encode::rest(site, view, field, fresh))).collect::<Map<_, _>>().into()
}
