//! Example programs, run as a user would. `cargo test` builds them; before a single `--test`, run
//! `cargo build --examples`.

use serde_json::Value;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use tokio::process::{Child, Command};

/// Exit status, standard output, standard error.
pub type Done = (i32, String, String);

/// Where a program is.
pub fn path(name: &str) -> PathBuf {
    // The test is `target/PROFILE/deps/NAME`, the example `target/PROFILE/examples/NAME`.
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// A program about to be run, without a terminal.
pub fn command(name: &str) -> Command {
    let mut command = Command::new(path(name));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Runs it to its end.
pub async fn output(command: &mut Command) -> Output {
    let program = command.as_std().get_program().to_owned();
    command.output().await.unwrap_or_else(|error| panic!("{}: {error}; build the example", program.display()))
}

pub fn done(output: Output) -> Done {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Presses ctrl-c.
pub async fn interrupt(program: &Child) {
    let id = program.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().await.unwrap().success());
}

pub fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}
