//! What a script can call, as data: for help, completion, checks and the reference page.
//!
//! Made from the builtins and the catalog; there is no further list.

use crate::catalog::{self, Endpoint, Paging};
use crate::script::binding::{self, How};
use crate::script::builtin::Builtin;
use crate::script::engine::build;
use crate::script::engine::register;

/// A function that scripts can call.
#[derive(Clone, Debug)]
pub struct Function {
    /// Full name, such as `duvo::jobs::start`, `time::now` or `parallel`.
    pub name: String,
    /// How it is called, with the names of its parameters.
    pub signature: String,
    /// What it does: first sentence first.
    pub doc: String,
    /// Code and its result as JSON.
    pub examples: Vec<(&'static str, &'static str)>,
    /// The endpoint behind it, if there is one.
    pub endpoint: Option<&'static Endpoint>,
    /// How many arguments it takes, at least and at most.
    pub arguments: (usize, usize),
}

/// Returns all functions of builtins and endpoints.
pub fn functions() -> Vec<Function> {
    let endpoints = catalog::endpoints().flat_map(binding::functions);
    let endpoints = endpoints.map(|function| of_endpoint(&function));
    build::builtins().map(of_builtin).chain(endpoints).collect()
}

/// Returns the functions that only tests have.
pub fn test_functions() -> Vec<Function> {
    build::test_builtins().map(of_builtin).collect()
}

fn of_builtin(builtin: &'static Builtin) -> Function {
    Function {
        name: builtin.name.into(),
        signature: format!("{} -> {}", register::signature(builtin), builtin.returns),
        doc: builtin.doc.into(),
        examples: builtin.examples.to_vec(),
        endpoint: None,
        arguments: register::arguments(builtin),
    }
}

fn of_endpoint(function: &binding::Function) -> Function {
    let doc = function.endpoint.doc;
    Function {
        name: function.name.clone(),
        signature: function.signature(),
        doc: match function.how {
            How::Call => doc.into(),
            How::List if function.endpoint.paging == Paging::None => doc.into(),
            How::List => format!("{doc} Follows the pages, up to `limit`."),
            How::Each => {
                format!("{doc} Gives them one by one, for `for`; pages are fetched as needed.")
            }
            How::Page => format!("{doc} Gives one page as the API answers it."),
            How::Find => format!("{doc} Gives the one of this id, name, or part of a name."),
        },
        examples: Vec::new(),
        endpoint: Some(function.endpoint),
        arguments: function.arities(),
    }
}

#[cfg(test)]
mod tests {
    use super::functions;

    #[test]
    fn every_function_is_there_and_told_about() {
        let all = functions();
        for name in [
            "duvo::jobs::start",
            "duvo::jobs::each_messages",
            "duvo::queues::find",
            "duvo::jobs::finish",
            "parallel",
            "ask",
        ] {
            assert!(all.iter().any(|function| function.name == name), "{name}");
        }
        for function in &all {
            assert!(!function.doc.is_empty(), "{} has no doc", function.name);
            assert!(
                function.signature.starts_with(&function.name),
                "{}",
                function.signature
            );
        }
    }
}
