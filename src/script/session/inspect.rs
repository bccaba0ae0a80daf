//! What a session holds, for completion and for `:vars`.

use rhai::{Dynamic, FnAccess, Map};
use serde_json::Value;

use super::evaluate::{LAST, LAST_ERROR, Session};
use crate::script::json;

/// A variable of a session.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The type of its value.
    pub kind: String,
    /// Whether it is a constant.
    pub is_constant: bool,
    /// Its value, or in words what JSON cannot hold.
    pub value: Result<Value, String>,
}

/// A function that an input defined or imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// Its name, with that of its module.
    pub name: String,
    /// How it is called.
    pub signature: String,
}

/// A step from a value into what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The field of a map.
    Key(String),
    /// The item of a list.
    Item(usize),
}

impl Session {
    /// Returns the variables, in the order in which they were declared.
    pub fn variables(&self) -> Vec<Variable> {
        let own = self
            .scope
            .iter_raw()
            .filter(|(name, ..)| ![LAST, LAST_ERROR].contains(name));
        let mut all: Vec<_> = own
            .map(|(name, is_constant, value)| Variable {
                name: name.into(),
                kind: kind(value),
                is_constant,
                value: json::to_value(&value.flatten_clone()).map_err(|_| value.to_string()),
            })
            .collect();
        // The interpreter gives the last one first.
        all.reverse();
        all
    }

    /// Returns the names of all variables, `_` and `_e` among them.
    pub fn names(&self) -> Vec<String> {
        let names = self.scope.iter_raw().map(|(name, ..)| name.to_owned());
        names.collect()
    }

    /// Returns the value of a variable, as far as JSON can hold it.
    pub fn value(&self, name: &str) -> Option<Value> {
        json::to_value(&self.scope.get(name)?.flatten_clone()).ok()
    }

    /// Returns the keys of the map that stands in a variable, at a path.
    pub fn keys(&self, name: &str, path: &[Part]) -> Vec<String> {
        let value = self.scope.get(name).and_then(|value| inside(value, path));
        let map = value.as_ref().and_then(Dynamic::read_lock::<Map>);
        map.map_or_else(Vec::new, |map| {
            map.keys().map(ToString::to_string).collect()
        })
    }

    /// Returns the functions that inputs defined, and those of the modules they imported.
    pub fn functions(&self) -> Vec<Own> {
        let defined = self.kept.functions().iter_functions();
        let defined = defined.map(|function| (function.name.to_owned(), function.params));
        let mut own: Vec<_> = defined
            .filter(|(name, _)| !name.contains('$'))
            .map(|(name, params)| own(&name, &params))
            .collect();
        for (alias, path) in self.kept.imports() {
            let Some(module) = path.and_then(|path| self.modules.loaded(path)) else {
                continue;
            };
            let public = module
                .iter_script_fn_info()
                .filter(|(_, access, name, ..)| *access == FnAccess::Public && !name.contains('$'));
            own.extend(public.map(|(_, _, name, _, script)| {
                let params: Vec<_> = script
                    .params
                    .iter()
                    .map(rhai::ImmutableString::as_str)
                    .collect();
                self::own(&format!("{alias}::{name}"), &params)
            }));
        }
        own.sort_by(|one, other| one.name.cmp(&other.name));
        own
    }
}

fn own(name: &str, params: &[&str]) -> Own {
    Own {
        name: name.into(),
        signature: format!("{name}({})", params.join(", ")),
    }
}

fn kind(value: &Dynamic) -> String {
    let kind = value.flatten_clone().type_name().to_owned();
    match kind.rsplit("::").next().unwrap_or(&kind) {
        "i64" => "int".into(),
        "f64" => "float".into(),
        "FnPtr" | "Fn" => "closure".into(),
        other => other.to_lowercase(),
    }
}

fn inside(value: &Dynamic, path: &[Part]) -> Option<Dynamic> {
    let Some((first, rest)) = path.split_first() else {
        return Some(value.flatten_clone());
    };
    match first {
        Part::Key(key) => inside(value.read_lock::<Map>()?.get(key.as_str())?, rest),
        Part::Item(index) => inside(value.read_lock::<rhai::Array>()?.get(*index)?, rest),
    }
}
