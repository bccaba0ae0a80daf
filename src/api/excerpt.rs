//! Shows the first bytes of a body that cannot be believed, without its secrets.

use crate::catalog;
use crate::secret;

/// How many bytes are shown.
const SHOWN: usize = 200;

/// Returns the first bytes of a body in one line of printable characters, with secrets masked.
pub(super) fn excerpt(body: &[u8]) -> String {
    if let Ok(mut value) = serde_json::from_slice(body) {
        secret::mask(&mut value, &catalog::is_secret);
        return shorten(value.to_string().as_bytes());
    }
    let start = shorten(body);
    // It cannot be parsed, so nothing can be masked in it.
    if start.split(['"', '\\']).any(catalog::is_secret) {
        return "(not shown: it may hold a secret)".into();
    }
    start
}

fn shorten(body: &[u8]) -> String {
    let start = &body[..body.len().min(SHOWN)];
    let mut text: String = start
        .utf8_chunks()
        .flat_map(|chunk| {
            let bytes = chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}"));
            let chars = chunk.valid().chars().map(printable);
            chars.chain(bytes).collect::<Vec<_>>()
        })
        .collect();
    if body.len() > SHOWN {
        text.push('…');
    }
    text
}

fn printable(character: char) -> String {
    if character.is_control() {
        character.escape_default().to_string()
    } else {
        character.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_nesting_is_no_danger() {
        assert!(excerpt(&b"[".repeat(200_000)).starts_with("[[["));
    }

    #[test]
    fn an_excerpt_is_short_printable_and_without_secrets() {
        assert_eq!(
            excerpt(b"a\nb\x00\xff\x1b[31m"),
            "a\\nb\\u{0}\\xff\\u{1b}[31m"
        );
        assert_eq!(excerpt(&[b'x'; 300]).chars().count(), SHOWN + 1);
        let name = catalog::endpoints()
            .flat_map(crate::catalog::Endpoint::given_fields)
            .map(|field| field.name)
            .find(|name| catalog::is_secret(name));
        let Some(name) = name else { return };
        let body = format!(r#"{{"{name}":"hunter2"}}"#);
        assert!(!excerpt(body.as_bytes()).contains("hunter2"));
        assert!(!excerpt(&body.as_bytes()[..body.len() - 1]).contains("hunter2"));
    }
}
