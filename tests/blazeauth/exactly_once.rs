//! Connections are lost at every point, by the hundred: what was asked for is carried out once, or the caller is told.

use crate::service::*;
use futures_util::future::join_all;
use statuswire::Error;
use statuswire::blazeauth::{Client, State};
use statuswire::error::Delivery;
use statuswire_sandbox::{BlazeAuth, ConnectFault, Fault};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A choice that is the same in every run: true in one of `cases` cases.
fn one_in(cases: u64, of: impl Hash) -> bool {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish().is_multiple_of(cases)
}

/// Loses connections before and after packets, before upgrades, and keeps replies back.
fn trouble(sandbox: &BlazeAuth, seed: u64) {
    let after = Fault::any().when(move |call| one_in(7, (seed, call.connection, call.id, "after")));
    sandbox.fault(after.drop_connection().carried_out());
    let before = Fault::any().when(move |call| one_in(11, (seed, call.connection, call.id, "before")));
    sandbox.fault(before.drop_connection());
    // Whose reply never comes waits until somebody else loses the connection.
    let silent =
        Fault::any().when(move |call| call.connection < 20 && one_in(5, (seed, call.connection, call.id, "-")));
    sandbox.fault(silent.silence().carried_out());
    for connection in (2..400).filter(|connection| one_in(9, (seed, connection))) {
        sandbox.fault(ConnectFault::upgrade().connection(connection).drop_connection());
    }
}

/// Cuts what connections there are, again and again.
async fn cutting(sandbox: &BlazeAuth) {
    loop {
        tokio::time::sleep(SECOND / 10).await;
        sandbox.sessions().iter().for_each(|session| session.cut());
    }
}

async fn ask(client: &Client, calls: usize) -> Vec<Result<(), Error>> {
    let keys: Vec<_> = (0..calls).map(|number| format!("k{}", number % 60)).collect();
    let store = client.store();
    join_all(keys.iter().map(|key| store.set(key, "v", None))).await
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_resumed_again_and_again() {
    for seed in 0..5 {
        let (sandbox, client) = start().await;
        let client = client.with_timeout(3600 * SECOND);
        trouble(&sandbox, seed);
        for round in 0..10 {
            let results = tokio::select! {
                results = ask(&client, 30) => results,
                () = cutting(&sandbox) => unreachable!(),
            };
            assert!(results.iter().all(Result::is_ok), "{seed} {round}: {results:?}");
        }
        let record = sandbox.record();
        let carried_out: Vec<_> = (2..302).map(|id| record.executed_id(id)).collect();
        assert!(carried_out.iter().all(|times| *times == 1), "{seed}: {carried_out:?}");
        assert!(record.opened() > 10, "there was trouble: {}", record.opened());
        assert_eq!(record.received("initialize"), 1);
    }
}

/// Sessions end in between: what the caller is told is what happened.
#[tokio::test(start_paused = true)]
async fn sessions_that_cannot_be_resumed_are_told_truly() {
    for seed in 0..5 {
        let (sandbox, client) = start().await;
        let client = client.with_timeout(3600 * SECOND);
        trouble(&sandbox, seed);
        let (mut done, mut failed) = (0, 0);
        for round in 0..20 {
            sandbox.configure(|settings| settings.fail_resumption = round % 2 == 1);
            let results = tokio::select! {
                results = ask(&client, 15) => results,
                () = cutting(&sandbox) => unreachable!(),
            };
            for result in results {
                match result {
                    Ok(()) => done += 1,
                    Err(error) => {
                        assert_eq!(error.delivery(), Delivery::MaybeSent, "{error:?}");
                        failed += 1;
                    }
                }
            }
        }
        let record = sandbox.record();
        for id in 1..=record.total_received() {
            assert!(record.executed_id(id) <= 1, "{seed}: {id}");
        }
        assert!(record.executed("set_session_value") >= done, "what succeeded was carried out");
        assert!(failed > 0 && done > 50, "{failed} {done}");
    }
}

/// The same with real threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_threads() {
    let (sandbox, client) = start().await;
    trouble(&sandbox, 99);
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { ask(&client, 20).await })
        })
        .collect();
    let all = async {
        for task in tasks {
            assert!(crate::support::within(task).await.unwrap().iter().all(Result::is_ok));
        }
    };
    tokio::select! {
        () = all => {}
        () = cutting(&sandbox) => unreachable!(),
    }
    assert!((2..202).all(|id| sandbox.record().executed_id(id) == 1));
    crate::support::within(state(&client, State::is_ready)).await;
}
