//! Reads a line that answers a question, so that the reading itself can be stopped.

use std::time::Duration;

use super::interrupt::Interrupt;
use crate::run::Reply;

/// How long a look at the terminal takes before the interrupt is looked at again.
const LOOK: Duration = Duration::from_millis(50);

/// Reads a line from the terminal, for no longer than `patience`.
pub fn read_line(interrupt: &Interrupt, patience: Option<Duration>) -> Result<String, Reply> {
    let reader = interrupt.reader();
    let mut waited = Duration::ZERO;
    loop {
        let is_ready = is_ready(LOOK);
        if reader.is_over() {
            return Err(Reply::Nobody);
        }
        if is_ready {
            break;
        }
        waited += LOOK;
        if patience.is_some_and(|patience| waited >= patience) {
            return Err(Reply::TooLate);
        }
    }
    let mut line = String::new();
    match std::io::stdin().read_line(&mut line) {
        Ok(1..) => Ok(line.trim().to_owned()),
        Ok(0) | Err(_) => Err(Reply::Nobody),
    }
}

/// Returns whether a line has been typed, after a look of this length.
#[cfg(unix)]
fn is_ready(look: Duration) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let look = Timespec::try_from(look).ok();
    let stdin = std::io::stdin();
    let polled = poll(&mut [PollFd::new(&stdin, PollFlags::IN)], look.as_ref());
    // A signal ends a look early; anything else will be told by the read.
    polled.map_or_else(|fault| fault != rustix::io::Errno::INTR, |ready| ready > 0)
}

/// Elsewhere nobody can tell, so the read waits.
#[cfg(not(unix))]
fn is_ready(_: Duration) -> bool {
    true
}
