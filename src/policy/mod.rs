//! Time limits, size limits, rate limits, backoff and retry rules: plain values and pure logic.
//!
//! Nothing here does I/O, reads a clock or rolls dice: time and random numbers are passed in, so every decision can be
//! tested and repeated. Each field's documentation ends with its default.

mod backoff;
mod connect_options;
mod limits;
mod rate;
mod reconnecting;
mod retry;
mod timeouts;

pub use backoff::Backoff;
pub use connect_options::ConnectOptions;
pub use limits::Limits;
pub use rate::{RateLimit, TokenBucket};
pub use reconnecting::{Attempts, Reconnecting};
pub use retry::{Repeat, Retry};
pub use timeouts::Timeouts;

/// Writes `with_FIELD` for each field of a policy: the structs are `#[non_exhaustive]`, so that they can grow.
macro_rules! setters {
    ($policy:ident { $($field:ident = $setter:ident: $type:ty,)+ }) => {
        impl $policy {
            $(
                #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
                #[must_use]
                pub const fn $setter(mut self, $field: $type) -> Self {
                    self.$field = $field;
                    self
                }
            )+
        }
    };
}
use setters;
