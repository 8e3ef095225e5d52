//! NemesisDB of the generation with sessions.
use std::net::SocketAddr;

use statuswire::codes::nemesis_sessions::TABLE;
use statuswire_sandbox::{NemesisSessions, Options};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Address and port to serve on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:1987", value_name = "ADDR:PORT")]
    listen: SocketAddr,
    /// Refuse SH_SAVE (session.save.enabled = false).
    #[arg(long)]
    no_save: bool,
    /// Longest message in bytes; a longer one ends its connection.
    #[arg(long, default_value_t = 4_096, value_name = "BYTES")]
    max_payload: usize,
    /// Answer every call of a command with this status instead of carrying it out; may be repeated.
    #[arg(long, value_name = "COMMAND=STATUS", value_parser = command_failure)]
    fail: Vec<(String, u32)>,
}

/// A failure of a command that exists.
fn command_failure(text: &str) -> Result<(String, u32), String> {
    crate::command_failure(text, &TABLE, NemesisSessions::commands())
}

pub(crate) async fn serve(args: Args) -> std::io::Result<()> {
    let options = |options: Options| options.listen(args.listen).max_payload(args.max_payload);
    let sandbox = NemesisSessions::builder().options(options).save(!args.no_save).start().await?;
    crate::serve(&sandbox, args.fail).await
}
