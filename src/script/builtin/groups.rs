//! Lists in groups: by key, with counts, or split in two.

use std::collections::BTreeMap;

use rhai::{Array, Dynamic, Identifier, Map};

use super::Builtin;
use super::arguments::{kind, list};
use super::key::Key;
use crate::script::door::{Door, Raise};

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "group_by",
        params: &["list: Array", "key: Fn|String"],
        returns: "Map",
        doc: "Returns a map from each key to the list of its items, in their order. \
              A key is a closure's result, or a field (dots go deeper), as text; `()` is empty \
              text. Fails on a field that an item lacks, and on keys that are lists or maps.",
        examples: &[(
            "[1, 2, 3].group_by(|n| if n % 2 == 0 { \"even\" } else { \"odd\" })",
            "{\"even\":[2],\"odd\":[1,3]}",
        )],
        run: group_by,
    },
    Builtin {
        name: "index_by",
        params: &["list: Array", "key: Fn|String"],
        returns: "Map",
        doc: "Returns a map from each key to its item. Fails when two items have the same key \
              (`group_by` takes them), on a field that an item lacks, and on keys that are lists \
              or maps.",
        examples: &[("[#{ id: 7 }].index_by(\"id\")", "{\"7\":{\"id\":7}}")],
        run: index_by,
    },
    Builtin {
        name: "count_by",
        params: &["list: Array", "key: Fn|String"],
        returns: "Map",
        doc: "Returns a map from each key to the number of its items. Fails on a field that an item \
              lacks, and on keys that are lists or maps.",
        examples: &[(
            "count_by([#{ s: \"open\" }, #{ s: \"done\" }, #{ s: \"open\" }], \"s\")",
            "{\"done\":1,\"open\":2}",
        )],
        run: count_by,
    },
    Builtin {
        name: "partition",
        params: &["list: Array", "test: Fn|String"],
        returns: "Array",
        doc: "Returns two lists: the items for which a closure (or a field) is true, and the \
              others. Fails when it is neither true nor false.",
        examples: &[("[1, 5, 2].partition(|n| n > 1)", "[[5,2],[1]]")],
        run: partition,
    },
];

fn group_by(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let items = list(door, args, 0, "list")?;
    let key = Key::read(door, args, 1)?;
    let mut groups: BTreeMap<Identifier, Array> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        let key = key.text_of(door, item, index)?;
        let group = groups.entry(key.as_str().into()).or_default();
        group.push(item.flatten_clone());
    }
    let groups = groups.into_iter().map(|(key, group)| (key, group.into()));
    Ok(groups.collect::<Map>().into())
}

fn index_by(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let items = list(door, args, 0, "list")?;
    let key = Key::read(door, args, 1)?;
    let mut found = Map::new();
    for (index, item) in items.iter().enumerate() {
        let key = key.text_of(door, item, index)?;
        if found
            .insert(key.as_str().into(), item.flatten_clone())
            .is_some()
        {
            return Err(door.invalid(format!(
                "`list[{index}]` has the same key `{key}` as an item before it"
            )));
        }
    }
    Ok(found.into())
}

fn count_by(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let items = list(door, args, 0, "list")?;
    let key = Key::read(door, args, 1)?;
    let mut counts: BTreeMap<Identifier, i64> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        let key = key.text_of(door, item, index)?;
        *counts.entry(key.as_str().into()).or_default() += 1;
    }
    let counts = counts.into_iter().map(|(key, count)| (key, count.into()));
    Ok(counts.collect::<Map>().into())
}

fn partition(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let items = list(door, args, 0, "list")?;
    let test = Key::read(door, args, 1)?;
    let (mut yes, mut no) = (Array::new(), Array::new());
    for (index, item) in items.iter().enumerate() {
        let answer = test.of(door, item, index)?;
        match answer.as_bool() {
            Ok(true) => yes.push(item.flatten_clone()),
            Ok(false) => no.push(item.flatten_clone()),
            Err(_) => {
                let kind = kind(&answer);
                return Err(door.invalid(format!(
                    "the test of `list[{index}]` gave {kind}: it must be true or false"
                )));
            }
        }
    }
    let parts: Array = vec![yes.into(), no.into()];
    Ok(parts.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::run;

    #[test]
    fn keys_become_text() {
        let grouped = run("[1, \"1\", 1.5, true, (), 'c'].count_by(|x| x)");
        assert_eq!(
            grouped,
            Ok(json!({ "": 1, "1": 2, "1.5": 1, "c": 1, "true": 1 }))
        );
        let fault = run("[1].group_by(|x| [x])").unwrap_err();
        assert_eq!(
            fault,
            "group_by: the key of `list[0]` is a list: it must be text, a number, true or false"
        );
    }

    #[test]
    fn an_index_has_no_doubles() {
        let fault = run("[#{ id: \"a\" }, #{ id: \"a\" }].index_by(\"id\")").unwrap_err();
        assert_eq!(
            fault,
            "index_by: `list[1]` has the same key `a` as an item before it"
        );
        let fault = run("[1].partition(|x| x)").unwrap_err();
        assert_eq!(
            fault,
            "partition: the test of `list[0]` gave an integer: it must be true or false"
        );
    }
}
