//! What can be typed at the cursor.

use std::path::Path;

use super::fields::{self, Known as Said};
use super::files::{files, modules};
use super::hints::Functions;
use super::names::{Named, Names};
use crate::catalog::{Endpoint, Field, Kind, Shape, field_doc, shape_text};
use crate::repl::commands::{COMMANDS, Takes};
use crate::repl::read::{self, Argument, Place, place::Wanted};
use crate::script::{self, Session};

/// What completion can draw on.
pub(in crate::repl) struct Known<'a> {
    /// What was declared.
    pub(in crate::repl) session: &'a Session,
    /// What lives in the world.
    pub(in crate::repl) names: &'a Names,
    /// Where the project's files lie.
    pub(in crate::repl) root: &'a Path,
}

/// What can stand from a place on up to the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::repl) struct Completion {
    /// Where what is replaced begins, in bytes.
    pub(in crate::repl) start: usize,
    /// What can stand there.
    pub(in crate::repl) candidates: Vec<Candidate>,
}

/// Something that can be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::repl) struct Candidate {
    /// What is put there.
    pub(in crate::repl) text: String,
    /// What is shown of it.
    pub(in crate::repl) shown: String,
}

fn candidate(text: impl Into<String>, about: &str) -> Candidate {
    let text = text.into();
    let shown = match about {
        "" => text.clone(),
        about => format!("{text}  {about}"),
    };
    Candidate { text, shown }
}

/// Returns what can stand at the cursor; `text` ends there.
pub(in crate::repl) fn complete(text: &str, known: &Known<'_>) -> Completion {
    if let Some(rest) = text.strip_prefix('?') {
        return at(text.len() - rest.len(), topics(rest));
    }
    match text.strip_prefix(':').map(|rest| rest.split_once(' ')) {
        Some(None) => at(0, commands(text)),
        Some(Some((name, rest))) => of_command(name, rest, text.len() - rest.len(), known),
        None => of_input(text, known),
    }
}

fn at(start: usize, candidates: Vec<Candidate>) -> Completion {
    Completion { start, candidates }
}

fn commands(typed: &str) -> Vec<Candidate> {
    let names = COMMANDS
        .iter()
        .map(|command| candidate(format!(":{}", command.name), command.doc));
    names.filter(|name| name.text.starts_with(typed)).collect()
}

/// Completes what stands behind the name of a command.
fn of_command(name: &str, typed: &str, start: usize, known: &Known<'_>) -> Completion {
    let command = COMMANDS.iter().find(|command| command.name == name);
    let plain = |names: Vec<String>| {
        let fitting = names.into_iter().filter(|name| name.starts_with(typed));
        at(start, fitting.map(|name| candidate(name, "")).collect())
    };
    match command.map(|command| command.takes) {
        Some(Takes::File) => plain(files(known.root, typed)),
        Some(Takes::Topic) => at(start, topics(typed)),
        Some(Takes::Switch) => plain(vec!["on".into(), "off".into()]),
        Some(Takes::Section) => {
            let sections = crate::catalog::sections().iter();
            plain(sections.map(|section| section.name.to_owned()).collect())
        }
        Some(Takes::Team) => {
            let teams = matching(&known.names.of_field("team_id"), typed, "");
            at(start, teams)
        }
        Some(Takes::Input) => shifted(of_input(typed, known), start),
        Some(Takes::PauseAndInput) => match typed.split_once(' ') {
            Some((pause, input)) => shifted(of_input(input, known), start + pause.len() + 1),
            None => Completion::default(),
        },
        Some(Takes::Nothing | Takes::Words) | None => Completion::default(),
    }
}

fn shifted(completion: Completion, by: usize) -> Completion {
    at(completion.start + by, completion.candidates)
}

/// Returns what help can be asked about.
fn topics(typed: &str) -> Vec<Candidate> {
    let functions = Functions::all().iter();
    let names = functions.map(|function| {
        let name = function.name.strip_prefix("duvo::");
        name.map_or_else(|| function.name.clone(), |name| name.replace("::", "."))
    });
    let mut names: Vec<_> = names.filter(|name| name.starts_with(typed)).collect();
    names.dedup();
    names.into_iter().map(|name| candidate(name, "")).collect()
}

