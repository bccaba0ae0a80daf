//! What entries say about their recovery: it names what is there, reads only, and shows no secret.

use duvoscript::catalog::{
    Endpoint, Field, Format, Kind, LookUp, Pair, Reading, Repeat, Shape, Term, Way, by_name,
};

use crate::{assert_all, fields_of, result, unless};

#[test]
fn every_call_that_must_be_sent_once_says_how_it_is_looked_up() {
    assert_all(|entry| {
        let is_once = entry.repeat == Repeat::Once;
        unless(
            is_once == entry.recovery.is_some(),
            "`once` and `recover` go together",
        )
    });
    assert_all(|entry| {
        let Way::Impossible(why) = entry.recovery.as_ref()?.way else {
            return None;
        };
        let is_clause = why.starts_with(char::is_lowercase) && !why.ends_with('.');
        unless(is_clause, "why it is impossible is no clause")
    });
}

#[test]
fn look_ups_only_read() {
    assert_all(|entry| {
        let plan = plan(entry)?;
        let mut strange = readings(plan).filter(|reading| {
            let read = reading
                .endpoint
                .map(|name| by_name(name).map(|it| it.repeat));
            read.is_some_and(|repeat| repeat != Some(Repeat::Read))
        });
        let strange = strange.next()?;
        Some(format!("{:?} does not read", strange.endpoint))
    });
}

#[test]
fn readings_can_be_made() {
    assert_all(|entry| {
        let plan = plan(entry)?;
        let faults = readings(plan).flat_map(|reading| unfilled(entry, plan, reading));
        let faults: Vec<_> = faults.collect();
        unless(faults.is_empty(), faults.join(", "))
    });
}

/// Returns the parameters of a reading that nothing fills, and the fields that it does not have.
fn unfilled(entry: &Endpoint, plan: &LookUp, reading: &Reading) -> Vec<String> {
    let Some(endpoint) = reading.endpoint.and_then(by_name) else {
        return Vec::new();
    };
    let is_list = plan
        .list
        .as_ref()
        .is_some_and(|list| std::ptr::eq(list, reading));
    let has_row = plan.list.is_some() && !is_list;
    let unknown = endpoint.given_params().filter(|param| {
        let is_stated = reading.with.iter().any(|pair| pair.at == param.name);
        !is_stated && given(entry, plan, param.name).is_none() && !has_row
    });
    let unknown = unknown.map(|param| format!("nothing fills `{}`", param.name));
    let foreign = reading.with.iter().filter(|pair| {
        let mut known = endpoint.given_params().chain(endpoint.given_fields());
        !known.any(|field| field.name == pair.at)
    });
    let foreign = foreign.map(|pair| format!("{} has no field `{}`", endpoint.name, pair.at));
    unknown.chain(foreign).collect()
}

#[test]
fn terms_name_fields_of_the_call() {
    assert_all(|entry| {
        let plan = plan(entry)?;
        let unknown = all_pairs(plan).find_map(|pair| match pair.term {
            Term::Given(name) => given(entry, plan, name).is_none().then_some(name),
            _ => None,
        });
        Some(format!("the call has no `{}`", unknown?))
    });
    assert_all(|entry| {
        let harmless = entry.recovery.as_ref()?.harmless.iter();
        let mut unknown = harmless.filter(|pair| field(entry.given_fields(), pair.at).is_none());
        Some(format!("the call has no `{}`", unknown.next()?.at))
    });
}

#[test]
fn places_are_there() {
    assert_all(|entry| {
        let plan = plan(entry)?;
        let pairs = judged(plan).map(|pair| pair.at);
        let found = plan.answer.iter().filter_map(|pair| match pair.term {
            Term::At(place) => Some(place),
            _ => None,
        });
        let places = pairs.chain(found).chain(plan.since).chain(plan.changed);
        let mut missing = places.filter(|place| is_missing(entry, plan, place));
        Some(format!("there is no `{}`", missing.next()?))
    });
    assert_all(|entry| {
        let plan = plan(entry)?;
        let answer = entry.answer?;
        let mut missing = plan
            .answer
            .iter()
            .filter(|pair| below(&answer, pair.at).is_none());
        Some(format!("the answer has no `{}`", missing.next()?.at))
    });
}

fn is_missing(entry: &Endpoint, plan: &LookUp, place: &str) -> bool {
    match place.strip_prefix('$') {
        Some(name) => given(entry, plan, name).is_none(),
        None => shape_at(plan, place).is_none(),
    }
}

