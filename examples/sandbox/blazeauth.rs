//! BlazeAuth, with its demonstration application.
use std::net::SocketAddr;
use std::time::Duration;

use statuswire::codes::blazeauth::{ErrorCode, TABLE};
use statuswire_sandbox::blazeauth::{RateLimit, Settings, TransferForm, TransferOptions, demo};
use statuswire_sandbox::{BlazeAuth, Fault};

use crate::failure;
use crate::note::note;
use crate::print::println;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Address and port to serve on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:1988", value_name = "ADDR:PORT")]
    listen: SocketAddr,
    /// Answer file transfers with download links, not with streams.
    #[arg(long)]
    links: bool,
    /// Bytes of a file in one frame of a stream.
    #[arg(long, default_value_t = 16_384, value_name = "BYTES", conflicts_with = "links",
        value_parser = clap::value_parser!(u32).range(1..))]
    chunk: u32,
    /// Packets and pings that a session may send in a minute.
    #[arg(long, default_value_t = 60, value_name = "ACTIONS", conflicts_with = "no_rate_limit")]
    rate_limit: u32,
    /// Seconds for which a client that exceeded the limit is refused.
    #[arg(long, default_value_t = 30, value_name = "SECONDS", conflicts_with = "no_rate_limit")]
    rate_block: u32,
    /// Do not limit the traffic of clients.
    #[arg(long)]
    no_rate_limit: bool,
    /// Seconds from the connection within which a session must be initialized.
    #[arg(long, default_value_t = 15, value_name = "SECONDS")]
    initialize_within: u32,
    /// Answer every packet of this name with this status instead of carrying it out; may be repeated.
    #[arg(long, value_name = "PACKET=STATUS", value_parser = packet_failure)]
    fail: Vec<(String, u32)>,
}

/// A failure of a packet that exists.
fn packet_failure(text: &str) -> Result<(String, u32), String> {
    let (packet, status) = failure(text, &TABLE)?;
    // A packet can succeed, so the row of status 1 has the names of all. The fake server has one name for both forms of
    // packet 7.
    let mut packets = ErrorCode::Ok.info().map_or_else(Vec::new, |row| row.commands.to_vec());
    packets.retain(|packet| *packet != "create_file_download_url");
    if packets.contains(&packet.as_str()) {
        return Ok((packet, status));
    }
    Err(format!("there is no packet `{packet}`; known are {}", packets.join(", ")))
}

impl Args {
    fn configure(&self, settings: &mut Settings) {
        let form = if self.links { TransferForm::Link } else { TransferForm::Stream };
        settings.transfers = TransferOptions::new().form(form).chunk(self.chunk as usize);
        settings.initialize_within = seconds(self.initialize_within);
        settings.rate_limit = if self.no_rate_limit {
            RateLimit::off()
        } else {
            let limit = RateLimit::session().allow(self.rate_limit as usize, seconds(60));
            limit.block_for(seconds(self.rate_block))
        };
    }
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

pub(crate) async fn serve(args: Args) -> std::io::Result<()> {
    let builder = BlazeAuth::builder().application(demo::application()).options(|options| options.listen(args.listen));
    let sandbox = builder.configure(|settings| args.configure(settings)).start().await?;
    for (packet, status) in args.fail {
        sandbox.fault(Fault::on(packet).reply_status(status));
    }
    note(format_args!("sandbox: the key is {}", demo::API_KEY));
    note(format_args!("sandbox: log in with the licence {}", demo::LICENSE));
    note(format_args!("sandbox: or as {} with the password `{}`", demo::LOGIN, demo::PASSWORD));
    note("sandbox: the documentation of `statuswire_sandbox::blazeauth::demo` lists its content");
    // Last, so that the credentials are there when the URL is read.
    println!("{}", sandbox.url());
    crate::told_to_stop().await?;
    note(format_args!("sandbox: stopping after {} messages", sandbox.record().total_received()));
    sandbox.stop().await;
    Ok(())
}
