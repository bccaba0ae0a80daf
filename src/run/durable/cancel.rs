//! An order to cancel, between whoever gives it and the run. A run that still repeats its record goes
//! on to the end of it first, so that it knows every clean-up that its script has registered.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

/// Whether a run shall be cancelled, and whether its record is behind it.
#[derive(Debug, Default)]
pub(super) struct Cancel {
    is_ordered: AtomicBool,
    is_live: AtomicBool,
}

impl Cancel {
    /// Returns the order of a run that was cancelled before it was taken up.
    pub(super) fn ordered() -> Self {
        let cancel = Self::default();
        cancel.is_ordered.store(true, SeqCst);
        cancel
    }

    /// Orders it; returns whether the run must be stopped for that: not when it was ordered before,
    /// and not while the run repeats its record, for then it stops by itself.
    pub(super) fn order(&self) -> bool {
        !self.is_ordered.swap(true, SeqCst) && self.is_live.load(SeqCst)
    }

    /// Notes that the record is behind the run: from now on it is stopped from outside.
    pub(super) fn go_live(&self) {
        self.is_live.store(true, SeqCst);
    }

    /// Returns whether the run shall stop at its first effect that is not recorded.
    pub(super) fn leave_record(&self) -> bool {
        self.go_live();
        self.is_ordered.load(SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_stopped_once_by_itself_or_from_outside() {
        let early = Cancel::default();
        assert!(!early.order(), "it stops by itself");
        assert!(early.leave_record());
        assert!(!early.order(), "twice is once");

        let late = Cancel::default();
        assert!(!late.leave_record());
        assert!(late.order());
        assert!(!late.order(), "its clean-up must not be stopped");

        assert!(!Cancel::ordered().order());

        let idle = Cancel::default();
        idle.go_live();
        assert!(idle.order(), "a run without any effect is stopped too");
    }
}
