//! The last value, or that of an input, in another form.

use super::needed;
use crate::repl::shell::{Form, Next, Shell, Shown, Trouble};
use crate::repl::show;
use crate::report::Problem;

/// Shows a value as JSON.
pub(super) fn json(shell: &mut Shell, input: &str) -> Result<Next, Trouble> {
    show_as(shell, input, Form::Json)
}

/// Shows a value as a table.
pub(super) fn table(shell: &mut Shell, input: &str) -> Result<Next, Trouble> {
    show_as(shell, input, Form::Table)
}

/// Writes the last value to a file.
pub(super) fn csv(shell: &mut Shell, file: &str) -> Result<Next, Trouble> {
    let file = needed(file, "csv")?;
    let Shown::Value(value, endpoint) = last(shell)? else {
        return Err(no_value().into());
    };
    let content = show::csv(&shell.masked(&value), endpoint)?;
    shell.face.project.write(file, &content)?;
    let count = value.as_array().map_or(1, Vec::len);
    shell.tell(&format!("{count} rows are in {file}"));
    Ok(Next::Go)
}

fn show_as(shell: &mut Shell, input: &str, form: Form) -> Result<Next, Trouble> {
    let (shown, next) = match input {
        "" => (last(shell)?, Next::Go),
        input => shell.evaluate(input)?,
    };
    shell.show_as(&shown, form);
    Ok(next)
}

fn last(shell: &Shell) -> Result<Shown, Problem> {
    let value = shell.session.value("_").ok_or_else(no_value)?;
    Ok(Shown::Value(value, shell.endpoint))
}

fn no_value() -> Problem {
    Problem::usage("there is no last value that could be shown so").hint("evaluate something first")
}