#[test]
fn secrets_are_neither_compared_nor_shown() {
    let is_secret =
        |shape: Shape| matches!(shape.kind, Kind::Text(of) if of.format == Format::Secret);
    assert_all(|entry| {
        let plan = plan(entry)?;
        let secret = judged(plan).find(|pair| {
            let sent = match pair.term {
                Term::Given(name) => given(entry, plan, name),
                _ => None,
            };
            // Of a map with secret values, only the list of its keys may be compared.
            let hides = match sent.map(|shape| shape.kind) {
                Some(Kind::Map(value, _)) if is_secret(*value) => {
                    let seen = shape_at(plan, pair.at).map(|shape| shape.kind);
                    !matches!(seen, Some(Kind::List(..)))
                }
                _ => sent.is_some_and(is_secret),
            };
            hides || shape_at(plan, pair.at).is_some_and(is_secret)
        });
        Some(format!("`{}` is secret", secret?.at))
    });
}

fn plan(entry: &'static Endpoint) -> Option<&'static LookUp> {
    match entry.recovery.as_ref()?.way {
        Way::LookUp(plan) => Some(plan),
        Way::Impossible(_) => None,
    }
}

fn readings(plan: &LookUp) -> impl Iterator<Item = &Reading> {
    [&plan.list, &plan.get, &plan.detail].into_iter().flatten()
}

/// Returns what is compared with what is seen.
fn judged(plan: &LookUp) -> impl Iterator<Item = &Pair> {
    let ways = plan.open.iter().chain(plan.done).copied().flatten();
    [plan.same, plan.like].into_iter().flatten().chain(ways)
}

fn all_pairs(plan: &LookUp) -> impl Iterator<Item = &Pair> {
    let asked = readings(plan).flat_map(|reading| reading.with.iter().chain(reading.only));
    judged(plan).chain(asked).chain(plan.answer)
}

fn field<'f>(mut fields: impl Iterator<Item = &'f Field>, name: &str) -> Option<&'f Field> {
    fields.find(|field| field.name == name)
}

/// Returns the shape of what the call gives under a name: an item of `each` stands for its list.
fn given(entry: &Endpoint, plan: &LookUp, name: &str) -> Option<Shape> {
    let own = || entry.given_params().chain(entry.given_fields());
    let item = plan.each.iter().find_map(|each| {
        let shape = field(own(), each)?.shape;
        let item = match shape.kind {
            Kind::List(item, _) => *item,
            _ => shape,
        };
        let inner = fields_of(&item);
        if inner.is_empty() {
            (*each == name).then_some(item)
        } else {
            field(inner.into_iter(), name).map(|field| field.shape)
        }
    });
    item.or_else(|| field(own(), name).map(|field| field.shape))
}

/// Returns the shape of what stands at a place.
fn shape_at(plan: &LookUp, place: &str) -> Option<Shape> {
    let (start, rest) = place.split_once('.').unwrap_or((place, ""));
    match start {
        "get" => below(&answer_of(plan.get.as_ref()?)?, rest),
        "detail" => below(&item_of(plan, plan.detail.as_ref()?)?, rest),
        "row" => below(&item_of(plan, plan.list.as_ref()?)?, rest),
        _ => below(&item_of(plan, plan.list.as_ref()?)?, place),
    }
}

fn answer_of(reading: &Reading) -> Option<Shape> {
    by_name(reading.endpoint?)?.answer
}

/// Returns the shape of the items that a reading lists.
fn item_of(plan: &LookUp, reading: &Reading) -> Option<Shape> {
    let list = match (reading.endpoint, reading.within) {
        (None, Some(place)) => shape_at(plan, place)?,
        (Some(_), Some(place)) => below(&answer_of(reading)?, place)?,
        (Some(name), None) => return result(by_name(name)?),
        (None, None) => return None,
    };
    match list.kind {
        Kind::List(item, _) => Some(*item),
        _ => None,
    }
}

/// Returns the shape at the end of a path; what may be anything holds everything.
fn below(shape: &Shape, path: &str) -> Option<Shape> {
    if path.is_empty() {
        return Some(*shape);
    }
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    match shape.kind {
        Kind::Any => Some(*shape),
        Kind::List(item, _) => below(item, path),
        Kind::Map(value, _) => below(value, rest),
        _ => below(&field(fields_of(shape).into_iter(), name)?.shape, rest),
    }
}
