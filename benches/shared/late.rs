//! How late slots and runs were, told on standard error.

use std::io::Write as _;
use std::time::Duration;

/// Tells how late things were; nothing where only other benches were asked for.
pub(crate) fn tell(what: &str, late: &mut [Duration]) {
    if late.is_empty() {
        return;
    }
    late.sort_unstable();
    let share = |percent: usize| late[(late.len() - 1) * percent / 100];
    // A closed pipe is the reader's choice.
    _ = writeln!(
        std::io::stderr(),
        "{} {what}, late by p50 {:?}, p90 {:?}, p99 {:?}, most {:?}",
        late.len(),
        share(50),
        share(90),
        share(99),
        share(100)
    );
}
