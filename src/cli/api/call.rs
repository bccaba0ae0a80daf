//! `duvoscript api call`: one call of one endpoint, from the command line.

use std::io::IsTerminal;

use clap::Args;
use serde_json::{Map, Value};

use super::find;
use crate::catalog::{self, Endpoint, Field, Format as TextFormat, Kind};
use crate::cli::command::{Action, Context};
use crate::cli::connect::{Choice, World};
use crate::cli::exit::{self, Exit};
use crate::cli::output;
use crate::report::{Failure, Problem, nearest};
use crate::run::{Project, upload_of};

/// Calls one endpoint and shows the answer
///
/// Path parameters, query and body fields are all given as FIELD=VALUE. Text stands as it is;
/// numbers, lists and maps are written as JSON; FIELD=@file takes the value from a file.
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript api call --sim queues.list limit=5")]
pub(in crate::cli) struct Call {
    /// Name (jobs.start) or operationId (startRun)
    name: String,
    /// Path parameters, query and body fields
    #[arg(value_name = "FIELD=VALUE")]
    fields: Vec<String>,
    /// Make a destructive call without asking
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    choice: Choice,
}

impl Action for Call {
    const NAME: &'static str = "call";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let endpoint = find(&self.name)?;
        let call = build(endpoint, &self.fields)?;
        if endpoint.destructive && !self.yes && self.choice.sim.is_none() {
            confirm(endpoint)?;
        }
        let world = World::enter(&self.choice, context)?;
        let client = world.connector()()?.client;
        let upload = upload_of(&call, &Project::open(".")?)?;
        let key = world.chance.uuid().to_string();
        let _awake = world.clock.join();
        let response = world.runtime.block_on(client.call(&call, upload, &key))?;
        show(endpoint, &response.body, context)?;
        Ok(exit::OK)
    }
}

fn show(endpoint: &Endpoint, body: &[u8], context: &Context) -> Result<(), Problem> {
    use std::io::Write;
    if endpoint.answer_media.starts_with("application/json") && !body.is_empty() {
        let answer = serde_json::from_slice(body).map_err(|fault| {
            Failure::new(crate::report::FailureKind::Protocol, fault.to_string())
        })?;
        output::show(answer, Some(endpoint), context.global.output);
    } else {
        // A closed pipe is the reader's choice.
        _ = std::io::stdout().write_all(body);
    }
    Ok(())
}

/// Builds the call that the words of the command line mean.
fn build(endpoint: &'static Endpoint, words: &[String]) -> Result<catalog::Call, Problem> {
    let mut given: Map<String, Value> = Map::new();
    for word in words {
        let (name, text) = word
            .split_once('=')
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| Problem::usage(format!("`{word}` is not of the form FIELD=VALUE")))?;
        if given.contains_key(name) {
            return Err(Problem::usage(format!(
                "{}: `{name}` is given twice",
                endpoint.name
            )));
        }
        let field = endpoint
            .given_params()
            .chain(endpoint.given_fields())
            .find(|field| field.name == name);
        given.insert(name.to_owned(), value_of(field, name, text)?);
    }
    let mut path = Vec::new();
    for param in endpoint.given_params() {
        match given.shift_remove(param.name) {
            Some(Value::String(text)) => path.push(text),
            Some(other) => path.push(other.to_string()),
            None => return Err(missing(endpoint, param, &given)),
        }
    }
    catalog::check_call(endpoint, &path, &mut given).map_err(|fault| {
        let show = || format!("`duvoscript api show {}` tells its fields", endpoint.name);
        Problem::usage(format!("{}: {fault}", endpoint.name))
            .hint(fault.hint.clone().unwrap_or_else(show))
    })?;
    Ok(catalog::Call {
        endpoint,
        path,
        fields: given,
    })
}

fn missing(endpoint: &Endpoint, param: &Field, given: &Map<String, Value>) -> Problem {
    let problem = Problem::usage(format!("{}: `{}` is missing", endpoint.name, param.name));
    let strays: Vec<&str> = given
        .keys()
        .map(String::as_str)
        .filter(|name| !endpoint.given_fields().any(|field| field.name == *name))
        .collect();
    let only = strays.first().copied().filter(|_| strays.len() == 1);
    match only.or_else(|| nearest(param.name, strays)) {
        Some(near) => problem.hint(format!("you gave `{near}`; did you mean `{}`?", param.name)),
        None => problem.hint(format!("give it as {}=VALUE", param.name)),
    }
}

/// Reads a value as its field wants it: text as it stands, everything else as JSON.
fn value_of(field: Option<&Field>, name: &str, text: &str) -> Result<Value, Problem> {
    let is_file = field.is_some_and(|field| matches!(field.shape.kind, Kind::File));
    if let (Some(file), false) = (text.strip_prefix('@'), is_file) {
        let content = std::fs::read_to_string(file).map_err(|fault| {
            Problem::usage(format!("cannot read `{file}` for `{name}`")).cause(&fault)
        })?;
        return value_of(
            field,
            name,
            content
                .trim_end_matches(['\r', '\n'])
                .trim_start_matches('@'),
        );
    }
    let parsed = || serde_json::from_str::<Value>(text).ok();
    Ok(match field.map(|field| &field.shape.kind) {
        Some(Kind::Text(_) | Kind::File) => Value::from(text),
        Some(Kind::Choice(choices)) if choices.iter().all(|choice| choice.starts_with('"')) => {
            Value::from(text)
        }
        Some(Kind::List(item, _)) if !text.trim_start().starts_with('[') && is_text(item) => {
            text.split(',').map(Value::from).collect()
        }
        _ => parsed().unwrap_or_else(|| Value::from(text)),
    })
}

fn is_text(shape: &catalog::Shape) -> bool {
    matches!(&shape.kind, Kind::Text(text) if text.format != TextFormat::Secret)
        || matches!(shape.kind, Kind::Choice(_))
}

fn confirm(endpoint: &Endpoint) -> Result<(), Problem> {
    let refused = || {
        Problem::usage(format!(
            "`{}` is destructive and was not confirmed",
            endpoint.name
        ))
        .hint("give --yes to make the call without being asked")
    };
    if !std::io::stdin().is_terminal() {
        return Err(refused());
    }
    _ = std::io::Write::write_all(
        &mut anstream::stderr(),
        format!("{} Go on? [y/N] ", endpoint.doc).as_bytes(),
    );
    let mut line = String::new();
    _ = std::io::stdin().read_line(&mut line);
    if line.trim().eq_ignore_ascii_case("y") {
        Ok(())
    } else {
        Err(refused())
    }
}
