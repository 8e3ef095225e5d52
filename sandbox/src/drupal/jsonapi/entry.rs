//! The list of all types of resources.
use serde_json::json;

use super::is_installed;
use crate::drupal::call::Call;
use crate::drupal::reply::{self, JSON_API, Response};
use crate::drupal::site::Site;

pub(super) fn answer(site: &Site, call: &Call<'_>) -> Response {
    let root = call.root();
    let mut body = reply::document();
    body["data"] = json!([]);
    let types = site.store.schema.types.iter().filter(|resource| is_installed(site, resource));
    for resource in types {
        body["links"][resource.name()] = json!({"href": format!("{root}{}", resource.path())});
    }
    body["links"]["self"] = json!({"href": call.uri()});
    let me = site.store.by_id("user", &call.viewer.id.into()).filter(|_| !call.viewer.is_anonymous());
    if let Some(me) = me {
        let href = format!("{root}/jsonapi/user/user/{}", me.uuid);
        body["meta"] = json!({"links": {"me": {"meta": {"id": me.uuid}, "href": href}}});
    }
    reply::json(200, JSON_API, &body)
}
