//! Lists in another shape: chunks, joined text, flattened, zipped, without doubles.

use std::collections::HashSet;
use std::fmt::Write as _;

use rhai::{Array, Dynamic, Map};

use super::Builtin;
use super::arguments::{MAX_TEXT, as_text, count, kind, list, plain, text};
use super::key::Key;
use crate::script::door::{Door, Raise};

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "pluck",
        params: &["list: Array", "key: String|Fn"],
        returns: "Array",
        doc: "Returns the field of each item; dots go deeper. Fails on a field that an item lacks: \
              `list.map(|x| x.field)` gives `()` for it.",
        examples: &[("[#{ id: 1 }, #{ id: 2 }].pluck(\"id\")", "[1,2]")],
        run: pluck,
    },
    Builtin {
        name: "chunk",
        params: &["list: Array", "size: int"],
        returns: "Array",
        doc: "Returns the items in lists of a size; the last one may be shorter. \
              Fails when the size is under 1.",
        examples: &[("[1, 2, 3].chunk(2)", "[[1,2],[3]]")],
        run: chunk,
    },
    Builtin {
        name: "join",
        params: &["list: Array", "separator: String"],
        returns: "String",
        doc: "Returns the items as one text, with a separator between them; `()` is empty text. \
              Fails on items that are lists or maps.",
        examples: &[("[\"a\", 1, 2.5].join(\", \")", "\"a, 1, 2.5\"")],
        run: join,
    },
    Builtin {
        name: "flatten",
        params: &["list: Array"],
        returns: "Array",
        doc: "Returns the items of the lists in a list, one level deep; other items stay.",
        examples: &[("[[1, 2], 3, [[4]]].flatten()", "[1,2,3,[4]]")],
        run: flatten,
    },
    Builtin {
        name: "zip",
        params: &["list: Array", "other: Array"],
        returns: "Array",
        doc: "Returns pairs of the items of two lists, up to the end of the shorter one.",
        examples: &[("[\"a\", \"b\"].zip([1, 2, 3])", "[[\"a\",1],[\"b\",2]]")],
        run: zip,
    },
    Builtin {
        name: "unique",
        params: &["list: Array"],
        returns: "Array",
        doc: "Returns the items without repeats, the first of equal ones in its place. \
              Equal are the same texts, the same numbers (1 and 1.0), and lists and maps of equal \
              items. Fails on what cannot be compared, such as closures.",
        examples: &[(
            "[1, \"a\", 1.0, \"a\", #{ x: 1 }, #{ x: 1 }].unique()",
            "[1,\"a\",{\"x\":1}]",
        )],
        run: unique,
    },
    Builtin {
        name: "unique_by",
        params: &["list: Array", "key: Fn|String"],
        returns: "Array",
        doc: "Returns the items without those whose key was there before; a key is a closure's \
              result, or a field (dots go deeper). Fails on a field that an item lacks.",
        examples: &[(
            "[#{ id: 1, n: 1 }, #{ id: 1, n: 2 }].unique_by(\"id\")",
            "[{\"id\":1,\"n\":1}]",
        )],
        run: unique_by,
    },
];

fn pluck(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let items = list(door, args, 0, "list")?;
    let fields = Key::read(door, args, 1)?.of_all(door, &items)?;
    Ok(fields.into())
}

fn chunk(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let items = list(door, args, 0, "list")?;
    let size = count(door, args, 1, ("size", 1))?;
    let chunks: Array = items
        .chunks(size)
        .map(|chunk| chunk.to_vec().into())
        .collect();
    Ok(chunks.into())
}

fn join(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let items = list(door, args, 0, "list")?;
    let separator = text(door, args, 1, "separator")?;
    let mut joined = String::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            joined.push_str(&separator);
        }
        let Some(item) = plain(item) else {
            let kind = kind(item);
            return Err(door.invalid(format!(
                "`list[{index}]` is {kind}, not text or a number: `json::text` makes text of it"
            )));
        };
        joined.push_str(&item);
        if joined.len() > MAX_TEXT {
            return Err(door.invalid(format!("the text is longer than {MAX_TEXT} bytes")));
        }
    }
    Ok(joined.into())
}

fn flatten(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let mut flat = Array::new();
    for item in list(door, args, 0, "list")?.iter() {
        match item.read_lock::<Array>() {
            Some(items) => flat.extend(items.iter().cloned()),
            None => flat.push(item.clone()),
        }
    }
    Ok(flat.into())
}

