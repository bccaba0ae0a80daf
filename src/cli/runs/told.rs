//! What a command that changes something says of it: a line for people, a value for programs.

use std::io::Write;

use serde_json::Value;

use crate::cli::command::{Context, Format};
use crate::cli::output;

/// Says what was done: for people on stderr, for programs on stdout.
pub(in crate::cli) fn tell(context: &Context, value: Value, line: &str) {
    match context.global.output {
        Format::Json => output::show(value, None, Format::Json),
        // A closed pipe is the reader's choice.
        Format::Text | Format::Table => _ = writeln!(anstream::stderr(), "{line}"),
    }
}

/// Says something beside the result.
pub(in crate::cli) fn note(line: &str) {
    _ = writeln!(anstream::stderr(), "{line}");
}
