//! What the files say about the recovery of a call, compiled to Rust expressions of
//! `recovery/model.rs`.
//!
//! Part of the build script. The format is explained in `endpoints/README.md`.

use serde::Deserialize;

type Outcome<T> = Result<T, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recover {
    #[serde(default)]
    harmless: toml::Table,
    impossible: Option<String>,
    #[serde(default)]
    each: Vec<String>,
    list: Option<Source>,
    get: Option<Source>,
    detail: Option<Source>,
    since: Option<String>,
    #[serde(default)]
    trace: bool,
    #[serde(default)]
    same: toml::Table,
    #[serde(default)]
    like: toml::Table,
    #[serde(default)]
    open: Ways,
    #[serde(default)]
    done: Ways,
    changed: Option<String>,
    otherwise: Option<String>,
    answer: Option<toml::Value>,
}

/// Conditions, or several ways in which they may hold.
#[derive(Deserialize)]
#[serde(untagged)]
enum Ways {
    One(toml::Table),
    Any(Vec<toml::Table>),
}

impl Default for Ways {
    fn default() -> Self {
        Self::Any(Vec::new())
    }
}

/// The name of an endpoint, or that and more.
#[derive(Deserialize)]
#[serde(untagged)]
enum Source {
    Name(String),
    More(Box<More>),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct More {
    call: Option<String>,
    #[serde(rename = "in")]
    within: Option<String>,
    #[serde(default)]
    with: toml::Table,
    #[serde(default, rename = "where")]
    only: toml::Table,
    #[serde(default)]
    oldest_first: bool,
    #[serde(default)]
    optional: bool,
}

/// Compiles what an entry says to an `Option<Recovery>`.
pub(crate) fn recovery(recover: Option<&Recover>) -> Outcome<String> {
    let Some(recover) = recover else {
        return Ok("None".into());
    };
    let way = match &recover.impossible {
        Some(why) => format!("Way::Impossible({why:?})"),
        None => format!("Way::LookUp(&{})", look_up(recover)?),
    };
    let harmless = pairs(&recover.harmless, literal)?;
    Ok(format!(
        "Some(Recovery {{ harmless: {harmless}, way: {way} }})"
    ))
}

fn look_up(recover: &Recover) -> Outcome<String> {
    let otherwise_send = match recover.otherwise.as_deref() {
        None => false,
        Some("send") => true,
        Some(other) => return Err(format!("otherwise `{other}`: only `send` is known")),
    };
    Ok(format!(
        "LookUp {{ each: &{:?}, list: {}, get: {}, detail: {}, since: {:?}, trace: {}, same: {}, \
         like: {}, open: {}, done: {}, changed: {:?}, otherwise_send: {otherwise_send}, answer: {} }}",
        recover.each,
        reading(recover.list.as_ref())?,
        reading(recover.get.as_ref())?,
        reading(recover.detail.as_ref())?,
        recover.since,
        recover.trace,
        pairs(&recover.same, literal)?,
        pairs(&recover.like, literal)?,
        ways(&recover.open)?,
        ways(&recover.done)?,
        recover.changed,
        answer(recover.answer.as_ref())?,
    ))
}

fn ways(ways: &Ways) -> Outcome<String> {
    let ways = match ways {
        Ways::One(way) => std::slice::from_ref(way),
        Ways::Any(ways) => ways,
    };
    let ways: Outcome<Vec<_>> = ways.iter().map(|way| pairs(way, literal)).collect();
    Ok(format!("&[{}]", ways?.join(", ")))
}

fn reading(source: Option<&Source>) -> Outcome<String> {
    let usual = More::default();
    let (call, more) = match source {
        None => return Ok("None".into()),
        Some(Source::Name(name)) => (Some(name), &usual),
        Some(Source::More(more)) => (more.call.as_ref(), &**more),
    };
    Ok(format!(
        "Some(Reading {{ endpoint: {call:?}, within: {:?}, with: {}, only: {}, oldest_first: {}, \
         optional: {} }})",
        more.within,
        pairs(&more.with, literal)?,
        pairs(&more.only, literal)?,
        more.oldest_first,
        more.optional,
    ))
}

fn answer(answer: Option<&toml::Value>) -> Outcome<String> {
    match answer {
        None => Ok("&[]".into()),
        Some(toml::Value::Table(places)) => pairs(places, place),
        Some(whole) => Ok(format!("&[{}]", pair("", whole, place)?)),
    }
}

/// What a text means that is no `$term`.
type Plain = fn(&str) -> String;

fn literal(text: &str) -> String {
    format!("Term::Is({:?})", json(&text.into()))
}

fn place(text: &str) -> String {
    format!("Term::At({text:?})")
}

fn pairs(table: &toml::Table, plain: Plain) -> Outcome<String> {
    let pairs: Outcome<Vec<_>> = table
        .iter()
        .map(|(at, value)| pair(at, value, plain))
        .collect();
    Ok(format!("&[{}]", pairs?.join(", ")))
}

fn pair(at: &str, value: &toml::Value, plain: Plain) -> Outcome<String> {
    let term = term(value, plain).map_err(|fault| format!("`{at}`: {fault}"))?;
    Ok(format!("Pair {{ at: {at:?}, term: {term} }}"))
}

fn term(value: &toml::Value, plain: Plain) -> Outcome<String> {
    Ok(match value {
        toml::Value::String(text) => match text.strip_prefix('$') {
            None => plain(text),
            Some("nothing") => "Term::Nothing".into(),
            Some("row_id") => "Term::RowId".into(),
            Some("since") => "Term::Since".into(),
            Some("before") => "Term::Before".into(),
            Some("until") => "Term::Until".into(),
            Some("me") => "Term::Me".into(),
            Some("new_path") => "Term::NewPath".into(),
            Some("rows") => "Term::Rows".into(),
            Some("found") => "Term::Found".into(),
            Some("missing") => "Term::Missing".into(),
            Some(name) => format!("Term::Given({name:?})"),
        },
        toml::Value::Array(values) => {
            let values: Vec<_> = values.iter().map(json).collect();
            format!("Term::AnyOf(&{values:?})")
        }
        toml::Value::Boolean(_) | toml::Value::Integer(_) => format!("Term::Is({:?})", json(value)),
        other => return Err(format!("`{other}` is no value")),
    })
}

fn json(value: &toml::Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