fn zip(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let items = list(door, args, 0, "list")?;
    let others = list(door, args, 1, "other")?;
    let pairs = items.iter().zip(others.iter());
    let pairs: Array = pairs
        .map(|(item, other)| vec![item.clone(), other.clone()].into())
        .collect();
    Ok(pairs.into())
}

fn unique(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let items = list(door, args, 0, "list")?;
    without_repeats(door, &items, &items)
}

fn unique_by(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let items = list(door, args, 0, "list")?;
    let keys = Key::read(door, args, 1)?.of_all(door, &items)?;
    without_repeats(door, &items, &keys)
}

fn without_repeats(door: &Door<'_>, items: &[Dynamic], keys: &[Dynamic]) -> Result<Dynamic, Raise> {
    let mut seen = HashSet::new();
    let mut kept = Array::new();
    for (index, (item, key)) in items.iter().zip(keys).enumerate() {
        let mut identity = String::new();
        identify(key, &mut identity, 0)
            .map_err(|fault| door.invalid(format!("`list[{index}]` {fault}")))?;
        if seen.insert(identity) {
            kept.push(item.flatten_clone());
        }
    }
    Ok(kept.into())
}

/// Writes text that equal values have in common, and no others.
fn identify(value: &Dynamic, out: &mut String, depth: usize) -> Result<(), String> {
    if depth > 128 {
        return Err("is nested more than 128 levels deep".to_owned());
    }
    if let Some(text) = as_text(value) {
        write!(out, "{}:{text}", text.len()).map_err(|fault| fault.to_string())
    } else if value.is_int() || value.is_bool() || value.is_unit() {
        write!(out, "{value};").map_err(|fault| fault.to_string())
    } else if let Ok(number) = value.as_float() {
        // A whole float is written as the integer it equals.
        write!(out, "{};", number + 0.0).map_err(|fault| fault.to_string())
    } else if let Some(items) = value.read_lock::<Array>() {
        out.push('[');
        items
            .iter()
            .try_for_each(|item| identify(item, out, depth + 1))?;
        out.push(']');
        Ok(())
    } else if let Some(fields) = value.read_lock::<Map>() {
        out.push('{');
        for (key, field) in fields.iter() {
            write!(out, "{}:{key}", key.len()).map_err(|fault| fault.to_string())?;
            identify(field, out, depth + 1)?;
        }
        out.push('}');
        Ok(())
    } else {
        Err(format!(
            "is or holds {}, which cannot be compared",
            kind(value)
        ))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::run;

    #[test]
    fn repeats_are_found_by_value_and_not_by_look() {
        let code = "[1, \"1\", true, \"true\", [1, 2], [\"1\", 2], [12], (), \"\", -0.0, 0].unique().len()";
        assert_eq!(run(code), Ok(10.into()));
        assert_eq!(
            run("[[\"a\", \"b\"], [\"a1:b\"]].unique().len()"),
            Ok(2.into())
        );
        let fault = run("[1, |x| x].unique()").unwrap_err();
        assert_eq!(
            fault,
            "unique: `list[1]` is or holds a closure, which cannot be compared"
        );
    }

    #[test]
    fn lists_of_any_shape() {
        assert_eq!(run("[].chunk(3)"), Ok(json!([])));
        assert_eq!(run("[[], [[]]].flatten()"), Ok(json!([[]])));
        assert_eq!(
            run("[].join(\"-\") + [()].join(\"-\") + [true, 'x'].join(\"-\")"),
            Ok("true-x".into())
        );
        let fault = run("[1].chunk(0)").unwrap_err();
        assert_eq!(fault, "chunk: `size` must be 1 or more, but it is `0`");
        let fault = run("[1, [2]].join(\",\")").unwrap_err();
        assert!(
            fault.starts_with("join: `list[1]` is a list, not text or a number"),
            "{fault}"
        );
    }

    #[test]
    fn one_call_cannot_take_all_memory() {
        let code = "let s = \"x\"; s.pad(1_000_000, 'x'); let l = []; l.pad(1000, s); l.join(s)";
        assert!(
            run(code)
                .unwrap_err()
                .contains("longer than 67108864 bytes")
        );
    }
}
