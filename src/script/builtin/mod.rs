//! The functions a script has beside the language: one file a topic, one line in [`ALL`] each.
//!
//! A builtin never touches the world itself: it asks the Host, through the [`Door`].

mod amount;
mod arguments;
mod assert;
mod calendar;
mod charset;
mod csv;
mod csv_read;
mod csv_write;
mod currency;
mod duration;
mod encoding;
mod environment;
mod files;
mod groups;
mod instant;
mod json;
mod key;
mod log;
mod message;
mod money;
mod options;
mod order;
mod pattern;
mod random;
mod rank;
mod reshape;
mod sums;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod web;

use rhai::Dynamic;

pub(crate) use duration::duration;

use super::door::{Door, Raise};

/// One function, with everything that help, checks and docs need.
pub(crate) struct Builtin {
    /// What scripts call: `time::now`, or `sleep`. A name without `::` can be called as a method too.
    pub(crate) name: &'static str,
    /// Parameters with their types, an optional one with `?`: `["list: Array", "size?: int"]`. A map
    /// of options names them, and nothing else is taken: `"options?: #{ zone: String }"`.
    /// [`Parameter`](crate::script::Parameter) tells the types.
    pub(crate) params: &'static [&'static str],
    /// Type of the result, such as `Array`.
    pub(crate) returns: &'static str,
    /// What it does: first sentence first, then units, and when it fails.
    pub(crate) doc: &'static str,
    /// Code and its result as JSON; each is run as a test.
    pub(crate) examples: &'static [(&'static str, &'static str)],
    /// Does it.
    pub(crate) run: fn(&Door<'_>, &mut [&mut Dynamic]) -> Result<Dynamic, Raise>,
}

/// All builtins, topic by topic.
pub(crate) const ALL: &[&[Builtin]] = &[
    log::ALL,
    environment::ALL,
    assert::ALL,
    random::ALL,
    time::ALL,
    calendar::ALL,
    duration::ALL,
    order::ALL,
    groups::ALL,
    reshape::ALL,
    sums::ALL,
    json::ALL,
    csv::ALL,
    files::ALL,
    web::ALL,
    text::ALL,
    pattern::ALL,
    amount::ALL,
    encoding::ALL,
];
