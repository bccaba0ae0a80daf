//! Paths of files in the project, and of modules.

use std::path::Path;

use crate::script;

/// Returns what a path below a folder can go on to; folders end with `/`.
pub(super) fn files(root: &Path, typed: &str) -> Vec<String> {
    let (folder, begun) = typed
        .rsplit_once('/')
        .map_or(("", typed), |(folder, begun)| {
            (&typed[..=folder.len()], begun)
        });
    // Scripts reach nothing outside their project.
    if folder.starts_with('/') || folder.split('/').any(|part| part == "..") {
        return Vec::new();
    }
    let entries = std::fs::read_dir(root.join(folder));
    let mut found: Vec<String> = entries
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let is_hidden = name.starts_with('.') && !begun.starts_with('.');
            let fits = name.starts_with(begun) && !is_hidden;
            let end = if entry.path().is_dir() { "/" } else { "" };
            fits.then(|| format!("{folder}{name}{end}"))
        })
        .collect();
    found.sort();
    found
}

/// Returns the modules that an import can name.
pub(super) fn modules(root: &Path, typed: &str) -> Vec<String> {
    let library = script::stdlib().map(|(name, _)| name);
    let mut found: Vec<String> = library.filter(|name| name.starts_with(typed)).collect();
    let files = files(root, typed).into_iter();
    found.extend(files.filter_map(|file| {
        let is_folder = file.ends_with('/');
        is_folder
            .then(|| file.clone())
            .or_else(|| Some(file.strip_suffix(".rhai")?.to_owned()))
    }));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_the_project() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        for name in ["data/a.csv", "data/b.csv", "day.rhai", ".hidden"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(files(folder.path(), "da"), ["data/", "day.rhai"]);
        assert_eq!(files(folder.path(), "data/"), ["data/a.csv", "data/b.csv"]);
        assert_eq!(files(folder.path(), ".h"), [".hidden"]);
        for outside in ["/etc/", "../", "data/../../", "missing/"] {
            assert!(files(folder.path(), outside).is_empty(), "{outside}");
        }
        assert_eq!(modules(folder.path(), "da"), ["data/", "day"]);
        assert!(modules(folder.path(), "std/").contains(&"std/jobs".to_owned()));
    }
}
