//! Every name that scripts find without declaring it: the library's functions, the language's own,
//! and the namespaces. Made from the tables that the engine registers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use crate::script::{CoreFunction, Function, core_functions, functions, test_functions};

/// Calls that the parser itself understands, whatever their number of arguments.
const KEYWORDS: [&str; 10] = [
    "Fn",
    "call",
    "curry",
    "debug",
    "eval",
    "is_def_fn",
    "is_def_var",
    "is_shared",
    "print",
    "type_of",
];

/// The names that are there without a declaration.
pub(super) struct Library {
    functions: BTreeMap<String, Function>,
    /// Names of those that only tests have.
    of_tests: BTreeSet<String>,
    core: HashMap<String, Vec<CoreFunction>>,
    namespaces: BTreeSet<String>,
}

/// Returns the library; it is made once.
pub(super) fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(Library::new)
}

/// Returns whether a name is one of the parser's own calls.
pub(super) fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

impl Library {
    fn new() -> Self {
        let for_tests = test_functions();
        let of_tests = for_tests.iter().map(|function| function.name.clone());
        let of_tests = of_tests.collect();
        let functions: BTreeMap<_, _> = functions()
            .into_iter()
            .chain(for_tests)
            .map(|function| (function.name.clone(), function))
            .collect();
        let mut namespaces = BTreeSet::new();
        for name in functions.keys() {
            let ends = name.match_indices("::").map(|(end, _)| end);
            namespaces.extend(ends.map(|end| name[..end].to_owned()));
        }
        let mut core: HashMap<_, Vec<_>> = HashMap::new();
        for function in core_functions() {
            core.entry(function.name.clone())
                .or_default()
                .push(function);
        }
        Self {
            functions,
            of_tests,
            core,
            namespaces,
        }
    }

    /// Returns the function of a full name: `duvo::jobs::start`, `ask`.
    pub(super) fn function(&self, name: &str) -> Option<&Function> {
        self.functions.get(name)
    }

    /// Returns whether only tests have the function of a full name: `test::run`.
    pub(super) fn is_of_tests(&self, name: &str) -> bool {
        self.of_tests.contains(name)
    }

    /// Returns what the language itself has under a name, one entry a number of arguments.
    pub(super) fn core(&self, name: &str) -> &[CoreFunction] {
        self.core.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns whether functions or namespaces stand below a path: `duvo`, `duvo::jobs`.
    pub(super) fn is_namespace(&self, path: &str) -> bool {
        self.namespaces.contains(path)
    }

    /// Returns the names directly below a path, of namespaces: `jobs` below `duvo`.
    pub(super) fn namespaces_in<'a>(&'a self, path: &str) -> impl Iterator<Item = &'a str> {
        let names = self.namespaces.iter().map(String::as_str);
        below(names, path)
    }

    /// Returns the names directly below a path, of functions: `start` below `duvo::jobs`.
    pub(super) fn functions_in<'a>(&'a self, path: &str) -> impl Iterator<Item = &'a str> {
        let names = self.functions.keys().map(String::as_str);
        below(names, path)
    }

    /// Returns the names of what can be called without a path.
    pub(super) fn plain_names(&self) -> impl Iterator<Item = &str> {
        let core = self.core.keys().map(String::as_str);
        self.functions_in("").chain(core)
    }
}

/// Keeps the names directly below a path, without the path.
fn below<'a>(names: impl Iterator<Item = &'a str>, path: &str) -> impl Iterator<Item = &'a str> {
    let prefix = match path {
        "" => String::new(),
        path => format!("{path}::"),
    };
    names.filter_map(move |name| {
        let rest = name.strip_prefix(prefix.as_str())?;
        (!rest.contains("::")).then_some(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::library;

    #[test]
    fn names_are_found_by_their_paths() {
        let library = library();
        assert!(library.is_namespace("duvo") && library.is_namespace("duvo::jobs"));
        assert!(!library.is_namespace("duvo::jobs::start") && !library.is_namespace(""));
        assert!(library.function("duvo::jobs::start").is_some());
        assert!(
            library
                .functions_in("duvo::jobs")
                .any(|name| name == "start")
        );
        assert!(library.functions_in("duvo").any(|name| name == "request"));
        assert!(!library.functions_in("").any(|name| name.contains("::")));
        assert!(library.namespaces_in("duvo").any(|name| name == "jobs"));
        assert!(library.is_of_tests("test::run") && !library.is_of_tests("ask"));
        assert!(library.plain_names().any(|name| name == "ask"));
        assert!(!library.core("sort").is_empty() && library.core("srot").is_empty());
    }
}
