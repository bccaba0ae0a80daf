//! The map of options that many functions take last: known names only, each of one type.

use std::time::Duration;

use rhai::{Array, Dynamic, FnPtr, Map};

use crate::report::{Failure, nearest};
use crate::script::builtin;
use crate::script::engine::register;

/// Options as a script gave them.
#[derive(Debug, Default)]
pub(crate) struct Options(Map);

impl Options {
    /// Reads the options of a builtin, as it declares them; no map means none.
    pub(crate) fn read(given: Option<&Dynamic>, function: &str) -> Result<Self, Failure> {
        let Some(given) = given else {
            return Ok(Self::default());
        };
        let Ok(map) = given.as_map_ref() else {
            let message = format!(
                "wants a map of options, not a value of type `{}`",
                given.type_name()
            );
            return Err(Failure::invalid(message));
        };
        Self::known(&map, &register::option_names(function))
    }

    /// Reads an option that is a map of options itself, as the builtin declares them.
    pub(crate) fn inner(&self, function: &str, name: &str) -> Result<Option<Self>, Failure> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let Ok(map) = value.as_map_ref() else {
            return Err(wrong(name, "a map of options", value));
        };
        let read = Self::known(&map, &register::inner_names(function, name));
        let within = |mut failure: Failure| {
            failure.message = format!("`{name}` {}", failure.message);
            failure
        };
        read.map(Some).map_err(within)
    }

    fn known(map: &Map, known: &[&str]) -> Result<Self, Failure> {
        match map.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(Self(map.clone())),
            Some(unknown) => Err(refuse(unknown, known)),
        }
    }

    /// Returns an option, if it is given and not `()`.
    pub(crate) fn get(&self, name: &str) -> Option<&Dynamic> {
        self.0.get(name).filter(|value| !value.is_unit())
    }

    /// Takes an option out, `()` too, if it is given.
    pub(crate) fn take(&mut self, name: &str) -> Option<Dynamic> {
        self.0.remove(name)
    }

    /// Returns an option that is a duration.
    pub(crate) fn duration(&self, name: &str) -> Result<Option<Duration>, Failure> {
        let read = |value| {
            builtin::duration(value).map_err(|fault| Failure::invalid(format!("`{name}`: {fault}")))
        };
        self.get(name).map(read).transpose()
    }

    /// Returns an option that is a whole number within bounds.
    pub(crate) fn whole(&self, name: &str, least: i64, most: i64) -> Result<Option<i64>, Failure> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        match value.as_int() {
            Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
            _ => Err(wrong(
                name,
                &format!("a whole number from {least} to {most}"),
                value,
            )),
        }
    }

    /// Returns an option that is a closure.
    pub(crate) fn closure(&self, name: &str) -> Result<Option<FnPtr>, Failure> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        match value.read_lock::<FnPtr>() {
            Some(closure) => Ok(Some(closure.clone())),
            None => Err(wrong(name, "a closure such as `|x| x`", value)),
        }
    }

    /// Returns an option that is a text or a list of texts; none when it is not given.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, Failure> {
        let Some(value) = self.get(name) else {
            return Ok(Vec::new());
        };
        let text = |item: &Dynamic| Some(item.as_immutable_string_ref().ok()?.to_string());
        let texts = match value.read_lock::<Array>() {
            Some(items) => items.iter().map(text).collect(),
            None => text(value).map(|text| vec![text]),
        };
        texts.ok_or_else(|| wrong(name, "a list of texts", value))
    }

    /// Returns an option that is one of some words, or the first of them.
    pub(crate) fn word<'a>(&self, name: &str, words: &[&'a str]) -> Result<&'a str, Failure> {
        let Some(value) = self.get(name) else {
            return Ok(words.first().copied().unwrap_or_default());
        };
        let given = value.to_string();
        let found = words.iter().find(|word| **word == given);
        found.copied().ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
            wrong(name, &words.join(" or "), value)
        })
    }
}

fn refuse(unknown: &str, known: &[&str]) -> Failure {
    let failure = Failure::invalid(format!("has no option `{unknown}`"));
    match nearest(unknown, known.iter().copied()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint(format!("the options are `{}`", known.join("`, `"))),
    }
}

fn wrong(name: &str, wanted: &str, given: &Dynamic) -> Failure {
    let shown: String = given.to_string().chars().take(60).collect();
    Failure::invalid(format!("`{name}` must be {wanted}, not `{shown}`"))
}
