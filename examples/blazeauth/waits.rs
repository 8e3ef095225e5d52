//! Waits for the rate limit.

use crate::note::note;
use statuswire::blazeauth::Client;
use std::pin::pin;
use std::time::Duration;
use tokio::time::sleep;

/// Waits that are shorter are not told.
const SOON: Duration = Duration::from_secs(1);

/// Runs calls to their end. Tells each time the rate limit holds them back.
pub(crate) async fn telling_waits<T>(client: &Client, calls: impl Future<Output = T>) -> T {
    let mut calls = pin!(calls);
    let mut told = 0;
    loop {
        tokio::select! {
            result = &mut calls => return result,
            () = sleep(SOON) => {}
        }
        if let Some(throttle) = client.throttle().filter(|throttle| throttle.delayed > told)
            && let Some(wait) = throttle.next
        {
            told = throttle.delayed;
            let seconds = wait.as_secs() + 1;
            note(format_args!("note: the limit of {} is used up; this goes on in {seconds} s", throttle.limit));
        }
    }
}
