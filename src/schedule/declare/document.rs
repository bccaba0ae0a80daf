//! A TOML document under the eyes of the reader: every value knows where it stands.

use std::ops::Range;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::report::{Lines, Place, Problem, ProblemKind, nearest};
use crate::schedule::fault::Fault;
use crate::script;

/// A value and where it stands.
pub(super) type Entry<'a> = Spanned<DeValue<'a>>;

/// A document that declares schedules.
#[derive(Clone, Copy)]
pub(super) struct Document<'a> {
    pub(super) name: &'a str,
    pub(super) lines: &'a Lines<'a>,
    /// The family of its problems.
    pub(super) kind: ProblemKind,
}

impl<'a> Document<'a> {
    /// Reads the document.
    pub(super) fn parse(&self) -> Result<DeTable<'a>, Problem> {
        let parsed = DeTable::parse(self.lines.text());
        parsed.map(Spanned::into_inner).map_err(|error| {
            let at = error.span().unwrap_or_default();
            let what = error.message().lines().next().unwrap_or_default();
            self.fault(at, format!("`{}` is no TOML: {what}", self.name))
        })
    }

    /// Returns a problem of a part of the document.
    pub(super) fn fault(&self, at: Range<usize>, what: impl Into<String>) -> Problem {
        Problem::new(self.kind, what).at(self.place(at))
    }

    /// Returns where a part stands; of several lines it is the first.
    pub(super) fn place(&self, at: Range<usize>) -> Place {
        self.lines.place(self.name, at)
    }

    /// Says that a value is of the wrong kind.
    pub(super) fn wrong(&self, key: &str, entry: &Entry<'_>, wanted: &str) -> Problem {
        let seen = entry.get_ref().type_str();
        self.fault(
            entry.span(),
            format!("`{key}` must be {wanted}, not {seen}"),
        )
    }
}

/// A text of a document.
pub(super) struct Text<'a> {
    pub(super) value: String,
    pub(super) at: Range<usize>,
    document: Document<'a>,
}

impl Text<'_> {
    /// Reads the text further; a fault is shown at the part of the document that it means.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Result<T, Problem> {
        read(&self.value).map_err(|fault| self.problem(fault))
    }

    /// Returns a fault of the text as a problem of the document.
    pub(super) fn problem(&self, fault: Fault) -> Problem {
        let mut problem = self.document.fault(self.part(fault.at), fault.what);
        problem.hints.extend(fault.hint);
        problem
    }

    /// Returns where a part of the text stands: the whole, where it was written with escapes.
    fn part(&self, part: Range<usize>) -> Range<usize> {
        let written = self.document.lines.text();
        let written = written.get(self.at.clone()).unwrap_or_default();
        let inside = written.get(1..written.len().saturating_sub(1));
        if inside != Some(&self.value) || part.is_empty() {
            return self.at.clone();
        }
        let start = self.at.start + 1;
        start + part.start..start + part.end
    }
}

/// A table of a document that holds known keys only.
pub(super) struct Fields<'a> {
    pub(super) document: Document<'a>,
    table: &'a DeTable<'a>,
}

