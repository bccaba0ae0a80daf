//! Finds test files, and the tests in them.

use std::path::{Path, PathBuf};

use crate::report::{Problem, ProblemKind};
use crate::script::{Script, Source, TEST_ENDING};

/// How the name of a test begins.
const BEGINNING: &str = "test_";

/// A file of tests.
#[derive(Clone, Debug)]
pub struct TestFile {
    /// Its source, named by its path from the project's root.
    pub source: Source,
    /// The project's root.
    pub root: PathBuf,
    /// The names of its tests with their lines, in the order of the source.
    pub tests: Vec<(String, usize)>,
}

/// Finds the test files that paths name: files, or folders with all below them, in order.
pub fn find(root: &Path, paths: &[PathBuf]) -> Result<Vec<PathBuf>, Problem> {
    let mut found = Vec::new();
    for path in paths {
        if !path.exists() {
            return Err(Problem::usage(format!("there is no `{}`", path.display()))
                .hint("name a file `*_test.rhai`, or a folder that holds some"));
        }
        if path.is_file() {
            found.push(path.clone());
        } else {
            collect(path, &mut found)?;
        }
    }
    found.sort();
    found.dedup();
    if found.is_empty() {
        let what = format!("there are no tests below `{}`", root.display());
        return Err(
            Problem::usage(what).hint("a test is a function `fn test_…()` in a file `*_test.rhai`")
        );
    }
    Ok(found)
}

/// Looks through a folder; hidden ones, and those that programs make, hold no tests.
fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Problem> {
    let broken = |fault: std::io::Error| {
        Problem::usage(format!("cannot read `{}`", folder.display())).cause(&fault)
    };
    for entry in std::fs::read_dir(folder).map_err(broken)? {
        let path = entry.map_err(broken)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            let is_made = name.starts_with('.') || ["target", "node_modules"].contains(&&*name);
            if !is_made && !path.is_symlink() {
                collect(&path, found)?;
            }
        } else if name.ends_with(TEST_ENDING) {
            found.push(path);
        }
    }
    Ok(())
}

impl TestFile {
    /// Reads a test file; `name` is what messages call it.
    pub fn read(root: &Path, file: &Path, name: String) -> Result<Self, Problem> {
        let text = std::fs::read_to_string(file).map_err(|fault| {
            Problem::usage(format!("cannot read `{}`", file.display())).cause(&fault)
        })?;
        Ok(Self {
            source: Source { name, text },
            root: root.to_owned(),
            tests: Vec::new(),
        })
    }

    /// Finds the tests in it; errs when it does not parse.
    pub fn parse(mut self) -> Result<Self, (Problem, Source)> {
        let script = match Script::load(self.source.clone()) {
            Ok(script) => script,
            Err(problem) => return Err((problem, self.source)),
        };
        let names = script
            .ast()
            .iter_functions()
            .filter(|function| function.name.starts_with(BEGINNING) && function.params.is_empty());
        let mut tests: Vec<(String, usize)> = names
            .map(|function| {
                (
                    function.name.to_owned(),
                    line_of(&self.source.text, function.name),
                )
            })
            .collect();
        tests.sort_by_key(|(_, line)| *line);
        if tests.is_empty() {
            let what = format!("`{}` has no tests", self.source.name);
            let problem = Problem::new(ProblemKind::Source, what)
                .hint("a test is a function `fn test_…()` without parameters");
            return Err((problem, self.source));
        }
        self.tests = tests;
        Ok(self)
    }
}

fn line_of(text: &str, name: &str) -> usize {
    let declares = |line: &str| {
        let line = line.trim_start();
        let line = line.strip_prefix("private ").unwrap_or(line).trim_start();
        let rest = line.strip_prefix("fn ").map(str::trim_start);
        rest.and_then(|rest| rest.strip_prefix(name))
            .is_some_and(|rest| rest.trim_start().starts_with('('))
    };
    text.lines().position(declares).map_or(1, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<TestFile, Problem> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a_test.rhai");
        std::fs::write(&file, text).unwrap();
        let read = TestFile::read(folder.path(), &file, "a_test.rhai".into()).unwrap();
        read.parse().map_err(|(problem, _)| problem)
    }

    #[test]
    fn tests_are_functions_of_their_name_in_the_order_of_the_source() {
        let file =
            parse("fn helper() {}\nfn test_b() {}\n\nfn test_a() {}\nfn test_c(x) { x }").unwrap();
        let expected = [("test_b".to_owned(), 2), ("test_a".to_owned(), 4)];
        assert_eq!(file.tests, expected);
        assert!(parse("let x = 1;").is_err() && parse("fn (").is_err());
    }

    #[test]
    fn files_are_found_below_folders() {
        let folder = tempfile::tempdir().unwrap();
        for file in [
            "a_test.rhai",
            "a.rhai",
            "deep/b_test.rhai",
            ".git/c_test.rhai",
        ] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let root = folder.path().to_owned();
        let found = find(&root, std::slice::from_ref(&root)).unwrap();
        assert_eq!(
            found,
            [root.join("a_test.rhai"), root.join("deep/b_test.rhai")]
        );
        assert!(find(&root, &[root.join("nope")]).is_err());
    }
}
