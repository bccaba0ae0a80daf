//! Places where a test can kill this process, to see what survives.
//!
//! They stand at every border of a write. In a program that is not built for tests they are nothing.

/// Kills this process, as `SIGKILL` does, when the fail point of this name says so.
pub(crate) fn point(name: &str) {
    fail::fail_point!(name, |_| {
        #[cfg(unix)]
        {
            use rustix::process::{Signal, getpid, kill_process};
            _ = kill_process(getpid(), Signal::KILL);
        }
        // Elsewhere, and until the signal arrives.
        std::process::abort()
    });
    _ = name;
}
