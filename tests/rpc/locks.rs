//! Wakers, subscribers and the protocol run while no lock is held: they may ask the client.

use crate::support::setup::Setup;
use crate::support::{Lines, MS, Server, command, echo, receive, send, until, within};
use statuswire::Error;
use statuswire::policy::Limits;
use statuswire::rpc::{
    Client, Expect, Matching, Message, Outgoing, Protocol, Pushed, Routes, State, Unroutable, Window,
};
use statuswire::ws::Upgrade;
use std::borrow::Cow;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Wake, Waker};

/// Asks the client for all that takes a lock, whenever it is woken.
struct Bell {
    client: Client<Lines>,
    rang: AtomicUsize,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let _ = (self.client.throttle(), self.client.events(), self.client.one_way_failures());
        let _ = format!("{:?} {:?}", self.client, self.client.state());
        self.rang.fetch_add(1, SeqCst);
    }
}

/// Polls a future with the bell as its waker, until it is ready.
async fn ring<T>(bell: &Arc<Bell>, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let waker = Waker::from(Arc::clone(bell));
    loop {
        if let Poll::Ready(value) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        tokio::time::sleep(MS).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wakers_may_ask_the_client() {
    let server = Server::start(|mut socket, _| async move {
        let first = receive(&mut socket).await.unwrap();
        send(&mut socket, format!("!event\n{}.answered", first.seq)).await;
        echo(socket, true).await;
    })
    .await;
    // One call at a time: the second waits for room.
    let limits = Limits::default().with_calls(1);
    let client = Setup::new(&server.url, Lines::new(Matching::ById)).limits(limits).connect().await.unwrap();
    let bell = Arc::new(Bell { client: client.clone(), rang: AtomicUsize::new(0) });
    let mut events = client.events();
    let work = async {
        tokio::join!(
            ring(&bell, client.call(command("A", "1"))),
            ring(&bell, client.call(command("B", "2"))),
            ring(&bell, events.next()),
        )
    };
    let (first, second, event) = within(work).await;
    assert_eq!(first.unwrap(), "answered");
    assert_eq!(second.unwrap(), "2");
    assert_eq!(event, Some(Pushed::Event("event".to_owned())));
    assert!(bell.rang.load(SeqCst) >= 3);
    let after = client.events();
    let last = async { ring(&bell, async { { after }.next().await }).await };
    let (ended, ()) = within(futures_util::future::join(last, client.shutdown(100 * MS))).await;
    assert!(ended.is_none());
}

/// Looks at its own client's state at each change, and shuts it down at the second connection.
#[derive(Default)]
struct Watching {
    client: Arc<OnceLock<Client<Self>>>,
    seen: Arc<Mutex<Vec<(bool, bool)>>>,
}

impl Protocol for Watching {
    type Command = ();
    type Reply = Message;
    type Event = ();
    type Key = ();

    fn service(&self) -> &'static str {
        "watching"
    }
    fn matching(&self) -> Matching {
        Matching::InOrder
    }
    fn window(&self) -> Window {
        Window::commands(1)
    }
    fn command_name(&self, (): &()) -> Cow<'static, str> {
        "GO".into()
    }
    fn encode(&self, (): &(), _: u64, _: &mut Outgoing) -> Result<Expect<()>, Error> {
        Ok(Expect::one(()))
    }
    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        routes.answer((), message);
        Ok(())
    }
    fn state_changed(&self, state: &State) {
        let Some(client) = self.client.get() else { return };
        let before = client.state().borrow().is_ready();
        self.seen.lock().unwrap().push((before, state.is_ready()));
        if matches!(state, State::Waiting { .. }) {
            // The next change, from within this one.
            let waker = Waker::noop();
            let mut shutdown = pin!(client.shutdown(MS));
            let _ = shutdown.as_mut().poll(&mut Context::from_waker(waker));
        }
    }
}

impl Upgrade for Watching {}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_protocol_may_ask_its_client_when_the_state_changes() {
    let server = Server::start(|mut socket, _| async move {
        let _ = receive(&mut socket).await;
    })
    .await;
    let protocol = Watching::default();
    let (client_of, seen) = (Arc::clone(&protocol.client), Arc::clone(&protocol.seen));
    let client = Setup::new(&server.url, protocol).connect().await.unwrap();
    assert!(client_of.set(client.clone()).is_ok());
    within(client.call(())).await.unwrap_err();
    within(client.state().wait_for(State::is_closed)).await.unwrap();
    until(|| seen.lock().unwrap().len() == 3).await;
    // Waiting after ready, closing, closed: each sees the one before.
    assert_eq!(*seen.lock().unwrap(), [(true, false), (false, false), (false, false)]);
}