fn of_input(text: &str, known: &Known<'_>) -> Completion {
    let place = read::place(text);
    let said = place.argument.as_ref().map_or_else(Vec::new, said);
    let candidates = match &place.wanted {
        Wanted::Nothing => Vec::new(),
        Wanted::Module => texts(modules(known.root, &place.typed)),
        Wanted::Text => inside_text(&place, &said, known),
        Wanted::Key(given) => keys(&said, given, &place.typed),
        Wanted::Member(name, path) => members(known.session.keys(name, path), &place.typed),
        Wanted::Name(namespace) if namespace.is_empty() => {
            let mut found = values(&said, &place, known);
            found.extend(plain_names(&place.typed, known.session));
            found
        }
        Wanted::Name(namespace) => in_namespace(namespace, &place.typed, known.session),
    };
    at(place.start, candidates)
}

/// Returns what the catalog says of an argument.
fn said(argument: &Argument) -> Vec<Said> {
    let endpoint = Functions::all()
        .named(&argument.function)
        .and_then(|function| function.endpoint);
    endpoint.map_or_else(Vec::new, |endpoint: &'static Endpoint| {
        fields::known(endpoint, argument)
    })
}

fn texts(texts: Vec<String>) -> Vec<Candidate> {
    let closed = texts.into_iter().map(|text| match text.ends_with('/') {
        true => candidate(text, ""),
        false => Candidate {
            text: format!("{text}\""),
            shown: text,
        },
    });
    closed.collect()
}

/// Completes a text: an allowed value, the id of a thing by its name, or the path of a file.
fn inside_text(place: &Place, said: &[Said], known: &Known<'_>) -> Vec<Candidate> {
    for said in said {
        let Said::Value(name, shape) = said else {
            continue;
        };
        let choices = choices(shape);
        if !choices.is_empty() {
            let fitting = choices.into_iter().filter_map(|choice| {
                let choice = choice.strip_prefix('"')?.strip_suffix('"')?;
                choice.starts_with(&place.typed).then(|| choice.to_owned())
            });
            return texts(fitting.collect());
        }
        if super::names::listing(&singular(name)).is_some() {
            return matching(&known.names.of_field(&singular(name)), &place.typed, "\"");
        }
    }
    let is_value = said.iter().any(|said| matches!(said, Said::Value(..)));
    let wants_file = said
        .iter()
        .any(|said| matches!(said, Said::Value(_, shape) if matches!(shape.kind, Kind::File)));
    if is_value && !wants_file {
        return Vec::new();
    }
    texts(files(known.root, &place.typed))
}

/// Completes a bare word in the place of a value: an allowed value, or the id of a thing by its name.
fn values(said: &[Said], place: &Place, known: &Known<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    for said in said {
        let Said::Value(name, shape) = said else {
            continue;
        };
        let fits = |choice: &&&str| choice.trim_start_matches('"').starts_with(&place.typed);
        let fitting = choices(shape);
        found.extend(
            fitting
                .iter()
                .filter(fits)
                .map(|choice| candidate(*choice, "")),
        );
        if !place.typed.is_empty() {
            let things = known.names.of_field(&singular(name));
            let fitting = matching(&things, &place.typed, "");
            found.extend(fitting.into_iter().map(|thing| Candidate {
                text: format!("\"{}\"", thing.text),
                ..thing
            }));
        }
    }
    found
}

/// A list of ids holds what its field says in the plural.
fn singular(name: &str) -> String {
    match name.strip_suffix("_ids") {
        Some(thing) => format!("{thing}_id"),
        None => name.to_owned(),
    }
}

fn choices(shape: &Shape) -> Vec<&'static str> {
    match &shape.kind {
        Kind::Choice(choices) => choices.to_vec(),
        Kind::List(item, _) => choices(item),
        Kind::Union(shapes) => shapes.iter().flat_map(choices).collect(),
        _ => Vec::new(),
    }
}

/// Returns the ids of the things that a part of a name means. Several are shown by their names, so that
/// typing goes on until one is left.
fn matching(things: &[Named], typed: &str, end: &str) -> Vec<Candidate> {
    let lower = typed.to_lowercase();
    let fits =
        |thing: &&Named| thing.name.to_lowercase().contains(&lower) || thing.id.starts_with(typed);
    let found: Vec<_> = things.iter().filter(fits).collect();
    let exact = |thing: &&&Named| thing.name == typed;
    let are_alike = found.windows(2).all(|pair| pair[0].name == pair[1].name);
    let is_one = found.len() == 1 || (are_alike && found.iter().any(|thing| exact(&thing)));
    let shown = |thing: &&Named| Candidate {
        text: if is_one || thing.name == typed {
            format!("{}{end}", thing.id)
        } else {
            thing.name.clone()
        },
        shown: format!("{}  {}", thing.name, thing.id),
    };
    found.iter().map(shown).collect()
}

