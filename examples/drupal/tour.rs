//! A tour: a session, resources with what they lead to, and errors that say what is wrong with which field.

use crate::failure::Failure;
use crate::output::Output;
use crate::showing::{DONE, explain, show};
use serde::Deserialize;
use serde_json::json;
use statuswire::Error;
use statuswire::drupal::{Attributes, Client, ErrorCode, Fields, Filter, Identifier, Query};

#[derive(Debug, Deserialize)]
struct Vessel {
    title: String,
    field_berths: Option<u32>,
    field_class: Option<String>,
}

pub(crate) async fn run(url: &str, output: &Output) -> Result<(), Failure> {
    output.line(format_args!("A fake Drupal site serves {url}\n"))?;

    let site = Client::new(url)?;
    let refused = site.login("mara", "a wrong password").await;
    explain(output, r#"site.login("mara", "a wrong password")"#, refused)?;
    show(output, r#"site.login("mara", "mara-pass-1")"#, &site.login("mara", "mara-pass-1").await?)?;
    let me = site.whoami().await?.unwrap_or_default();
    show(output, "site.whoami()", &me)?;

    output.line("\nA list, with what it leads to:\n")?;
    let vessels = site.resources::<Vessel>(&"node--vessel".parse()?);
    let large = Query::new().filter(Filter::ge("field_berths", 4)).include("field_port").sort("-field_berths");
    let page = vessels.page(&large).await?;
    show(output, "vessels.page(those with 4 berths or more, with their ports): how many", &page.data.len())?;
    let mut port = None;
    for vessel in &page.data {
        let ports = page.included.related::<Attributes, _>(vessel, "field_port")?;
        let Vessel { title, field_berths, field_class } = &vessel.attributes;
        let (berths, class) = (field_berths.unwrap_or_default(), field_class.as_deref().unwrap_or("vessel"));
        let quay = ports.first().and_then(|port| port.attributes["name"].as_str()).unwrap_or("no port");
        output.line(format_args!("    {title}, a {class} with {berths} berths, lies in {quay}"))?;
        port = port.or(ports.first().map(Identifier::from));
    }
    let Some(port) = port else { return Err(Failure::Other("the sandbox has no port".to_owned(), 7)) };

    output.line("\nA resource is created, after its fields were wrong:\n")?;
    let vessels = vessels.with_targets("field_port", ["taxonomy_term--port".parse()?]);
    let wrong = Fields::new(json!({"title": "", "field_class": "raft", "field_berths": 99}))
        .relationship("field_port", port.clone());
    let refused = vessels.create(&wrong).await;
    let error = refused.as_ref().err().cloned();
    explain(
        output,
        r#"vessels.create({"title": "", "field_class": "raft", "field_berths": 99})"#,
        refused.map(|_| ()),
    )?;
    tell_fields(output, error)?;
    let user = Identifier::new("user--user".parse()?, me);
    let misled = Fields::new(json!({"title": "Lapwing"})).relationship("field_port", user);
    let refused = vessels.create(&misled).await.map(|_| ());
    explain(output, "vessels.create() with a user in field_port: the site would not notice", refused)?;
    let right = Fields::new(json!({"title": "Lapwing", "field_class": "sloop", "field_berths": 2}))
        .relationship("field_port", port);
    let created = vessels.create(&right).await?;
    show(output, r#"vessels.create({"title": "Lapwing", ...})"#, &created.attributes)?;

    let changed = vessels.patch(created.id, &Fields::new(json!({"field_berths": 3}))).await?;
    show(output, r#"vessels.patch(id, {"field_berths": 3})"#, &changed.attributes)?;
    vessels.delete(created.id).await?;
    show(output, "vessels.delete(id)", &DONE)?;
    let gone = vessels.get(created.id).await.map(|_| ());
    let is_expected = gone.as_ref().is_err_and(|error| error.code_as() == Some(ErrorCode::ObjectNotFound));
    explain(output, "vessels.get(id)", gone)?;

    output.line("\nA menu, as a tree:\n")?;
    let menu = site.menu("harbor-guide").await?;
    show(output, r#"site.menu("harbor-guide"): links"#, &menu.iter().count())?;
    for link in menu.iter() {
        output.line(format_args!("    {}{} -> {}", "  ".repeat(link.level), link.title, link.href))?;
    }

    output.line("")?;
    show(output, "site.logout()", &site.logout().await?)?;
    show(output, "site.is_logged_in()", &site.is_logged_in().await?)?;
    if !is_expected {
        return Err(Failure::Other("the sandbox keeps what was deleted".to_owned(), 7));
    }
    output.line("\nTo use a site of your own: cargo run --example drupal -- --help")
}

/// Prints what is wrong with each field.
fn tell_fields(output: &Output, error: Option<Error>) -> Result<(), Failure> {
    let Some(error) = error else { return Ok(()) };
    for field in ["title", "field_class", "field_berths"] {
        for detail in error.details_of(field) {
            let code = detail.code.map(|code| format!("{} {}: ", code.value(), code.name())).unwrap_or_default();
            show(output, &format!("error.details_of({field:?})"), &format_args!("{code}{}", detail.text))?;
        }
    }
    Ok(())
}
