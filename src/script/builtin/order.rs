//! Lists in order: sorting, the least and the greatest.

use std::cmp::Ordering;

use rhai::{Array, Dynamic};

use super::Builtin;
use super::arguments::list;
use super::key::Key;
use super::options::Options;
use super::rank::{Rank, rank_all};
use crate::script::door::{Door, Raise};

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "sort_by",
        params: &[
            "list: Array",
            "key: Fn|String",
            "options?: #{ descending: bool }",
        ],
        returns: "Array",
        doc: "Returns the items sorted by a key: a closure, or a field name (dots go deeper). \
              Items with equal keys stay in their order; a key may be a list, to sort by several; \
              items whose key is `()` come last. The option `descending: true` turns the order \
              around. The list itself stays as it is. Fails when keys cannot be compared, such as \
              text and a number. (For a comparer of two items there is `list.sort(|a, b| ...)`.)",
        examples: &[
            (
                "[#{ n: 2 }, #{ n: 1.5 }].sort_by(|x| x.n)",
                "[{\"n\":1.5},{\"n\":2}]",
            ),
            (
                "sort_by([#{ n: 1 }, #{ n: () }, #{ n: 2 }], \"n\", #{ descending: true })",
                "[{\"n\":2},{\"n\":1},{\"n\":null}]",
            ),
        ],
        run: sort_by,
    },
    Builtin {
        name: "min_by",
        params: &["list: Array", "key: Fn|String"],
        returns: "any",
        doc: "Returns the item with the least key, the first of equal ones; `()` when no item has a \
              key. Fails when keys cannot be compared.",
        examples: &[
            ("[#{ n: 2 }, #{ n: 1 }].min_by(\"n\")", "{\"n\":1}"),
            ("min_by([], |x| x)", "null"),
        ],
        run: |door, args| extreme(door, args, Ordering::Less),
    },
    Builtin {
        name: "max_by",
        params: &["list: Array", "key: Fn|String"],
        returns: "any",
        doc: "Returns the item with the greatest key, the first of equal ones; `()` when no item \
              has a key. Fails when keys cannot be compared.",
        examples: &[(
            "[\"a\", \"ccc\", \"bb\"].max_by(|word| word.len())",
            "\"ccc\"",
        )],
        run: |door, args| extreme(door, args, Ordering::Greater),
    },
];

fn sort_by(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let items = list(door, args, 0, "list")?;
    let key = Key::read(door, args, 1)?;
    let descending = Options::read(door, args, 2)?.flag("descending")?;
    let ranks = rank_all(door, &key.of_all(door, &items)?)?;
    let mut ranked: Vec<_> = ranks.into_iter().zip(items.into_array()).collect();
    ranked.sort_by(|(a, _), (b, _)| match (a, b) {
        // `()` stays last in both directions.
        (Rank::Nothing, _) | (_, Rank::Nothing) => a.cmp(b),
        _ if descending => b.cmp(a),
        _ => a.cmp(b),
    });
    let sorted: Array = ranked.into_iter().map(|(_, item)| item).collect();
    Ok(sorted.into())
}

fn extreme(door: &Door<'_>, args: &[&mut Dynamic], wanted: Ordering) -> Result<Dynamic, Raise> {
    let items = list(door, args, 0, "list")?;
    let key = Key::read(door, args, 1)?;
    let ranks = rank_all(door, &key.of_all(door, &items)?)?;
    let ranked = ranks.iter().zip(items.iter());
    let best = ranked
        .filter(|(rank, _)| **rank != Rank::Nothing)
        .reduce(|best, next| {
            if next.0.cmp(best.0) == wanted {
                next
            } else {
                best
            }
        });
    Ok(best.map_or(Dynamic::UNIT, |(_, item)| item.flatten_clone()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::run;

    #[test]
    fn sorting_is_stable_both_ways_and_leaves_the_list_alone() {
        let code = |options: &str| {
            format!(
                "let l = [[2, \"a\"], [1, \"b\"], [2, \"c\"], [1, \"d\"]]; \
                 let s = l.sort_by(|x| x[0]{options}); assert(l[0][1] == \"a\"); \
                 s.map(|x| x[1]).join(\"\")"
            )
        };
        assert_eq!(run(&code("")), Ok("bdac".into()));
        assert_eq!(run(&code(", #{ descending: true }")), Ok("acbd".into()));
        let lists = "[[1, \"b\"], [1, \"a\"], [0, \"z\"]].sort_by(|x| x)";
        assert_eq!(run(lists), Ok(json!([[0, "z"], [1, "a"], [1, "b"]])));
        assert_eq!(run("[3, 1, ()].min_by(|x| x)"), Ok(1.into()));
        assert_eq!(run("[2.5, 3, 3.0].max_by(|x| x)"), Ok(3.into()));
    }

    #[test]
    fn closures_may_use_the_list_itself_and_their_errors_pass() {
        let code = "let l = [3, 1, 2]; sort_by(l, |x| x * l.len())";
        assert_eq!(run(code), Ok(json!([1, 2, 3])));
        let code = "try { [1].sort_by(|x| throw `no ${x}`) } catch (e) { return e }";
        assert_eq!(run(code), Ok("no 1".into()));
        let fault = run("[2, 1].sort_by(|a, b| a - b)").unwrap_err();
        assert_eq!(fault, "sort_by: the closure must take one item");
    }

    #[test]
    fn keys_without_an_order_are_named() {
        for (keys, fault) in [
            (
                "1, \"a\"",
                "cannot compare the keys of `list[0]` and `list[1]`: a number and text",
            ),
            (
                "(), 1, true",
                "cannot compare the keys of `list[1]` and `list[2]`: a number and true or false",
            ),
            (
                "[1], [\"a\"]",
                "cannot compare the keys of `list[0]` and `list[1]`: a number and text",
            ),
            (
                "#{}, 1",
                "the key of `list[0]` is a map, which has no order",
            ),
        ] {
            let said = run(&format!("[{keys}].sort_by(|x| x)")).unwrap_err();
            assert_eq!(said, format!("sort_by: {fault}"));
        }
        let fault = run("sort_by([1], |x| x, #{ descnding: true })").unwrap_err();
        assert_eq!(
            fault,
            "sort_by: unknown option `descnding`: did you mean `descending`?"
        );
    }
}
