//! `duvoscript check`: judges scripts without running them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::command::{Action, Context, Format};
use super::exit::{self, Exit};
use super::output::columns;
use super::run::{project_root, read};
use crate::check::{self, Checker, Finding, RULES};
use crate::report::{Problem, Sources, render};
use crate::run::Project;
use crate::script::Source;

/// Folders of a project that hold scripts, looked at when no path is given.
const USUAL: [&str; 2] = ["scripts", "stdlib"];

/// Judges scripts without running them
#[derive(Args, Debug)]
#[command(after_help = short_help(), after_long_help = long_help())]
pub(super) struct Check {
    /// Scripts, or folders of them; `scripts` and `stdlib`, or else all here, when left out
    paths: Vec<PathBuf>,
    /// The same as --output json
    #[arg(long, conflicts_with = "sarif")]
    json: bool,
    /// Shows the findings as SARIF 2.1.0, for code hosts
    #[arg(long)]
    sarif: bool,
}

const EXAMPLE: &str = "A comment `// allow(RULE): reason` allows what is found on its line or the next.\n\n\
                       Example: duvoscript check scripts";

/// Returns the names of the rules.
fn short_help() -> String {
    let rules = RULES
        .iter()
        .map(|rule| vec![format!("  {}", rule.code), rule.name.to_owned()]);
    format!("Rules:\n{}\n{EXAMPLE}", columns(rules))
}

/// Returns the rules with all that is said of them.
fn long_help() -> String {
    let rules = RULES
        .iter()
        .map(|rule| format!("  {}\n      {}\n", rule.code, rule.doc));
    format!("Rules:\n{}\n{EXAMPLE}", rules.collect::<String>())
}

impl Action for Check {
    const NAME: &'static str = "check";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let scripts = scripts(self.paths)?;
        let mut texts = Sources::default();
        let mut findings = Vec::new();
        for (root, paths) in by_project(&scripts)? {
            findings.extend(check_project(&root, &paths, &mut texts)?);
        }
        let exit = if findings.is_empty() {
            exit::OK
        } else {
            exit::SOURCE
        };
        let shown = if self.sarif {
            format!("{:#}\n", check::sarif(&findings))
        } else if self.json || context.global.output == Format::Json {
            format!("{:#}\n", check::json(&findings))
        } else {
            // Who reads the findings through a pipe still sees how many there are.
            _ = writeln!(anstream::stderr(), "{}", summary(&findings, scripts.len()));
            in_words(&findings, &texts)
        };
        // A closed pipe is the reader's choice.
        _ = anstream::stdout().write_all(shown.as_bytes());
        Ok(exit)
    }
}

/// Checks scripts of one project; their names in what was found are paths for the reader.
fn check_project(
    root: &Path,
    paths: &[PathBuf],
    texts: &mut Sources,
) -> Result<Vec<Finding>, Problem> {
    let project = Project::open(root)?;
    let (mut sources, mut unreadable) = (Vec::new(), Vec::new());
    for path in paths {
        match read(path, &project) {
            Ok(source) => sources.push(source),
            Err(problem) if path.is_file() => {
                unreadable.push(Finding::unreadable(&path.to_string_lossy(), problem));
            }
            Err(problem) => return Err(problem),
        }
    }
    let find = |importer: &str, path: &str| project.import(importer, path);
    let mut findings: Vec<_> = Checker::new(&find)
        .check(&sources)?
        .into_iter()
        .flatten()
        .collect();
    for finding in &mut findings {
        finding.at.source = shown(root, &finding.at.source);
    }
    findings.append(&mut unreadable);
    for Source { name, text } in sources {
        texts.insert(shown(root, &name), text);
    }
    Ok(findings)
}

/// Returns the path of a source, from the working directory on where it lies below.
fn shown(root: &Path, name: &str) -> String {
    let path = root.join(name);
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let below = here
        .ok()
        .and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    below.unwrap_or(path).to_string_lossy().into_owned()
}

/// Returns scripts by the directories of their projects.
fn by_project(scripts: &[PathBuf]) -> Result<BTreeMap<PathBuf, Vec<PathBuf>>, Problem> {
    let mut projects: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for script in scripts {
        projects
            .entry(project_root(script)?)
            .or_default()
            .push(script.clone());
    }
    Ok(projects)
}

/// Returns the scripts that are meant, each once.
fn scripts(mut paths: Vec<PathBuf>) -> Result<Vec<PathBuf>, Problem> {
    if paths.is_empty() {
        paths.extend(
            USUAL
                .map(PathBuf::from)
                .into_iter()
                .filter(|path| path.is_dir()),
        );
    }
    if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    let mut scripts = Vec::new();
    for path in &paths {
        if path.is_dir() {
            collect(path, &mut scripts)?;
        } else {
            scripts.push(path.clone());
        }
    }
    let mut seen = BTreeSet::new();
    scripts.retain(|script| seen.insert(script.canonicalize().unwrap_or_else(|_| script.clone())));
    if scripts.is_empty() {
        let folders: Vec<_> = paths
            .iter()
            .map(|path| format!("`{}`", path.display()))
            .collect();
        return Err(Problem::usage(format!(
            "there is no script in {}",
            folders.join(", ")
        )));
    }
    Ok(scripts)
}

/// Adds the scripts below a folder, in the order of their names. Links to folders are not followed.
fn collect(folder: &Path, scripts: &mut Vec<PathBuf>) -> Result<(), Problem> {
    let broken = |fault: std::io::Error| {
        Problem::usage(format!("cannot read `{}`", folder.display())).cause(&fault)
    };
    let entries = std::fs::read_dir(folder).map_err(broken)?;
    let mut entries = entries.collect::<Result<Vec<_>, _>>().map_err(broken)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && !name.starts_with('.') && name != "target" {
            collect(&entry.path(), scripts)?;
        } else if !is_folder && is_script(&entry.path()) {
            scripts.push(entry.path());
        }
    }
    Ok(())
}

/// Returns whether a file is a script; `.d.rhai` files are definitions for editors.
fn is_script(path: &Path) -> bool {
    let is_definition = path
        .file_stem()
        .is_some_and(|stem| Path::new(stem).extension() == Some("d".as_ref()));
    path.extension().is_some_and(|end| end == "rhai") && !is_definition
}

fn in_words(findings: &[Finding], texts: &Sources) -> String {
    let is_styled = std::io::stdout().is_terminal();
    let one = |finding: &Finding| render(&finding.problem(), texts, is_styled) + "\n";
    findings.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn summary(findings: &[Finding], scripts: usize) -> String {
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let checked = format!("{scripts} script{} checked", plural(scripts));
    match findings.len() {
        0 => format!("{checked}: nothing found"),
        count => format!("{checked}: {count} finding{}", plural(count)),
    }
}
