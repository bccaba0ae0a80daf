//! The definition files for editors: each is of the form that the Rhai language server reads, and
//! together they tell every function.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use duvoscript::script::{functions, stdlib};

/// Reads the words and signs of a definition file; documentation is none of them.
struct Reader {
    tokens: Vec<String>,
    next: usize,
}

impl Reader {
    fn new(text: &str) -> Self {
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let code = code.collect::<Vec<_>>().join("\n");
        let mut tokens: Vec<String> = Vec::new();
        let mut is_inside_word = false;
        for letter in code.chars() {
            let is_word = letter.is_alphanumeric() || "_\"/$".contains(letter);
            match tokens.last_mut() {
                Some(word) if is_word && is_inside_word => word.push(letter),
                _ if letter.is_whitespace() => {}
                _ => tokens.push(letter.into()),
            }
            is_inside_word = is_word;
        }
        Self { tokens, next: 0 }
    }

    fn peek(&self) -> &str {
        self.tokens.get(self.next).map_or("", String::as_str)
    }

    fn take(&mut self) -> String {
        let token = self.peek().to_owned();
        self.next += 1;
        token
    }

    fn expect(&mut self, wanted: &str) -> Result<(), String> {
        let seen = self.take();
        let before =
            self.tokens[self.next.saturating_sub(8)..self.next.min(self.tokens.len())].join(" ");
        (seen == wanted)
            .then_some(())
            .ok_or(format!("`{wanted}` is wanted in `{before}`"))
    }

    fn name(&mut self) -> Result<String, String> {
        let name = self.take();
        let is_name = name.starts_with(|first: char| first.is_alphabetic() || first == '_');
        is_name
            .then_some(name.clone())
            .ok_or(format!("`{name}` is no name"))
    }

    /// `String | Map`, `?`, `()`, `Range<int>`.
    fn types(&mut self) -> Result<(), String> {
        loop {
            match self.take().as_str() {
                "?" => {}
                "(" => self.expect(")")?,
                name if name.chars().all(char::is_alphanumeric) => {
                    if self.peek() == "<" {
                        self.take();
                        self.types()?;
                        self.expect(">")?;
                    }
                }
                other => return Err(format!("`{other}` is no type")),
            }
            if self.peek() != "|" {
                return Ok(());
            }
            self.take();
        }
    }

    /// `module name;`, then items; returns the functions with their numbers of parameters.
    fn file(&mut self) -> Result<BTreeSet<(String, usize)>, String> {
        self.expect("module")?;
        self.take();
        self.expect(";")?;
        let mut found = BTreeSet::new();
        while self.next < self.tokens.len() {
            self.item("", &mut found)?;
        }
        Ok(found)
    }

    fn item(&mut self, path: &str, found: &mut BTreeSet<(String, usize)>) -> Result<(), String> {
        match self.take().as_str() {
            "module" => {
                let path = format!("{path}{}::", self.name()?);
                self.expect("{")?;
                while self.peek() != "}" {
                    self.item(&path, found)?;
                }
                self.expect("}")
            }
            "const" => {
                self.name()?;
                self.expect(":")?;
                self.types()?;
                self.expect(";")
            }
            "fn" => {
                let name = format!("{path}{}", self.name()?);
                self.expect("(")?;
                let mut parameters = 0;
                while self.peek() != ")" {
                    self.name()?;
                    self.expect(":")?;
                    self.types()?;
                    parameters += 1;
                    if self.peek() == "," {
                        self.take();
                    }
                }
                self.expect(")")?;
                self.expect("-")?;
                self.expect(">")?;
                self.types()?;
                found.insert((name, parameters));
                self.expect(";")
            }
            other => Err(format!("`{other}` starts nothing")),
        }
    }
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut command = Command::cargo_bin("duvoscript").unwrap();
    command.arg("definitions").arg(folder).assert().success();
    let folders = [folder.to_owned(), folder.join("std")];
    let entries = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    let paths = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file());
    paths
        .map(|path| {
            let name = path
                .strip_prefix(folder)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

#[test]
fn every_file_parses_and_every_function_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut found = BTreeSet::new();
    for (name, text) in files(folder.path()) {
        // The interpreter writes the files about itself.
        if name.starts_with("__") {
            assert!(text.starts_with("module static;"), "{name}");
            continue;
        }
        let mut reader = Reader::new(&text);
        let inside = reader
            .file()
            .unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert!(!inside.is_empty(), "{name} tells nothing");
        let namespace = name.trim_end_matches(".d.rhai");
        let path = match namespace {
            "duvoscript" => String::new(),
            namespace => format!("{namespace}::"),
        };
        found.extend(
            inside
                .into_iter()
                .map(|(name, count)| (format!("{path}{name}"), count)),
        );
    }
    for function in functions() {
        let (_, most) = function.arguments;
        let is_there = found.contains(&(function.name.clone(), most));
        assert!(is_there, "{} with {most} parameters", function.name);
    }
    for (name, text) in stdlib() {
        let declared = text.lines().filter_map(|line| line.strip_prefix("fn "));
        for function in declared {
            let bare = function.split('(').next().unwrap();
            let path = format!("{name}::{bare}");
            assert!(found.iter().any(|(found, _)| *found == path), "{path}");
        }
    }
}

#[test]
fn every_function_has_its_documentation() {
    let folder = tempfile::tempdir().unwrap();
    let all = files(folder.path());
    let sections = &all["duvo.d.rhai"];
    assert!(
        sections.contains("/// Starts a Job"),
        "{}",
        &sections[..400]
    );
    assert!(sections.contains("/// - `agent_id` (an id, required): "));
    assert!(sections.contains("; destroys what cannot be brought back"));
    for (name, text) in all.iter().filter(|(name, _)| !name.starts_with("__")) {
        let lines: Vec<_> = text.lines().map(str::trim_start).collect();
        let bare = lines
            .windows(2)
            .find(|pair| pair[1].starts_with("fn ") && !pair[0].starts_with("///"));
        assert_eq!(bare, None, "{name}");
    }
}
