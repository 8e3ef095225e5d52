//! A tour: typed values, and errors that say what happened and what to do.

use crate::failure::Failure;
use crate::output::Output;
use crate::showing::{DONE, explain, show};
use serde::{Deserialize, Serialize};
use statuswire::nemesis::Client;

#[derive(Debug, Serialize, Deserialize)]
struct User {
    name: String,
    born: u16,
}

pub(crate) async fn run(url: &str, output: &Output) -> Result<(), Failure> {
    output.line(format_args!("A fake NemesisDB serves {url}\n"))?;

    let db = Client::connect(url).await?;
    let info = db.server_info().await?;
    show(output, "db.server_info()", &info)?;

    let kv = db.kv();
    let ada = User { name: "Ada Lovelace".to_owned(), born: 1815 };
    kv.set("user:1", &ada).await?;
    show(output, r#"kv.set("user:1", &ada)"#, &DONE)?;

    let user: Option<User> = kv.get("user:1").await?;
    show(output, r#"kv.get::<User>("user:1")"#, &user)?;

    kv.add("user:1", &"somebody else").await?;
    show(output, r#"kv.add("user:1", &"somebody else")"#, &DONE)?;
    let born = kv.get::<User>("user:1").await?.map(|user| user.born);
    show(output, r#"kv.get::<User>("user:1"): the value that was there stays; born"#, &born)?;

    show(output, r#"kv.get::<User>("user:2")"#, &kv.get::<User>("user:2").await?)?;
    show(output, "kv.count()", &kv.count().await?)?;

    output.line("\nThe server answers with an error:\n")?;
    let load = kv.load("monday").await;
    explain(output, r#"kv.load("monday")"#, load)?;

    output.line("\nThe server would change this value silently, so it is not sent:\n")?;
    let set = kv.set("temperatures", &[21.5, f64::NAN]).await;
    explain(output, r#"kv.set("temperatures", &[21.5, f64::NAN])"#, set)?;

    output.line("\nTo use a server of your own: cargo run --example nemesis -- --help")
}
