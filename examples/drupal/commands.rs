//! The commands of the command line.

use crate::access::Access;
use crate::arguments::{Command, Of};
use crate::failure::Failure;
use crate::output::{Output, plain};
use crate::{raw, resources, session, upload};
use serde_json::json;
use statuswire::drupal::{Attributes, Client, MenuLink};

pub(crate) async fn run(site: &Client, access: &Access, command: &Command, output: &Output) -> Result<(), Failure> {
    session::restore(site, access).await?;
    match command {
        Command::Login => session::login(site, access, output).await,
        Command::Logout => session::logout(site, access, output).await,
        Command::Whoami => session::whoami(site, output).await,
        Command::Status => session::status(site, output).await,
        Command::Types => {
            let types = site.types().await?;
            if output.json {
                return output.result("", &types);
            }
            types.iter().try_for_each(|name| output.line(plain(name.as_str())))
        }
        Command::Get { of, fields } => resources::get(site, of, fields, output).await,
        Command::List { of, find, fields } => resources::list(site, of, find, fields, output).await,
        Command::Create { of, fields, id } => {
            let (of, fields) = (site.resources::<Attributes>(of), fields.fields()?);
            let created = match id {
                Some(id) => of.create_as(*id, &fields).await?,
                None => of.create(&fields).await?,
            };
            resources::print_one(&created, output)
        }
        Command::Patch { of: Of { of, id }, fields } => {
            let changed = site.resources::<Attributes>(of).patch(*id, &fields.fields()?).await?;
            resources::print_one(&changed, output)
        }
        Command::Delete { of: Of { of, id } } => {
            site.resources::<Attributes>(of).delete(*id).await?;
            output.result("ok", &json!({ "ok": true }))
        }
        Command::Upload(file) => upload::run(site, file, output).await,
        Command::Menu { name } => {
            let menu = site.menu(name).await?;
            if output.json {
                return output.result("", &menu);
            }
            menu.iter().try_for_each(|link| output.line(branch(link)))
        }
        Command::Raw(request) => raw::send(site, request, output).await,
    }
}

/// Returns a link of a menu, indented by its level.
fn branch(link: &MenuLink) -> String {
    let indent = "  ".repeat(link.level.saturating_sub(1));
    let to = if link.href.is_empty() { String::new() } else { format!("  {}", plain(&link.href)) };
    format!("{indent}{}{to}", plain(&link.title))
}
