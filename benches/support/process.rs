//! A server in a process of its own: the bench's program, started once more.

use crate::Outcome;
use std::future::Future;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use tokio::net::{TcpListener, TcpStream};

/// The server in a process of its own; killed when dropped.
pub(crate) struct ServerProcess {
    child: Child,
    url: String,
}

impl ServerProcess {
    pub(crate) fn start() -> std::io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?).arg("serve").stdout(Stdio::piped()).spawn()?;
        let mut url = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut url)?;
        }
        Ok(Self { child, url: url.trim().to_owned() })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves each connection, on one thread, until the process is killed. The address is the first line of the output.
pub(crate) fn listen<F>(serve: fn(TcpStream) -> F) -> Outcome
where
    F: Future<Output = Outcome> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("ws://{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            // A connection that fails fails the client's side of the bench too, which reports it.
            tokio::spawn(serve(stream));
        }
    })
}
