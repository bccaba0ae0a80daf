//! What the system tells the daemon.

use crate::report::{Problem, ProblemKind};

/// What is wanted of the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// It shall end.
    End,
    /// It shall read the declarations again.
    Reload,
}

/// The signals of the system.
#[cfg(unix)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Takes the signals from now on.
    pub(super) fn listen() -> Result<Self, Problem> {
        use tokio::signal::unix::{SignalKind, signal};
        let take = |kind| signal(kind).map_err(|fault| unheard(&fault));
        Ok(Self {
            interrupt: take(SignalKind::interrupt())?,
            terminate: take(SignalKind::terminate())?,
            hang_up: take(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::End,
            _ = self.terminate.recv() => Signal::End,
            _ = self.hang_up.recv() => Signal::Reload,
        }
    }

    /// Waits for one that wants the end.
    pub(super) async fn end(&mut self) {
        while self.next().await != Signal::End {}
    }
}

/// The signals of the system.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Takes the signals from now on.
    pub(super) fn listen() -> Result<Self, Problem> {
        Ok(Self)
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) -> Signal {
        _ = tokio::signal::ctrl_c().await;
        Signal::End
    }

    /// Waits for one that wants the end.
    pub(super) async fn end(&mut self) {
        self.next().await;
    }
}

#[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has signals to take"))]
fn unheard(fault: &std::io::Error) -> Problem {
    Problem::new(ProblemKind::Bug, "signals cannot be taken").cause(fault)
}
