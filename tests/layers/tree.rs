//! Reads the source files of a crate along its modules.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::imports::{self, Import};

/// A source file of the library.
pub(crate) struct File {
    /// The path from the crate's root, with slashes.
    pub(crate) path: String,
    pub(crate) imports: Vec<Import>,
    module: Vec<String>,
}

impl File {
    /// Returns the folder it belongs to; `None` for the root of the crate.
    pub(crate) fn folder(&self) -> Option<&str> {
        self.module.first().map(String::as_str)
    }
}

/// The files of the library, and what is wrong with the tree itself.
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
    pub(crate) faults: Vec<String>,
}

/// Reads the library of the crate in `root`; its program and its build script only count as known.
pub(crate) fn read(root: &Path) -> Tree {
    let mut tree = Tree {
        files: Vec::new(),
        faults: Vec::new(),
    };
    let mut others = Tree {
        files: Vec::new(),
        faults: Vec::new(),
    };
    tree.add(root, &root.join("src/lib.rs"), &[]);
    others.add(root, &root.join("src/main.rs"), &[]);
    if let Some(script) = build_script(root) {
        others.add(root, &root.join(script), &[]);
    }
    let known: BTreeSet<_> = tree
        .files
        .iter()
        .chain(&others.files)
        .map(|file| file.path.clone())
        .collect();
    let mut strays: Vec<_> = sources(&root.join("src"))
        .iter()
        .map(|file| shown(root, file))
        .collect();
    strays.retain(|path| !known.contains(path));
    strays.sort();
    tree.faults.extend(others.faults);
    tree.faults.extend(
        strays
            .iter()
            .map(|path| format!("{path}: belongs to no module")),
    );
    tree
}

impl Tree {
    /// Adds a file and the modules that it declares.
    fn add(&mut self, root: &Path, file: &Path, module: &[String]) {
        let path = shown(root, file);
        let source = fs::read_to_string(file).expect(&path);
        let (imports, modules) = match imports::read(&source, module) {
            Ok(read) => read,
            Err(fault) => {
                self.faults.push(format!("{path}: cannot be read: {fault}"));
                (Vec::new(), Vec::new())
            }
        };
        let within = modules_of(file, module);
        for name in modules {
            let candidates = [
                within.join(format!("{name}.rs")),
                within.join(&name).join("mod.rs"),
            ];
            match candidates.iter().find(|file| file.exists()) {
                Some(file) => self.add(root, file, &[module, std::slice::from_ref(&name)].concat()),
                None => self
                    .faults
                    .push(format!("{path}: there is no file for the module `{name}`")),
            }
        }
        self.files.push(File {
            path,
            imports,
            module: module.to_vec(),
        });
    }
}

/// Returns the folder that holds the modules of a file: its own for a root and a `mod.rs`.
fn modules_of(file: &Path, module: &[String]) -> PathBuf {
    let is_whole = module.is_empty() || file.file_name().is_some_and(|name| name == "mod.rs");
    if is_whole {
        file.with_file_name("")
    } else {
        file.with_extension("")
    }
}

fn build_script(root: &Path) -> Option<String> {
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("Cargo.toml");
    let manifest: toml::Table = manifest.parse().expect("Cargo.toml");
    let script = manifest.get("package")?.get("build")?.as_str()?;
    Some(script.to_owned())
}

fn shown(root: &Path, file: &Path) -> String {
    let path = file.strip_prefix(root).expect("below the root");
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// Returns all Rust files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}
