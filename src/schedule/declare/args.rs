//! The arguments that a declaration gives to its runs, judged by those that the script takes.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::document::{Entry, Fields};
use super::read::{Declaration, TIMINGS};
use crate::report::{Problem, nearest};
use crate::script::{Argument, Header};

/// Returns the arguments as the command line would give them.
pub(super) fn given(fields: &Fields<'_>) -> Result<Vec<(String, String)>, Problem> {
    let Some(entry) = fields.entry("args") else {
        return Ok(Vec::new());
    };
    let document = fields.document;
    let table = entry.get_ref().as_table();
    let table = table.ok_or_else(|| document.wrong("args", entry, "a table"))?;
    let one = |(name, value): (&Spanned<Cow<'_, str>>, &Entry<'_>)| {
        let name = name.get_ref();
        let text = plain(value.get_ref());
        let wrong = || {
            document.wrong(
                name,
                value,
                "text, a number, true or false, a time, or a list of those",
            )
        };
        Ok((name.to_string(), text.ok_or_else(wrong)?))
    };
    table.iter().map(one).collect()
}

fn plain(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => {
            let number = i64::from_str_radix(number.as_str(), number.radix());
            Some(number.ok()?.to_string())
        }
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Datetime(time) => Some(time.to_string()),
        DeValue::Array(items) => {
            let items = items.iter().map(|item| match item.get_ref() {
                DeValue::Array(_) => None,
                value => plain(value),
            });
            Some(items.collect::<Option<Vec<_>>>()?.join(","))
        }
        DeValue::Table(_) => None,
    }
}

/// Refuses arguments that the script does not take, and such that it wants and does not get.
pub(super) fn fitting(
    fields: &Fields<'_>,
    declaration: &Declaration,
    header: &Header,
) -> Result<(), Problem> {
    let script = &declaration.script;
    for (name, text) in &declaration.args {
        let at = span(fields, name);
        let argument = header.args.iter().find(|argument| argument.name == *name);
        let Some(argument) = argument else {
            let what = format!("`{script}` has no argument `{name}`");
            let problem = fields.document.fault(at, what);
            let known = header.args.iter().map(|argument| argument.name.as_str());
            return Err(match nearest(name, known) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem,
            });
        };
        argument.accept(text).map_err(|what| {
            let what = format!("the argument `{name}` {what}");
            fields.document.fault(at, what)
        })?;
    }
    let is_given = |name: &str| declaration.args.iter().any(|(given, _)| given == name);
    // The environment of the daemon may give what is not here.
    let is_missing = |argument: &&Argument| {
        argument.required && argument.env.is_none() && !is_given(&argument.name)
    };
    let Some(missing) = header.args.iter().find(is_missing) else {
        return Ok(());
    };
    let what = format!("`{script}` wants the argument `{}`", missing.name);
    let problem = fields.document.fault(whole(fields), what);
    Err(problem.hint("nobody is there to give it: write it in `args`"))
}

/// Returns where the value of an argument stands.
fn span(fields: &Fields<'_>, name: &str) -> Range<usize> {
    let args = fields.entry("args");
    let table = args.and_then(|args| args.get_ref().as_table());
    let value = table.and_then(|table| table.get(name)).or(args);
    value.map(Spanned::span).unwrap_or_default()
}

/// Returns the part of a declaration that stands for the whole.
fn whole(fields: &Fields<'_>) -> Range<usize> {
    let keys = ["args", "script"].into_iter().chain(TIMINGS);
    let entry = keys.into_iter().find_map(|key| fields.entry(key));
    entry.map(Spanned::span).unwrap_or_default()
}
