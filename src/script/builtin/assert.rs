//! `assert`: stops a script where something does not hold that must.

use rhai::Dynamic;

use super::Builtin;
use super::arguments::{needed, optional_text, wrong};
use crate::report::Failure;
use crate::script::door::{Door, Raise};

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[Builtin {
    name: "assert",
    params: &["condition: bool", "message?: String"],
    returns: "()",
    doc: "Fails when a condition is false, with the message if there is one. \
          The failure is of kind `invalid` and has the code `assertion`.",
    examples: &[("assert(1 + 1 == 2, \"sums are broken\")", "null")],
    run: assert,
}];

fn assert(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let condition = needed(door, args, 0, "condition")?;
    let message = optional_text(door, args, 1, "message")?;
    match condition.as_bool() {
        Ok(true) => Ok(Dynamic::UNIT),
        Ok(false) => {
            let message = message.unwrap_or_else(|| "the condition does not hold".into());
            let mut failure = Failure::invalid(message);
            failure.code = Some("assertion".into());
            Err(door.fail(failure))
        }
        Err(_) => Err(wrong(door, "condition", "true or false", condition)),
    }
}
