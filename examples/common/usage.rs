//! Command-line arguments of all services.

use std::time::Duration;

/// The end of a help text.
pub(crate) const EXIT_STATUS: &str = "\
Results go to standard output, errors to standard error.

Exit status:
  0  done
  1  not found: a key, or what the server says does not exist
  2  wrong usage
  3  refused by this client before anything was sent
  4  the server refused, by an answer or by closing the session with a code of its own
  5  no connection, or the connection was lost
  6  time ran out
  7  the server's reply cannot be understood, or a local file cannot be read or written";

/// Parses a time limit.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(limit) if !limit.is_zero() => Ok(limit),
        _ => Err("not a positive number of seconds".to_owned()),
    }
}
