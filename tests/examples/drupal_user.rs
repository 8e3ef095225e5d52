//! A user of the example program `drupal`.

use crate::program::{Done, command, done, output};
use statuswire_sandbox::Drupal;
use statuswire_sandbox::drupal::World;
use tempfile::TempDir;
use tokio::process::Command;

/// Vessels, ports and users of the sandbox, by their last digits.
pub fn uuid(digits: u32) -> String {
    format!("00000000-0000-4000-8000-000000{digits:06}")
}

/// A site, and a user with a folder of their own.
pub struct User {
    pub site: Drupal,
    home: TempDir,
}

impl User {
    pub async fn new() -> Self {
        let site = Drupal::builder().world(World::Harbor).start().await.unwrap();
        Self { site, home: tempfile::tempdir().unwrap() }
    }

    /// The program, without a site and an account.
    pub fn bare(&self, arguments: &[&str]) -> Command {
        let mut command = command("drupal");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DRUPAL_")) {
            command.env_remove(name);
        }
        command.current_dir(self.home.path()).args(arguments);
        command
    }

    /// The program on the site, anonymous.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare(arguments);
        command.args(["--base", &self.site.url()]);
        command
    }

    pub async fn run(&self, arguments: &[&str]) -> Done {
        finished(&mut self.program(arguments)).await
    }

    /// Runs the program as a user who may write vessels.
    pub async fn mara(&self, arguments: &[&str]) -> Done {
        finished(self.program(arguments).env("DRUPAL_USER", "mara").env("DRUPAL_PASSWORD", "mara-pass-1")).await
    }

    /// A file in the folder.
    pub fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// Runs a program to its end: whatever comes of it, no password is shown.
pub async fn finished(command: &mut Command) -> Done {
    let done = done(output(command).await);
    assert!(!format!("{done:?}").contains("mara-pass-1"), "{done:?}");
    done
}
