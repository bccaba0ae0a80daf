//! Which rules look at which nodes.

use super::arguments::{check_read, named_argument};
use super::judge::Place;
use super::library::library;
use super::names::joined;
use super::tree::{Kind, Node};
use super::walk::Walker;

impl<'a> Walker<'a> {
    /// Has a node judged by itself, with the variables in sight.
    pub(super) fn judge_node(&mut self, node: &'a Node) {
        self.check_used_results(node);
        match &node.kind {
            Kind::Variable(name) => self.check_variable(name, node.at),
            Kind::Export(name, _) => self.check_variable(&name.text, name.at),
            Kind::Constant(path, name) => self.check_constant(path, name, node.at),
            Kind::Operator(operator, sides) => self.check_comparison(operator, sides, node.at),
            Kind::Call(path, name, arguments) if path.is_empty() => {
                self.check_plain_call(name, arguments, node.at);
                if self.script.tree.arities(name).is_empty() {
                    self.check_library_call(name, arguments, node);
                }
            }
            Kind::Call(path, name, arguments) => {
                self.check_call(path, name, arguments.len());
                self.check_library_call(&format!("{}::{name}", joined(path)), arguments, node);
            }
            Kind::Method(of, name, arguments) => {
                self.check_method(of, name, arguments);
                let is_own = !self.script.tree.arities(&name.text).is_empty()
                    || self.script.keys.contains(name.text.as_str());
                if let (Some(function), false) = (library().function(&name.text), is_own) {
                    let place = Place {
                        function: &function.name,
                        at: name.at,
                        is_here: true,
                    };
                    self.check_builtin(function, Some(of), arguments, place);
                }
            }
            Kind::Property(of, name) => {
                match named_argument(node).filter(|_| self.is_arguments(of)) {
                    Some(name) => check_read(&name, self.script.header, &mut self.findings),
                    None => self.check_field(of, &name.text, name.at),
                }
            }
            Kind::Index(of, index) => {
                match named_argument(node).filter(|_| self.is_arguments(of)) {
                    Some(name) => check_read(&name, self.script.header, &mut self.findings),
                    None => {
                        if let Some(name) = index.text() {
                            self.check_field(of, name, index.at);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// Judges the arguments of a function of the library.
    fn check_library_call(&mut self, name: &str, arguments: &'a [Node], node: &'a Node) {
        let Some(function) = library().function(name) else {
            return;
        };
        let (least, most) = function.arguments;
        if !(least..=most).contains(&arguments.len()) {
            return;
        }
        let place = Place {
            function: &function.name,
            at: node.start(),
            is_here: true,
        };
        if function.endpoint.is_some() {
            return self.check_endpoint(function, arguments, place);
        }
        self.check_builtin(function, None, arguments, place);
        self.check_permission(function, arguments);
        match name {
            "duvo::call" => self.check_operation(arguments, place),
            "duvo::request" => self.check_request(arguments, place),
            _ => {}
        }
    }
}
