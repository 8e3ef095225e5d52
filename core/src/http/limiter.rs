//! The rate limit of a client.

use super::deadline::Deadline;
use super::wire::Wire;
use crate::error::{Cause, Delivery, Error, Phase};
use crate::policy::{HeldBack, RateLimit, TokenBucket};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::{Instant, sleep_until};

pub(super) struct Limiter {
    limit: RateLimit,
    bucket: Mutex<TokenBucket>,
}

impl Limiter {
    pub(super) fn new(limit: RateLimit) -> Self {
        Self { limit, bucket: Mutex::new(TokenBucket::new(limit)) }
    }

    fn bucket(&self) -> MutexGuard<'_, TokenBucket> {
        // Each change is complete, also if a panic follows it.
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wire {
    /// Waits for the rate limit, and returns the deadline of the call: the default one restarts afterwards.
    pub(super) async fn turn(&self, deadline: Deadline, is_default: bool) -> Result<Deadline, Error> {
        let Some(limiter) = &self.limiter else { return Ok(deadline) };
        let now = Instant::now();
        let at = {
            let mut bucket = limiter.bucket();
            let next = Instant::from_std(bucket.next(now.into_std()));
            if !is_default && deadline.is_before(next) {
                let late = Error::new(Cause::Timeout(Phase::Queue), Delivery::NotSent);
                return Err(late.with_source(Arc::new(HeldBack(limiter.limit))));
            }
            Instant::from_std(bucket.reserve(now.into_std()))
        };
        if at <= now {
            return Ok(deadline);
        }
        sleep_until(at).await;
        Ok(if is_default { Deadline::after(at, self.timeouts.call) } else { deadline })
    }

    /// Counts a request that does not wait for the rate limit.
    pub(super) fn pay(&self) {
        if let Some(limiter) = &self.limiter {
            limiter.bucket().take_anyway(Instant::now().into_std());
        }
    }
}
