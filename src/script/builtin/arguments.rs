//! Reads the arguments of a call by position; a fault names the parameter and what was given.
//!
//! Values themselves are never shown in a fault about a wrong type: they may be secrets.

use std::ops::Deref;

use rhai::{Array, Blob, Dynamic, DynamicReadLock, ImmutableString, Map};

use crate::script::door::{Door, Raise};

/// The longest text that a builtin makes, in bytes: one call must not take all memory.
pub(super) const MAX_TEXT: usize = 64 << 20;

/// Returns an argument, unless it was left out.
pub(super) fn given<'a>(args: &'a [&mut Dynamic], at: usize) -> Option<&'a Dynamic> {
    args.get(at).map(|value| &**value)
}

/// Returns an argument that must be there.
pub(super) fn needed<'a>(
    door: &Door<'_>,
    args: &'a [&mut Dynamic],
    at: usize,
    name: &str,
) -> Result<&'a Dynamic, Raise> {
    given(args, at).ok_or_else(|| door.invalid(format!("`{name}` is missing")))
}

/// Reads an argument as text; a character is text too.
pub(super) fn text(
    door: &Door<'_>,
    args: &[&mut Dynamic],
    at: usize,
    name: &str,
) -> Result<ImmutableString, Raise> {
    let value = needed(door, args, at, name)?;
    as_text(value).ok_or_else(|| wrong(door, name, "text", value))
}

/// Reads an argument as text, when it was given and is not `()`.
pub(super) fn optional_text(
    door: &Door<'_>,
    args: &[&mut Dynamic],
    at: usize,
    name: &str,
) -> Result<Option<ImmutableString>, Raise> {
    match given(args, at) {
        Some(value) if !value.is_unit() => text(door, args, at, name).map(Some),
        _ => Ok(None),
    }
}

/// Reads an argument as an integer.
pub(super) fn integer(
    door: &Door<'_>,
    args: &[&mut Dynamic],
    at: usize,
    name: &str,
) -> Result<i64, Raise> {
    let value = needed(door, args, at, name)?;
    value
        .as_int()
        .map_err(|_| wrong(door, name, "an integer", value))
}

/// Reads an argument as a count of at least `least`.
pub(super) fn count(
    door: &Door<'_>,
    args: &[&mut Dynamic],
    at: usize,
    (name, least): (&str, usize),
) -> Result<usize, Raise> {
    let number = integer(door, args, at, name)?;
    let count = usize::try_from(number).ok().filter(|n| *n >= least);
    count.ok_or_else(|| {
        door.invalid(format!(
            "`{name}` must be {least} or more, but it is `{number}`"
        ))
    })
}

/// Reads an argument as bytes; text stands for its UTF-8.
pub(super) fn bytes(
    door: &Door<'_>,
    args: &[&mut Dynamic],
    at: usize,
    name: &str,
) -> Result<Vec<u8>, Raise> {
    let value = needed(door, args, at, name)?;
    if let Some(blob) = value.read_lock::<Blob>() {
        return Ok(blob.clone());
    }
    let text = as_text(value).map(|text| text.as_bytes().to_vec());
    text.ok_or_else(|| wrong(door, name, "text or a blob", value))
}

/// Reads an argument as a map.
pub(super) fn map(
    door: &Door<'_>,
    args: &[&mut Dynamic],
    at: usize,
    name: &str,
) -> Result<Map, Raise> {
    let value = needed(door, args, at, name)?;
    let map = value.read_lock::<Map>().map(|map| map.clone());
    map.ok_or_else(|| wrong(door, name, "a map", value))
}

/// Reads an argument as a list.
pub(super) fn list<'a>(
    door: &Door<'_>,
    args: &'a [&mut Dynamic],
    at: usize,
    name: &str,
) -> Result<Items<'a>, Raise> {
    let value = needed(door, args, at, name)?;
    match value.read_lock::<Array>() {
        // A closure may use the same variable, so a shared list is not kept locked.
        Some(items) if value.is_shared() => Ok(Items::Own(items.clone())),
        Some(items) => Ok(Items::Borrowed(items)),
        None => Err(wrong(door, name, "a list", value)),
    }
}

/// The items of a list argument.
pub(super) enum Items<'a> {
    /// Looked at in place.
    Borrowed(DynamicReadLock<'a, Array>),
    /// Copied, from a variable that closures share.
    Own(Array),
}

impl Deref for Items<'_> {
    type Target = [Dynamic];

    fn deref(&self) -> &[Dynamic] {
        match self {
            Self::Borrowed(items) => items,
            Self::Own(items) => items,
        }
    }
}

impl Items<'_> {
    /// Returns the items as a list of its own.
    pub(super) fn into_array(self) -> Array {
        match self {
            Self::Borrowed(items) => items.clone(),
            Self::Own(items) => items,
        }
    }
}

/// Returns a value as text, if it is text or a character.
pub(super) fn as_text(value: &Dynamic) -> Option<ImmutableString> {
    let text = value
        .read_lock::<ImmutableString>()
        .map(|text| text.clone());
    text.or_else(|| value.as_char().ok().map(|letter| letter.to_string().into()))
}

/// Returns a simple value (text, number, truth, `()` as empty) as text, and nothing for the rest.
pub(super) fn plain(value: &Dynamic) -> Option<ImmutableString> {
    if value.is_unit() {
        return Some(ImmutableString::default());
    }
    if value.is_int() || value.is_float() || value.is_bool() {
        return Some(value.to_string().into());
    }
    as_text(value)
}

/// Returns the error of an argument, option or item of a wrong type.
#[expect(
    clippy::unnecessary_box_returns,
    reason = "errors of the interpreter are boxed"
)]
pub(super) fn wrong(door: &Door<'_>, name: &str, wanted: &str, value: &Dynamic) -> Raise {
    door.invalid(format!(
        "`{name}` must be {wanted}, but it is {}",
        kind(value)
    ))
}

/// Names the type of a value in plain words.
pub(super) fn kind(value: &Dynamic) -> &'static str {
    match value.type_name() {
        "()" => "`()`",
        "bool" => "true or false",
        "string" => "text",
        "char" => "a character",
        "i64" => "an integer",
        "f64" => "a float",
        "array" => "a list",
        "map" => "a map",
        "blob" => "a blob",
        "Fn" => "a closure",
        other => other,
    }
}
