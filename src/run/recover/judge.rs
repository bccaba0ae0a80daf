//! Whether the conditions of the catalog hold for something that was seen.

use serde_json::Value;

use super::compare::{is_nothing, is_same};
use super::scope::{Scope, Seen};
use super::window::Verdict;
use crate::catalog::{Pair, Term};

/// Judges whether a thing is the one that the call would make.
///
/// What the call does not give is expected not to be there; what cannot be seen stays in doubt.
pub(super) fn is_it<'p>(
    pairs: impl IntoIterator<Item = &'p Pair>,
    scope: &Scope<'_>,
    seen: &Seen,
) -> Verdict {
    let verdicts = pairs.into_iter().map(|pair| {
        let found = seen.at(pair.at);
        let is_bare = found.iter().all(|value| is_nothing(value));
        match scope.values(pair.term) {
            None if is_bare => Verdict::Yes,
            None if matches!(pair.term, Term::Nothing) => Verdict::No,
            None => Verdict::Perhaps,
            Some(_) if found.is_empty() => Verdict::Perhaps,
            Some(wanted) => Verdict::of(is_any(&wanted, &found)),
        }
    });
    verdicts.fold(Verdict::Yes, Verdict::and)
}

/// Judges whether a thing is as the call would have made it, in what may be changed afterwards.
pub(super) fn is_like(pairs: &[Pair], scope: &Scope<'_>, seen: &Seen) -> Verdict {
    let visible = pairs.iter().filter(|pair| !seen.at(pair.at).is_empty());
    match is_it(visible, scope, seen) {
        Verdict::No => Verdict::Perhaps,
        other => other,
    }
}

/// Returns whether a thing is in one of several states, beyond doubt.
pub(super) fn is_any_so(ways: &[&[Pair]], scope: &Scope<'_>, seen: &Seen) -> bool {
    let mut ways = ways.iter();
    ways.any(|way| is_so(way, scope, seen) == Verdict::Yes)
}

/// Judges whether a thing is in a state; what the call does not give is not asked for.
pub(super) fn is_so(pairs: &[Pair], scope: &Scope<'_>, seen: &Seen) -> Verdict {
    let verdicts = pairs.iter().map(|pair| {
        let given = pair.at.strip_prefix('$').and_then(|name| scope.given(name));
        let found = given
            .as_ref()
            .map_or_else(|| seen.at(pair.at), |value| vec![value]);
        match (pair.term, scope.values(pair.term)) {
            (Term::Nothing, _) => Verdict::of(found.iter().all(|value| is_nothing(value))),
            (Term::Since, _) => came_since(scope, &found),
            (Term::Before, _) => all(&found, |at| scope.window.is_untouched(at)),
            (Term::Until, _) => all(&found, |at| scope.window.is_no_later(at)),
            (Term::Me, None) => Verdict::Perhaps,
            (_, None) => Verdict::Yes,
            (_, Some(wanted)) => Verdict::of(is_any(&wanted, &found)),
        }
    });
    verdicts.fold(Verdict::Yes, Verdict::and)
}

fn came_since(scope: &Scope<'_>, found: &[&Value]) -> Verdict {
    let set = found.iter().filter(|value| !is_nothing(value));
    set.map(|value| scope.window.holds(value))
        .fold(Verdict::No, either)
}

/// Judges whether all times are so; where there is none, they are.
fn all(found: &[&Value], is_so: impl Fn(&Value) -> bool) -> Verdict {
    let mut set = found.iter().filter(|value| !is_nothing(value));
    Verdict::of(set.all(|value| is_so(value)))
}

fn either(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Yes, _) | (_, Verdict::Yes) => Verdict::Yes,
        (Verdict::No, Verdict::No) => Verdict::No,
        (Verdict::Perhaps, _) | (_, Verdict::Perhaps) => Verdict::Perhaps,
    }
}

fn is_any(wanted: &[Value], found: &[&Value]) -> bool {
    wanted
        .iter()
        .any(|wanted| found.iter().any(|found| is_same(wanted, found)))
}
