//! The parameter `resourceVersion`.
use super::{Place, Target};
use crate::drupal::call::Call;
use crate::drupal::failure::{Failure, Outcome};
use crate::drupal::query::Param;
use crate::drupal::site::Site;

const UNSUPPORTED: &str = "JSON:API does not yet support resource versioning for this resource type. For context, see \
    https://www.drupal.org/project/drupal/issues/2992833#comment-12818258. To contribute, see \
    https://www.drupal.org/project/drupal/issues/2350939 and https://www.drupal.org/project/drupal/issues/2809177.";
const UNFILTERED: &str = "JSON:API does not support filtering on revisions other than the latest version because a \
    secure Drupal core API does not yet exist to do so.";
const LATEST: &str = "rel:latest-version";
const WORKING_COPY: &str = "rel:working-copy";

/// Sets the revision of the target that the request asks for; of a collection, any if it asks for working copies.
pub(super) fn choose(site: &Site, call: &Call<'_>, place: &Place, target: &mut Target<'_>) -> Outcome<()> {
    let Some(parameter) = call.query.get("resourceVersion") else { return Ok(()) };
    if target.resource.entity.revision.is_none() {
        return Err(Failure::new(501, UNSUPPORTED));
    }
    if !call.reads() {
        let method = call.method();
        let detail = format!("{method} requests with a `resourceVersion` query parameter are not supported.");
        return Err(Failure::bad_request(detail));
    }
    let Param::Text(version) = parameter else {
        return Err(Failure::bad_request("Input value \"resourceVersion\" contains a non-scalar value."));
    };
    let Some((negotiator, argument)) = version.split_once(':').filter(|_| is_well_formed(version)) else {
        let detail = format!("A resource version identifier was provided in an invalid format: `{version}`");
        return Err(Failure::bad_request(detail));
    };
    if let Place::Collection(_) = place {
        if call.query.has("filter") && version != LATEST {
            return Err(Failure::new(501, UNFILTERED));
        }
        if ![LATEST, WORKING_COPY].contains(&version.as_str()) {
            return Err(Failure::bad_request(format!(
                "Collection resources only support the following resource version identifiers: {LATEST}, {WORKING_COPY}"
            )));
        }
        target.revision = (version == WORKING_COPY).then_some(0);
        return Ok(());
    }
    let uuid = target.uuid.as_deref().unwrap_or_default();
    let Some(entity) = site.store.by_uuid(target.resource.entity.name, uuid) else { return Ok(()) };
    let invalid =
        || Failure::bad_request(format!("An invalid resource version identifier, `{version}`, was provided."));
    let revision = match (negotiator, argument) {
        ("id", number) => number.parse().map_err(|_| invalid())?,
        ("rel", "latest-version") => entity.current,
        ("rel", "working-copy") => entity.latest(),
        _ => return Err(invalid()),
    };
    if !entity.revisions.contains_key(&revision) {
        let detail = format!("The requested version, identified by `{version}`, could not be found.");
        return Err(Failure::not_found(detail));
    }
    target.revision = Some(revision);
    Ok(())
}

fn is_well_formed(version: &str) -> bool {
    let mut parts = version.split(':');
    let negotiator = parts.next().unwrap_or_default();
    let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let inner =
        negotiator.len() >= 2 && letters(negotiator) && !negotiator.starts_with('_') && !negotiator.ends_with('_');
    let argument =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    inner && parts.all(argument)
}
