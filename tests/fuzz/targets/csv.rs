//! CSV as scripts read and write it: what was read and written reads as the same again.

use std::sync::LazyLock;

use duvoscript::script::{Outcome, Script, Source};
use duvoscript::simulator::Scenario;
use serde_json::{Map, Value};

use super::sound::assert_ended_well;
use super::world;

const SCRIPT: &str = r#"
let pairs = [];
for options in [#{}, #{ header: false }] {
    let rows = ();
    try { rows = csv::parse(args.text, options); } catch { continue; }
    pairs.push([rows, csv::parse(csv::text(rows, options), options)]);
}
for options in [
    #{ types: true, flexible: true, trim: true },
    #{ delimiter: ";", header: ["a", "b"], types: true },
    #{ delimiter: "\t", trim: true, flexible: true },
] {
    try { csv::text(csv::parse(args.text, options)); } catch { }
}
pairs
"#;

static LOADED: LazyLock<Script> = LazyLock::new(|| {
    let name = "csv.rhai".into();
    let text = SCRIPT.into();
    Script::load(Source { name, text }).unwrap()
});

/// Reads text as CSV.
///
/// # Panics
/// When what was written reads as something else.
pub fn fuzz(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    let arguments: Map<_, _> = [("text".to_owned(), Value::from(text))]
        .into_iter()
        .collect();
    let ended = world::run(&LOADED, &arguments, Scenario::default());
    assert_ended_well(&ended);
    if let Outcome::Done(Value::Array(pairs)) = ended.outcome {
        for pair in pairs {
            assert_eq!(pair[0], pair[1]);
        }
    }
}
