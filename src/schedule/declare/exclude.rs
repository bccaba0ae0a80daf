//! The days that a declaration leaves out: dates, days of the week, and lists of holidays.
//!
//! A list of holidays is given in place, or stands in a file of the project: a day a line, its name
//! behind it, and comments after `#`.

use jiff::civil::Weekday;

use super::document::{Document, Fields, Text};
use super::read::Files;
use crate::report::{Lines, Problem, ProblemKind, nearest};
use crate::schedule::fault::Fault;
use crate::schedule::slots::{Day, Exclusion, Exclusions};

const WEEK: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// Reads what a declaration leaves out.
pub(super) fn exclusions(fields: &Fields<'_>, files: &dyn Files) -> Result<Exclusions, Problem> {
    let Some(table) = fields.table("exclude", &["dates", "weekdays", "holidays"])? else {
        return Ok(Exclusions::default());
    };
    let mut exclusions = Exclusions::default();
    holidays(&table, files, &mut exclusions)?;
    for text in table.texts("dates")? {
        let day = text.read(Day::parse)?;
        exclusions.days.insert(day, Exclusion::Day(day));
    }
    for text in table.texts("weekdays")? {
        let day = text.read(weekday)?;
        if !exclusions.weekdays.contains(&day) {
            exclusions.weekdays.push(day);
        }
    }
    if exclusions.weekdays.len() == WEEK.len() {
        let problem = table.fault("weekdays", "every day of the week is excluded");
        return Err(problem.hint("a schedule that rests can be paused"));
    }
    Ok(exclusions)
}

fn weekday(text: &str) -> Result<Weekday, Fault> {
    let wanted = text.to_lowercase();
    let is_it = |name: &str| name == wanted || name[..3] == wanted;
    if let Some((_, day)) = WEEK.iter().find(|(name, _)| is_it(name)) {
        return Ok(*day);
    }
    let fault = Fault::new(format!("`{text}` is no day of the week"), 0..text.len());
    let names = WEEK.iter().map(|(name, _)| &name[..3]);
    Err(match nearest(&wanted, names) {
        Some(near) => fault.hint(format!("did you mean `{near}`?")),
        None => fault.hint("write `mon`, `tue`, …, `sun`"),
    })
}

fn holidays(
    table: &Fields<'_>,
    files: &dyn Files,
    exclusions: &mut Exclusions,
) -> Result<(), Problem> {
    let is_file = |value: &toml::de::DeValue<'_>| value.as_str().is_some();
    if !table
        .entry("holidays")
        .is_some_and(|entry| is_file(entry.get_ref()))
    {
        for text in table.texts("holidays")? {
            add(exclusions, text.read(holiday)?);
        }
        return Ok(());
    }
    match table.text("holidays")? {
        Some(file) => read(&file, files, exclusions),
        None => Ok(()),
    }
}

/// Reads a file of holidays.
fn read(file: &Text<'_>, files: &dyn Files, exclusions: &mut Exclusions) -> Result<(), Problem> {
    let text = files.read(&file.value).map_err(|failure| {
        let mut fault = Fault::new(failure.message, 0..file.value.len());
        fault.hint = failure.hint;
        file.problem(fault)
    })?;
    let document = Document {
        name: &file.value,
        lines: &Lines::of(&text),
        kind: ProblemKind::Usage,
    };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let told = line.split('#').next().unwrap_or_default();
        let indent = told.len() - told.trim_start().len();
        if !told.trim().is_empty() {
            let found = holiday(told.trim()).map_err(|fault| {
                let at = start + indent;
                let mut problem =
                    document.fault(at + fault.at.start..at + fault.at.end, fault.what);
                problem.hints.extend(fault.hint);
                problem
            });
            add(exclusions, found?);
        }
        start += line.len();
    }
    Ok(())
}

/// Reads a day, and its name if it has one.
fn holiday(text: &str) -> Result<(Day, Exclusion), Fault> {
    let (day, name) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let name = Some(name.trim()).filter(|name| !name.is_empty());
    Ok((Day::parse(day)?, Exclusion::Holiday(name.map(Into::into))))
}

fn add(exclusions: &mut Exclusions, (day, why): (Day, Exclusion)) {
    exclusions.days.insert(day, why);
}
