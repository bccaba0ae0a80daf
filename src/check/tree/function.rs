//! A whole script as nodes: its statements, and its functions by name.

use std::collections::HashMap;

use rhai::{AST, ASTNode, FnAccess, ImmutableString};

use super::lower::CLOSURE;
use super::node::{Node, Spot};
use super::statement::statement;

/// A whole script.
#[derive(Debug, Default)]
pub(in crate::check) struct Tree {
    /// The statements outside of functions.
    pub(in crate::check) body: Vec<Node>,
    /// The functions it declares, in no order of meaning.
    pub(in crate::check) functions: Vec<Function>,
    closures: HashMap<ImmutableString, usize>,
    arities: HashMap<ImmutableString, Vec<usize>>,
}

/// A function, or what a closure does.
#[derive(Debug)]
pub(in crate::check) struct Function {
    /// Its name; for a closure, the interpreter's.
    pub(in crate::check) name: ImmutableString,
    /// Its parameters; for a closure, first the variables of outside that it uses.
    pub(in crate::check) parameters: Vec<ImmutableString>,
    /// Whether importers cannot call it.
    pub(in crate::check) is_private: bool,
    /// Where its body starts.
    pub(in crate::check) at: Spot,
    end: Spot,
    /// What it does.
    pub(in crate::check) body: Vec<Node>,
}

impl Tree {
    /// Brings a script into nodes.
    pub(in crate::check) fn new(ast: &AST) -> Self {
        let mut functions: Vec<_> = ast.iter_fn_def().map(|def| function(def)).collect();
        // The innermost function around a statement starts last before it.
        functions.sort_by_key(|function| function.at);
        let mut own = ast.statements().len();
        let mut body = Vec::new();
        // The type of a function's body cannot be named, so the bodies come from the walk.
        ast.walk(&mut |path| {
            let [ASTNode::Stmt(stmt)] = path else {
                return true;
            };
            let node = statement(stmt);
            if own > 0 {
                own -= 1;
                body.push(node);
            } else if let Some(around) = innermost(&mut functions, stmt.position().into()) {
                around.body.push(node);
            }
            true
        });
        let closures = functions.iter().enumerate();
        let closures = closures.filter(|(_, function)| function.is_closure());
        let closures = closures.map(|(index, function)| (function.name.clone(), index));
        let mut arities: HashMap<_, Vec<_>> = HashMap::new();
        for function in functions.iter().filter(|function| !function.is_closure()) {
            let all = arities.entry(function.name.clone()).or_default();
            all.push(function.parameters.len());
        }
        Self {
            closures: closures.collect(),
            functions,
            body,
            arities,
        }
    }

    /// Returns how many arguments the functions of a name take; none has it when there are none.
    pub(in crate::check) fn arities(&self, name: &str) -> &[usize] {
        self.arities.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns the function of a closure.
    pub(in crate::check) fn closure(&self, name: &str) -> Option<&Function> {
        self.functions.get(*self.closures.get(name)?)
    }

    /// Calls back with every node of the script, an outer one before those inside.
    pub(in crate::check) fn each_node<'a>(&'a self, call: &mut dyn FnMut(&'a Node)) {
        let bodies = self.functions.iter().flat_map(|function| &function.body);
        for node in self.body.iter().chain(bodies) {
            each_inside(node, call);
        }
    }

    /// Returns the functions that have names.
    pub(in crate::check) fn named(&self) -> impl Iterator<Item = &Function> {
        self.functions
            .iter()
            .filter(|function| !function.is_closure())
    }
}

impl Function {
    fn is_closure(&self) -> bool {
        self.name.starts_with(CLOSURE)
    }
}

fn each_inside<'a>(node: &'a Node, call: &mut dyn FnMut(&'a Node)) {
    call(node);
    node.each(&mut |inside| each_inside(inside, call));
}

fn function(def: &rhai::ScriptFuncDef) -> Function {
    let at = Spot::from(def.body.start_position());
    Function {
        name: def.name.clone(),
        parameters: def.params.iter().cloned().collect(),
        is_private: def.access == FnAccess::Private,
        at,
        // The body of a closure without braces is one expression, and its end is not known.
        end: Spot::from(def.body.end_position()).max(at),
        body: Vec::new(),
    }
}

fn innermost(functions: &mut [Function], at: Spot) -> Option<&mut Function> {
    let before = functions.partition_point(|function| function.at <= at);
    functions[..before]
        .iter_mut()
        .rev()
        .find(|function| function.end >= at)
}
