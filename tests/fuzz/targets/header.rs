//! The header of a script: its arguments, given all kinds of values, and its schedule.

use duvoscript::schedule::judge;
use duvoscript::script::{Header, Source};

use super::sound::assert_sound;

/// Reads a header: that of a script, or the TOML inside of one.
pub fn fuzz(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    read(text.into());
    let inside = text.lines().map(|line| format!("// {line}\n"));
    read(format!(
        "// /// duvoscript\n{}// ///\n",
        inside.collect::<String>()
    ));
}

fn read(text: String) {
    let source = Source {
        name: "fuzzed.rhai".into(),
        text,
    };
    let header = match Header::parse(&source) {
        Ok(header) => header,
        Err(problem) => return assert_sound(&problem, &[source]),
    };
    for value in source.text.split_whitespace().chain([source.text.as_str()]) {
        for argument in &header.args {
            _ = argument.accept(value);
        }
    }
    if let Err(problem) = header.arguments(&[], &|name| Some(name.into())) {
        assert_sound(&problem, std::slice::from_ref(&source));
    }
    let problems = match judge(&header, &source.name) {
        Some(Ok(warnings)) => warnings,
        Some(Err(problem)) => vec![problem],
        None => Vec::new(),
    };
    for problem in problems {
        assert_sound(&problem, std::slice::from_ref(&source));
    }
}
