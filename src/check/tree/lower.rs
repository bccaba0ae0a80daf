//! From the interpreter's expressions and statements to nodes.

use rhai::{ASTFlags, Dynamic, Expr, FnCallExpr, FnPtr, Ident, Position, Stmt, StmtBlock};

use super::chain;
use super::node::{Declared, Kind, Leave, Name, Node, Spot};

/// How the interpreter names closures.
pub(super) const CLOSURE: &str = "anon$";

/// Lowers an expression.
pub(super) fn expression(expr: &Expr) -> Node {
    let at = Spot::from(expr.position());
    let kind = match expr {
        Expr::DynamicConstant(value, _) => constant(value),
        Expr::Unit(_) => Kind::Unit,
        Expr::BoolConstant(value, _) => Kind::Bool(*value),
        Expr::IntegerConstant(value, _) => Kind::Int(*value),
        Expr::FloatConstant(value, _) => Kind::Float(**value),
        Expr::CharConstant(value, _) => Kind::Char(*value),
        Expr::StringConstant(value, _) => Kind::Text(value.clone()),
        Expr::InterpolatedString(parts, _) => {
            Kind::Template(parts.iter().map(expression).collect())
        }
        Expr::Array(items, _) => Kind::List(items.iter().map(expression).collect()),
        Expr::Map(map, _) => {
            let entries = map.0.iter();
            Kind::Map(
                entries
                    .map(|(key, value)| (name(key), expression(value)))
                    .collect(),
            )
        }
        Expr::Variable(variable, _, _) if variable.2.is_empty() => {
            Kind::Variable(variable.1.clone())
        }
        Expr::Variable(variable, _, _) => Kind::Constant(
            variable.2.path.iter().map(name).collect(),
            variable.1.clone(),
        ),
        Expr::Stmt(block) => return closure(block).unwrap_or_else(|| statements(block)),
        Expr::FnCall(call, _) => function_call(call),
        Expr::Dot(pair, flags, _) => return chain::dot(pair, *flags),
        Expr::Index(pair, flags, _) => return chain::index(pair, *flags),
        Expr::And(parts, _) | Expr::Or(parts, _) | Expr::Coalesce(parts, _) => {
            Kind::Logic(parts.iter().map(expression).collect())
        }
        _ => Kind::Nothing,
    };
    Node { at, kind }
}

fn name(ident: &Ident) -> Name {
    Name {
        text: ident.name.clone(),
        at: ident.pos.into(),
    }
}

/// A closure that uses no variable of outside is a constant.
fn constant(value: &Dynamic) -> Kind {
    match value.read_lock::<FnPtr>() {
        Some(pointer) if pointer.fn_name().starts_with(CLOSURE) => {
            Kind::Closure(pointer.fn_name().into(), Vec::new())
        }
        _ => Kind::Nothing,
    }
}

/// A closure that uses variables of outside is a block: it shares them, and curries them in.
fn closure(block: &StmtBlock) -> Option<Node> {
    let [Stmt::Share(captured), Stmt::Expr(curry)] = block.statements() else {
        return None;
    };
    let Expr::FnCall(call, position) = &**curry else {
        return None;
    };
    let Kind::Closure(function, _) = expression(call.args.first()?).kind else {
        return None;
    };
    let captured = captured.iter().map(|(ident, _)| name(ident)).collect();
    Some(Node {
        at: Spot::from(*position),
        kind: Kind::Closure(function, captured),
    })
}

fn function_call(call: &FnCallExpr) -> Kind {
    let arguments = call.args.iter().map(expression).collect();
    if call.is_operator_call() {
        return Kind::Operator(call.name.clone(), arguments);
    }
    let path = call.namespace.path.iter().map(name).collect();
    Kind::Call(path, call.name.clone(), arguments)
}

/// Lowers a block.
pub(super) fn statements(block: &StmtBlock) -> Node {
    Node {
        at: Spot::from(block.position()),
        kind: Kind::Block(block.iter().map(statement).collect()),
    }
}

/// Lowers a statement.
pub(super) fn statement(stmt: &Stmt) -> Node {
    let at = Spot::from(stmt.position());
    let kind = match stmt {
        Stmt::Expr(expr) => return expression(expr),
        Stmt::FnCall(call, _) => function_call(call),
        Stmt::Block(block) => return statements(block),
        Stmt::If(flow, _) => Kind::If(Box::new([
            expression(&flow.expr),
            statements(&flow.body),
            statements(&flow.branch),
        ])),
        Stmt::Switch(switch, _) => {
            let (value, cases) = &**switch;
            let cases = cases.expressions.iter();
            let cases = cases.map(|case| (expression(&case.lhs), expression(&case.rhs)));
            Kind::Switch(Box::new(expression(value)), cases.collect())
        }
        Stmt::While(flow, _) => {
            Kind::Loop(Box::new([expression(&flow.expr), statements(&flow.body)]))
        }
        Stmt::Do(flow, flags, _) => {
            let condition = expression(&flow.expr);
            let condition = if flags.contains(ASTFlags::NEGATED) {
                let at = condition.at;
                let kind = Kind::Operator("!".into(), vec![condition]);
                Node { at, kind }
            } else {
                condition
            };
            Kind::Loop(Box::new([condition, statements(&flow.body)]))
        }
        Stmt::For(parts, _) => {
            let (item, counter, flow) = &**parts;
            let inside = [expression(&flow.expr), statements(&flow.body)];
            Kind::For(name(item), counter.as_ref().map(name), Box::new(inside))
        }
        Stmt::Var(parts, flags, _) => {
            let declared = Declared {
                is_constant: flags.contains(ASTFlags::CONSTANT),
                is_exported: flags.contains(ASTFlags::EXPORTED),
            };
            Kind::Let(name(&parts.0), declared, Box::new(expression(&parts.1)))
        }
        Stmt::Assignment(parts) => {
            let (_, pair) = &**parts;
            Kind::Assign(Box::new([expression(&pair.lhs), expression(&pair.rhs)]))
        }
        Stmt::TryCatch(flow, _) => {
            let caught = match &flow.expr {
                Expr::Variable(variable, _, position) => Some(Name {
                    text: variable.1.clone(),
                    at: Spot::from(*position),
                }),
                _ => None,
            };
            let inside = [statements(&flow.body), statements(&flow.branch)];
            Kind::Try(Box::new(inside), caught)
        }
        Stmt::BreakLoop(value, flags, position) => {
            let how = if flags.contains(ASTFlags::BREAK) {
                Leave::Break
            } else {
                Leave::Continue
            };
            Kind::Leave(how, left(value.as_deref(), *position))
        }
        Stmt::Return(value, flags, position) => {
            let how = if flags.contains(ASTFlags::BREAK) {
                Leave::Throw
            } else {
                Leave::Return
            };
            Kind::Leave(how, left(value.as_deref(), *position))
        }
        Stmt::Import(parts, _) => Kind::Import(Box::new(expression(&parts.0)), name(&parts.1)),
        Stmt::Export(parts, _) => {
            let (own, outside) = &**parts;
            let seen = if outside.name.is_empty() {
                own
            } else {
                outside
            };
            Kind::Export(name(own), seen.name.clone())
        }
        _ => Kind::Nothing,
    };
    Node { at, kind }
}

fn left(value: Option<&Expr>, position: Position) -> Box<Node> {
    Box::new(value.map_or_else(|| Node::nothing(position.into()), expression))
}
