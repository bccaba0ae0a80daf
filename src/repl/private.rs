//! Which inputs must not be kept in the history: those that hold a secret.

use super::read::lexer::{Kind, Token, tokens};
use crate::catalog::is_secret;
use crate::secret::Veil;

/// Parts of names that tell of a secret, wherever they are declared.
const TELLING: &[&str] = &[
    "password",
    "secret",
    "token",
    "api_key",
    "apikey",
    "authorization",
];

/// Returns whether an input holds a secret: one that is known, or a text that is given to a name
/// which tells of one.
pub(super) fn holds_secret(input: &str, veil: &Veil) -> bool {
    if veil.hide(input) != input {
        return true;
    }
    let seen: Vec<_> = tokens(input)
        .into_iter()
        .filter(|token| !matches!(token.kind, Kind::Blank | Kind::Comment))
        .collect();
    // The arguments of a file stand without quotes.
    let is_command = input.trim_start().starts_with(':');
    (1..seen.len()).any(|at| {
        let gives = [":", "=", "+="].contains(&seen[at].text);
        gives && tells(seen[at - 1]) && (is_command || gives_text(&seen[at + 1..]))
    })
}

fn tells(name: Token<'_>) -> bool {
    let name = name.text.trim_matches('"').to_lowercase();
    is_secret(&name) || TELLING.iter().any(|telling| name.contains(telling))
}

/// Returns whether a text or a number stands in a value, up to its end.
fn gives_text(value: &[Token<'_>]) -> bool {
    let mut depth = 0_usize;
    for token in value {
        match (token.kind, token.text) {
            (Kind::Text | Kind::Number, _) => return true,
            (_, "(" | "[" | "{" | "#{" | "${") => depth += 1,
            (_, ")" | "]" | "}" | "," | ";") if depth == 0 => return false,
            (_, ")" | "]" | "}") => depth -= 1,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_with_secrets_are_known() {
        let veil = Veil::default();
        veil.add("dv_live_0123456789");
        for input in [
            "duvo::logins::create(#{ password: \"hunter2\" })",
            "duvo::secrets::create(#{ name: \"x\", values: #{ A: \"b\" } })",
            "let api_key = \"abc\";",
            "let my_token = `a${b}`;",
            "http::get(u, #{ headers: #{ \"Authorization\": \"Bearer x\" } })",
            "print(\"dv_live_0123456789\")",
            "#{ otp_secret: f(\"x\") }",
            ":run login.rhai n=1 api_key=abc",
        ] {
            assert!(holds_secret(input, &veil), "{input}");
        }
        for input in [
            "duvo::logins::create(#{ password: args.password })",
            "let password = file; print(\"x\")",
            "duvo::secrets::list()",
            "let a = \"password\";",
            "#{ password: p, name: \"x\" }",
            ":find secret",
        ] {
            assert!(!holds_secret(input, &veil), "{input}");
        }
    }
}
