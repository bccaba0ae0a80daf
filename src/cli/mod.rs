//! Reads arguments and environment, wires the parts, prints, and gives the exit code.

/// Runs the program.
pub fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
