//! Puts builtins into Rhai modules, with one native function for each number of arguments.
//!
//! One arity more and one less than a function takes are registered too, so that a wrong call gets
//! our message, which names the parameters, and not the interpreter's "function not found".

use std::any::TypeId;
use std::collections::BTreeMap;

use rhai::{Dynamic, FuncRegistration, Module, NativeCallContext, RhaiFunc, Shared};

use crate::script::builtin::Builtin;
use crate::script::door::{Door, Raise};
use crate::script::engine::build;

/// A module that runs share.
pub(in crate::script) type SharedModule = Shared<Module>;

/// What a native function does with its arguments.
pub(in crate::script) type Native =
    dyn Fn(&NativeCallContext<'_>, &mut [&mut Dynamic]) -> Result<Dynamic, Raise> + Send + Sync;

/// A tree of namespaces under construction; the root holds what needs no namespace.
#[derive(Default)]
pub(in crate::script) struct Namespace {
    functions: Module,
    inner: BTreeMap<String, Namespace>,
}

impl Namespace {
    /// Adds a function under its path, for a range of arities.
    pub(in crate::script) fn add(
        &mut self,
        path: &str,
        arities: (usize, usize),
        native: Shared<Native>,
    ) {
        if let Some((first, rest)) = path.split_once("::") {
            let inner = self.inner.entry(first.into()).or_default();
            return inner.add(rest, arities, native);
        }
        for arity in arities.0..=arities.1 {
            let types = vec![TypeId::of::<Dynamic>(); arity];
            set(&mut self.functions, path, types, Shared::clone(&native));
        }
    }

    /// Adds a builtin under its name.
    pub(in crate::script) fn add_builtin(&mut self, builtin: &'static Builtin) {
        let (least, most) = arguments(builtin);
        let native = move |ctx: &NativeCallContext<'_>, args: &mut [&mut Dynamic]| {
            let door = Door::open(ctx, builtin.name)?;
            if (least..=most).contains(&args.len()) {
                (builtin.run)(&door, args)
            } else {
                Err(wrong_count(
                    &door,
                    (least, most),
                    args.len(),
                    &signature(builtin),
                ))
            }
        };
        let arities = (least.saturating_sub(1), most + 1);
        self.add(builtin.name, arities, Shared::new(native));
    }

    /// Returns the functions without a namespace, and the namespaces beside them.
    pub(in crate::script) fn finish(mut self) -> (SharedModule, Vec<(String, SharedModule)>) {
        let inner = std::mem::take(&mut self.inner).into_iter();
        let inner = inner.map(|(name, namespace)| {
            let module = namespace.into_module(&name);
            (name, module.into())
        });
        let inner = inner.collect();
        (self.into_module("duvoscript").into(), inner)
    }

    fn into_module(self, name: &str) -> Module {
        let mut module = self.functions;
        for (name, inner) in self.inner {
            let inner = inner.into_module(&name);
            module.set_sub_module(name, inner);
        }
        // Without an id and an index, the engine would clone the whole tree for each run.
        module.set_id(name);
        module.build_index();
        module
    }
}

/// Registers a native function for arguments of some types.
pub(in crate::script) fn set(
    module: &mut Module,
    name: &str,
    types: Vec<TypeId>,
    native: Shared<Native>,
) {
    let func = RhaiFunc::Pure {
        func: Shared::new(move |ctx: Option<NativeCallContext<'_>>, args| match ctx {
            Some(ctx) => native(&ctx, args),
            None => Err("called without a context".into()),
        }),
        has_context: true,
        is_pure: true,
        is_volatile: true,
    };
    FuncRegistration::new(name)
        .in_internal_namespace()
        .set_into_module_raw(module, types, func);
}

/// Returns the error of a call with too many or too few arguments.
pub(in crate::script) fn wrong_count(
    door: &Door<'_>,
    (least, most): (usize, usize),
    given: usize,
    signature: &str,
) -> Raise {
    let takes = match (least, most) {
        (least, most) if least == most => count(most),
        (least, most) if most == least + 1 => format!("{least} or {}", count(most)),
        (least, most) => format!("{least} to {}", count(most)),
    };
    let failure = crate::report::Failure::invalid(format!("takes {takes}, not {given}"));
    door.fail(failure.hint(format!("call it as `{signature}`")))
}

fn count(arguments: usize) -> String {
    match arguments {
        0 => "no arguments".into(),
        1 => "1 argument".into(),
        many => format!("{many} arguments"),
    }
}

/// Returns how many arguments a builtin takes, at least and at most.
pub(in crate::script) fn arguments(builtin: &Builtin) -> (usize, usize) {
    let needed = builtin.params.iter().filter(|param| !is_optional(param));
    (needed.count(), builtin.params.len())
}

/// Returns how a script calls a builtin: `parallel(list, each, options?)`.
pub(in crate::script) fn signature(builtin: &Builtin) -> String {
    let names = builtin
        .params
        .iter()
        .map(|param| param.split(':').next().unwrap_or_default().trim());
    format!("{}({})", builtin.name, names.collect::<Vec<_>>().join(", "))
}

/// Returns the options of a parameter with their types: `options?: #{ until: string, limit: int }`.
pub(in crate::script) fn options(
    param: &'static str,
) -> impl Iterator<Item = (&'static str, &'static str)> {
    let inside = param.split_once("#{").map_or("", |(_, rest)| rest);
    let inside = inside.rsplit_once('}').map_or(inside, |(inside, _)| inside);
    let mut depth = 0_u32;
    let pairs = inside.split(move |letter| {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    });
    pairs
        .filter_map(|pair| pair.split_once(':'))
        .map(|(name, types)| (name.trim(), types.trim()))
}

/// Returns the names of the options that an option declares, which is a map of its own.
pub(in crate::script) fn inner_names(function: &str, option: &str) -> Vec<&'static str> {
    let builtin = build::builtins().find(|builtin| builtin.name == function);
    let params = builtin.into_iter().flat_map(|builtin| builtin.params);
    let own = params.copied().flat_map(options);
    own.filter(|(name, _)| *name == option)
        .flat_map(|(_, types)| options(types))
        .map(|(name, _)| name)
        .collect()
}

/// Returns the names of the options that a builtin declares.
pub(in crate::script) fn option_names(function: &str) -> Vec<&'static str> {
    let builtin = build::builtins()
        .chain(build::test_builtins())
        .find(|builtin| builtin.name == function);
    let params = builtin.into_iter().flat_map(|builtin| builtin.params);
    params
        .copied()
        .flat_map(options)
        .map(|(name, _)| name)
        .collect()
}

fn is_optional(param: &str) -> bool {
    let name = param.split(':').next().unwrap_or_default();
    name.trim_end().ends_with('?')
}
