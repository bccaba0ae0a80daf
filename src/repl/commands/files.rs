//! Files of the project: load one, run one, write the session to one.

use serde_json::{Map, Value};

use super::needed;
use crate::repl::shell::{Next, Shell, Shown, Trouble};
use crate::report::Problem;
use crate::run::Permissions;
use crate::script::{Header, Limits, Outcome, Script, Source, Stop, execute, texts};

/// Evaluates a file as if it were typed.
pub(super) fn load(shell: &mut Shell, given: &str) -> Result<Next, Trouble> {
    let (script, arguments) = prepared(shell, given, "load")?;
    let header = script.header();
    shell.face.permissions = joined(&shell.face.permissions, header);
    let source = script.source().clone();
    let (shown, next) = shell.load(source, &arguments)?;
    shell.show(&shown);
    Ok(next)
}

/// Runs a script on its own.
pub(super) fn run(shell: &mut Shell, given: &str) -> Result<Next, Trouble> {
    let (script, arguments) = prepared(shell, given, "run")?;
    let permissions = joined(&Permissions::default(), script.header());
    let (ended, guard) = shell.guarded(&permissions, |_, host, control| {
        execute(&script, &arguments, host, &Limits::default(), control)
    });
    let texts = ended.texts();
    match ended.outcome {
        Outcome::Done(value) => shell.show(&Shown::Value(value, guard.called())),
        Outcome::Failed(problem) => return Err(Trouble::Failed(Box::new(problem), texts)),
        Outcome::Stopped(Stop::Interrupted) => return Err(Trouble::Interrupted),
        Outcome::Stopped(_) => {
            let broken = guard.run().broken();
            return Err(broken.map_or(Trouble::Interrupted, Trouble::from));
        }
    }
    Ok(Next::Go)
}

/// Writes the inputs that worked to a file.
pub(super) fn save(shell: &mut Shell, file: &str) -> Result<Next, Trouble> {
    let file = needed(file, "save")?;
    let now = shell.world.world.clock.now();
    let when = jiff::ZonedDateTime::new(now, shell.face.screen.zone.clone());
    let when = when.strftime("%Y-%m-%d %H:%M").to_string();
    let script = shell.record.script(&when, &shell.face.permissions);
    shell.face.project.write(file, script.as_bytes())?;
    shell.tell(&format!("the session is in {file}"));
    Ok(Next::Go)
}

/// Reads a script, and its arguments.
fn prepared(
    shell: &Shell,
    given: &str,
    command: &str,
) -> Result<(Script, Map<String, Value>), Trouble> {
    let mut words = needed(given, command)?.split_whitespace();
    let name = words.next().unwrap_or_default().to_owned();
    let content = shell.face.project.read(&name)?;
    let text = String::from_utf8(content)
        .map_err(|_| Problem::usage(format!("`{name}` is not UTF-8 text")))?;
    let source = Source { name, text };
    let known = texts(std::slice::from_ref(&source));
    let with_text = |problem: Problem| Trouble::Failed(Box::new(problem), known.clone());
    let pairs: Result<Vec<_>, Problem> = words.map(pair).collect();
    let script = Script::load(source).map_err(with_text)?;
    let environment = |name: &str| shell.face.environment.get(name).cloned();
    let arguments = script
        .header()
        .arguments(&pairs?, &environment)
        .map_err(with_text)?;
    Ok((script, arguments))
}

fn pair(word: &str) -> Result<(String, String), Problem> {
    let pair = word.split_once('=');
    let pair = pair.map(|(name, value)| (name.to_owned(), value.to_owned()));
    pair.ok_or_else(|| Problem::usage(format!("`{word}` is not of the form NAME=VALUE")))
}

fn joined(permissions: &Permissions, header: &Header) -> Permissions {
    let mut joined = permissions.clone();
    joined.env.extend(header.env.iter().cloned());
    joined.hosts.extend(header.hosts.iter().cloned());
    for names in [&mut joined.env, &mut joined.hosts] {
        names.sort();
        names.dedup();
    }
    joined
}
