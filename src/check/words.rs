//! The words by which builtins declare what they take: whether something written out fits them, and
//! what they say to a person.

use super::judge::is_written_out;
use super::names::did_you_mean;
use super::tree::{Kind, Node};
use crate::catalog;
use crate::report::nearest;
use crate::script::judge_duration;

/// What is wrong with a value: the words behind its name, and a hint.
pub(super) type Fault = (String, Option<String>);

/// Judges what is written out by words such as `string | Map`.
pub(super) fn judge(words: &str, node: &Node) -> Result<(), Fault> {
    let is_judged =
        is_written_out(node) || matches!(node.kind, Kind::Template(_) | Kind::Closure(..));
    let mut all = words.split('|').map(str::trim);
    if !is_judged || all.any(|word| fits(word, node)) {
        return Ok(());
    }
    if let ("duration", Some(text)) = (words, node.text())
        && let Err(fault) = judge_duration(text)
    {
        return Err((format!(": {fault}"), None));
    }
    let wanted: Vec<_> = words.split('|').map(|word| said(word.trim())).collect();
    let near = node.text().and_then(|text| {
        let choices = words.split('|').filter_map(|word| choices(word.trim()));
        nearest(text, choices.flatten())
    });
    Err((
        format!(" must be {}", wanted.join(" or ")),
        did_you_mean(near),
    ))
}

fn fits(word: &str, node: &Node) -> bool {
    let is_template = matches!(node.kind, Kind::Template(_));
    match word.to_lowercase().as_str() {
        "string" => is_template || matches!(node.kind, Kind::Text(_) | Kind::Char(_)),
        "int" => matches!(node.kind, Kind::Int(_)),
        "float" => matches!(node.kind, Kind::Int(_) | Kind::Float(_)),
        "bool" => matches!(node.kind, Kind::Bool(_)),
        "map" => matches!(node.kind, Kind::Map(_)),
        "array" => matches!(node.kind, Kind::List(_)),
        "fn" => matches!(node.kind, Kind::Closure(..)),
        "blob" => false,
        "duration" => match &node.kind {
            Kind::Text(text) => judge_duration(text).is_ok(),
            Kind::Int(seconds) => *seconds >= 0,
            Kind::Float(seconds) => *seconds >= 0.0,
            _ => is_template,
        },
        "uuid" => match node.text() {
            Some(text) => uuid::Uuid::try_parse(text).is_ok(),
            None => is_template,
        },
        word => match (choices(word), node.text()) {
            (Some(choices), Some(text)) => choices.contains(&text),
            (Some(_), None) => is_template,
            // A word that nobody here knows takes anything.
            (None, _) => true,
        },
    }
}

/// Returns words with a map of options that is among them as `Map`.
pub(super) fn outer(words: &str) -> String {
    match (words.split_once("#{"), words.rsplit_once('}')) {
        (Some((before, _)), Some((_, after))) => format!("{before}Map{after}"),
        _ => words.to_owned(),
    }
}

/// Returns the texts that a word allows: `"first"`, or the states of a life cycle by `job state`.
fn choices(word: &str) -> Option<Vec<&str>> {
    if let Some(of) = word.strip_suffix(" state") {
        return catalog::life_cycle(of).map(|life| life.known.to_vec());
    }
    let word = word.strip_prefix('"')?.strip_suffix('"')?;
    Some(vec![word])
}

fn said(word: &str) -> String {
    match word.to_lowercase().as_str() {
        "string" => "text".into(),
        "int" => "an integer".into(),
        "float" => "a number".into(),
        "bool" => "true or false".into(),
        "map" => "a map".into(),
        "array" => "a list".into(),
        "fn" => "a closure such as `|x| x`".into(),
        "blob" => "a blob".into(),
        "duration" => "a duration such as `1h30m`".into(),
        "uuid" => "an id (a UUID)".into(),
        word => match choices(word).as_deref() {
            Some([only]) => format!("`{only}`"),
            Some(several) => format!("one of `{}`", several.join("`, `")),
            None => word.into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::tree::Spot;
    use crate::script::{functions, inner_options};

    fn node(kind: Kind) -> Node {
        let at = Spot::default();
        Node { at, kind }
    }

    fn text(text: &str) -> Node {
        node(Kind::Text(text.into()))
    }

    #[test]
    fn what_is_written_out_must_fit_one_of_the_words() {
        assert_eq!(judge("String|int", &node(Kind::Int(1))), Ok(()));
        let (fault, hint) = judge("String|Fn", &node(Kind::Bool(true))).unwrap_err();
        assert_eq!(fault, " must be text or a closure such as `|x| x`");
        assert_eq!(hint, None);
        assert_eq!(judge("duration", &text("1h30m")), Ok(()));
        let (fault, _) = judge("duration", &text("1 fortnight")).unwrap_err();
        assert!(
            fault.starts_with(": `1 fortnight` is no duration"),
            "{fault}"
        );
        let (fault, _) = judge("\"first\" | \"collect\"", &text("all")).unwrap_err();
        assert_eq!(fault, " must be `first` or `collect`");
        assert!(judge("uuid | Map", &text("job 5")).is_err());
        let (_, hint) = judge("job state | Array", &text("complted")).unwrap_err();
        assert_eq!(hint.as_deref(), Some("did you mean `completed`?"));
        assert_eq!(judge("job state | Array", &text("completed")), Ok(()));
        assert_eq!(judge("int", &node(Kind::Nothing)), Ok(()));
    }

    #[test]
    fn every_word_of_the_builtins_is_known() {
        let known = [
            "string", "int", "float", "bool", "map", "array", "fn", "blob", "duration", "uuid",
            "any",
        ];
        for function in functions() {
            for parameter in &function.parameters {
                let options = || parameter.options.iter().map(|(_, words)| *words);
                let inner = options().flat_map(inner_options).map(|(_, words)| words);
                let all = inner.chain(options()).chain([parameter.types]).map(outer);
                let words: Vec<_> = all.collect();
                for word in words.iter().flat_map(|words| words.split('|')) {
                    let word = word.trim().to_lowercase();
                    let is_known = known.contains(&word.as_str()) || choices(&word).is_some();
                    assert!(is_known, "{}: `{word}`", function.name);
                }
            }
        }
    }
}
