//! The script that a command names, its project, and its arguments.

use std::path::{Component, Path, PathBuf};

use crate::report::{Problem, nearest};
use crate::run::Project;
use crate::script::Source;

/// Returns the project's directory: the nearest one above the working directory that has a
/// `duvoscript.toml`, or the working directory; a script from elsewhere brings its own.
pub(in crate::cli) fn project_root(script: &Path) -> Result<PathBuf, Problem> {
    let broken = |fault: std::io::Error| unreadable(script, &fault);
    let script = script.canonicalize().map_err(broken)?;
    let here = std::env::current_dir().map_err(broken)?;
    let marked = here
        .ancestors()
        .find(|folder| folder.join("duvoscript.toml").is_file());
    let root = marked.unwrap_or(&here).canonicalize().map_err(broken)?;
    let own = script.parent().map(Path::to_path_buf).unwrap_or_default();
    Ok(if script.starts_with(&root) { root } else { own })
}

/// Describes a script that cannot be read; one that is not there may be misspelt.
fn unreadable(script: &Path, fault: &std::io::Error) -> Problem {
    let problem = Problem::usage(format!("cannot read `{}`", script.display())).cause(fault);
    if fault.kind() != std::io::ErrorKind::NotFound {
        return problem;
    }
    let folder = script.parent().filter(|path| !path.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new(".")));
    let names: Vec<String> = entries
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(PathBuf::from(entry.ok()?.file_name())))
        .filter(|name| name.extension().is_some_and(|end| end == "rhai"))
        .filter_map(|name| name.into_os_string().into_string().ok())
        .collect();
    let given = script.file_name().unwrap_or_default().to_string_lossy();
    match nearest(&given, names.iter().map(String::as_str)) {
        Some(near) => {
            let near = script.with_file_name(near);
            problem.hint(format!("did you mean `{}`?", near.display()))
        }
        None => problem,
    }
}

pub(in crate::cli) fn read(script: &Path, project: &Project) -> Result<Source, Problem> {
    let broken = |fault: std::io::Error| unreadable(script, &fault);
    let path = script.canonicalize().map_err(broken)?;
    let root = project.root().canonicalize().map_err(broken)?;
    let below = path.strip_prefix(&root).unwrap_or(&path);
    let parts = below.components().filter_map(|part| match part {
        Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
        _ => None,
    });
    let name = parts.collect::<Vec<_>>().join("/");
    let text = String::from_utf8(std::fs::read(&path).map_err(broken)?)
        .map_err(|_| Problem::usage(format!("`{}` is not UTF-8 text", script.display())))?;
    Ok(Source { name, text })
}

pub(in crate::cli) fn pairs(words: &[String]) -> Result<Vec<(String, String)>, Problem> {
    let pair = |word: &String| match word.split_once('=') {
        Some((name, value)) => Ok((name.trim().to_owned(), value.to_owned())),
        None => Err(Problem::usage(format!(
            "`--arg {word}` is not of the form NAME=VALUE"
        ))),
    };
    words.iter().map(pair).collect()
}
