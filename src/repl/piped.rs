//! Inputs from a pipe: line by line, without prompt and colour, up to the first that fails.

use std::io::{BufRead, Write};

use super::shell::{Next, Shell, Trouble};
use crate::report::Problem;
use crate::report::exit::{self, Exit};
use crate::script::Session;

/// Works through the inputs of a pipe, and returns the exit code of the first that fails.
pub(super) fn work(mut shell: Shell, lines: impl BufRead) -> Exit {
    let mut input = String::new();
    for line in lines.lines() {
        let line = match line {
            Ok(line) => line,
            Err(fault) => return told(&shell, &unreadable(&fault).into()),
        };
        input.push_str(&line);
        if is_begun(&input) {
            input.push('\n');
            continue;
        }
        match take(&mut shell, &input) {
            Ok(Next::Go) => input.clear(),
            Ok(Next::Leave) => return exit::OK,
            Err(exit) => return exit,
        }
    }
    // What was only begun is told as what it is.
    take(&mut shell, &input).map_or_else(|exit| exit, |_| exit::OK)
}

fn is_begun(input: &str) -> bool {
    !input.starts_with([':', '?']) && Session::wants_more(input)
}

fn take(shell: &mut Shell, input: &str) -> Result<Next, Exit> {
    shell.input(input).map_err(|trouble| told(shell, &trouble))
}

/// Tells what went wrong, and returns the exit code that goes with it.
fn told(shell: &Shell, trouble: &Trouble) -> Exit {
    _ = writeln!(anstream::stderr(), "{}", shell.told(trouble, false));
    match trouble {
        Trouble::Failed(problem, _) => exit::of(problem.kind),
        Trouble::Interrupted => exit::INTERRUPTED,
    }
}

fn unreadable(fault: &std::io::Error) -> Problem {
    Problem::usage("cannot read the next input")
        .cause(fault)
        .hint("inputs are UTF-8 text, one a line")
}
