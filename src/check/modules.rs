//! What imported modules offer, read from their sources without running them.
//!
//! A module is read once a check. `std/…` comes from the embedded library, all else from the project.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::arguments::Reads;
use super::tree::{Kind, Node, Tree};
use crate::report::Failure;
use crate::script::{Script, Source, standard_module};

/// Finds the source that an import means: called with the importer's name and the path.
pub type Find<'a> = dyn Fn(&str, &str) -> Result<Source, Failure> + Sync + 'a;

/// What an importer sees of a module.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// Its public functions, each with the numbers of arguments it takes.
    pub(super) functions: BTreeMap<String, Vec<usize>>,
    /// The variables it exports.
    pub(super) constants: BTreeSet<String>,
    /// The modules it imports, which importers see through it.
    pub(super) modules: BTreeMap<String, Arc<Self>>,
    /// Which arguments of the script it reads.
    pub(super) reads: Reads,
}

/// The modules of a check.
pub(super) struct Modules<'a> {
    find: &'a Find<'a>,
    loaded: Mutex<HashMap<String, Arc<Module>>>,
}

impl<'a> Modules<'a> {
    pub(super) fn new(find: &'a Find<'a>) -> Self {
        Self {
            find,
            loaded: Mutex::default(),
        }
    }

    /// Reads a module; `chain` holds the names of those who import each other, the outermost first.
    pub(super) fn load(&self, path: &str, chain: &[&str]) -> Result<Arc<Module>, Failure> {
        let importer = chain.last().copied().unwrap_or_default();
        let source = if path == "std" || path.starts_with("std/") {
            standard_module(path)?
        } else {
            (self.find)(importer, path)?
        };
        let name = source.name.clone();
        if let Some(known) = self.loaded().get(&name) {
            return Ok(Arc::clone(known));
        }
        if chain.contains(&name.as_str()) {
            let chain = chain.join(" -> ");
            return Err(Failure::invalid(format!(
                "the imports go in a circle: {chain} -> {name}"
            )));
        }
        let script = Script::load(source).map_err(|problem| {
            Failure::invalid(format!("the module `{name}` does not load: {problem}"))
        })?;
        let chain: Vec<_> = chain.iter().copied().chain([name.as_str()]).collect();
        let module = Arc::new(self.read(&Tree::new(script.ast()), &chain)?);
        self.loaded().insert(name.clone(), Arc::clone(&module));
        Ok(module)
    }

    fn read(&self, tree: &Tree, chain: &[&str]) -> Result<Module, Failure> {
        let mut module = Module {
            reads: Reads::of(tree),
            ..Module::default()
        };
        for function in tree.named().filter(|function| !function.is_private) {
            let arities = module.functions.entry(function.name.to_string());
            arities.or_default().push(function.parameters.len());
        }
        for node in &tree.body {
            self.offer(node, chain, &mut module)?;
        }
        Ok(module)
    }

    /// Adds what a statement at the top of a module offers.
    fn offer(&self, node: &Node, chain: &[&str], module: &mut Module) -> Result<(), Failure> {
        match &node.kind {
            Kind::Let(name, declared, _) if declared.is_exported => {
                module.constants.insert(name.text.to_string());
            }
            Kind::Export(_, seen) => _ = module.constants.insert(seen.to_string()),
            Kind::Import(path, alias) => {
                if let Some(path) = path.text() {
                    let inner = self.load(path, chain)?;
                    module.reads.add(&inner.reads);
                    module.modules.insert(alias.text.to_string(), inner);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn loaded(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Module>>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
