//! Ranges of positions.

use crate::error::Error;
use std::ops::{Bound, RangeBounds};

/// The positions from `start` up to, but without, `stop`; or to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) stop: Option<u64>,
}

impl Span {
    pub(super) fn new(range: impl RangeBounds<u64>) -> Self {
        let start = match range.start_bound() {
            Bound::Included(start) => *start,
            Bound::Excluded(before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let stop = match range.end_bound() {
            // No position follows the greatest number.
            Bound::Included(last) => last.checked_add(1),
            Bound::Excluded(stop) => Some(*stop),
            Bound::Unbounded => None,
        };
        Self { start, stop }
    }

    /// Refuses a range that runs backwards: clearing one brings the server down.
    pub(super) fn checked(self) -> Result<Self, Error> {
        match self.stop {
            Some(stop) if self.start > stop => Err(Error::invalid_request(format!(
                "the range {}..{stop} runs backwards, and the server crashes when told to clear such a range: give the \
                 smaller position first",
                self.start
            ))),
            _ => Ok(self),
        }
    }

    pub(super) fn is_empty(self) -> bool {
        self.stop.is_some_and(|stop| stop <= self.start)
    }

    /// Returns how many positions it has, if it has an end.
    pub(super) fn count(self) -> Option<usize> {
        let count = self.stop?.saturating_sub(self.start);
        Some(usize::try_from(count).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_range() {
        let span = |start, stop| Span { start, stop };
        assert_eq!(Span::new(2..5), span(2, Some(5)));
        assert_eq!(Span::new(2..=5), span(2, Some(6)));
        assert_eq!(Span::new(..5), span(0, Some(5)));
        assert_eq!(Span::new(2..), span(2, None));
        assert_eq!(Span::new(..), span(0, None));
        assert_eq!(Span::new(1..=u64::MAX), span(1, None));
        assert_eq!(Span::new((Bound::Excluded(2), Bound::Unbounded)), span(3, None));
        assert!(Span::new(3..3).is_empty() && !Span::new(3..).is_empty());
        assert_eq!(Span::new(3..7).count(), Some(4));
        let (five, two) = (5, 2);
        assert!(Span::new(five..two).checked().is_err() && Span::new(two..five).checked().is_ok());
    }
}
