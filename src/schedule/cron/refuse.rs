//! The words for what is wrong with an expression; each points at the part it means.

use std::ops::Range;

use super::field::{FIELDS, Field};
use crate::report::nearest;
use crate::schedule::fault::Fault;

/// What a field can be written with.
const SUPPORTED: &str =
    "a field is `*`, a number, a name, `a-b`, `*/n`, `a-b/n`, `a/n`, or a list of those with `,`";

/// Marks that other programs know in their expressions, and what to write instead.
const FOREIGN: [(char, &str, &str); 5] = [
    (
        '?',
        "no day given",
        "write `*`: a day field that is `*` leaves the day to the other one",
    ),
    (
        '#',
        "the nth weekday of a month",
        "let it fire on each of them, and let the script leave on the others",
    ),
    (
        'L',
        "the last day",
        "let it fire on `28-31`, and let the script leave on the others",
    ),
    (
        'W',
        "the nearest working day",
        "let it fire on each candidate, and let the script leave on the others",
    ),
    (
        'H',
        "a time drawn by hash",
        "write a time, and spread the runs with `jitter`",
    ),
];

/// The number of fields is wrong.
pub(super) fn count(fields: usize, whole: Range<usize>) -> Fault {
    let names = FIELDS.map(|field| field.name);
    let hint = match fields {
        7 => "a year cannot be given: use `start` and `end`".into(),
        _ => format!("the fields are {}", names[1..].join(", ")),
    };
    let what = format!(
        "a cron expression has five fields, or six with seconds first, but this has {fields}"
    );
    Fault::new(what, whole).hint(hint)
}

/// A word with `@` is none of the known ones.
pub(super) fn shortcut(word: &str, whole: Range<usize>, known: &[&str]) -> Fault {
    let fault = Fault::new(format!("there is no `{word}`"), whole);
    if let Some(span) = word.strip_prefix("@every") {
        let span = span.trim();
        let span = if span.is_empty() { "15m" } else { span };
        return fault.hint(format!(
            "write `every = \"{span}\"` instead of a cron expression"
        ));
    }
    if let Some(near) = nearest(word, known.iter().copied()) {
        return fault.hint(format!("did you mean `{near}`?"));
    }
    fault.hint(format!("known are {}", known.join(", ")))
}

/// A step is no number above 0.
pub(super) fn step(text: &str, at: Range<usize>) -> Fault {
    let what = match text {
        "" => "a step wants a number after `/`".into(),
        text => format!("`{text}` is no step: it must be a number above 0"),
    };
    Fault::new(what, at)
}

/// A step leads beyond the end at once.
pub(super) fn long_step((first, last): (u8, u8), step: u32, at: Range<usize>) -> Fault {
    let what = format!("the step {step} leads beyond {last} at once: it fires at {first} only");
    Fault::new(what, at).hint(format!("write `{first}` if that is meant"))
}

/// A range runs down.
pub(super) fn backwards(field: &Field, text: &str, at: usize) -> Fault {
    let what = format!("the range `{text}` runs backwards");
    let hint = match text.split_once('-') {
        Some((from, to)) if field.is_week() => {
            format!("write two ranges: `{from}-sat,sun-{to}`")
        }
        Some((from, to)) => format!(
            "write two ranges: `{from}-{},{}-{to}`",
            field.last, field.first
        ),
        None => SUPPORTED.into(),
    };
    Fault::new(what, at..at + text.len()).hint(hint)
}

/// A number is none of the field's.
pub(super) fn beyond(field: &Field, text: &str, at: usize) -> Fault {
    let (first, last) = (field.first, field.last);
    let what = format!(
        "`{text}` is no {}: it goes from {first} to {last}",
        field.name
    );
    let fault = Fault::new(what, at..at + text.len());
    if field.is_week() {
        return fault.hint("0 is Sunday, 1 is Monday, 6 is Saturday; 7 is Sunday too");
    }
    fault
}

/// A text is neither a number nor a name.
pub(super) fn unknown(field: &Field, text: &str, at: usize) -> Fault {
    if text.is_empty() {
        let what = format!("a value is missing in the field {}", field.name);
        return Fault::new(what, at..at + 1).hint(SUPPORTED);
    }
    if let Some(fault) = foreign(field, text, at) {
        return fault;
    }
    let fault = Fault::new(
        format!("`{text}` is no {}", field.name),
        at..at + text.len(),
    );
    let short = |name: &'static str| &name[..3];
    match nearest(text, field.names.iter().copied().map(short)) {
        Some(near) => fault.hint(format!("did you mean `{near}`?")),
        None => fault.hint(SUPPORTED),
    }
}

/// Finds a mark of other programs; a letter counts only where the text is no word.
fn foreign(field: &Field, text: &str, at: usize) -> Option<Fault> {
    let text = text.to_ascii_uppercase();
    let mut letters = text.chars().filter(char::is_ascii_alphabetic);
    let is_word = letters.any(|letter| !"LWH".contains(letter));
    let marks = FOREIGN
        .iter()
        .filter(|(mark, ..)| !mark.is_alphabetic() || !is_word);
    let found = marks.filter_map(|one| Some((text.find(one.0)?, one)));
    let (offset, (mark, meaning, instead)) = found.min_by_key(|(offset, _)| *offset)?;
    let start = at + offset;
    let what = format!(
        "`{mark}` ({meaning}) is not supported, in the field {}",
        field.name
    );
    let hint = format!("{instead}; {SUPPORTED}");
    Some(Fault::new(what, start..start + 1).hint(hint))
}

/// No month that is allowed has a day that is allowed.
pub(super) fn never(whole: Range<usize>) -> Fault {
    Fault::new("it never fires: none of its months has such a day", whole)
}

/// Both day fields are given.
pub(super) fn either(at: Range<usize>) -> Fault {
    let what = "day of month and day of week are both given: it fires on either of them";
    Fault::new(what, at).hint("write `*` in one of them to go by the other alone")
}
