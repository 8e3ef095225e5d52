//! Drupal.
use std::net::SocketAddr;

use statuswire_sandbox::Drupal;
use statuswire_sandbox::drupal::World;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::note::note;
use crate::print::println;

#[derive(clap::Args)]
#[command(after_help = "Lines on standard input change the site while it runs:
  set NAME VALUE              a setting: site_name, basic_auth, read_only, maintenance, linkset, page_max_age,
                              verbose_errors, cors_origin, languages, utc_offset (minutes), registration (visitors,
                              with_approval, admin_only), verify_mail, registration_resource, anonymous_may_register,
                              anonymous_may_read, mail_works, view_page_size, flood_user_limit, flood_user_window,
                              flood_ip_limit, flood_ip_window, flood_uid_only; switches are on or off, `none` is nothing
  block NAME | unblock NAME   an account
  password NAME NEW           gives an account a password and ends its sessions
  end-sessions | clear-flood  forgets all sessions, or all failed logins
  advance SECONDS             lets time pass; `time UNIX` sets the clock
  draft UUID TITLE            gives a node an unpublished draft
Each line is answered with `ok` or `error: ...` on standard error.")]
pub(crate) struct Args {
    /// Address and port to serve on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8088", value_name = "ADDR:PORT")]
    listen: SocketAddr,
    /// What the site holds.
    #[arg(long, default_value = "demo")]
    world: WorldName,
    /// Changes a setting before the site is served; may be repeated.
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum WorldName {
    /// Articles, tags and a menu; accounts admin, editor, reader with the passwords `admin-pass`...
    Demo,
    /// Vessels, ports, articles and menus; accounts admin, mara, odo, barred, floody, edith with the passwords `mara-pass-1`...
    Harbor,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE, for example basic_auth=off")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(crate) async fn serve(args: Args) -> std::io::Result<()> {
    let world = match args.world {
        WorldName::Demo => World::Demo,
        WorldName::Harbor => World::Harbor,
    };
    let site = Drupal::builder().world(world).options(|options| options.listen(args.listen)).start().await?;
    for (name, value) in args.set {
        site.control(&format!("set {name} {value}")).map_err(std::io::Error::other)?;
    }
    println!("{}", site.url());
    tokio::select! {
        told = crate::told_to_stop() => told?,
        never = follow(&site) => match never {},
    }
    note(format_args!("sandbox: stopping after {} requests", site.record().total_received()));
    site.stop().await;
    Ok(())
}

/// Carries out the lines of standard input; when it ends, the site goes on.
async fn follow(site: &Drupal) -> std::convert::Infallible {
    let mut lines = standard_input();
    while let Some(line) = lines.recv().await {
        match site.control(&line) {
            Ok(()) => note("ok"),
            Err(error) => note(format_args!("error: {error}")),
        }
    }
    std::future::pending().await
}

/// Reads in a thread of its own, which the end of the program does not wait for.
fn standard_input() -> UnboundedReceiver<String> {
    let (sender, receiver) = unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines() {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
