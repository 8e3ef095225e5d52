//! What the test's process logs, at the finest level.
#![allow(dead_code, unreachable_pub, reason = "each test program uses a part")]

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use tracing_subscriber::fmt::MakeWriter;

/// All that was logged, by `tracing` and by `log`.
#[derive(Clone)]
pub struct Traced {
    text: Arc<Mutex<Vec<u8>>>,
    /// Whose events are left out.
    except: Option<&'static str>,
}

impl Traced {
    /// Logs for the whole process from here on: once in a test program.
    pub fn start() -> Self {
        Self::of(None)
    }

    /// The same without the events that have this text.
    pub fn start_without(text: &'static str) -> Self {
        Self::of(Some(text))
    }

    fn of(except: Option<&'static str>) -> Self {
        let traced = Self { text: Arc::default(), except };
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
        // `init` also takes what libraries say by `log`.
        subscriber.with_writer(traced.clone()).init();
        traced
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.text.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for Traced {
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

impl<'a> MakeWriter<'a> for Traced {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
