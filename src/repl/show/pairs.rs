//! An object as key and value, one a line; what it holds in turn stands below it.

use serde_json::{Map, Value};
use unicode_width::UnicodeWidthStr;

use super::columns::columns;
use super::table::{Look, cut, flat};
use crate::catalog::Endpoint;

/// How far what stands inside something is moved in.
const INDENT: usize = 2;
/// Deeper things stand on one line.
const DEEPEST: usize = 3;

/// Shows an object.
pub(super) fn pairs(
    fields: &Map<String, Value>,
    endpoint: Option<&'static Endpoint>,
    look: &Look,
) -> String {
    if fields.is_empty() {
        return "nothing".into();
    }
    let mut lines = Vec::new();
    add(&mut lines, fields, endpoint, (look, 0));
    lines.join("\n")
}

fn add(
    lines: &mut Vec<String>,
    fields: &Map<String, Value>,
    endpoint: Option<&'static Endpoint>,
    (look, depth): (&Look, usize),
) {
    let names = columns(&[fields], endpoint);
    let widest = names.iter().map(|name| flat(name).width()).max();
    for name in &names {
        let Some(value) = fields.get(name) else {
            continue;
        };
        let name = flat(name);
        let start = format!("{}{name}", " ".repeat(depth * INDENT));
        let gap = " ".repeat(widest.unwrap_or(0) - name.width() + 2);
        match value {
            Value::Object(inner) if !inner.is_empty() && depth < DEEPEST => {
                lines.push(start);
                add(lines, inner, None, (look, depth + 1));
            }
            Value::String(text) if text.trim_end().contains('\n') => {
                lines.push(start);
                let indent = " ".repeat((depth + 1) * INDENT);
                let inner = text.trim_end().lines();
                lines.extend(
                    inner.map(|line| {
                        cut(&format!("{indent}{}", look.line(&line.into())), look.width)
                    }),
                );
            }
            value => {
                let line = format!("{start}{gap}{}", look.line(value));
                lines.push(cut(line.trim_end(), look.width));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_stand_beside_values_and_maps_below() {
        let look = Look {
            width: 40,
            now: "2026-01-05T08:00:00Z".parse().unwrap(),
            zone: jiff::tz::TimeZone::UTC,
        };
        let thing = json!({
            "created_at": "2026-01-05T07:57:00Z", "id": "j1", "inner": {"b": 1},
            "message": "one\ntwo", "none": null, "long": "x".repeat(60),
        });
        let text = pairs(thing.as_object().unwrap(), None, &look);
        let expected = format!(
            "id          j1\n\
             created_at  2026-01-05 07:57:00 (3 min …\n\
             message\n  one\n  two\n\
             long        {}…\n\
             inner\n  b  1\n\
             none",
            "x".repeat(27)
        );
        assert_eq!(text, expected);
    }
}
