//! The session against the simulator, without a terminal.
