//! Calls while somebody waits for them.

use crate::failure::Failure;

/// Exit status after ctrl-c.
pub(crate) const STOPPED: u8 = 130;

/// Waits for a result. Ctrl-c ends the wait.
pub(crate) async fn attended<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::select! {
        result = work => result,
        Ok(()) = tokio::signal::ctrl_c() => Err(stopped()),
    }
}

/// Returns the failure that ctrl-c is.
pub(crate) fn stopped() -> Failure {
    Failure::Other("stopped by ctrl-c".to_owned(), STOPPED)
}
