//! A small site to try things with.
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::common::{
    Account, account, anonymous, items, node_bundle, roles, standard_configuration, standard_nodes, values, vocabulary,
};
use crate::drupal::schema::Schema;
use crate::drupal::site::Site;
use crate::drupal::store::{Store, target, value};
use crate::drupal::text::random_uuid;
use crate::drupal::view_export::Export;

/// 2026-01-05T08:00:00Z.
const INSTALLED: i64 = 1_767_600_000;

pub(super) fn site() -> Site {
    let mut store = Store::new(Schema::new(standard_nodes(), &["tags"]));
    let roles = roles(Vec::new());
    standard_configuration(&mut store, &roles, &[]);
    for (id, name) in [("article", "Article"), ("page", "Basic page")] {
        node_bundle(&mut store, id, &random_uuid(), name, Value::Null);
    }
    vocabulary(&mut store, "tags", &random_uuid(), "Tags");
    anonymous(&mut store, &random_uuid(), INSTALLED);
    let accounts: [(&str, &[&str]); 3] =
        [("admin", &["administrator"]), ("editor", &["content_editor"]), ("reader", &[])];
    for (name, roles) in accounts {
        let (pass, mail) = (format!("{name}-pass"), format!("{name}@demo.example"));
        let (uuid, created, changed) = (random_uuid(), INSTALLED, INSTALLED);
        account(&mut store, Account { name, uuid, pass, mail, active: true, roles, created, changed });
    }
    for name in ["news", "guides"] {
        let values = values(&store, "taxonomy_term", "tags", INSTALLED, 0, &[("name", value(name))]);
        store.insert("taxonomy_term", "tags", None, values);
    }
    for (index, title) in ["Welcome", "How to write", "A draft"].into_iter().enumerate() {
        let body = json!({"value": format!("<p>{title}.</p>"), "format": "basic_html", "summary": ""});
        let own = [
            ("title", value(title)),
            ("status", value(title != "A draft")),
            ("body", items(vec![body])),
            ("field_tags", vec![target(index as u64 % 2 + 1)]),
        ];
        let values = values(&store, "node", "article", INSTALLED + 3600 * index as i64, 2, &own);
        store.insert("node", "article", None, values);
    }
    for (title, uri, weight) in [("Welcome", "entity:node/1", 1), ("Writing", "entity:node/2", 2)] {
        let own = [
            ("title", value(title)),
            ("link", items(vec![json!({"uri": uri, "title": null, "options": []})])),
            ("menu_name", value("main")),
            ("weight", value(weight)),
        ];
        let entity = "menu_link_content";
        let values = values(&store, entity, entity, INSTALLED, 0, &own);
        store.insert(entity, entity, None, values);
    }
    Site::new(store, roles, BTreeMap::from([("/api/articles", Export { bundle: "article" })]))
}
