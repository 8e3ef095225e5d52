//! Time limits, size limits, rate limits, backoff and retry rules: plain values and pure logic.
//!
//! Nothing here does I/O, reads a clock or generates random numbers: both are passed in, so every decision can be
//! tested and reproduced. Each field's documentation ends with its default.

mod backoff;
mod connect_options;
mod limits;
mod proxy;
mod rate;
mod reconnecting;
mod retry;
mod timeouts;

pub use backoff::Backoff;
pub use connect_options::ConnectOptions;
pub use limits::Limits;
pub use proxy::Proxy;
#[cfg(feature = "http")]
pub(crate) use proxy::basic;
#[cfg(feature = "ws")]
pub(crate) use proxy::host_and_port;
#[cfg(any(feature = "http", feature = "rpc"))]
pub(crate) use rate::HeldBack;
pub use rate::{RateLimit, TokenBucket};
pub use reconnecting::{Attempts, Reconnecting};
pub use retry::{Repeat, Retry};
pub use timeouts::Timeouts;

/// Defines `with_FIELD` for each field of a policy. The structs are `#[non_exhaustive]`, so that fields can be added.
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
