//! User code whose panic must not affect other callers.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a waker, a destructor or a hook of the user. Its panic ends here: the panic hook has reported it, the caller of
/// this function has more calls to answer, and a second panic during unwinding would abort the process.
pub(crate) fn contained(work: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(work)) {
        // Its destructor may panic, too.
        std::mem::forget(payload);
    }
}
