//! What an input leaves for the next ones beside its variables: functions, imports, constants.
//!
//! The interpreter forgets imports and the constants of `global::` at the end of each evaluation, so
//! they are declared again before the next input.

use rhai::{AST, ASTFlags, Dynamic, Expr, Position, Scope, Stmt};

/// What stays of the inputs so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    functions: AST,
    imports: Vec<Stmt>,
    constants: Vec<Stmt>,
}

impl Kept {
    /// Returns an input together with what it may use.
    pub(super) fn before(&self, input: &AST) -> AST {
        let declared = self.imports.iter().chain(&self.constants);
        let declared = AST::new(declared.cloned(), rhai::Module::new());
        declared.merge(&self.functions).merge(input)
    }

    /// Keeps what an input declared that came to its end; `scope` is what it left.
    pub(super) fn add(&mut self, input: &AST, scope: &Scope<'_>) {
        self.functions = self.functions.merge(&input.clone_functions_only());
        for statement in input.statements() {
            match statement {
                Stmt::Import(import, _) if !import.1.name.is_empty() => {
                    self.imports.retain(|kept| {
                        !matches!(kept, Stmt::Import(kept, _) if kept.1.name == import.1.name)
                    });
                    self.imports.push(statement.clone());
                }
                Stmt::Import(..) => self.imports.push(statement.clone()),
                Stmt::Var(var, flags, _) => {
                    self.forget(&var.0.name);
                    let value = scope.get(&var.0.name);
                    if let (true, Some(value)) = (flags.intersects(ASTFlags::CONSTANT), value) {
                        self.constants.push(constant(statement, value));
                    }
                }
                _ => {}
            }
        }
    }

    /// Returns the functions of all inputs.
    pub(super) fn functions(&self) -> &AST {
        &self.functions
    }

    /// Returns the names under which modules were imported, and their paths where these are plain.
    pub(super) fn imports(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.imports.iter().filter_map(|statement| match statement {
            Stmt::Import(import, _) => {
                let path = match &import.0 {
                    Expr::StringConstant(path, _) => Some(path.as_str()),
                    _ => None,
                };
                Some((import.1.name.as_str(), path))
            }
            _ => None,
        })
    }

    /// A later variable hides the constant of the same name.
    fn forget(&mut self, name: &str) {
        self.constants
            .retain(|kept| !matches!(kept, Stmt::Var(kept, ..) if kept.0.name == name));
    }
}

/// Returns the declaration of a constant with its value in the place of what was evaluated to it.
fn constant(statement: &Stmt, value: &Dynamic) -> Stmt {
    let mut statement = statement.clone();
    if let Stmt::Var(var, ..) = &mut statement {
        var.1 = Expr::DynamicConstant(value.clone().into(), Position::NONE);
    }
    statement
}

/// The contents of the variables that closures share, to be put back when an input fails.
pub(super) struct Shared(Vec<(Dynamic, Dynamic)>);

impl Shared {
    /// Notes the contents.
    pub(super) fn note(scope: &Scope<'_>) -> Self {
        let values = scope.iter_raw().map(|(_, _, value)| value);
        let shared = values.filter(|value| value.is_shared());
        Self(
            shared
                .map(|value| (value.clone(), value.flatten_clone()))
                .collect(),
        )
    }

    /// Puts them back.
    pub(super) fn restore(self) {
        for (mut cell, content) in self.0 {
            if let Some(mut cell) = cell.write_lock::<Dynamic>() {
                *cell = content;
            }
        }
    }
}
