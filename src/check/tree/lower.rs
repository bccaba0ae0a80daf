//! From the interpreter's expressions to nodes.

use rhai::{Dynamic, Expr, FnCallExpr, FnPtr, Ident, Stmt, StmtBlock};

use super::chain;
use super::node::{Kind, Name, Node, Spot};
use super::statement::statements;

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

/// Lowers a name.
pub(super) fn name(ident: &Ident) -> Name {
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

/// Lowers a call.
pub(super) fn function_call(call: &FnCallExpr) -> Kind {
    let arguments = call.args.iter().map(expression).collect();
    if call.is_operator_call() {
        return Kind::Operator(call.name.clone(), arguments);
    }
    let path = call.namespace.path.iter().map(name).collect();
    Kind::Call(path, call.name.clone(), arguments)
}
