//! A total order on what scripts sort by: numbers, texts, truths, lists of them, and `()` last.
//!
//! Integers and floats compare exactly, also where a float cannot hold the integer.

use std::cmp::Ordering;

use rhai::{Array, Dynamic, ImmutableString};

use super::arguments::{as_text, kind};
use crate::script::door::{Door, Raise};

/// A value to sort by.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// False before true.
    Truth(bool),
    /// By value; what is no number comes last.
    Number(Number),
    /// By the numbers of its characters.
    Text(ImmutableString),
    /// By the first item that differs.
    List(Vec<Rank>),
    /// After all others.
    Nothing,
}

impl Rank {
    fn of(value: &Dynamic, depth: usize) -> Option<Self> {
        if value.is_unit() {
            Some(Self::Nothing)
        } else if let Ok(number) = value.as_int() {
            Some(Self::Number(Number::Int(number)))
        } else if let Ok(number) = value.as_float() {
            Some(Self::Number(Number::Float(number)))
        } else if let Ok(truth) = value.as_bool() {
            Some(Self::Truth(truth))
        } else if let Some(text) = as_text(value) {
            Some(Self::Text(text))
        } else if depth < 8 {
            let items = value.read_lock::<Array>()?;
            let ranks = items.iter().map(|item| Self::of(item, depth + 1));
            ranks.collect::<Option<_>>().map(Self::List)
        } else {
            None
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::Truth(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Nothing => "`()`",
        }
    }

    /// Returns the classes of two ranks that have no sensible order.
    fn clash(&self, other: &Self) -> Option<(&'static str, &'static str)> {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => None,
            (Self::List(a), Self::List(b)) => a.iter().zip(b).find_map(|(a, b)| a.clash(b)),
            _ if self.class() == other.class() => None,
            _ => Some((self.class(), other.class())),
        }
    }
}

/// Ranks the keys of a list's items; fails on keys that cannot be compared with each other.
pub(super) fn rank_all(door: &Door<'_>, keys: &[Dynamic]) -> Result<Vec<Rank>, Raise> {
    let mut ranks: Vec<Rank> = Vec::with_capacity(keys.len());
    let mut first = None;
    for (index, key) in keys.iter().enumerate() {
        let rank = Rank::of(key, 0).ok_or_else(|| {
            let kind = kind(key);
            door.invalid(format!(
                "the key of `list[{index}]` is {kind}, which has no order"
            ))
        })?;
        if let Some(at) = first
            && let Some((a, b)) = rank.clash(&ranks[at])
        {
            return Err(door.invalid(format!(
                "cannot compare the keys of `list[{at}]` and `list[{index}]`: {b} and {a}"
            )));
        }
        if first.is_none() && rank != Rank::Nothing {
            first = Some(index);
        }
        ranks.push(rank);
    }
    Ok(ranks)
}

/// A number, ordered by its value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (*self, *other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(&b),
            (Self::Int(a), Self::Float(b)) => compare(a, b),
            (Self::Float(a), Self::Int(b)) => compare(b, a).reverse(),
            (Self::Float(a), Self::Float(b)) => a
                .partial_cmp(&b)
                .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan())),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

fn compare(int: i64, float: f64) -> Ordering {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if float.is_nan() || float >= BEYOND {
        return Ordering::Less;
    }
    if float < -BEYOND {
        return Ordering::Greater;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range was checked above"
    )]
    let whole = float.trunc() as i64;
    let part = 0.0_f64.partial_cmp(&float.fract());
    int.cmp(&whole).then(part.unwrap_or(Ordering::Equal))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Number::{Float, Int};
    use super::*;

    #[test]
    fn integers_and_floats_compare_exactly() {
        assert!(Int(9_007_199_254_740_993) > Float(9_007_199_254_740_992.0));
        assert!(Int(i64::MAX) < Float(9_223_372_036_854_775_808.0));
        assert_eq!(Int(i64::MIN), Float(-9_223_372_036_854_775_808.0));
        assert!(Int(-1) > Float(-1.5) && Int(-2) < Float(-1.5) && Int(1) < Float(1.5));
        assert!(Float(f64::NAN) > Float(f64::INFINITY) && Float(f64::NAN) > Int(i64::MAX));
        assert_eq!(Float(-0.0), Int(0));
    }

    fn numbers() -> impl Strategy<Value = Number> {
        prop_oneof![
            any::<i64>().prop_map(Int),
            any::<f64>().prop_map(Float),
            (-3_i64..3).prop_map(Int),
            (-6_i8..6).prop_map(|half| Float(f64::from(half) / 2.0)),
        ]
    }

    proptest! {
        // The standard library's sort may panic on an order that is not total.
        #[test]
        fn the_order_is_total(a in numbers(), b in numbers(), c in numbers()) {
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
            if a <= b && b <= c {
                prop_assert!(a <= c);
            }
        }
    }
}
