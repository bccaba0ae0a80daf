//! The functions of the `duvo` module: which there are, under which names, and what each does.

use std::sync::Arc;

use rhai::{Dynamic, NativeCallContext, Shared};

use super::{answer, arguments, chunk, find, paging};
use crate::catalog::{self, Call, Endpoint};
use crate::script::door::{Door, Raise};
use crate::script::engine::register::{Namespace, wrong_count};

/// What a function does with its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Calls it once, or once a batch.
    Call,
    /// Returns the whole list, page after page.
    List,
    /// Returns a lazy list.
    Each,
    /// Returns one page as the API answers it.
    Page,
    /// Returns the one item of a name.
    Find,
}

/// One function of the `duvo` module.
#[derive(Clone, Debug)]
pub(in crate::script) struct Function {
    /// The endpoint behind it.
    pub(in crate::script) endpoint: &'static Endpoint,
    /// What scripts call, such as `duvo::jobs::list_messages`.
    pub(in crate::script) name: String,
    /// What it does with the endpoint.
    pub(in crate::script) how: How,
}

/// Returns the functions of an endpoint.
pub(in crate::script) fn functions(endpoint: &'static Endpoint) -> Vec<Function> {
    let function = |how, verb: String| Function {
        endpoint,
        name: format!("duvo::{}::{verb}", endpoint.section),
        how,
    };
    if endpoint.list.is_none() {
        return vec![function(How::Call, endpoint.verb.into())];
    }
    let mut all = vec![
        function(How::List, endpoint.verb.into()),
        function(How::Each, derived("each", endpoint.verb)),
        function(How::Page, derived("page", endpoint.verb)),
    ];
    if endpoint.find.is_some() {
        all.push(function(How::Find, derived("find", endpoint.verb)));
    }
    all
}

/// `list` becomes `each`, `list_messages` becomes `each_messages`, `search` becomes `each_search`.
fn derived(word: &str, verb: &str) -> String {
    match verb.strip_prefix("list") {
        Some(rest) => format!("{word}{rest}"),
        None => format!("{word}_{verb}"),
    }
}

/// Adds the functions of all endpoints.
pub(in crate::script) fn add_endpoints(root: &mut Namespace) {
    for function in catalog::endpoints().flat_map(functions) {
        let (least, most) = function.arities();
        let name = function.name.clone();
        let function = Arc::new(function);
        let native = move |ctx: &NativeCallContext<'_>, args: &mut [&mut Dynamic]| {
            let door = Door::open(ctx, &function.name)?;
            function.run(&door, args)
        };
        root.add(
            &name,
            (least.saturating_sub(1), most + 1),
            Shared::new(native),
        );
    }
}

impl Function {
    /// Returns how many arguments it takes, at least and at most.
    pub(in crate::script) fn arities(&self) -> (usize, usize) {
        let ids = self.endpoint.given_params().count();
        let has_fields = self.endpoint.given_fields().next().is_some() || self.endpoint.is_open();
        let text = usize::from(self.how == How::Find);
        let most = ids + text + usize::from(has_fields);
        (
            ids + text,
            most + usize::from(self.endpoint.shorthand.is_some()),
        )
    }

    /// Returns how a script calls it.
    pub(in crate::script) fn signature(&self) -> String {
        let plain = catalog::signature(self.endpoint);
        let Some((_, arguments)) = plain.split_once('(') else {
            return plain;
        };
        if self.how == How::Find {
            let ids: Vec<_> = self
                .endpoint
                .given_params()
                .map(|param| param.name)
                .collect();
            let given = ids.into_iter().chain(["text"]);
            return format!("{}({})", self.name, given.collect::<Vec<_>>().join(", "));
        }
        format!("{}({arguments}", self.name)
    }

    fn run(&self, door: &Door<'_>, args: &[&mut Dynamic]) -> Result<Dynamic, Raise> {
        let (least, most) = self.arities();
        if !(least..=most).contains(&args.len()) {
            return Err(wrong_count(
                door,
                (least, most),
                args.len(),
                &self.signature(),
            ));
        }
        if self.how == How::Find {
            return find::find(door, self.endpoint, args);
        }
        let given = arguments::read(self.endpoint, args).map_err(|failure| door.fail(failure))?;
        self.send(door, given)
    }

    /// Does what the function does, with the arguments already sorted out.
    pub(super) fn send(&self, door: &Door<'_>, given: arguments::Given) -> Result<Dynamic, Raise> {
        match self.how {
            How::Call => chunk::send(door, self.endpoint, given),
            How::Page => {
                let call = given
                    .checked(self.endpoint)
                    .map_err(|failure| door.fail(failure))?;
                door.value(crate::script::host::Effect::Call(call))
            }
            How::List => paging::list(door, self.endpoint, given),
            How::Each => paging::each(door, self.endpoint, given),
            How::Find => Err(door.invalid("wants a text")),
        }
    }
}

/// Calls an endpoint once and unwraps its answer.
pub(super) fn call_once(
    door: &Door<'_>,
    endpoint: &'static Endpoint,
    given: arguments::Given,
) -> Result<Dynamic, Raise> {
    let call = given
        .checked(endpoint)
        .map_err(|failure| door.fail(failure))?;
    send_once(door, call)
}

/// Sends a call that was judged, and unwraps its answer.
pub(super) fn send_once(door: &Door<'_>, call: Call) -> Result<Dynamic, Raise> {
    let endpoint = call.endpoint;
    let value = door.value(crate::script::host::Effect::Call(call))?;
    answer::unwrap(endpoint, value).map_err(|failure| door.fail(failure))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_functions_share_a_name() {
        let mut names = HashSet::new();
        for function in catalog::endpoints().flat_map(functions) {
            assert!(
                names.insert(function.name.clone()),
                "{} is there twice",
                function.name
            );
        }
    }

    #[test]
    fn derives_the_names_of_list_functions() {
        assert_eq!(derived("each", "list"), "each");
        assert_eq!(derived("page", "list_messages"), "page_messages");
        assert_eq!(derived("each", "search"), "each_search");
    }
}
