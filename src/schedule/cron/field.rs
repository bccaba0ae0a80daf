//! One field of an expression: which values it may hold, and which of them a text names.

use super::refuse;
use crate::schedule::fault::Fault;

/// A field of an expression.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) first: u8,
    pub(super) last: u8,
    /// Names of the values, from the first one on.
    pub(super) names: &'static [&'static str],
}

/// The fields, in their order; the first may be left out.
pub(super) const FIELDS: [Field; 6] = [
    Field::of("second", 0, 59, &[]),
    Field::of("minute", 0, 59, &[]),
    Field::of("hour", 0, 23, &[]),
    Field::of("day of month", 1, 31, &[]),
    Field::of("month", 1, 12, &MONTHS),
    Field::of("day of week", 0, 6, &WEEKDAYS),
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The days of the week, from Sunday.
pub(super) const WEEKDAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

/// The values that a field allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Values {
    bits: u64,
    /// Whether the text is `*`, or the same with a step of 1.
    pub(super) is_star: bool,
    /// Whether the text holds a `*` or a step: it means a rhythm rather than a time.
    pub(super) is_rhythm: bool,
}

impl Values {
    /// Returns the values, from the lowest.
    pub(super) fn iter(self) -> impl Iterator<Item = u8> {
        (0..64).filter(move |value| self.bits & (1 << value) != 0)
    }
}

impl Field {
    const fn of(name: &'static str, first: u8, last: u8, names: &'static [&'static str]) -> Self {
        Self {
            name,
            first,
            last,
            names,
        }
    }

    /// Returns whether the values allow all that the field can hold.
    pub(super) fn is_full(&self, values: Values) -> bool {
        values.iter().count() == usize::from(self.last - self.first) + 1
    }

    /// Reads the text of the field, which starts at byte `at` of the expression; what is odd, but
    /// has a meaning, is added to the warnings.
    pub(super) fn read(
        &self,
        text: &str,
        at: usize,
        warnings: &mut Vec<Fault>,
    ) -> Result<Values, Fault> {
        let mut values = Values {
            bits: 0,
            is_star: matches!(text, "*" | "*/1"),
            is_rhythm: text.contains(['*', '/']),
        };
        let mut start = at;
        for part in text.split(',') {
            let (range, step) = self.part(part, start)?;
            if u32::from(range.1 - range.0) < step && step > 1 {
                warnings.push(refuse::long_step(range, step, start..start + part.len()));
            }
            let step = usize::try_from(step).unwrap_or(usize::MAX);
            for value in (range.0..=range.1).step_by(step) {
                values.bits |= 1 << self.plain(value);
            }
            start += part.len() + 1;
        }
        Ok(values)
    }

    /// Reads `*`, `a`, `a-b`, and each of them with a step; gives the first value, the last, and
    /// the step.
    fn part(&self, part: &str, at: usize) -> Result<((u8, u8), u32), Fault> {
        let Some((range, step)) = part.split_once('/') else {
            return Ok((self.range(part, at)?, 1));
        };
        let step_at = at + range.len() + 1;
        let steps = whole(step).filter(|steps| *steps > 0);
        let steps =
            steps.ok_or_else(|| refuse::step(step, at + range.len()..step_at + step.len()))?;
        let (first, last) = self.range(range, at)?;
        if range == "*" || range.contains('-') {
            return Ok(((first, last), steps));
        }
        Ok(((self.plain(first), self.last), steps))
    }

    fn range(&self, text: &str, at: usize) -> Result<(u8, u8), Fault> {
        if text == "*" {
            return Ok((self.first, self.last));
        }
        let Some((from, to)) = text.split_once('-') else {
            let value = self.value(text, at)?;
            return Ok((value, value));
        };
        let first = self.value(from, at)?;
        let mut last = self.value(to, at + from.len() + 1)?;
        // A week may end with its Sunday: `fri-sun`.
        if self.is_week() && last == 0 && first > 0 && !to.starts_with('0') {
            last = 7;
        }
        if first > last {
            return Err(refuse::backwards(self, text, at));
        }
        Ok((first, last))
    }

    fn value(&self, text: &str, at: usize) -> Result<u8, Fault> {
        let number = whole(text).map(|number| u8::try_from(number).unwrap_or(u8::MAX));
        let highest = if self.is_week() { 7 } else { self.last };
        match number {
            Some(number) if (self.first..=highest).contains(&number) => Ok(number),
            Some(_) => Err(refuse::beyond(self, text, at)),
            None => self
                .named(text)
                .ok_or_else(|| refuse::unknown(self, text, at)),
        }
    }

    /// Returns the value of a name, whole or by its first three letters.
    fn named(&self, text: &str) -> Option<u8> {
        let text = text.to_ascii_lowercase();
        let index = self
            .names
            .iter()
            .position(|name| *name == text || (text.len() == 3 && name.starts_with(&text)))?;
        Some(self.first + u8::try_from(index).ok()?)
    }

    /// Returns the value that stands for this one: Sunday is 7 as well as 0.
    fn plain(&self, value: u8) -> u8 {
        if self.is_week() { value % 7 } else { value }
    }

    pub(super) fn is_week(&self) -> bool {
        self.names.len() == WEEKDAYS.len()
    }
}

/// Reads a number of digits alone; one that is too long is the largest.
fn whole(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u32::MAX))
}
