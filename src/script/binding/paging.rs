//! Lists over all their pages: whole, or lazily.
//!
//! Every page is an effect of its own. A list that changes while it is read can repeat an item on
//! the next page; an `id` that came before is dropped. Lists with a `before` cursor are read from
//! the newest item to the oldest: `each` gives them so, the whole list is turned round.

use std::any::TypeId;
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use rhai::{Array, Dynamic, ImmutableString, Map, Module};
use serde_json::Value;

use super::arguments::Given;
use super::caller::{Caller, Later};
use crate::catalog::{Call, Endpoint, Paging};
use crate::report::Failure;
use crate::script::door::{Door, Raise};
use crate::script::engine::register::SharedModule;

/// Most items a list without a `limit` may have; more are for `each`.
const MOST_ITEMS: usize = 100_000;

/// Returns the whole list.
pub(super) fn list(
    door: &Door<'_>,
    endpoint: &'static Endpoint,
    given: Given,
) -> Result<Dynamic, Raise> {
    let mut pages = Pages::new(endpoint, given).map_err(|failure| door.fail(failure))?;
    let mut items = Array::new();
    while let Some(mut page) = pages.next(door)? {
        items.append(&mut page);
        if items.len() > MOST_ITEMS && pages.left.is_none() {
            let message = format!("the list has more than {MOST_ITEMS} items");
            let each = door.function.replacen("list", "each", 1);
            return Err(door.fail(Failure::invalid(message).hint(format!(
                "give a `limit`, or go through it with `for item in {each}(…)`"
            ))));
        }
    }
    if matches!(endpoint.paging, Paging::Before { .. }) {
        items.reverse();
    }
    Ok(items.into())
}

/// Returns a lazy list, for `for`.
pub(super) fn each(
    door: &Door<'_>,
    endpoint: &'static Endpoint,
    given: Given,
) -> Result<Dynamic, Raise> {
    let pages = Pages::new(endpoint, given).map_err(|failure| door.fail(failure))?;
    let state = EachState {
        caller: Later::new(door),
        pages,
        ready: VecDeque::new(),
    };
    Ok(Dynamic::from(Each(Arc::new(Mutex::new(state)))))
}

/// A list whose pages are fetched when a loop comes to them.
#[derive(Clone)]
struct Each(Arc<Mutex<EachState>>);

struct EachState {
    caller: Later,
    pages: Pages,
    ready: VecDeque<Dynamic>,
}

impl EachState {
    fn next(&mut self) -> Option<Result<Dynamic, Raise>> {
        while self.ready.is_empty() {
            match self.pages.next(&self.caller) {
                Ok(Some(page)) => self.ready.extend(page),
                Ok(None) => return None,
                Err(error) => {
                    self.pages.done = true;
                    return Some(Err(error));
                }
            }
        }
        self.ready.pop_front().map(Ok)
    }
}

/// Returns the module that lets `for` go through lazy lists.
pub(in crate::script) fn iterators() -> SharedModule {
    let mut module = Module::new();
    module.set_custom_type::<Each>("Each");
    module.set_iter_result(TypeId::of::<Each>(), |each| {
        let each = each.cast::<Each>();
        Box::new(std::iter::from_fn(move || {
            each.0.lock().unwrap_or_else(PoisonError::into_inner).next()
        }))
    });
    module.set_id("iterators").build_index();
    module.into()
}

/// The pages of a list, fetched one by one.
pub(super) struct Pages {
    endpoint: &'static Endpoint,
    given: Given,
    offset: u64,
    /// How many items are still wanted; `None`: all.
    left: Option<usize>,
    seen: HashSet<ImmutableString>,
    done: bool,
}

struct Page {
    items: Array,
    total: Option<u64>,
    has_more: Option<bool>,
}

impl Pages {
    /// Prepares to read a list; judges the arguments before anything is sent.
    pub(super) fn new(endpoint: &'static Endpoint, mut given: Given) -> Result<Self, Failure> {
        let mut left = None;
        if endpoint.paging != Paging::None {
            left = take_limit(&mut given)?;
        }
        super::check(endpoint, &given.path, &mut given.fields)?;
        let offset = given
            .fields
            .get("offset")
            .and_then(Value::as_u64)
            .unwrap_or(0);
        Ok(Self {
            endpoint,
            given,
            offset,
            left,
            seen: HashSet::new(),
            done: left == Some(0),
        })
    }