fn keys(said: &[Said], given: &[String], typed: &str) -> Vec<Candidate> {
    let fields = said.iter().flat_map(|said| match said {
        Said::Fields(fields) => fields.iter(),
        Said::Value(..) => [].iter(),
    });
    let is_wanted = |field: &&Field| {
        field.name.starts_with(typed) && !given.iter().any(|name| name == field.name)
    };
    let mut fields: Vec<_> = fields.filter(is_wanted).collect();
    fields.sort_by_key(|field| !field.required);
    let shown = |field: &&Field| Candidate {
        text: format!("{}: ", field.name),
        shown: described(field),
    };
    fields.iter().map(shown).collect()
}

fn described(field: &Field) -> String {
    let mark = if field.required { "" } else { "?" };
    let shape = shape_text(&field.shape);
    match field_doc(field) {
        doc if doc.is_empty() => format!("{}{mark}: {shape}", field.name),
        doc => format!("{}{mark}: {shape}  {doc}", field.name),
    }
}

fn members(keys: Vec<String>, typed: &str) -> Vec<Candidate> {
    let fitting = keys.into_iter().filter(|key| key.starts_with(typed));
    let keys: Vec<_> = fitting.map(|key| candidate(key, "")).collect();
    if !keys.is_empty() || typed.is_empty() {
        return keys;
    }
    // Every function without a namespace can be called as a method, too.
    let functions = Functions::all().iter();
    let plain = functions.filter(|function| !function.name.contains("::"));
    let mut names: Vec<String> = plain.map(|function| function.name.clone()).collect();
    names.extend(script::core_functions().into_iter().map(|core| core.name));
    named(names, typed)
}

/// Returns what can be called, as it is typed.
fn named(mut names: Vec<String>, typed: &str) -> Vec<Candidate> {
    names.retain(|name| name.starts_with(typed));
    names.sort();
    names.dedup();
    let shown = names.into_iter().map(|name| Candidate {
        text: format!("{name}("),
        shown: name,
    });
    shown.collect()
}

fn plain_names(typed: &str, session: &Session) -> Vec<Candidate> {
    let mut words: Vec<String> = session.names();
    words.push("duvo::".into());
    let all = Functions::all()
        .iter()
        .map(|function| function.name.as_str());
    let own = session.functions();
    let own_names = own.iter().map(|own| own.name.as_str());
    let mut callable = Vec::new();
    for name in all.chain(own_names) {
        match name.split_once("::") {
            Some((namespace, _)) => words.push(format!("{namespace}::")),
            None => callable.push(name.to_owned()),
        }
    }
    if !typed.is_empty() {
        callable.extend(script::core_functions().into_iter().map(|core| core.name));
        words.extend(KEYWORDS.iter().map(|word| (*word).to_owned()));
    }
    words.sort();
    words.dedup();
    words.retain(|word| word.starts_with(typed));
    let mut found: Vec<_> = words.into_iter().map(|word| candidate(word, "")).collect();
    found.extend(named(callable, typed));
    found
}

/// Words of the language that are worth completing.
const KEYWORDS: &[&str] = &[
    "break", "catch", "const", "continue", "else", "import", "private", "return", "switch",
    "throw", "while",
];

fn in_namespace(namespace: &str, typed: &str, session: &Session) -> Vec<Candidate> {
    let all = Functions::all();
    let own = session.functions();
    let names = all.iter().map(|function| function.name.as_str());
    let own = own.iter().map(|own| own.name.as_str());
    let (mut inner, mut functions) = (Vec::new(), Vec::new());
    for rest in names
        .chain(own)
        .filter_map(|name| name.strip_prefix(namespace))
    {
        match rest.split_once("::") {
            Some((section, _)) => inner.push(format!("{section}::")),
            None => functions.push(rest.to_owned()),
        }
    }
    inner.sort();
    inner.dedup();
    inner.retain(|section| section.starts_with(typed));
    let mut found: Vec<_> = inner.into_iter().map(|name| candidate(name, "")).collect();
    found.extend(named(functions, typed));
    found
}