impl<'a> Fields<'a> {
    /// Returns the fields of a table; `what` names the table in messages.
    pub(super) fn of(
        document: Document<'a>,
        table: &'a DeTable<'a>,
        what: &str,
        keys: &[&str],
    ) -> Result<Self, Problem> {
        let known = |key: &str| keys.contains(&key);
        let unknown = table.keys().find(|key| !known(key.get_ref()));
        let Some(key) = unknown else {
            return Ok(Self { document, table });
        };
        let said = format!("{what} has no key `{}`", key.get_ref());
        let problem = document.fault(key.span(), said);
        Err(match nearest(key.get_ref(), keys.iter().copied()) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem.hint(format!("the keys are {}", keys.join(", "))),
        })
    }

    /// Returns a value.
    pub(super) fn entry(&self, key: &str) -> Option<&'a Entry<'a>> {
        self.table.get(key)
    }

    /// Returns a text.
    pub(super) fn text(&self, key: &str) -> Result<Option<Text<'a>>, Problem> {
        let Some(entry) = self.entry(key) else {
            return Ok(None);
        };
        let text = entry
            .get_ref()
            .as_str()
            .map(|text| self.text_at(text, entry));
        text.map(Some)
            .ok_or_else(|| self.document.wrong(key, entry, "text"))
    }

    /// Returns a text, or a date or time as text.
    pub(super) fn time(&self, key: &str) -> Result<Option<Text<'a>>, Problem> {
        match self.entry(key).map(|entry| (entry, entry.get_ref())) {
            Some((entry, DeValue::Datetime(time))) => {
                Ok(Some(self.text_at(&time.to_string(), entry)))
            }
            _ => self.text(key),
        }
    }

    /// Returns a list of texts or dates.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<Text<'a>>, Problem> {
        let Some(entry) = self.entry(key) else {
            return Ok(Vec::new());
        };
        let wrong = |entry| self.document.wrong(key, entry, "a list of texts");
        let list = entry.get_ref().as_array().ok_or_else(|| wrong(entry))?;
        let text = |item: &'a Entry<'a>| match item.get_ref() {
            DeValue::String(text) => Ok(self.text_at(text, item)),
            DeValue::Datetime(time) => Ok(self.text_at(&time.to_string(), item)),
            _ => Err(wrong(item)),
        };
        list.iter().map(text).collect()
    }

    /// Returns a whole number of a range.
    pub(super) fn number(&self, key: &str, allowed: Range<u32>) -> Result<Option<u32>, Problem> {
        let Some(entry) = self.entry(key) else {
            return Ok(None);
        };
        let number = entry.get_ref().as_integer();
        let number =
            number.and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok());
        let number = number.filter(|number| allowed.contains(number));
        number.map(Some).ok_or_else(|| {
            let (first, last) = (allowed.start, allowed.end - 1);
            let what = format!("`{key}` must be a whole number from {first} to {last}");
            self.document.fault(entry.span(), what)
        })
    }

    /// Returns a duration, such as `15m`, that is not 0.
    pub(super) fn duration(&self, key: &str) -> Result<Option<Duration>, Problem> {
        let Some(text) = self.text(key)? else {
            return Ok(None);
        };
        let duration = text.read(|value| {
            let fault = |what: String| Fault::new(format!("`{key}`: {what}"), 0..value.len());
            match script::duration(value) {
                Ok(Duration::ZERO) => Err(fault(format!("`{value}` is no time at all"))),
                duration => duration.map_err(fault),
            }
        });
        duration.map(Some)
    }

    /// Returns one of some words.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &str,
        all: &[T],
        word: impl Fn(T) -> &'static str,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(key)? else {
            return Ok(None);
        };
        if let Some(found) = all.iter().find(|one| word(**one) == text.value) {
            return Ok(Some(*found));
        }
        let words: Vec<_> = all.iter().map(|one| word(*one)).collect();
        let what = format!("`{key}` knows no `{}`", text.value);
        let problem = self.document.fault(text.at, what);
        Err(match nearest(&text.value, words.iter().copied()) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem.hint(format!("it is one of {}", words.join(", "))),
        })
    }

    /// Returns a table inside this one.
    pub(super) fn table(&self, key: &str, keys: &[&str]) -> Result<Option<Self>, Problem> {
        let Some(entry) = self.entry(key) else {
            return Ok(None);
        };
        let table = entry.get_ref().as_table();
        let table = table.ok_or_else(|| self.document.wrong(key, entry, "a table"))?;
        Self::of(self.document, table, &format!("`{key}`"), keys).map(Some)
    }

    /// Says what is wrong with a value that is there.
    pub(super) fn fault(&self, key: &str, what: impl Into<String>) -> Problem {
        let at = self.entry(key).map(Spanned::span);
        self.document.fault(at.unwrap_or_default(), what)
    }

    fn text_at(&self, value: &str, entry: &Entry<'_>) -> Text<'a> {
        Text {
            value: value.into(),
            at: entry.span(),
            document: self.document,
        }
    }
}
