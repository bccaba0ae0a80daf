//! A whole expression: five fields, six with seconds first, or a word such as `@daily`.
//!
//! Where both day fields are given, either will do. A day field counts as given when it is written
//! as anything but `*` or `*/1`, so that `*/2` in the one and `mon` in the other fire on odd days and
//! on Mondays (Vixie's cron takes a leading `*` for none given, and would want both).

use ::cron::Schedule;

use super::evaluate::{Locals, convert, seconds_of_hour};
use super::field::{FIELDS, Values};
use super::refuse;
use crate::schedule::fault::Fault;

/// Words that stand for an expression.
const WORDS: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// The word for each start of the daemon; it stands for no times.
pub(in crate::schedule) const REBOOT: &str = "@reboot";

/// A cron expression that was found right.
#[derive(Clone, Debug)]
pub struct Cron {
    text: String,
    /// What the `cron` crate evaluates: the hours; two where either day will do.
    hours: Vec<Schedule>,
    /// The seconds of an hour at which it fires.
    seconds: Vec<u16>,
    is_interval: bool,
    warnings: Vec<Fault>,
}

impl PartialEq for Cron {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl std::fmt::Display for Cron {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl Cron {
    /// Reads an expression; a fault points at the part that is wrong.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let mut words = words(text);
        let whole = words.first().map_or(0, |(at, _)| *at)..text.trim_end().len();
        if words.first().is_some_and(|(_, word)| word.starts_with('@')) {
            words = self::words(meaning(text.trim(), whole.clone())?);
        }
        if !(FIELDS.len() - 1..=FIELDS.len()).contains(&words.len()) {
            return Err(refuse::count(words.len(), whole));
        }
        let mut warnings = Vec::new();
        let values = read(&words, &mut warnings)?;
        let is_either = !values[3].is_star && !values[5].is_star;
        if is_either {
            let day = words[words.len() - 3].0;
            warnings.push(refuse::either(day..whole.end));
        }
        let cron = Self {
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
            hours: convert(&values, is_either, &whole)?,
            seconds: seconds_of_hour(values[0], values[1]),
            is_interval: values[..3].iter().any(|field| field.is_rhythm),
            warnings,
        };
        match cron.after(-1).next() {
            Some(_) => Ok(cron),
            None => Err(refuse::never(whole)),
        }
    }

    /// Returns what is odd about it, though it has a meaning.
    pub fn warnings(&self) -> &[Fault] {
        &self.warnings
    }

    /// Returns whether it means a rhythm rather than times of day: its second, minute or hour is
    /// written with a `*` or a step.
    pub fn is_interval(&self) -> bool {
        self.is_interval
    }

    /// Returns the local times after one, as seconds since 1970 as if they were UTC; they end with
    /// the year 2100.
    pub(in crate::schedule) fn after(&self, local: i64) -> Locals<'_> {
        Locals::new(&self.hours, &self.seconds, local)
    }
}

/// Returns the words of a line, each with the byte at which it stands.
fn words(line: &str) -> Vec<(usize, &str)> {
    let start = |word: &str| word.as_ptr().addr() - line.as_ptr().addr();
    line.split_whitespace()
        .map(|word| (start(word), word))
        .collect()
}

/// Returns the fields that a word stands for.
fn meaning(word: &str, whole: std::ops::Range<usize>) -> Result<&'static str, Fault> {
    let found = WORDS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(word));
    found.map(|(_, line)| *line).ok_or_else(|| {
        let known: Vec<_> = WORDS
            .iter()
            .map(|(known, _)| *known)
            .chain([REBOOT])
            .collect();
        refuse::shortcut(word, whole, &known)
    })
}

/// Reads the fields; without one for seconds, it is second 0.
fn read(words: &[(usize, &str)], warnings: &mut Vec<Fault>) -> Result<[Values; 6], Fault> {
    let mut values = [Values::default(); 6];
    let given = FIELDS.len() - words.len();
    for missing in 0..given {
        values[missing] = FIELDS[missing].read("0", 0, warnings)?;
    }
    for (index, (at, word)) in words.iter().enumerate() {
        values[given + index] = FIELDS[given + index].read(word, *at, warnings)?;
    }
    Ok(values)
}
