//! What a script declares: hosts and schedule of its header, and names that hide the library's.

use super::arguments::ARGUMENTS;
use super::finding::Findings;
use super::library::library;
use super::rules::{HEADER, SHADOWED};
use super::tree::{Function, Kind, Spot, Tree};
use crate::script::Header;

/// Tells what a header declares in vain.
pub(super) fn check_header(header: &Header, text: &str, findings: &mut Findings) {
    for host in &header.hosts {
        if !is_host(host) {
            let at = place_of(text, &format!("\"{host}\""));
            let message = format!("no request can match the host `{host}`");
            let hint =
                "a host is a name such as `hooks.example.com`, or with a port `localhost:8080`";
            findings.add_with(HEADER, at, message, Some(hint.into()));
        }
    }
    if header.schedule.as_ref().is_some_and(toml::Table::is_empty) {
        let at = place_of(text, "schedule");
        findings.add(HEADER, at, "the schedule does not say when");
    }
}

/// Returns whether a URL can have this host: the name and port that a URL made of it has.
fn is_host(host: &str) -> bool {
    let url = url::Url::parse(&format!("https://{host}/"));
    // Nothing stands for many names.
    !host.contains('*')
        && url.is_ok_and(|url| {
            let name = url.host_str().unwrap_or_default();
            let seen = match url.port() {
                Some(port) => format!("{name}:{port}"),
                None => name.to_owned(),
            };
            seen.eq_ignore_ascii_case(host)
        })
}

/// Tells functions and variables that hide what the library has.
pub(super) fn check_names(tree: &Tree, header: &Header, text: &str, findings: &mut Findings) {
    // Importers call a module's functions by its name; there nothing is hidden.
    let is_module = tree.body.iter().all(|node| {
        matches!(
            node.kind,
            Kind::Import(..) | Kind::Export(..) | Kind::Let(..)
        )
    });
    for function in tree.named().filter(|_| !is_module) {
        let Some(hidden) = library().function(&function.name) else {
            continue;
        };
        let (least, most) = hidden.arguments;
        if (least..=most).contains(&function.parameters.len()) {
            let at = place_of_function(text, function);
            let message = format!(
                "the function `{}` hides the one of the library",
                function.name
            );
            findings.add_with(SHADOWED, at, message, Some("give it another name".into()));
        }
    }
    for node in tree.body.iter().filter(|_| !header.args.is_empty()) {
        if let Kind::Let(name, _, _) = &node.kind
            && name.text == ARGUMENTS
        {
            let message = "the variable `args` hides the script's arguments";
            findings.add_with(
                SHADOWED,
                name.at,
                message,
                Some("give it another name".into()),
            );
        }
    }
}

/// Returns where a function's name stands: the tree tells only where its body starts.
fn place_of_function(text: &str, function: &Function) -> Spot {
    let head = format!("fn {}", function.name);
    let lines: Vec<_> = text.lines().take(function.at.line).collect();
    let found = lines.iter().enumerate().rev();
    let mut found = found.filter_map(|(index, line)| Some((index, line, line.find(&head)?)));
    found.next().map_or(function.at, |(index, line, at)| Spot {
        line: index + 1,
        column: line[..at].chars().count() + 4,
    })
}

/// Returns where something stands first.
fn place_of(text: &str, part: &str) -> Spot {
    let found = text.lines().enumerate();
    let mut found = found.filter_map(|(index, line)| Some((index, line, line.find(part)?)));
    found
        .next()
        .map_or(Spot { line: 1, column: 1 }, |(index, line, at)| Spot {
            line: index + 1,
            column: line[..at].chars().count() + 1,
        })
}
