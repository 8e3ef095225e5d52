//! NemesisDB.
use std::net::SocketAddr;
use std::path::PathBuf;

use statuswire::codes::nemesis::TABLE;
use statuswire_sandbox::{Nemesis, Options};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Address and port to serve on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:1987", value_name = "ADDR:PORT")]
    listen: SocketAddr,
    /// Refuse KV_SAVE (persist.enabled = false).
    #[arg(long)]
    no_persist: bool,
    /// Directory for saves, made if missing [default: a temporary one, removed in the end].
    #[arg(long, value_name = "DIR", conflicts_with = "no_persist")]
    persist_dir: Option<PathBuf>,
    /// Longest message in bytes; a longer one ends its connection.
    #[arg(long, default_value_t = 32_768, value_name = "BYTES")]
    max_payload: usize,
    /// Largest capacity of an array (arrays.maxCapacity).
    #[arg(long, default_value_t = 10_000, value_name = "PLACES")]
    arrays_max_capacity: usize,
    /// Position at which a range that is read from an array ends (arrays.maxResponseSize).
    #[arg(long, default_value_t = 10_000, value_name = "POSITION")]
    arrays_max_response_size: usize,
    /// Position at which a range that is read from a list ends (lists.maxResponseSize).
    #[arg(long, default_value_t = 10_000, value_name = "POSITION")]
    lists_max_response_size: usize,
    /// Answer every call of a command with this status instead of carrying it out; may be repeated.
    #[arg(long, value_name = "COMMAND=STATUS", value_parser = command_failure)]
    fail: Vec<(String, u32)>,
}

/// A failure of a command that exists.
fn command_failure(text: &str) -> Result<(String, u32), String> {
    crate::command_failure(text, &TABLE, Nemesis::commands())
}

pub(crate) async fn serve(args: Args) -> std::io::Result<()> {
    let options = |options: Options| options.listen(args.listen).max_payload(args.max_payload);
    let mut builder = Nemesis::builder()
        .options(options)
        .persist(!args.no_persist)
        .arrays_max_capacity(args.arrays_max_capacity)
        .arrays_max_response_size(args.arrays_max_response_size)
        .lists_max_response_size(args.lists_max_response_size);
    if let Some(directory) = args.persist_dir {
        builder = builder.persist_dir(directory);
    }
    let sandbox = builder.start().await?;
    crate::serve(&sandbox, args.fail).await
}
