//! A user of the example program `blazeauth`.

use crate::program::{Done, command, done, output};
use statuswire_sandbox::BlazeAuth;
use statuswire_sandbox::blazeauth::demo;
use std::process::Output;
use tempfile::TempDir;
use tokio::process::Command;

/// Ids may be as private as keys: this one must not be shown either.
pub const CLIENT_ID: &str = "canary-client-id";

/// A sandbox, and a user with a home of their own.
pub struct User {
    pub sandbox: BlazeAuth,
    pub home: TempDir,
}

impl User {
    pub async fn new() -> Self {
        Self { sandbox: BlazeAuth::start().await.unwrap(), home: tempfile::tempdir().unwrap() }
    }

    /// The program, without a server and an API key.
    pub fn bare(&self, arguments: &[&str]) -> Command {
        let mut command = command("blazeauth");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("BLAZEAUTH_")) {
            command.env_remove(name);
        }
        command.env("HOME", self.home.path()).env_remove("XDG_STATE_HOME").current_dir(self.home.path());
        command.args(arguments);
        command
    }

    /// The program on the sandbox, without a login.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare(arguments);
        command.args(["--url", &self.sandbox.url(), "--client-id", CLIENT_ID]);
        command.env("BLAZEAUTH_API_KEY", demo::API_KEY);
        command
    }

    pub async fn run(&self, arguments: &[&str]) -> Done {
        finished(&mut self.program(arguments)).await
    }

    /// Runs the program, logged in by licence.
    pub async fn licensed(&self, arguments: &[&str]) -> Done {
        finished(self.program(arguments).env("BLAZEAUTH_LICENSE", demo::LICENSE)).await
    }

    /// A file in the home.
    pub fn file(&self, name: &str, content: &str) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// Runs a program to its end.
pub async fn finished(command: &mut Command) -> Done {
    private(output(command).await)
}

/// What came of a program: whatever it is, no secret is shown.
pub fn private(output: Output) -> Done {
    let done = done(output);
    for secret in [demo::API_KEY, demo::LICENSE, demo::PASSWORD, CLIENT_ID] {
        assert!(!done.1.contains(secret) && !done.2.contains(secret), "{secret}: {done:?}");
    }
    done
}
