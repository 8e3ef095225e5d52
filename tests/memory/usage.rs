//! Measuring what a piece of work takes by the allocator.

use crate::ALLOCATOR;

pub const KIB: usize = 1 << 10;
pub const MIB: usize = 1 << 20;

/// Bytes in use.
pub fn live() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// What was allocated since then.
pub struct Usage {
    allocated: usize,
    live: usize,
}

impl Usage {
    pub fn start() -> Self {
        Self { allocated: ALLOCATOR.stats().bytes_allocated, live: live() }
    }

    /// Bytes that were allocated in all: the peak is lower.
    pub fn allocated(&self) -> usize {
        ALLOCATOR.stats().bytes_allocated - self.allocated
    }

    /// Bytes that are still in use.
    pub fn live(&self) -> usize {
        live().saturating_sub(self.live)
    }

    #[track_caller]
    pub fn assert_allocated(&self, limit: usize) {
        let allocated = self.allocated();
        assert!(allocated <= limit, "{} KiB were allocated, more than {}", allocated / KIB, limit / KIB);
    }

    #[track_caller]
    pub fn assert_live(&self, limit: usize) {
        let live = self.live();
        assert!(live <= limit, "{} KiB are in use, more than {}", live / KIB, limit / KIB);
    }
}
