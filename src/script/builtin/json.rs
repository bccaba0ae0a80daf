//! `json`: text to values and back.

use rhai::Dynamic;

use super::Builtin;
use super::arguments::{needed, text};
use crate::script::door::{Door, Raise};
use crate::script::json;

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "json::parse",
        params: &["text: String"],
        returns: "any",
        doc: "Reads JSON. `null` becomes `()`; an integer beyond 64 bits becomes text, so that no \
              digit is lost. Fails with line and column when the text is no JSON.",
        examples: &[("json::parse(\"{\\\"a\\\": [1, null]}\").a", "[1, null]")],
        run: parse,
    },
    Builtin {
        name: "json::text",
        params: &["value: any"],
        returns: "String",
        doc: "Writes a value as JSON in one line, keys sorted. \
              Fails on what JSON cannot hold, such as a closure, and says where it stands.",
        examples: &[(
            "json::text(#{ b: 1.5, a: [(), true] })",
            r#""{\"a\":[null,true],\"b\":1.5}""#,
        )],
        run: |door, args| write(door, args, serde_json::to_string),
    },
    Builtin {
        name: "json::pretty",
        params: &["value: any"],
        returns: "String",
        doc: "Writes a value as JSON for people: indented by two spaces, keys sorted. \
              Fails on what JSON cannot hold, such as a closure, and says where it stands.",
        examples: &[("json::pretty(#{ a: 1 })", r#""{\n  \"a\": 1\n}""#)],
        run: |door, args| write(door, args, serde_json::to_string_pretty),
    },
];

fn parse(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let text = text(door, args, 0, "text")?;
    // A byte order mark stands at the start of many exported files.
    let text = text.trim_start_matches('\u{feff}');
    json::decode(text.as_bytes())
        .map_err(|fault| door.invalid(format!("`text` is no JSON: {fault}")))
}

fn write(
    door: &Door<'_>,
    args: &[&mut Dynamic],
    print: fn(&serde_json::Value) -> serde_json::Result<String>,
) -> Result<Dynamic, Raise> {
    let value = needed(door, args, 0, "value")?;
    let json = json::to_value(value).map_err(|fault| door.invalid(fault))?;
    let text = print(&json).map_err(|fault| door.invalid(fault.to_string()))?;
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;

    #[test]
    fn faults_say_where() {
        let fault = run(r#"json::parse("{\n  \"a\": ,\n}")"#).unwrap_err();
        assert_eq!(
            fault,
            "json::parse: `text` is no JSON: expected value at line 2 column 8"
        );
        let fault = run("json::text(#{ a: [|x| x] })").unwrap_err();
        assert_eq!(
            fault,
            "json::text: the value.a[0] is of type Fn, which JSON cannot hold"
        );
        assert!(run("let deep = \"[\"; deep.pad(9999, '['); json::parse(deep)").is_err());
    }
}
