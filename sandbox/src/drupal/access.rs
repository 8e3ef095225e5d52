//! What an account may do with entities and their fields.
use super::schema::{Field, Kind, ResourceType};
use super::site::Site;
use super::store::View;
use super::viewer::Viewer;

/// Allowed, or the reason why not; the reason can be empty.
pub(super) type Access = Result<(), String>;

fn require(viewer: &Viewer, permission: &str) -> Access {
    if viewer.may(permission) { Ok(()) } else { Err(format!("The '{permission}' permission is required.")) }
}

fn require_one(viewer: &Viewer, permissions: &[String]) -> Access {
    if permissions.iter().any(|permission| viewer.may(permission)) {
        return Ok(());
    }
    let quoted: Vec<_> = permissions.iter().map(|permission| format!("'{permission}'")).collect();
    Err(format!("The following permissions are required: {}.", quoted.join(" OR ")))
}

fn allow_if(condition: bool, reason: &str) -> Access {
    if condition { Ok(()) } else { Err(reason.to_owned()) }
}

/// Whether the viewer sees the entity.
pub(super) fn view(site: &Site, viewer: &Viewer, view: &View<'_>) -> Access {
    let owns = !viewer.is_anonymous() && view.owner() == Some(viewer.id);
    let entity = view.resource.entity;
    match entity.name {
        "node" if viewer.may("bypass node access") => {}
        "node" => {
            require(viewer, "access content")?;
            let own = owns && viewer.may("view own unpublished content");
            allow_if(view.published() || own, "")?;
        }
        "user" if view.id() == 0 => return Err(String::new()),
        "user" if viewer.may("administer users") || owns => {}
        "user" => {
            let visible = viewer.may("access user profiles") && view.flag("status");
            allow_if(visible, "The 'access user profiles' permission is required and the user must be active.")?;
        }
        "taxonomy_term" if viewer.may(entity.admin) => {}
        "taxonomy_term" => {
            require(viewer, "access content")?;
            allow_if(view.published(), "")?;
        }
        "file" => require(viewer, "access content")?,
        "media" if viewer.may(entity.admin) => {}
        "media" => {
            require(viewer, "view media")?;
            allow_if(view.published() || owns && viewer.may("view own unpublished media"), "")?;
        }
        "comment" if viewer.may(entity.admin) => {}
        "comment" => {
            require(viewer, "access comments")?;
            let host = view.items("entity_id").first().and_then(|item| site.store.referenced("node", item));
            let host = host.and_then(|host| site.store.view(host, None));
            allow_if(view.published() && host.is_some_and(|host| self::view(site, viewer, &host).is_ok()), "")?;
        }
        "taxonomy_vocabulary" => {
            require_one(viewer, &["access taxonomy overview".to_owned(), entity.admin.to_owned()])?;
        }
        _ => require(viewer, entity.admin)?,
    }
    let revisions = viewer.may("view all revisions") || viewer.may("administer nodes");
    allow_if(view.is_current() || revisions, "The user does not have access to the requested version.")
}

/// Whether the viewer sees the label of an entity that it does not see otherwise.
pub(super) fn view_label(viewer: &Viewer, view: &View<'_>) -> bool {
    match view.resource.entity.name {
        "user" | "menu" => true,
        "node_type" => viewer.may("access content"),
        "media_type" => viewer.may("view media"),
        _ => false,
    }
}

/// Whether the viewer may make an entity of this type.
pub(super) fn create(viewer: &Viewer, resource: &ResourceType) -> Access {
    let (entity, bundle) = (resource.entity, resource.bundle);
    match entity.name {
        "node" if viewer.may("bypass node access") => Ok(()),
        "node" => allow_if(viewer.may("access content") && viewer.may(&format!("create {bundle} content")), ""),
        "taxonomy_term" => require_one(viewer, &[format!("create terms in {bundle}"), entity.admin.to_owned()]),
        "media" => {
            let own = [entity.admin.to_owned(), "create media".to_owned(), format!("create {bundle} media")];
            require_one(viewer, &own)
        }
        "comment" => require(viewer, "post comments"),
        "file" => Err(String::new()),
        _ => require(viewer, entity.admin),
    }
}

/// Whether the viewer may change the entity.
pub(super) fn update(viewer: &Viewer, view: &View<'_>) -> Access {
    change(viewer, view, "edit", "update")
}

pub(super) fn delete(viewer: &Viewer, view: &View<'_>) -> Access {
    change(viewer, view, "delete", "delete")
}

