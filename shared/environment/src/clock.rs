use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;

/// The present time. Clones share one offset, so that moving one of them moves all.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_milliseconds: Arc<AtomicI64>,
}

impl Clock {
    /// The operating system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// The present time, to the millisecond.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system clock")]
        let system = Timestamp::now().as_millisecond();
        Timestamp::from_millisecond(system.saturating_add(self.offset_milliseconds.load(Ordering::Relaxed)))
            .unwrap_or(Timestamp::MAX)
    }

    /// The present time in whole seconds since 1970, the unit of every expiry in the tables.
    #[must_use]
    pub fn now_seconds(&self) -> i64 {
        self.now().as_second()
    }

    /// Moves this clock and its clones forward. Only the local stack and tests have a reason to.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX / 2);
        self.offset_milliseconds.fetch_add(by, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_move_together() {
        let clock = Clock::system();
        let before = clock.clone().now();
        clock.clone().advance(Duration::from_mins(1));
        assert!(clock.now().duration_since(before).as_secs() >= 60);
    }
}
