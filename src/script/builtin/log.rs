//! `log`: lines for whoever watches the run, at four levels.

use rhai::{Dynamic, Map};

use super::Builtin;
use super::arguments::{given, kind, map, needed, plain};
use crate::script::door::{Door, Raise};
use crate::script::host::{Effect, Level};
use crate::script::json;

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "log::debug",
        params: PARAMS,
        returns: "()",
        doc: "Logs what helps to mend the script. \
              Fields are added to the line as `key=value`, sorted by key.",
        examples: &[("log::debug(\"fetched\", #{ cases: 12 })", "null")],
        run: |door, args| write(door, args, Level::Debug),
    },
    Builtin {
        name: "log::info",
        params: PARAMS,
        returns: "()",
        doc: "Logs what happened. Fields are added to the line as `key=value`, sorted by key.",
        examples: &[(
            "log::info(\"loaded\", #{ file: \"a.csv\", rows: 3 })",
            "null",
        )],
        run: |door, args| write(door, args, Level::Info),
    },
    Builtin {
        name: "log::warn",
        params: PARAMS,
        returns: "()",
        doc: "Logs what somebody should look at. \
              Fields are added to the line as `key=value`, sorted by key.",
        examples: &[("log::warn(\"slow answer\")", "null")],
        run: |door, args| write(door, args, Level::Warn),
    },
    Builtin {
        name: "log::error",
        params: PARAMS,
        returns: "()",
        doc: "Logs what somebody must act on; the run goes on. \
              Fields are added to the line as `key=value`, sorted by key.",
        examples: &[(
            "log::error(\"no case left\", #{ queue: \"Invoices\" })",
            "null",
        )],
        run: |door, args| write(door, args, Level::Error),
    },
];

const PARAMS: &[&str] = &["message: any", "fields?: Map"];

fn write(door: &Door<'_>, args: &[&mut Dynamic], level: Level) -> Result<Dynamic, Raise> {
    let mut line = shown(needed(door, args, 0, "message")?);
    if given(args, 1).is_some_and(|fields| !fields.is_unit()) {
        add_fields(&mut line, &map(door, args, 1, "fields")?);
    }
    door.value(Effect::Log(level, line))
}

fn add_fields(line: &mut String, fields: &Map) {
    for (key, value) in fields {
        let value = shown(value);
        let is_word = !value.is_empty() && !value.contains([' ', '\t', '\n', '\r', '"', '=']);
        let value = if is_word { value } else { format!("{value:?}") };
        line.push_str(&[" ", key.as_str(), "=", &value].concat());
    }
}

/// Shows simple values as text, lists and maps as JSON, and names what JSON cannot hold.
fn shown(value: &Dynamic) -> String {
    if let Some(text) = plain(value) {
        return text.into();
    }
    json::to_value(value).map_or_else(|_| kind(value).to_owned(), |json| json.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{FakeHost, run_on};

    #[test]
    fn fields_follow_the_message_and_are_quoted_when_they_need_it() {
        let host = FakeHost::new();
        let code = r#"log::warn("late", #{ b: "two words", a: 1, c: [1, ()], d: "" })"#;
        run_on(&host, code).unwrap();
        let seen = host.seen.lock().unwrap();
        let line = r#"late a=1 b="two words" c=[1,null] d="""#;
        assert_eq!(seen.join("|"), format!("Log(Warn, {line:?})"));
    }
}
