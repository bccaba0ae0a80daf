//! From the interpreter's statements to nodes.

use rhai::{ASTFlags, Expr, FlowControl, Position, Stmt, StmtBlock};

use super::lower::{expression, function_call, name};
use super::node::{Declared, Kind, Leave, Name, Node, Spot};

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
        Stmt::Import(parts, _) => Kind::Import(Box::new(expression(&parts.0)), name(&parts.1)),
        Stmt::Export(parts, _) => {
            let (own, outside) = &**parts;
            let is_renamed = !outside.name.is_empty();
            let seen = if is_renamed { outside } else { own };
            Kind::Export(name(own), seen.name.clone())
        }
        _ => flow(stmt),
    };
    Node { at, kind }
}

/// Lowers what decides where a script goes on.
fn flow(stmt: &Stmt) -> Kind {
    match stmt {
        Stmt::If(flow, _) => {
            let branch = statements(&flow.branch);
            Kind::If(Box::new([
                expression(&flow.expr),
                statements(&flow.body),
                branch,
            ]))
        }
        Stmt::Switch(switch, _) => {
            let (value, cases) = &**switch;
            let cases = cases.expressions.iter();
            let cases = cases.map(|case| (expression(&case.lhs), expression(&case.rhs)));
            Kind::Switch(Box::new(expression(value)), cases.collect())
        }
        Stmt::While(flow, _) => Kind::Loop(turns(flow, false)),
        Stmt::Do(flow, flags, _) => Kind::Loop(turns(flow, flags.contains(ASTFlags::NEGATED))),
        Stmt::For(parts, _) => {
            let (item, counter, flow) = &**parts;
            Kind::For(name(item), counter.as_ref().map(name), turns(flow, false))
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
            let is_break = flags.contains(ASTFlags::BREAK);
            let how = if is_break {
                Leave::Break
            } else {
                Leave::Continue
            };
            Kind::Leave(how, left(value.as_deref(), *position))
        }
        Stmt::Return(value, flags, position) => {
            let is_throw = flags.contains(ASTFlags::BREAK);
            let how = if is_throw {
                Leave::Throw
            } else {
                Leave::Return
            };
            Kind::Leave(how, left(value.as_deref(), *position))
        }
        _ => Kind::Nothing,
    }
}

/// Lowers a loop: what is asked or gone through, which `until` turns round, and the body.
fn turns(flow: &FlowControl, is_until: bool) -> Box<[Node; 2]> {
    let mut asked = expression(&flow.expr);
    if is_until {
        let at = asked.at;
        let kind = Kind::Operator("!".into(), vec![asked]);
        asked = Node { at, kind };
    }
    Box::new([asked, statements(&flow.body)])
}

fn left(value: Option<&Expr>, position: Position) -> Box<Node> {
    Box::new(value.map_or_else(|| Node::nothing(position.into()), expression))
}
