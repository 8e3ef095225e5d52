//! Runs a test against a sandbox, and against a real server too if `STATUSWIRE_NEMESIS_URL` names one.
//!
//! On a real server a test uses keys under a prefix of its own and they are removed afterwards. Tests that clear the
//! store or leave saves behind run there only if `STATUSWIRE_NEMESIS_DESTRUCTIVE` is set, too.

use statuswire::nemesis::Client;
use statuswire_sandbox::Nemesis;
use std::future::Future;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{Mutex, MutexGuard};

/// A real server's store is shared, so tests use it one after the other.
static REAL_SERVER: Mutex<()> = Mutex::const_new(());

/// What a test may use.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) db: Client,
    prefix: String,
}

impl Server {
    /// A key that no other test uses.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

/// Runs the test with each server, removing what it stored.
pub(crate) async fn with_servers<F: Future<Output = ()> + Send + 'static>(test: impl Fn(Server) -> F) {
    with_sandbox(&test).await;
    if let Ok(url) = std::env::var("STATUSWIRE_NEMESIS_URL") {
        with_real_server(&url, &test).await;
    }
}

/// The same for tests that clear the store or save it.
#[allow(dead_code, reason = "not every test binary clears the store")]
pub(crate) async fn with_servers_to_spoil<F: Future<Output = ()> + Send + 'static>(test: impl Fn(Server) -> F) {
    with_sandbox(&test).await;
    if let (Ok(url), Ok(_)) = (std::env::var("STATUSWIRE_NEMESIS_URL"), std::env::var("STATUSWIRE_NEMESIS_DESTRUCTIVE"))
    {
        with_real_server(&url, &test).await;
    }
}

async fn with_sandbox<F: Future<Output = ()> + Send + 'static>(test: &impl Fn(Server) -> F) {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    test(Server { db, prefix: unique_prefix() }).await;
}

async fn with_real_server<F: Future<Output = ()> + Send + 'static>(url: &str, test: &impl Fn(Server) -> F) {
    let _alone = REAL_SERVER.lock().await;
    let db = Client::connect(url).await.unwrap();
    let prefix = unique_prefix();
    let result = tokio::spawn(test(Server { db: db.clone(), prefix: prefix.clone() })).await;
    let kv = db.kv();
    let left: Vec<_> = kv.keys().await.unwrap().into_iter().filter(|key| key.starts_with(&prefix)).collect();
    for some in left.chunks(100) {
        kv.remove_many(some).await.unwrap();
    }
    db.shutdown(Duration::from_secs(5)).await;
    if let Err(panic) = result {
        resume_unwind(panic.into_panic());
    }
}

/// The address of a real server of an older generation, and the right to use it alone. Says so if it is missing.
pub(crate) async fn real_server(variable: &str) -> Option<(String, MutexGuard<'static, ()>)> {
    let Ok(url) = std::env::var(variable) else {
        eprintln!("{variable} is not set: this was tested with a fake server only");
        return None;
    };
    Some((url, REAL_SERVER.lock().await))
}

pub(crate) fn unique_prefix() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    format!("statuswire:{now}:{}:", COUNT.fetch_add(1, Ordering::Relaxed))
}
