//! Sessions, and who the caller is.

use crate::access::Access;
use crate::failure::Failure;
use crate::note::note;
use crate::output::{Output, plain};
use serde_json::{Value, json};
use statuswire::drupal::{Attributes, Client, CurrentUser, LoggedOut, ResourceType};

/// Takes over the session that the file holds.
pub(crate) async fn restore(site: &Client, access: &Access) -> Result<(), Failure> {
    if site.restore().await? {
        refuse_another(site, access)?;
    }
    Ok(())
}

/// Refuses a session of another account than the one that is given.
fn refuse_another(site: &Client, access: &Access) -> Result<(), Failure> {
    let (Ok(account), Some(file)) = (access.account(), &access.session_file) else { return Ok(()) };
    match site.current_user().and_then(|user| user.name) {
        Some(name) if name != account.name => {
            let (file, name) = (file.path().display(), plain(&name));
            let what = format!("the session in {file} is that of {name}: log out with it first, or give another file");
            Err(Failure::usage(&what))
        }
        _ => Ok(()),
    }
}

pub(crate) async fn login(site: &Client, access: &Access, output: &Output) -> Result<(), Failure> {
    let account = access.account()?;
    if site.is_logged_in().await? {
        return tell(site.current_user().unwrap_or_default(), "is logged in already", output);
    }
    let user = site.login(&account.name, account.password.clone()).await?;
    if access.session_file.is_none() && !output.json {
        note("note: the session ends with the command; --session-file keeps it");
    }
    tell(user, "is logged in", output)
}

fn tell(user: CurrentUser, what: &str, output: &Output) -> Result<(), Failure> {
    let name = user.name.as_deref().map_or_else(|| "the account".to_owned(), plain);
    let roles = user.roles.as_ref().map(|roles| format!(", with the roles {}", plain(&roles.join(", "))));
    output.result(format!("{name} {what}{}", roles.unwrap_or_default()), &json!({ "user": user }))
}

pub(crate) async fn logout(site: &Client, access: &Access, output: &Output) -> Result<(), Failure> {
    match &access.session_file {
        None => return Err(Failure::usage("say which session to end: --session-file, as `login` wrote it")),
        Some(file) if !file.exists() => {
            return Err(Failure::usage(&format!("there is no session file {}", file.path().display())));
        }
        Some(_) => {}
    }
    let ended = site.logout().await? == LoggedOut::Ended;
    let text = match ended {
        true => "logged out",
        false => "the session is forgotten here, but the site could not be told: it ends there by itself",
    };
    output.result(text, &json!({ "ended": ended }))
}

pub(crate) async fn status(site: &Client, output: &Output) -> Result<(), Failure> {
    let is_open = site.is_logged_in().await?;
    let user = site.current_user().filter(|_| is_open);
    let name = user.as_ref().and_then(|user| user.name.as_deref());
    let text = match (is_open, name) {
        (true, Some(name)) => format!("logged in as {}", plain(name)),
        (true, None) => "logged in".to_owned(),
        (false, _) => "not logged in".to_owned(),
    };
    output.result(text, &json!({ "logged_in": is_open, "user": user }))?;
    if is_open { Ok(()) } else { Err(Failure::Said(1)) }
}

pub(crate) async fn whoami(site: &Client, output: &Output) -> Result<(), Failure> {
    let Some(id) = site.whoami().await? else {
        return output.result("anonymous", &json!({ "id": null }));
    };
    let users = site.resources::<Attributes>(&ResourceType::new("user", "user")?);
    let account = users.get(id).await?.attributes;
    let of = |name: &str| account.get(name).cloned().unwrap_or(Value::Null);
    let (name, number) = (of("name"), of("drupal_internal__uid"));
    let text = format!("{} (number {number}, {id})", plain(name.as_str().unwrap_or_default()));
    output.result(text, &json!({ "id": id, "name": name, "uid": number, "mail": of("mail") }))
}
