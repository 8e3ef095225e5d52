//! Menus as linksets.
use serde_json::{Map, Value, json};

use super::access;
use super::call::Call;
use super::failure::{Failure, Outcome};
use super::reply::{self, Response};
use super::sessions::Purpose;
use super::site::Site;

/// A link of a menu.
struct Link {
    /// `menu_link_content:` and the UUID.
    plugin: String,
    parent: Option<String>,
    weight: i64,
    title: String,
    /// `None`: the viewer may not see what it leads to.
    href: Option<String>,
    attributes: Map<String, Value>,
}

pub(super) fn linkset(site: &Site, call: &Call<'_>, name: &str) -> Outcome<Response> {
    if site.store.by_id("menu", &name.into()).is_none() {
        return Err(Failure::not_converted("menu", "/system/menu/{menu}/linkset", "system.menu.linkset"));
    }
    let mut links = fixed_links(site, call, name);
    links.extend(content_links(site, call, name));
    let mut relations = Map::new();
    collect(&links, None, name, &[], &mut relations);
    let body = if relations.is_empty() {
        json!({"linkset": []})
    } else {
        let path = call.raw_target().split('?').next().unwrap_or_default();
        relations.insert("anchor".to_owned(), path.into());
        json!({"linkset": [relations]})
    };
    Ok(reply::json(200, "application/linkset+json", &body))
}

/// Links that every site has.
fn fixed_links(site: &Site, call: &Call<'_>, menu: &str) -> Vec<Link> {
    let link = |plugin: &str, weight, title: &str, href: Option<String>| Link {
        plugin: plugin.to_owned(),
        parent: None,
        weight,
        title: title.to_owned(),
        href,
        attributes: Map::new(),
    };
    let path = |path: &str| Some(format!("{}{path}", call.prefix));
    match menu {
        "main" => vec![link("standard.front_page", 0, "Home", internal(call, "/"))],
        "account" if call.viewer.is_anonymous() => {
            vec![link("user.page", -10, "My account", None), link("user.logout", 10, "Log in", path("/user/login"))]
        }
        "account" => {
            let token = site.sessions.token(call.viewer.session.as_deref(), Purpose::Logout);
            let logout = path(&format!("/user/logout?token={token}"));
            vec![link("user.page", -10, "My account", path("/user")), link("user.logout", 10, "Log out", logout)]
        }
        "footer" => vec![link("contact.site_page", 0, "Contact", path("/contact"))],
        _ => Vec::new(),
    }
}

fn content_links(site: &Site, call: &Call<'_>, menu: &str) -> Vec<Link> {
    let views = site.store.views("menu_link_content", call.language.as_deref()).into_iter();
    let views = views.filter(|view| view.text("menu_name") == menu && view.flag("enabled"));
    let links = views.map(|view| {
        let uri = view.property("link", "uri").and_then(Value::as_str).unwrap_or_default();
        let options = view.property("link", "options");
        let attributes = options.and_then(|options| options.get("attributes")?.as_object().cloned());
        Link {
            plugin: format!("menu_link_content:{}", view.entity.uuid),
            parent: Some(view.text("parent")).filter(|parent| !parent.is_empty()).map(str::to_owned),
            weight: view.number("weight"),
            title: view.text("title").to_owned(),
            href: href(site, call, uri),
            attributes: attributes.unwrap_or_default(),
        }
    });
    links.collect()
}

/// Adds the children of a link with their positions.
fn collect(links: &[Link], parent: Option<&str>, menu: &str, above: &[String], relations: &mut Map<String, Value>) {
    let mut children: Vec<_> = links.iter().filter(|link| link.parent.as_deref() == parent).collect();
    children.sort_by(|a, b| a.weight.cmp(&b.weight).then_with(|| a.title.to_lowercase().cmp(&b.title.to_lowercase())));
    for (position, link) in children.into_iter().enumerate() {
        // Links that are not shown keep their position.
        let Some(href) = &link.href else { continue };
        let mut hierarchy = above.to_vec();
        hierarchy.push(position.to_string());
        let mut entry = json!({"href": href, "title": link.title, "hierarchy": hierarchy, "machine-name": [menu]});
        let mut relation = "item".to_owned();
        for (name, value) in &link.attributes {
            let values: Vec<String> = match value {
                Value::Array(values) => values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect(),
                Value::String(text) => vec![text.clone()],
                _ => continue,
            };
            if name == "rel" {
                relation = values.join(" ");
            }
            if !["title", "type", "media", "hreflang"].contains(&name.as_str()) {
                entry[name] = values.into();
            }
        }
        if let Some(list) = relations.entry(relation).or_insert_with(|| json!([])).as_array_mut() {
            list.push(entry);
        }
        collect(links, Some(&link.plugin), menu, &hierarchy, relations);
    }
}

fn internal(call: &Call<'_>, path: &str) -> Option<String> {
    let full = format!("{}{path}", call.prefix);
    Some(if path == "/" && !call.prefix.is_empty() { call.prefix.clone() } else { full })
}

/// Where a link leads, if the viewer may go there.
fn href(site: &Site, call: &Call<'_>, uri: &str) -> Option<String> {
    if let Some(route) = uri.strip_prefix("route:") {
        return Some(if route == "<front>" { internal(call, "/")? } else { String::new() });
    }
    let (path, rest) = match uri.find(['?', '#']) {
        Some(at) => uri.split_at(at),
        None => (uri, ""),
    };
    if let Some(entity) = path.strip_prefix("entity:") {
        let (entity_type, id) = entity.split_once('/')?;
        let entity = site.store.by_id(entity_type, &id.parse::<u64>().ok()?.into())?;
        let view = site.store.view(entity, None)?;
        access::view(site, &call.viewer, &view).ok()?;
        // Aliases are those of the language.
        let page = match &call.language {
            Some(_) => view.resource.entity.page.map(|(before, behind)| format!("{before}{id}{behind}"))?,
            None => site.store.page(&view),
        };
        return Some(format!("{}{page}{rest}", call.prefix));
    }
    match path.strip_prefix("internal:") {
        Some(path) if path.starts_with("/admin") && !call.viewer.may("access administration pages") => None,
        Some(path) => Some(format!("{}{rest}", internal(call, path)?)),
        None => Some(uri.to_owned()),
    }
}
