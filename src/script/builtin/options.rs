//! Reads the map of options that many functions take last; a key nobody knows is refused.

use rhai::{Array, Dynamic, ImmutableString, Map};

use super::arguments::{as_text, given, wrong};
use crate::report::nearest;
use crate::script::door::{Door, Raise};
use crate::script::engine::register;

/// The options of one call.
pub(super) struct Options<'a> {
    door: &'a Door<'a>,
    map: Map,
}

impl<'a> Options<'a> {
    /// Reads the options at a position, as the builtin declares them; left out, or `()`, none is set.
    pub(super) fn read(
        door: &'a Door<'a>,
        args: &[&mut Dynamic],
        at: usize,
    ) -> Result<Self, Raise> {
        let Some(value) = given(args, at).filter(|value| !value.is_unit()) else {
            let map = Map::new();
            return Ok(Self { door, map });
        };
        let Some(map) = value.read_lock::<Map>().map(|map| map.clone()) else {
            return Err(wrong(door, "options", "a map", value));
        };
        let known = register::option_names(door.function);
        match map.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(door.invalid(unknown(key, &known))),
            None => Ok(Self { door, map }),
        }
    }

    /// Returns an option as it is, unless it is left out or `()`.
    pub(super) fn value(&self, key: &str) -> Option<&Dynamic> {
        self.map.get(key).filter(|value| !value.is_unit())
    }

    /// Reads an option as text.
    pub(super) fn text(&self, key: &str) -> Result<Option<ImmutableString>, Raise> {
        self.typed(key, "text", as_text)
    }

    /// Reads an option that is true or false; left out, it is false.
    pub(super) fn flag(&self, key: &str) -> Result<bool, Raise> {
        let flag = self.typed(key, "true or false", |value| value.as_bool().ok())?;
        Ok(flag.unwrap_or(false))
    }

    /// Reads an option as a map.
    pub(super) fn map(&self, key: &str) -> Result<Option<Map>, Raise> {
        self.typed(key, "a map", |value| {
            value.read_lock::<Map>().map(|map| map.clone())
        })
    }

    /// Reads an option as a list of texts.
    pub(super) fn texts(&self, key: &str) -> Result<Option<Vec<ImmutableString>>, Raise> {
        self.typed(key, "a list of texts", |value| {
            let items = value.read_lock::<Array>()?;
            items.iter().map(as_text).collect()
        })
    }

    /// Returns the error of an option with a wrong value.
    #[expect(
        clippy::unnecessary_box_returns,
        reason = "errors of the interpreter are boxed"
    )]
    pub(super) fn wrong(&self, key: &str, wanted: &str) -> Raise {
        let value = self.map.get(key).unwrap_or(&Dynamic::UNIT);
        wrong(self.door, key, wanted, value)
    }

    fn typed<T>(
        &self,
        key: &str,
        wanted: &str,
        read: impl Fn(&Dynamic) -> Option<T>,
    ) -> Result<Option<T>, Raise> {
        match self.value(key) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| self.wrong(key, wanted)),
        }
    }
}

fn unknown(key: &str, known: &[&str]) -> String {
    match nearest(key, known.iter().copied()) {
        Some(near) => format!("unknown option `{key}`: did you mean `{near}`?"),
        None => format!("unknown option `{key}`: it takes `{}`", known.join("`, `")),
    }
}
