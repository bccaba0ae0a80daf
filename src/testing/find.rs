//! Finds test files, and the tests in them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::examples;
use crate::report::{Problem, ProblemKind};
use crate::script::{Script, Source, TEST_ENDING};

/// What a test is.
const HOW: &str = "a test is a function `fn test_…()` in a file `*_test.rhai`, or an example in the \
                   docs of a script that ends with `// => JSON`";

/// How the name of a test begins.
const BEGINNING: &str = "test_";

/// A file of tests.
#[derive(Clone, Debug)]
pub struct TestFile {
    /// Its source, named by its path from the project's root.
    pub source: Source,
    /// The project's root.
    pub root: PathBuf,
    /// Its tests, in the order of the source.
    pub tests: Vec<Test>,
}

/// One test.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// The name of the function that it is, or whose docs it stands in.
    pub name: String,
    /// Its line.
    pub line: usize,
    pub(super) code: Code,
}

/// What a test runs.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Code {
    /// The function of its name.
    Function,
    /// An example of the docs, in its place, which gives a value.
    Example { text: String, expected: Value },
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
            found.extend(of_file(path)?);
        } else {
            collect(path, &mut found)?;
        }
    }
    found.sort();
    found.dedup();
    if found.is_empty() {
        let what = format!("there are no tests below `{}`", root.display());
        return Err(Problem::usage(what).hint(HOW));
    }
    Ok(found)
}

/// Returns where the tests of a file are: in itself, or beside it.
fn of_file(file: &Path) -> Result<Vec<PathBuf>, Problem> {
    if is_test_file(file) {
        return Ok(vec![file.to_owned()]);
    }
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let beside = file.with_file_name(format!("{stem}{TEST_ENDING}"));
    let mut found = vec![file.to_owned(), beside.clone()];
    found.retain(|path| holds_examples(path) || *path == beside && path.is_file());
    match found.is_empty() {
        false => Ok(found),
        true => Err(Problem::usage(format!(
            "`{}` has no tests, neither in its docs nor in `{}`",
            file.display(),
            beside.display()
        ))
        .hint(HOW)),
    }
}

fn is_test_file(file: &Path) -> bool {
    file.to_string_lossy().ends_with(TEST_ENDING)
}

/// Returns whether a script has examples in its docs; definitions for editors repeat those of others.
fn holds_examples(file: &Path) -> bool {
    let name = file.to_string_lossy();
    let is_script = name.ends_with(".rhai") && !name.ends_with(".d.rhai");
    is_script && std::fs::read_to_string(file).is_ok_and(|text| examples::may_hold(&text))
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
        } else if is_test_file(&path) || holds_examples(&path) {
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
        let tests = match is_test_file(Path::new(&self.source.name)) {
            true => functions(&self.source),
            false => examples::examples(&self.source),
        };
        self.tests = match tests {
            Ok(tests) => tests,
            Err(problem) => return Err((problem, self.source)),
        };
        if self.tests.is_empty() {
            let what = format!("`{}` has no tests", self.source.name);
            let problem = Problem::new(ProblemKind::Source, what).hint(HOW);
            return Err((problem, self.source));
        }
        Ok(self)
    }
}

/// Returns the functions of a test file that are tests.
fn functions(source: &Source) -> Result<Vec<Test>, Problem> {
    let script = Script::load(source.clone())?;
    let functions = script.ast().iter_functions();
    let functions = functions
        .filter(|function| function.name.starts_with(BEGINNING) && function.params.is_empty());
    let mut tests: Vec<Test> = functions
        .map(|function| Test {
            name: function.name.to_owned(),
            line: line_of(&source.text, function.name),
            code: Code::Function,
        })
        .collect();
    tests.sort_by_key(|test| test.line);
    Ok(tests)
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
        let tests: Vec<_> = file
            .tests
            .iter()
            .map(|test| (&*test.name, test.line))
            .collect();
        assert_eq!(tests, [("test_b", 2), ("test_a", 4)]);
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
        // A script stands for the tests beside it.
        let beside = find(&root, &[root.join("a.rhai")]).unwrap();
        assert_eq!(beside, [root.join("a_test.rhai")]);
        std::fs::write(root.join("b.rhai"), "").unwrap();
        assert!(find(&root, &[root.join("b.rhai")]).is_err());
    }
}