fn change(viewer: &Viewer, view: &View<'_>, verb: &str, operation: &str) -> Access {
    let owns = !viewer.is_anonymous() && view.owner() == Some(viewer.id);
    let (entity, bundle) = (view.resource.entity, view.resource.bundle);
    match entity.name {
        "node" if viewer.may("bypass node access") => Ok(()),
        "node" => {
            require(viewer, "access content")?;
            if owns && viewer.may(&format!("{verb} own {bundle} content")) {
                return Ok(());
            }
            require(viewer, &format!("{verb} any {bundle} content"))
        }
        "user" if viewer.may("administer users") && view.id() > 0 => Ok(()),
        "user" if verb == "delete" => {
            require(viewer, "cancel account")?;
            allow_if(owns, "")
        }
        "user" => allow_if(
            owns,
            "Users can only update their own account, unless they have the 'administer users' permission.",
        ),
        "taxonomy_term" => require_one(viewer, &[format!("{verb} terms in {bundle}"), entity.admin.to_owned()]),
        "file" if verb == "delete" => {
            if owns && viewer.may("delete own files") {
                return Ok(());
            }
            require(viewer, "delete any file")
        }
        "file" => allow_if(owns, "Only the file owner can update the file entity."),
        "media" if viewer.may(entity.admin) || viewer.may(&format!("{operation} any media")) => Ok(()),
        "media" => {
            let own = viewer.may(&format!("{operation} media")) || viewer.may(&format!("{verb} own {bundle} media"));
            if owns && own { Ok(()) } else { require(viewer, &format!("{verb} any {bundle} media")) }
        }
        "comment" if viewer.may(entity.admin) => Ok(()),
        "comment" => allow_if(verb == "edit" && owns && viewer.may("edit own comments"), ""),
        _ => require(viewer, entity.admin),
    }
}

/// Whether the viewer sees a field; without an entity, whether it may filter by it.
pub(super) fn view_field(viewer: &Viewer, resource: &ResourceType, field: &Field, view: Option<&View<'_>>) -> bool {
    let owns = view.is_some_and(|view| !viewer.is_anonymous() && view.owner() == Some(viewer.id));
    match (resource.entity.name, field.name) {
        ("user", "pass") => false,
        ("user", "preferred_langcode" | "preferred_admin_langcode" | "timezone" | "mail") => {
            owns || viewer.may("administer users")
        }
        ("user", "roles" | "status" | "access" | "login" | "init") => viewer.may("administer users"),
        ("comment", "mail") => viewer.may("administer comments"),
        (_, "revision_log" | "revision_log_message") => {
            view.is_none_or(|view| viewer.may("view all revisions") || update(viewer, view).is_ok())
        }
        _ => true,
    }
}

/// Whether the viewer may set a field; without an entity, of a new one.
pub(super) fn edit_field(
    site: &Site,
    viewer: &Viewer,
    resource: &ResourceType,
    field: &Field,
    view: Option<&View<'_>>,
) -> Access {
    if field.name == resource.entity.id {
        return Err("The entity ID cannot be changed.".to_owned());
    }
    if matches!(field.kind, Kind::Uuid) {
        return allow_if(view.is_none(), "The entity UUID cannot be changed.");
    }
    let owns = view.is_some_and(|view| !viewer.is_anonymous() && view.owner() == Some(viewer.id));
    match (resource.entity.name, field.name) {
        ("node", "uid" | "status" | "created" | "promote" | "sticky") => require(viewer, "administer nodes"),
        ("node", "revision_timestamp" | "revision_uid") => Err(String::new()),
        ("user", "pass" | "mail" | "timezone" | "preferred_langcode" | "preferred_admin_langcode") => Ok(()),
        ("user", _) if viewer.may("administer users") => Ok(()),
        ("user", "name") => allow_if(owns && viewer.may("change own username") || viewer.is_anonymous(), ""),
        ("user", "created" | "roles" | "status" | "access" | "login" | "init") => Err(String::new()),
        ("file", "uri" | "filemime" | "filesize") => allow_if(view.is_none(), ""),
        ("file", "status") => Err(String::new()),
        ("comment", "status" | "uid" | "created" | "name") => require(viewer, "administer comments"),
        ("node" | "taxonomy_term" | "media", "langcode") => {
            allow_if(site.settings.languages.is_empty() || viewer.may("administer languages"), "")
        }
        (_, "path") => require_one(viewer, &["create url aliases".to_owned(), "administer url aliases".to_owned()]),
        _ => Ok(()),
    }
}

/// Whether a filter finds the entity: those that are published, enabled or one's own.
pub(super) fn is_found_by_filter(viewer: &Viewer, view: &View<'_>) -> bool {
    let owns = !viewer.is_anonymous() && view.owner() == Some(viewer.id);
    match view.resource.entity.name {
        "node" if viewer.may("bypass node access") => true,
        "node" => {
            let own = owns && viewer.may("view own unpublished content");
            viewer.may("access content") && (view.published() || own)
        }
        "user" if view.id() == 0 => false,
        "user" => owns || viewer.may("administer users") || view.flag("status") && viewer.may("access user profiles"),
        "taxonomy_term" => viewer.may("administer taxonomy") || viewer.may("access content") && view.published(),
        "media" => viewer.may("administer media") || viewer.may("view media") && view.published(),
        "comment" => viewer.may("administer comments") || viewer.may("access comments") && view.published(),
        "file" => viewer.may("access content"),
        _ => view.resource.entity.configuration || viewer.may(view.resource.entity.admin),
    }
}
