//! Help, from the source of truth: the catalog, the builtins, the table of commands.

use std::fmt::Write as _;

use super::{COMMANDS, needed};
use crate::catalog::{self, Endpoint};
use crate::repl::complete::Functions;
use crate::repl::shell::{Next, Shell, Trouble};
use crate::repl::show::{laid_out, listed, wrapped};
use crate::report::{Problem, nearest};
use crate::script::Function;

/// Tells of a topic, or what there is to know.
pub(super) fn help(shell: &mut Shell, topic: &str) -> Result<Next, Trouble> {
    let width = shell.face.screen.width();
    let page = match topic {
        "" => overview(width),
        topic => page(topic, shell, width)?,
    };
    shell.tell(page.trim_end());
    Ok(Next::Go)
}

/// Searches.
pub(super) fn find(shell: &mut Shell, words: &str) -> Result<Next, Trouble> {
    let words = needed(words, "find")?.to_lowercase();
    let words: Vec<&str> = words.split_whitespace().collect();
    let fits = |text: &str| {
        let text = text.to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let functions = Functions::all().iter();
    let found = functions.filter(|function| fits(&everything(function)));
    let mut rows: Vec<Vec<String>> = found
        .map(|function| vec![function.name.clone(), first_sentence(&function.doc)])
        .collect();
    rows.sort_by_key(|row| !words.iter().any(|word| row[0].contains(word)));
    let commands = COMMANDS
        .iter()
        .filter(|command| fits(&format!(":{} {}", command.name, command.doc)));
    rows.extend(commands.map(|command| vec![format!(":{}", command.name), command.doc.into()]));
    if rows.is_empty() {
        return Err(Problem::usage(format!("nothing is about `{}`", words.join(" "))).into());
    }
    shell.tell(&laid_out(&rows, shell.face.screen.width()));
    Ok(Next::Go)
}

/// Lists endpoints.
pub(super) fn endpoints(shell: &mut Shell, section: &str) -> Result<Next, Trouble> {
    let known = catalog::sections().iter().map(|section| section.name);
    if !section.is_empty() && catalog::section(section).is_none() {
        let problem = Problem::usage(format!("there is no section `{section}`"));
        let hint = match nearest(section, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", known.collect::<Vec<_>>().join(", ")),
        };
        return Err(problem.hint(hint).into());
    }
    let of = catalog::endpoints().filter(|entry| section.is_empty() || entry.section == section);
    let rows: Vec<Vec<String>> = of.map(row).collect();
    shell.tell(&laid_out(&rows, shell.face.screen.width()));
    Ok(Next::Go)
}

fn row(endpoint: &Endpoint) -> Vec<String> {
    let mark = match (endpoint.destructive, endpoint.deprecated) {
        (true, _) => "destroys: ",
        (_, true) => "deprecated: ",
        _ => "",
    };
    vec![
        endpoint.name.to_owned(),
        endpoint.method.as_str().to_owned(),
        format!("{mark}{}", endpoint.doc),
    ]
}

fn overview(width: usize) -> String {
    let rows: Vec<Vec<String>> = COMMANDS
        .iter()
        .map(|command| {
            let call = format!(":{} {}", command.name, command.arguments);
            vec![call.trim_end().to_owned(), command.doc.to_owned()]
        })
        .collect();
    format!(
        "An input is Rhai; `duvo::…` calls the API. `_` is the last value, `_e` the last error.\n\
         Tab completes, Ctrl-R searches what was typed, Ctrl-C stops what is under way, Ctrl-D\n\
         leaves. Simulated time stands still at the prompt, and moves when something waits.\n\n{}",
        listed(&rows, width)
    )
}

fn page(topic: &str, shell: &Shell, width: usize) -> Result<String, Problem> {
    let topic = topic.trim_end_matches(['(', ')', ';', ' ']);
    if let Some(name) = topic.strip_prefix(':') {
        let command = super::named(name)?;
        return Ok(format!(
            ":{} {}\n\n  It {}.",
            command.name, command.arguments, command.doc
        ));
    }
    let path = topic.replace('.', "::");
    let full = [path.clone(), format!("duvo::{path}")];
    let mut known = full.iter().filter_map(|name| Functions::all().named(name));
    if let Some(function) = known.next() {
        return Ok(of_function(function, width));
    }
    let section = topic.trim_start_matches("duvo::").trim_end_matches("::");
    if let Some(section) = catalog::section(section) {
        let rows: Vec<Vec<String>> = section.endpoints.iter().map(row).collect();
        return Ok(format!(
            "{}\n\n  {}\n\n{}",
            section.title,
            section.doc,
            laid_out(&rows, width)
        ));
    }
    if let Some(own) = shell
        .session
        .functions()
        .iter()
        .find(|own| own.name == path)
    {
        return Ok(format!("{}\n\n  defined in this session", own.signature));
    }
    if let Some(found) = in_namespace(&path, width) {
        return Ok(found);
    }
    match COMMANDS.iter().find(|command| command.name == topic) {
        Some(command) => page(&format!(":{}", command.name), shell, width),
        None => Err(unknown(topic)),
    }
}

fn in_namespace(path: &str, width: usize) -> Option<String> {
    let start = format!("{}::", path.trim_end_matches(':'));
    let below = Functions::all()
        .iter()
        .filter(|function| function.name.starts_with(&start));
    let rows: Vec<Vec<String>> = below
        .map(|function| vec![function.signature.clone(), first_sentence(&function.doc)])
        .collect();
    (!rows.is_empty()).then(|| laid_out(&rows, width))
}

fn unknown(topic: &str) -> Problem {
    let functions = Functions::all().iter();
    let names: Vec<String> = functions
        .map(|function| {
            function
                .name
                .trim_start_matches("duvo::")
                .replace("::", ".")
        })
        .collect();
    let asked = topic.trim_start_matches("duvo::").replace("::", ".");
    let problem = Problem::usage(format!("nothing is known of `{topic}`"));
    match nearest(&asked, names.iter().map(String::as_str)) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem.hint(format!("`:find {topic}` searches")),
    }
}

