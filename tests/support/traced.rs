//! What a test's thread logs, at the finest level.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tracing::Dispatch;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// All that this thread logs, by `tracing` and by `log`, as long as it lives. A test on a current-thread runtime has its
/// tasks in here, and nothing of the tests that run at the same time.
pub struct Traced {
    log: Log,
    _guard: tracing::subscriber::DefaultGuard,
}

#[derive(Clone)]
struct Log {
    text: Arc<Mutex<Vec<u8>>>,
    /// Whose events are left out.
    except: Option<&'static str>,
}

impl Traced {
    pub fn start() -> Self {
        Self::of(None)
    }

    /// The same without the events that have this text.
    pub fn start_without(text: &'static str) -> Self {
        Self::of(Some(text))
    }

    fn of(except: Option<&'static str>) -> Self {
        // While there is just one subscriber, a call site that another thread meets first asks that thread's default,
        // which is none, and stays silent for ever. With two, all subscribers are asked.
        static SECOND: OnceLock<Dispatch> = OnceLock::new();
        SECOND.get_or_init(|| Dispatch::new(tracing_subscriber::registry()));
        let log = Log { text: Arc::default(), except };
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
        // This also takes what libraries say by `log`.
        let _guard = subscriber.with_writer(log.clone()).set_default();
        Self { log, _guard }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.log.text.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for Log {
    // One event at a time.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.except.is_some_and(|except| String::from_utf8_lossy(bytes).contains(except)) {
            self.text.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
        }
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