    /// Fetches the next page; `None` behind the last.
    pub(super) fn next(&mut self, caller: &dyn Caller) -> Result<Option<Array>, Raise> {
        if self.done {
            return Ok(None);
        }
        let wanted = self.ask();
        let page = self.open(caller, caller.send(self.call())?)?;
        let count = page.items.len();
        self.offset += count as u64;
        let mut items = self.unseen(page.items);
        self.done = match (self.endpoint.paging, page.total, page.has_more) {
            (Paging::None, ..) => true,
            (Paging::Before { .. }, _, Some(more)) => !more || !self.set_cursor(&items),
            (Paging::Before { .. }, _, None) => count < wanted || !self.set_cursor(&items),
            (Paging::Offset { .. }, Some(total), _) => self.offset >= total,
            (Paging::Offset { .. }, None, _) => count < wanted,
        };
        // A server that does not know paging would give the same page for ever.
        self.done |= items.is_empty();
        if matches!(self.endpoint.paging, Paging::Before { .. }) {
            items.reverse();
        }
        if let Some(left) = &mut self.left {
            items.truncate(*left);
            *left -= items.len();
            self.done |= *left == 0;
        }
        Ok(Some(items))
    }

    /// Puts the size and the start of the next page into the fields; returns the size.
    fn ask(&mut self) -> usize {
        let max = match self.endpoint.paging {
            Paging::None => return usize::MAX,
            Paging::Offset { max, .. } | Paging::Before { max } => max as usize,
        };
        let wanted = self.left.map_or(max, |left| left.min(max));
        self.given.fields.insert("limit".into(), wanted.into());
        if matches!(self.endpoint.paging, Paging::Offset { .. }) {
            self.given
                .fields
                .insert("offset".into(), self.offset.into());
        }
        wanted
    }

    fn call(&self) -> Call {
        Call {
            endpoint: self.endpoint,
            path: self.given.path.clone(),
            fields: self.given.fields.clone(),
        }
    }

    fn open(&self, caller: &dyn Caller, answer: Dynamic) -> Result<Page, Raise> {
        let key = self.endpoint.list.unwrap_or(".");
        let (list, mut envelope) = match answer.try_cast_result::<Map>() {
            Ok(mut envelope) => (envelope.remove(key), envelope),
            Err(other) => (Some(other), Map::new()),
        };
        let items = list.map(Dynamic::try_cast_result::<Array>);
        let Some(Ok(items)) = items else {
            let what = if key == "." {
                "is no list".into()
            } else {
                format!("has no list `{key}`")
            };
            return Err(caller.broken(self.endpoint, &what));
        };
        Ok(Page {
            items,
            total: envelope.remove("total").and_then(|total| whole(&total)),
            has_more: envelope
                .remove("has_more")
                .and_then(|more| more.as_bool().ok()),
        })
    }

    fn unseen(&mut self, mut items: Array) -> Array {
        items.retain(|item| match id(item) {
            Some(id) => self.seen.insert(id),
            None => true,
        });
        items
    }

    /// Goes on before the oldest item, the first of its page.
    fn set_cursor(&mut self, items: &Array) -> bool {
        let oldest = items.first().and_then(id);
        if let Some(oldest) = &oldest {
            self.given
                .fields
                .insert("before".into(), oldest.as_str().into());
        }
        oldest.is_some()
    }
}

fn take_limit(given: &mut Given) -> Result<Option<usize>, Failure> {
    match given.fields.shift_remove("limit") {
        None | Some(Value::Null) => Ok(None),
        Some(limit) => match limit.as_u64().map(usize::try_from) {
            Some(Ok(limit)) => Ok(Some(limit)),
            _ => Err(Failure::invalid(format!(
                "`limit` must be a whole number of items, at least 0, not `{limit}`"
            ))),
        },
    }
}

fn id(item: &Dynamic) -> Option<ImmutableString> {
    let map = item.as_map_ref().ok()?;
    let id = map.get("id")?.as_immutable_string_ref().ok()?;
    Some(id.clone())
}

fn whole(number: &Dynamic) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float is the number of rows; what does not fit is at the bounds"
    )]
    match (number.as_int(), number.as_float()) {
        (Ok(number), _) => u64::try_from(number).ok(),
        (_, Ok(number)) if number >= 0.0 => Some(number as u64),
        _ => None,
    }
}
