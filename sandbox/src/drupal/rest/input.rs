//! Reading an entity that a client sends to REST.
use serde_json::Value;

use crate::drupal::call::Call;
use crate::drupal::failure::{Failure, Outcome};
use crate::drupal::reply::UNEXPECTED;
use crate::drupal::schema::{Field, ResourceType};
use crate::drupal::store::{Item, Values};
use crate::drupal::value::{decode, settle};

/// The fields of a body, in its order.
pub(in crate::drupal) struct Input<'a> {
    pub(in crate::drupal) fields: Vec<&'a Field>,
    pub(in crate::drupal) values: Values,
}

/// Reads JSON; `None`: there is no body.
pub(in crate::drupal) fn body(call: &Call<'_>) -> Outcome<Option<Value>> {
    if call.body().is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(call.body()).map(Some).map_err(|_| Failure::bad_request("Syntax error"))
}

/// Reads the fields of an entity; the field with its bundle is left out.
pub(in crate::drupal) fn read<'a>(resource: &'a ResourceType, body: &Value) -> Outcome<Input<'a>> {
    let mut input = Input { fields: Vec::new(), values: Values::new() };
    for (name, value) in body.as_object().into_iter().flatten() {
        let Some(field) = resource.field(name) else {
            return Err(Failure::new(500, UNEXPECTED));
        };
        if !value.is_array() && !value.is_object() {
            return Err(Failure::unprocessable(format!("Field values for \"{name}\" must use an array structure")));
        }
        if resource.entity.bundle == Some(field.name) {
            continue;
        }
        let mut items: Vec<Item> = decode::attribute(field, value)?;
        settle::settle(field, &mut items);
        input.fields.push(field);
        input.values.insert(name.clone(), items);
    }
    Ok(input)
}
