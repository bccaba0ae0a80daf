//! Keys of list items: a closure computes them, or a field name picks them.

use rhai::{Dynamic, EvalAltResult, FnPtr, Identifier, ImmutableString, Map};

use super::arguments::{as_text, kind, needed, plain, wrong};
use crate::report::nearest;
use crate::script::door::{Door, Raise};

/// How the key of an item is found.
pub(super) enum Key {
    /// A closure of the item.
    Closure(FnPtr),
    /// The name of a field; dots go deeper.
    Field(ImmutableString),
}

impl Key {
    /// Reads an argument that is a closure or a field name.
    pub(super) fn read(door: &Door<'_>, args: &[&mut Dynamic], at: usize) -> Result<Self, Raise> {
        let value = needed(door, args, at, "key")?;
        if let Some(closure) = value.read_lock::<FnPtr>() {
            return Ok(Self::Closure(closure.clone()));
        }
        match as_text(value) {
            Some(field) if !field.is_empty() => Ok(Self::Field(field)),
            Some(_) => Err(door.invalid("`key` is empty: it must be a closure or a field name")),
            None => Err(wrong(door, "key", "a closure or a field name", value)),
        }
    }

    /// Returns the key of an item, which stands at `index` of the list.
    pub(super) fn of(
        &self,
        door: &Door<'_>,
        item: &Dynamic,
        index: usize,
    ) -> Result<Dynamic, Raise> {
        match self {
            Self::Closure(closure) => door
                .call(closure, (item.flatten_clone(),))
                .map_err(|fault| explain(door, closure, fault)),
            Self::Field(path) => {
                field(item, path).map_err(|fault| door.invalid(format!("`list[{index}]{fault}")))
            }
        }
    }

    /// Returns the keys of all items.
    pub(super) fn of_all(&self, door: &Door<'_>, items: &[Dynamic]) -> Result<Vec<Dynamic>, Raise> {
        let items = items.iter().enumerate();
        items
            .map(|(index, item)| self.of(door, item, index))
            .collect()
    }

    /// Returns the key of an item as the text that stands for it in a map.
    pub(super) fn text_of(
        &self,
        door: &Door<'_>,
        item: &Dynamic,
        index: usize,
    ) -> Result<ImmutableString, Raise> {
        let key = self.of(door, item, index)?;
        plain(&key).ok_or_else(|| {
            door.invalid(format!(
                "the key of `list[{index}]` is {}: it must be text, a number, true or false",
                kind(&key)
            ))
        })
    }
}

/// Says what Rhai means by "function not found: anon$..." of a closure with other parameters.
#[expect(
    clippy::unnecessary_box_returns,
    reason = "errors of the interpreter are boxed"
)]
fn explain(door: &Door<'_>, closure: &FnPtr, fault: Raise) -> Raise {
    match &*fault {
        EvalAltResult::ErrorFunctionNotFound(signature, _)
            if signature.split(' ').next() == Some(closure.fn_name()) =>
        {
            door.invalid("the closure must take one item")
        }
        _ => fault,
    }
}

/// Returns the field at a path. The fault goes on behind an opening backtick and the item's name.
fn field(item: &Dynamic, path: &str) -> Result<Dynamic, String> {
    let Some(map) = item.read_lock::<Map>() else {
        return Err(format!("` is {}, which has no field `{path}`", kind(item)));
    };
    // A field may itself have a dot in its name, such as a column of a CSV file.
    if let Some(value) = map.get(path) {
        return Ok(value.flatten_clone());
    }
    if let Some((first, rest)) = path.split_once('.')
        && let Some(value) = map.get(first)
    {
        return field(value, rest).map_err(|fault| format!(".{first}{fault}"));
    }
    Err(match nearest(path, map.keys().map(Identifier::as_str)) {
        Some(near) => format!("` has no field `{path}`: did you mean `{near}`?"),
        None => format!("` has no field `{path}`"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;

    #[test]
    fn field_names_go_deeper_and_faults_say_where() {
        assert_eq!(
            run("pluck([#{ a: #{ b: 1 } }], \"a.b\")"),
            Ok(serde_json::json!([1]))
        );
        assert_eq!(
            run("pluck([#{ \"a.b\": 2 }], \"a.b\")"),
            Ok(serde_json::json!([2]))
        );
        for (key, fault) in [
            ("a.c", "`list[1].a` has no field `c`"),
            (
                "amuont",
                "`list[0]` has no field `amuont`: did you mean `amount`?",
            ),
            (
                "amount.x",
                "`list[0].amount` is an integer, which has no field `x`",
            ),
        ] {
            let code = format!(
                "pluck([#{{ a: #{{ b: 1, c: 1 }}, amount: 1 }}, #{{ a: #{{ b: 1 }} }}], \"{key}\")"
            );
            assert_eq!(run(&code).unwrap_err(), format!("pluck: {fault}"));
        }
        let fault = run("pluck([1], \"x\")").unwrap_err();
        assert_eq!(
            fault,
            "pluck: `list[0]` is an integer, which has no field `x`"
        );
    }
}
