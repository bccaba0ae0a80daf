//! `env`: the variables of the environment that the script's header allows.

use rhai::Dynamic;

use super::Builtin;
use super::arguments::{given, text};
use crate::report::{Failure, FailureKind};
use crate::script::door::{Door, Raise};
use crate::script::host::Effect;

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[Builtin {
    name: "env",
    params: &["name: String", "default?: any"],
    returns: "any",
    doc: "Returns a variable of the environment as text, or the default when it is not set. \
          Fails when it is not set and there is no default, and when the script's header does \
          not allow the name.",
    examples: &[
        ("env(\"REGION\")", "\"eu\""),
        ("env(\"COLOUR\", \"blue\")", "\"blue\""),
    ],
    run: env,
}];

fn env(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let name = text(door, args, 0, "name")?;
    if name.is_empty() {
        return Err(door.invalid("`name` is empty"));
    }
    let value = door.value(Effect::Env(name.to_string()))?;
    match given(args, 1) {
        _ if !value.is_unit() => Ok(value),
        Some(default) => Ok(default.flatten_clone()),
        None => {
            let message = format!("the variable `{name}` is not set");
            let hint = format!("set it, or give a default: `env(\"{name}\", ...)`");
            Err(door.fail(Failure::new(FailureKind::NotFound, message).hint(hint)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;

    #[test]
    fn a_variable_that_is_not_set_needs_a_default() {
        let fault = run("env(\"COLOUR\")").unwrap_err();
        assert_eq!(fault, "env: the variable `COLOUR` is not set");
        assert_eq!(run("env(\"COLOUR\", ())"), Ok(serde_json::Value::Null));
        assert!(run("try { env(\"X\") } catch (e) { assert(e.kind == \"not_found\") }").is_ok());
    }
}
