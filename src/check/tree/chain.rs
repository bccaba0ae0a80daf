//! Chains such as `a.b[0].c()`: nested to the right in the interpreter's tree, to the left here.
//!
//! An access holds what stands before it and, unless it is the last of its chain, a further access
//! whose own left side is what is accessed. The flag `BREAK` marks the last one of a chain.

use rhai::{ASTFlags, BinaryExpr, Expr};

use super::lower::expression;
use super::node::{Kind, Name, Node, Spot};

#[derive(Clone, Copy)]
enum Access {
    Dot,
    Index,
}

/// Lowers an access with a dot.
pub(super) fn dot(pair: &BinaryExpr, flags: ASTFlags) -> Node {
    follow(expression(&pair.lhs), &pair.rhs, Access::Dot, flags)
}

/// Lowers an access with brackets.
pub(super) fn index(pair: &BinaryExpr, flags: ASTFlags) -> Node {
    follow(expression(&pair.lhs), &pair.rhs, Access::Index, flags)
}

fn follow(mut of: Node, mut rest: &Expr, mut access: Access, mut flags: ASTFlags) -> Node {
    loop {
        let further = match rest {
            Expr::Dot(pair, inner, _) => Some((pair, *inner, Access::Dot)),
            Expr::Index(pair, inner, _) => Some((pair, *inner, Access::Index)),
            _ => None,
        };
        match further.filter(|_| !flags.contains(ASTFlags::BREAK)) {
            None => return apply(of, rest, access),
            Some((pair, inner, next)) => {
                of = apply(of, &pair.lhs, access);
                (rest, access, flags) = (&pair.rhs, next, inner);
            }
        }
    }
}

fn apply(of: Node, part: &Expr, access: Access) -> Node {
    let at = Spot::from(part.position());
    let of = Box::new(of);
    let kind = match (access, part) {
        (Access::Index, _) => {
            return Node {
                at: of.at,
                kind: Kind::Index(of, Box::new(expression(part))),
            };
        }
        (Access::Dot, Expr::Property(property, _)) => {
            let text = property.2.clone();
            Kind::Property(of, Name { text, at })
        }
        (Access::Dot, Expr::MethodCall(call, _)) => {
            let text = call.name.clone();
            let arguments = call.args.iter().map(expression).collect();
            Kind::Method(of, Name { text, at }, arguments)
        }
        // Nothing else can stand behind a dot; a rule has nothing to say about it.
        (Access::Dot, _) => Kind::Nothing,
    };
    Node { at, kind }
}
