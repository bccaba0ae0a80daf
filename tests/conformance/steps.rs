//! Reads the steps of a walk over the API: one step a line, further lines of it indented.
//!
//! ```text
//! queues.create {"name": "Returns"} -> queue_id = /queue/id     must succeed; keeps what is learned
//! cases.get                                     path parameters come from what was learned
//! files.read(notes.md)                          or are given; required fields are made up
//! refused 400 jobs.respond {"approved": true}   must be refused with this status
//! until /run/status is waiting: jobs.get        again and again, while simulated time goes on
//! wait 2h                                       lets simulated time go on
//! put $upload_url text/plain: content           sends bytes to a signed URL
//! again                                         makes every reading call again, as things are now
//! open $page                                    opens a page, as a person's browser does
//! ```
//!
//! In a pointer, `name=text` means the first item of a list whose field says so. `"$name"` and `$name` stand for what was learned as `name`.

use std::time::Duration;

use duvoscript::catalog::{self, Endpoint};
use serde_json::{Map, Value};

/// One step, and where it stands.
#[derive(Debug)]
pub(crate) struct Step {
    /// File and line.
    pub(crate) place: String,
    pub(crate) act: Act,
}

impl Step {
    /// Returns the endpoint that a step calls.
    pub(crate) fn endpoint(&self) -> Option<&'static str> {
        match &self.act {
            Act::Call(made) | Act::Refused(_, made) | Act::Until(_, _, made) => {
                Some(made.endpoint.name)
            }
            Act::Wait(_) | Act::Put(..) | Act::Open(_) | Act::Again => None,
        }
    }
}

/// What a step does.
#[derive(Debug)]
pub(crate) enum Act {
    /// Makes a call that must succeed.
    Call(Made),
    /// Makes a call that must be refused with a status.
    Refused(u16, Made),
    /// Makes a call until its answer holds a value at a JSON pointer.
    Until(String, String, Made),
    /// Lets time go on.
    Wait(Duration),
    /// Sends bytes of a media type to a signed URL.
    Put(String, String, String),
    /// Opens a page.
    Open(String),
    /// Makes the last call of every reading endpoint again.
    Again,
}

/// A call as it is written.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) endpoint: &'static Endpoint,
    /// Path parameters; none at all: those that were learned.
    pub(crate) args: Vec<String>,
    pub(crate) fields: Map<String, Value>,
    /// What is learned from the answer: name and JSON pointer.
    pub(crate) learns: Vec<(String, String)>,
}

/// Reads the steps of a file.
pub(crate) fn read(file: &str, text: &str) -> Vec<Step> {
    let mut steps: Vec<(usize, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let is_empty = line.trim().is_empty() || line.starts_with('#');
        match steps.last_mut() {
            _ if is_empty => {}
            Some((_, step)) if line.starts_with(' ') => {
                step.push('\n');
                step.push_str(line.trim());
            }
            _ => steps.push((index + 1, line.to_owned())),
        }
    }
    let read = |(line, text): (usize, String)| {
        let place = format!("{file}:{line}");
        let act = act(&text).unwrap_or_else(|what| panic!("{place}: {what}: `{text}`"));
        Step { place, act }
    };
    steps.into_iter().map(read).collect()
}

type Outcome<T> = Result<T, String>;

fn act(text: &str) -> Outcome<Act> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    match word {
        "refused" => {
            let (status, made) = rest.split_once(' ').ok_or("a status and a call expected")?;
            let status = status.parse().map_err(|_| "a status expected")?;
            Ok(Act::Refused(status, made_of(made)?))
        }
        "until" => {
            let (condition, made) = rest.split_once(": ").ok_or("`: ` expected")?;
            let (pointer, value) = condition.split_once(" is ").ok_or("` is ` expected")?;
            Ok(Act::Until(pointer.into(), value.into(), made_of(made)?))
        }
        "wait" => {
            let span: jiff::SignedDuration = rest.parse().map_err(|_| "a time span expected")?;
            Ok(Act::Wait(span.unsigned_abs()))
        }
        "put" => {
            let (target, content) = rest.split_once(": ").ok_or("`: ` expected")?;
            let (url, media) = target.split_once(' ').ok_or("a media type expected")?;
            Ok(Act::Put(url.into(), media.into(), content.into()))
        }
        "again" => Ok(Act::Again),
        "open" => Ok(Act::Open(rest.into())),
        _ => Ok(Act::Call(made_of(text)?)),
    }
}

fn made_of(text: &str) -> Outcome<Made> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '.' || c == '_'));
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    let endpoint = catalog::by_name(name).ok_or(format!("`{name}` is no endpoint"))?;
    let (args, rest) = args_of(rest)?;
    let (fields, rest) = fields_of(rest.trim_start())?;
    Ok(Made {
        endpoint,
        args,
        fields,
        learns: learns_of(rest.trim_start())?,
    })
}

fn args_of(text: &str) -> Outcome<(Vec<String>, &str)> {
    let Some(inside) = text.strip_prefix('(') else {
        return Ok((Vec::new(), text));
    };
    let (inside, rest) = inside.split_once(')').ok_or("`)` expected")?;
    Ok((
        inside.split(',').map(|arg| arg.trim().to_owned()).collect(),
        rest,
    ))
}

fn fields_of(text: &str) -> Outcome<(Map<String, Value>, &str)> {
    if !text.starts_with('{') {
        return Ok((Map::new(), text));
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Map<String, Value>>();
    let fields = values.next().ok_or("fields expected")?;
    let fields = fields.map_err(|error| format!("the fields are no JSON: {error}"))?;
    Ok((fields, &text[values.byte_offset()..]))
}

fn learns_of(text: &str) -> Outcome<Vec<(String, String)>> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let pairs = text
        .strip_prefix("->")
        .ok_or(format!("`->` expected, not `{text}`"))?;
    let pairs = pairs.split(',').map(|pair| {
        let (name, pointer) = pair.split_once('=').ok_or("`name = /pointer` expected")?;
        Ok((name.trim().to_owned(), pointer.trim().to_owned()))
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read_as_they_are_meant() {
        let text = "# first\nqueues.create {\"name\": \"a, b\"}\n  -> queue_id = /queue/id, x = /y\n\n\
                    refused 404 files.read(a/b.md)\nuntil /run/status is waiting: jobs.get\nwait 90s\n\
                    put $url text/plain: some: content\n";
        let steps = read("a.txt", text);
        let places: Vec<_> = steps.iter().map(|step| step.place.as_str()).collect();
        assert_eq!(
            places,
            ["a.txt:2", "a.txt:5", "a.txt:6", "a.txt:7", "a.txt:8"]
        );
        let Act::Call(create) = &steps[0].act else {
            panic!("{steps:?}")
        };
        assert_eq!(
            (create.endpoint.name, &create.fields["name"]),
            ("queues.create", &"a, b".into())
        );
        let learns = [
            ("queue_id".into(), "/queue/id".into()),
            ("x".into(), "/y".into()),
        ];
        assert_eq!(create.learns, learns);
        assert!(matches!(&steps[1].act, Act::Refused(404, made) if made.args == ["a/b.md"]));
        assert!(matches!(&steps[2].act, Act::Until(at, value, made)
            if at == "/run/status" && value == "waiting" && made.endpoint.name == "jobs.get"));
        assert!(matches!(steps[3].act, Act::Wait(span) if span.as_secs() == 90));
        assert!(matches!(&steps[4].act, Act::Put(url, media, content)
            if url == "$url" && media == "text/plain" && content == "some: content"));
    }
}
