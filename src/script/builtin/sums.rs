//! Sums that are exact: integers as integers, and decimals as they are written, not as binary
//! floats add up.
//!
//! Amounts of money come as floats. Each stands for the shortest decimal that reads as it, so these
//! decimals are added, exactly, and the result is the float nearest to their sum.

use rhai::{Array, Dynamic};

use super::Builtin;
use super::arguments::{kind, list};
use super::key::Key;
use crate::script::door::{Door, Raise};

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "sum",
        params: &["list: Array"],
        returns: "int or float",
        doc: "Returns the sum of numbers: an integer when all are, else a float; 0 for an empty \
              list. Decimals add up as written, so that amounts of money are exact: 0.1 and 0.2 \
              make 0.3. Fails on what is no number, and when an integer sum is beyond 64 bits.",
        examples: &[("[1, 2, 3].sum()", "6"), ("sum([0.1, 0.2, 5])", "5.3")],
        run: sum,
    },
    Builtin {
        name: "sum_by",
        params: &["list: Array", "key: Fn|String"],
        returns: "int or float",
        doc: "Returns the sum of a key of the items: a closure's result, or a field (dots go \
              deeper). Adds up as `sum` does. Fails on a field that an item lacks, and on what is \
              no number.",
        examples: &[
            (
                "[#{ amount: 10 }, #{ amount: 2.5 }].sum_by(\"amount\")",
                "12.5",
            ),
            ("[\"a\", \"bc\"].sum_by(|word| word.len())", "3"),
        ],
        run: sum_by,
    },
];

fn sum(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let items = list(door, args, 0, "list")?;
    total(&items, "").map_err(|fault| door.invalid(fault))
}

fn sum_by(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let items = list(door, args, 0, "list")?;
    let keys: Array = Key::read(door, args, 1)?.of_all(door, &items)?;
    total(&keys, "the key of ").map_err(|fault| door.invalid(fault))
}

/// Adds up numbers; `whose` stands before a number in a fault.
fn total(numbers: &[Dynamic], whose: &str) -> Result<Dynamic, String> {
    let mut integers: i128 = 0;
    let mut floats = Vec::new();
    for (index, number) in numbers.iter().enumerate() {
        if let Ok(number) = number.as_int() {
            // No list is long enough to overflow 128 bits with numbers of 64.
            integers += i128::from(number);
        } else if let Ok(number) = number.as_float() {
            floats.push(number);
        } else {
            let kind = kind(number);
            return Err(format!(
                "{whose}`list[{index}]` is {kind}, but it must be a number"
            ));
        }
    }
    if floats.is_empty() {
        let sum = i64::try_from(integers);
        return sum
            .map(Dynamic::from)
            .map_err(|_| "the sum is beyond 64 bits".to_owned());
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "only where no exact sum can be had"
    )]
    let rounded = || {
        floats
            .iter()
            .fold(integers as f64, |sum, number| sum + number)
    };
    Ok(exact(integers, &floats).unwrap_or_else(rounded).into())
}

/// Digits behind the point that are added exactly.
const DIGITS: usize = 15;

fn exact(integers: i128, floats: &[f64]) -> Option<f64> {
    let mut sum = integers.checked_mul(10_i128.pow(15))?;
    for number in floats {
        sum = sum.checked_add(scaled(*number)?)?;
    }
    let sign = if sum < 0 { "-" } else { "" };
    let digits = format!("{:0>1$}", sum.unsigned_abs(), DIGITS + 1);
    let (whole, part) = digits.split_at(digits.len() - DIGITS);
    format!("{sign}{whole}.{part}").parse().ok()
}

/// Returns a float's decimal times 10^[`DIGITS`], unless it has more digits than that or is huge.
fn scaled(number: f64) -> Option<i128> {
    if !number.is_finite() || number.abs() > 1e18 {
        return None;
    }
    let text = number.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    if part.len() > DIGITS {
        return None;
    }
    format!("{whole}{part:0<DIGITS$}").parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::run;
    use super::*;

    #[test]
    fn decimals_add_up_as_written() {
        assert_eq!(
            run("let l = []; l.pad(10, 0.1); sum(l) == 1.0"),
            Ok(true.into())
        );
        assert_eq!(run("sum([1250.10, -0.05, 3])"), Ok(1253.05.into()));
        assert_eq!(run("sum([0.1, -0.1])"), Ok(0.0.into()));
        assert_eq!(run("sum([-0.5, 0.25])"), Ok((-0.25).into()));
        assert_eq!(run("sum([1e300, 1e300])"), Ok(2e300.into()));
        assert_eq!(run("sum([1.0e-20, 1])"), Ok(1.0.into()));
        assert_eq!(run("sum([])"), Ok(0.into()));
    }

    #[test]
    fn integers_are_exact_or_refused() {
        assert_eq!(
            run("sum([9223372036854775807, 1, -1])"),
            Ok(i64::MAX.into())
        );
        let fault = run("sum([9223372036854775807, 1])").unwrap_err();
        assert_eq!(fault, "sum: the sum is beyond 64 bits");
        let fault = run("sum([1, \"2\"])").unwrap_err();
        assert_eq!(fault, "sum: `list[1]` is text, but it must be a number");
        let fault = run("sum_by([#{ a: () }], \"a\")").unwrap_err();
        assert_eq!(
            fault,
            "sum_by: the key of `list[0]` is `()`, but it must be a number"
        );
    }

    proptest! {
        #[test]
        fn cents_are_never_lost(cents in prop::collection::vec(-10_000_000_i32..10_000_000, 1..50)) {
            let floats: Array = cents.iter().map(|c| (f64::from(*c) / 100.0).into()).collect();
            let sum: i64 = cents.iter().map(|c| i64::from(*c)).sum();
            #[expect(clippy::cast_precision_loss, reason = "far below 53 bits")]
            let expected = sum as f64 / 100.0;
            let total = total(&floats, "").unwrap().as_float().unwrap();
            prop_assert!((total - expected).abs() == 0.0, "{} {}", total, expected);
        }
    }
}
