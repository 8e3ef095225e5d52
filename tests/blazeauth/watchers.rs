//! Watchers of the state run while no lock is held: they may ask the client, and their panics stay with them.

use crate::service::*;
use crate::support::{until, within};
use statuswire::blazeauth::{Client, State};
use statuswire_sandbox::BlazeAuth;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

/// Does `work` while a watcher of the state, with this waker, waits for the next change.
async fn watched<T>(client: &Client, waker: &Waker, work: impl Future<Output = T>) -> T {
    let mut states = client.state();
    let mut changed = pin!(states.changed());
    assert!(changed.as_mut().poll(&mut Context::from_waker(waker)).is_pending());
    within(work).await
}

/// Waits for a state without being woken by it.
async fn is(client: &Client, wanted: &str) {
    until(|| name(&client.state().borrow()) == wanted).await;
}

/// Tells the client that its licence was blacklisted.
async fn lose_license(sandbox: &BlazeAuth, client: &Client) {
    session(sandbox).send_text(r#"{"id":18446744073709551615,"event_type":201}"#);
    until(|| !client.state().borrow().is_authorized()).await;
}

/// Changes the state in all ways, each while a watcher waits.
async fn all_changes(sandbox: &BlazeAuth, client: &Client, waker: &Waker) {
    watched(client, waker, client.login_by_license(LICENSE)).await.unwrap();
    is(client, "authorized(license)").await;
    watched(client, waker, client.logout()).await.unwrap();
    is(client, "initialized").await;
    client.login_by_license(LICENSE).await.unwrap();
    watched(client, waker, lose_license(sandbox, client)).await;
    assert_eq!((sandbox.record().opened(), sandbox.record().received("initialize")), (1, 1));
    watched(client, waker, async {
        session(sandbox).cut();
        until(|| sandbox.record().opened() == 2).await;
    })
    .await;
    is(client, "initialized").await;
    assert_eq!(client.variable("motd_text").await.unwrap(), "Mind the gap");
    assert_eq!((sandbox.record().opened(), sandbox.record().received("initialize")), (2, 1));
    watched(client, waker, client.shutdown(SECOND)).await;
    is(client, "closed").await;
}

/// Asks the client for all that takes a lock, and notes the state.
struct Asking {
    client: Client,
    seen: Mutex<Vec<String>>,
}

impl Asking {
    fn of(client: &Client) -> Arc<Self> {
        Arc::new(Self { client: client.clone(), seen: Mutex::default() })
    }
}

impl Wake for Asking {
    fn wake(self: Arc<Self>) {
        let _ = (self.client.application(), self.client.throttle(), self.client.events());
        let _ = format!("{:?}", self.client);
        self.seen.lock().unwrap().push(name(&self.client.state().borrow()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_may_ask_the_client() {
    let (sandbox, client) = start().await;
    let asking = Asking::of(&client);
    all_changes(&sandbox, &client, &Waker::from(Arc::clone(&asking))).await;
    let seen = asking.seen.lock().unwrap();
    assert_eq!(seen[..3], ["authorized(license)", "initialized", "initialized"]);
    assert_eq!(seen.len(), 5, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_may_ask_the_client_while_it_connects() {
    let server = server(|peer| peer.serve()).await;
    let client = builder(&server.url).connect_lazy().unwrap();
    let asking = Asking::of(&client);
    watched(&client, &Waker::from(Arc::clone(&asking)), is(&client, "initialized")).await;
    assert_eq!(asking.seen.lock().unwrap().len(), 1);
}

/// Shuts the client down: the next change, from within this one.
struct Ending(Client);

impl Wake for Ending {
    fn wake(self: Arc<Self>) {
        let mut shutdown = pin!(self.0.shutdown(SECOND));
        let _ = shutdown.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_may_cause_the_next_change() {
    let (sandbox, client) = start().await;
    client.login_by_license(LICENSE).await.unwrap();
    let ending = Waker::from(Arc::new(Ending(client.clone())));
    watched(&client, &ending, async {
        lose_license(&sandbox, &client).await;
        is(&client, "closed").await;
    })
    .await;
    assert!(matches!(*client.state().borrow(), State::Closed { cause: None, .. }));
}

/// A waker that panics.
#[derive(Default)]
struct Rude(AtomicUsize);

impl Wake for Rude {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
        panic!("do not disturb");
    }
}

#[tokio::test]
async fn a_panic_of_a_watcher_reaches_no_other_caller() {
    let (sandbox, client) = start().await;
    let rude = Arc::new(Rude::default());
    all_changes(&sandbox, &client, &Waker::from(Arc::clone(&rude))).await;
    assert_eq!(rude.0.load(SeqCst), 5);

    let server = server(|peer| peer.serve()).await;
    let client = builder(&server.url).connect_lazy().unwrap();
    watched(&client, &Waker::from(Arc::clone(&rude)), is(&client, "initialized")).await;
    assert_eq!((rude.0.load(SeqCst), server.connections()), (6, 1));
}
