//! What the sources of a run declare, read from their text: it serves hints and nothing else.

use crate::script::host::Source;

/// A function that a source declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    /// Its name.
    pub(super) name: String,
    /// How it is called: `load(queue, rows, mapping)`.
    pub(super) signature: String,
    /// Whether other sources cannot call it.
    pub(super) is_private: bool,
}

/// Returns the functions of a source.
pub(super) fn functions(source: &Source) -> Vec<Declared> {
    source.text.lines().filter_map(function).collect()
}

fn function(line: &str) -> Option<Declared> {
    let line = line.trim_start();
    let bare = line.strip_prefix("private ");
    let head = bare.unwrap_or(line).trim_start().strip_prefix("fn ")?;
    let (name, rest) = head.split_once('(')?;
    let (params, _) = rest.split_once(')')?;
    let name = name.trim();
    Some(Declared {
        name: name.into(),
        signature: format!("{name}({})", params.trim()),
        is_private: bare.is_some(),
    })
}

/// Returns the source that some `import "…" as alias` means.
pub(super) fn imported<'a>(alias: &str, sources: &'a [Source]) -> Option<&'a Source> {
    let paths = sources.iter().flat_map(|source| imports(&source.text));
    let (path, _) = paths.into_iter().find(|(_, name)| *name == alias)?;
    let plain = path.trim_start_matches(['.', '/']);
    let file = format!("{}.rhai", plain.strip_suffix(".rhai").unwrap_or(plain));
    let below = format!("/{file}");
    sources
        .iter()
        .find(|source| source.name == file || source.name.ends_with(&below))
}

/// Returns path and alias of each import in a text.
fn imports(text: &str) -> Vec<(&str, &str)> {
    text.split("import").skip(1).filter_map(import).collect()
}

/// Reads what stands behind the word `import`: `"./lib/a" as a;`.
fn import(text: &str) -> Option<(&str, &str)> {
    let (path, rest) = text.trim_start().strip_prefix('"')?.split_once('"')?;
    let alias = rest.trim_start().strip_prefix("as ")?.trim_start();
    let end = alias.find(|c: char| !(c.is_alphanumeric() || c == '_'));
    Some((path, &alias[..end.unwrap_or(alias.len())]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, text: &str) -> Source {
        Source {
            name: name.into(),
            text: text.into(),
        }
    }

    #[test]
    fn finds_the_functions_of_an_imported_module() {
        let sources = [
            source("main.rhai", "import \"./lib/a\" as a;\nimport 5; a::one(2)"),
            source("lib/a.rhai", "fn one( x, y ) { }\nprivate fn two() {}\nfn"),
        ];
        let found = functions(imported("a", &sources).unwrap());
        let found: Vec<_> = found
            .iter()
            .map(|one| (one.signature.as_str(), one.is_private))
            .collect();
        assert_eq!(found, [("one(x, y)", false), ("two()", true)]);
        assert_eq!(imported("b", &sources), None);
    }
}
