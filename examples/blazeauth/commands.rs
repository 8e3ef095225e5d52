//! The commands of the command line.

use crate::access::{Access, Login};
use crate::arguments::{Command, Files, Need};
use crate::attended::attended;
use crate::failure::Failure;
use crate::identity::{self, Identity};
use crate::note::note;
use crate::output::Output;
use crate::waits::telling_waits;
use crate::{download, events, foreign, shell, store};
use serde_json::json;
use statuswire::Error;
use statuswire::blazeauth::{Client, ErrorCode, License};
use std::time::UNIX_EPOCH;

/// Runs a command, after a login if one is given.
pub(crate) async fn run(
    client: &Client,
    access: &Access<'_>,
    login: Option<&Login>,
    command: &Command,
    output: &Output,
) -> Result<(), Failure> {
    match command {
        Command::Shell => Box::pin(prompt(client, access, output)).await,
        command => attend(client, login, command, output).await,
    }
}

/// Runs a command while somebody waits for it: tells of waits, and lets ctrl-c end it.
async fn attend(client: &Client, login: Option<&Login>, command: &Command, output: &Output) -> Result<(), Failure> {
    let identity = match login {
        Some(login) => Some(attended(telling_waits(client, log_in(client, login, output))).await?),
        None => None,
    };
    let done = telling_waits(client, carry_out(client, identity, command, output));
    match command {
        // These end in their own way.
        Command::Events | Command::Files(Files::Get { .. }) => done.await,
        _ => attended(done).await,
    }
}

async fn carry_out(
    client: &Client,
    identity: Option<Identity>,
    command: &Command,
    output: &Output,
) -> Result<(), Failure> {
    match command {
        Command::Login => identity.map_or(Ok(()), |identity| tell(client, &identity, output)),
        Command::Whoami => tell(client, &Identity::current(client).await?, output),
        Command::Var { name } => {
            let content = client.variable(name).await;
            if let Err(error) = &content {
                note_missing_login(client, error, output);
            }
            let content = content?;
            if output.json {
                return output.result("", &json!({ "name": name, "content": content }));
            }
            foreign::print(&content)
        }
        Command::Store(action) => store::run(client, action, output).await,
        Command::Files(Files::Get { name, output: place }) => {
            let got = download::get(client, name, place, output).await;
            if let Err(Failure::Call(error)) = &got {
                note_missing_login(client, error, output);
            }
            got
        }
        Command::Files(Files::Info { name }) => info(client, name, output).await,
        Command::Events => events::follow(client, output).await,
        Command::Online => {
            let users = client.online_users().await?;
            output.result(users, &json!({ "online_users": users }))
        }
        Command::Shell => Err(shell::is_running()),
    }
}

async fn log_in(client: &Client, login: &Login, output: &Output) -> Result<Identity, Failure> {
    let result = Identity::log_in(client, login).await;
    if let (Err(error), false) = (&result, output.json)
        && let Some(license) = License::of_refusal(error)
    {
        let rows = identity::of_license(&license);
        if !rows.is_empty() {
            note(identity::lines(&rows));
        }
    }
    Ok(result?)
}

fn tell(client: &Client, identity: &Identity, output: &Output) -> Result<(), Failure> {
    let application = client.application();
    output.result(identity.to_text(&application), &identity.to_json(&application))
}

async fn info(client: &Client, name: &str, output: &Output) -> Result<(), Failure> {
    let info = client.file_info(name).await?;
    let last = info.last_transferred_at;
    output.result(
        identity::lines(&[
            ("size", format!("{} bytes", info.size)),
            ("sha256", crate::output::plain(&info.checksum)),
            ("transfers", info.transfer_count.map_or_else(|| "unknown".to_owned(), |count| count.to_string())),
            ("last", last.map_or_else(|| "never".to_owned(), identity::date)),
        ]),
        &json!({
            "name": name,
            "size": info.size,
            "sha256": info.checksum,
            "transfers": info.transfer_count,
            "last_transferred_at": last.and_then(|time| Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs())),
        }),
    )
}

/// Prints why the service refused: the command was given no login.
fn note_missing_login(client: &Client, error: &Error, output: &Output) {
    let refused = error.code_as() == Some(ErrorCode::NotAuthorized);
    if refused && !output.json && !client.state().borrow().is_authorized() {
        note("note: this needs a login, and no licence or account was given");
    }
}

/// A prompt for the same commands, in one session.
async fn prompt(client: &Client, access: &Access<'_>, output: &Output) -> Result<(), Failure> {
    let carry_out = async |line: &str| {
        let command: Command = match shell::parse(line)? {
            Some(command) => command,
            None => return Ok(()),
        };
        let is_logged_in = client.state().borrow().is_authorized();
        let need = if is_logged_in && !matches!(command, Command::Login) { Need::Not } else { command.login() };
        let login = access.login(need).await?;
        attend(client, login.as_ref(), &command, output).await
    };
    // A line may hold a secret, so the history is not saved.
    shell::run::<Command>("blazeauth", None, output, carry_out).await
}