fn of_function(function: &Function, width: usize) -> String {
    let Some(endpoint) = function.endpoint else {
        return of_builtin(function, width);
    };
    let plain = catalog::page(endpoint);
    let page = plain.split_once('\n').map_or("", |(_, page)| page);
    let mut text = format!("{}\n{page}", function.signature);
    if format!("duvo::{}", endpoint.name.replace('.', "::")) == function.name {
        _ = write!(text, "\nExample\n  {}", catalog::example(endpoint));
    } else {
        _ = write!(text, "\n{}", function.doc);
    }
    text
}

fn of_builtin(function: &Function, width: usize) -> String {
    let mut text = format!("{}\n\n", function.signature);
    for line in function.doc.lines() {
        for line in wrapped(line, width.saturating_sub(2)) {
            _ = writeln!(text, "{}", format!("  {line}").trim_end());
        }
    }
    if !function.examples.is_empty() {
        text += "\nExamples\n";
        for (code, result) in &function.examples {
            _ = writeln!(text, "  {code}   // {result}");
        }
    }
    text
}

fn first_sentence(doc: &str) -> String {
    let line = doc.lines().next().unwrap_or_default();
    line.split_inclusive(". ")
        .next()
        .unwrap_or(line)
        .trim()
        .to_owned()
}

/// Returns everything that a search looks at.
fn everything(function: &Function) -> String {
    let mut text = format!("{} {} {}", function.name, function.signature, function.doc);
    if let Some(endpoint) = function.endpoint {
        for field in endpoint.given_fields() {
            _ = write!(text, " {} {}", field.name, field.doc);
        }
        text += endpoint.path;
        text += endpoint.operation;
    }
    text
}
