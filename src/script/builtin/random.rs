//! Chance: every number comes from the Host, so that a replay sees the same one.

use rhai::{Array, Dynamic};

use super::Builtin;
use super::arguments::{integer, list};
use crate::ids::Chance;
use crate::script::door::{Door, Raise};
use crate::script::host::{Answer, Effect};

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "random",
        params: &["a?: int", "b?: int"],
        returns: "float or int",
        doc: "Returns a random number: `random()` a float from 0 up to, not including, 1; \
              `random(n)` an integer from 0 to n - 1; `random(a, b)` an integer from a to b, both \
              included. Every number is as likely as any other. Fails when the range is empty.",
        examples: &[
            ("let x = random(); x >= 0.0 && x < 1.0", "true"),
            ("random(1)", "0"),
            ("let dice = random(1, 6); dice >= 1 && dice <= 6", "true"),
        ],
        run: random,
    },
    Builtin {
        name: "random::pick",
        params: &["list: Array"],
        returns: "any",
        doc: "Returns a random item of a list. Fails when the list is empty.",
        examples: &[("random::pick([\"a\", \"b\"]) in [\"a\", \"b\"]", "true")],
        run: pick,
    },
    Builtin {
        name: "random::shuffle",
        params: &["list: Array"],
        returns: "Array",
        doc: "Returns the items of a list in a random order. The list itself stays as it is.",
        examples: &[(
            "let mixed = random::shuffle([1, 2, 3]); mixed.sort(); mixed",
            "[1, 2, 3]",
        )],
        run: shuffle,
    },
    Builtin {
        name: "uuid",
        params: &[],
        returns: "String",
        doc: "Returns a new random id: a UUID of version 4, in lower case.",
        examples: &[("uuid().len()", "36")],
        run: uuid,
    },
];

fn random(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let (from, to) = match args.len() {
        0 => return fraction(door),
        1 => {
            let count = integer(door, args, 0, "n")?;
            if count < 1 {
                return Err(door.invalid(format!("`n` must be 1 or more, but it is `{count}`")));
            }
            (0, count - 1)
        }
        _ => (integer(door, args, 0, "a")?, integer(door, args, 1, "b")?),
    };
    if from > to {
        return Err(door.invalid(format!("`a` (`{from}`) is greater than `b` (`{to}`)")));
    }
    let offset = up_to(to.abs_diff(from), || bits(door))?;
    Ok(from.wrapping_add_unsigned(offset).into())
}

fn fraction(door: &Door<'_>) -> Result<Dynamic, Raise> {
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a float exactly")]
    let high = (bits(door)? >> 11) as f64;
    Ok((high / 9_007_199_254_740_992.0).into())
}

fn pick(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let items = list(door, args, 0, "list")?;
    let Some(last) = items.len().checked_sub(1) else {
        return Err(door.invalid("`list` is empty"));
    };
    let at = up_to(last as u64, || bits(door))?;
    Ok(usize::try_from(at)
        .ok()
        .and_then(|at| items.get(at))
        .cloned()
        .unwrap_or_default())
}

/// Draws once from the Host and shuffles from that seed: a long list is still one effect.
fn shuffle(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let mut items: Array = list(door, args, 0, "list")?.into_array();
    let chance = Chance::from_seed(bits(door)?);
    for last in (1..items.len()).rev() {
        let other = up_to(last as u64, || Ok(chance.bits()))?;
        items.swap(last, usize::try_from(other).unwrap_or(last));
    }
    Ok(items.into())
}

fn uuid(door: &Door<'_>, _: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let bytes = (u128::from(bits(door)?) << 64) | u128::from(bits(door)?);
    let id = uuid::Builder::from_random_bytes(bytes.to_be_bytes()).into_uuid();
    Ok(id.to_string().into())
}

fn bits(door: &Door<'_>) -> Result<u64, Raise> {
    match door.perform(Effect::Random)? {
        Answer::Bits(bits) => Ok(bits),
        _ => Err(door.invalid("the Host answered with something else than bits")),
    }
}

/// Returns a number from 0 to `last`, each as likely: numbers of an incomplete last round are
/// drawn again.
fn up_to(last: u64, mut draw: impl FnMut() -> Result<u64, Raise>) -> Result<u64, Raise> {
    let Some(count) = last.checked_add(1) else {
        return draw();
    };
    let incomplete = (u64::MAX % count + 1) % count;
    loop {
        let drawn = draw()?;
        if drawn <= u64::MAX - incomplete {
            return Ok(drawn % count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{FakeHost, run, run_on};
    use super::up_to;

    #[test]
    fn draws_again_where_the_rest_would_be_favoured() {
        let mut draws = [u64::MAX, u64::MAX - 1, 5].into_iter();
        assert_eq!(up_to(2, || Ok(draws.next().unwrap())).unwrap(), 2);
        assert_eq!(draws.next(), Some(5));
        assert_eq!(up_to(u64::MAX, || Ok(7)).unwrap(), 7);
        assert_eq!(up_to(0, || Ok(9)).unwrap(), 0);
    }

    #[test]
    fn ranges_reach_both_ends_and_the_extremes() {
        let code =
            "let seen = #{}; for i in 0..200 { seen[random(-1, 1).to_string()] = i } seen.len()";
        assert_eq!(run(code), Ok(3.into()));
        assert!(run("random(-9223372036854775807 - 1, 9223372036854775807)").is_ok());
        assert_eq!(
            run("random(3, 2)").unwrap_err(),
            "random: `a` (`3`) is greater than `b` (`2`)"
        );
        assert_eq!(
            run("random(0)").unwrap_err(),
            "random: `n` must be 1 or more, but it is `0`"
        );
        assert_eq!(
            run("random::pick([])").unwrap_err(),
            "random::pick: `list` is empty"
        );
    }

    #[test]
    fn ids_differ_and_a_shuffle_is_one_effect() {
        let host = FakeHost::new();
        let code = "let a = []; for i in 0..50 { a.push(i) } let b = random::shuffle(a); \
                    assert(a != b && a[7] == 7 && b.len == 50); b";
        run_on(&host, code).unwrap();
        assert_eq!(host.seen.lock().unwrap().len(), 1);
        assert_eq!(
            run("let a = uuid(); a != uuid() && a[14] == '4'"),
            Ok(true.into())
        );
    }
}
