//! Judges sources: each by itself, with what it imports; many at once on all cores.

use std::collections::{HashMap, HashSet};
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, available_parallelism};

use super::allow;
use super::arguments::{self, Reads};
use super::declarations;
use super::finding::{Finding, Findings};
use super::guards;
use super::modules::{Find, Module, Modules};
use super::rules::{HEADER, IMPORT, SYNTAX};
use super::tree::{Kind, Node, Tree};
use super::waits;
use super::walk::{self, Walker};
use crate::report::{Problem, ProblemKind};
use crate::script::{Header, Script, Source, TEST_ENDING};

/// Stack of a thread that goes through scripts, as deep as the parser lets them be.
const STACK_BYTES: usize = 64 << 20;

/// What opens a header, behind the slashes of a comment.
const HEADER_START: &str = "/// duvoscript";

/// From here on the interpreter's places are no longer exact.
const MOST_LINES: usize = u16::MAX as usize - 1;

/// Judges sources, and reads what they import once.
pub struct Checker<'a> {
    modules: Modules<'a>,
}

impl<'a> Checker<'a> {
    /// Returns a checker that finds the sources of imports with `find`.
    pub fn new(find: &'a Find<'a>) -> Self {
        Self {
            modules: Modules::new(find),
        }
    }

    /// Judges sources, several at a time; the findings stand in the order of the sources.
    ///
    /// Fails only when a thread cannot be started, or by a fault of this program.
    pub fn check(&self, sources: &[Source]) -> Result<Vec<Vec<Finding>>, Problem> {
        let workers = available_parallelism()
            .map_or(1, NonZero::get)
            .min(sources.len());
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(source) = sources.get(index) else {
                    return done;
                };
                done.push((index, self.check_one(source)));
            }
        };
        let mut all = std::thread::scope(|scope| {
            let start = |_| {
                Builder::new()
                    .stack_size(STACK_BYTES)
                    .spawn_scoped(scope, work)
            };
            let threads = (0..workers).map(start).collect::<Result<Vec<_>, _>>();
            let threads =
                threads.map_err(|fault| bug("no thread could be started").cause(&fault))?;
            let mut all = Vec::new();
            for thread in threads {
                all.extend(
                    thread
                        .join()
                        .map_err(|_| bug("the check ran into a fault of the program"))?,
                );
            }
            Ok::<_, Problem>(all)
        })?;
        all.sort_by_key(|(index, _)| *index);
        Ok(all.into_iter().map(|(_, findings)| findings).collect())
    }

    fn check_one(&self, source: &Source) -> Vec<Finding> {
        let mut findings = Findings::new(&source.name);
        let Some(script) = load(source.clone(), &mut findings) else {
            return findings.sorted();
        };
        let text = script.source().text.as_str();
        if is_placed(text) {
            let tree = Tree::new(script.ast());
            findings = self.judge(&script, &tree, findings);
        }
        let mut found = allow::apply(text, findings.sorted(), &source.name);
        for finding in &mut found {
            finding.measure(text);
        }
        found
    }

    fn judge(&self, script: &Script, tree: &Tree, mut findings: Findings) -> Findings {
        let (header, source) = (script.header(), script.source());
        let mut reads = Reads::of(tree);
        let imports = self.imports(tree, &source.name, &mut reads, &mut findings);
        declarations::check_header(header, source, &mut findings);
        declarations::check_names(tree, header, &source.text, &mut findings);
        arguments::check_unused(header, &reads, &mut findings);
        guards::check(tree, &mut findings);
        waits::check(tree, header, &mut findings);
        let facts = walk::Script {
            header,
            tree,
            imports,
            keys: keys(tree),
            is_test: source.name.ends_with(TEST_ENDING),
            lends_variables: lends_variables(&source.text),
        };
        Walker::run(&facts, findings)
    }

    /// Reads the imports of a script, and tells those that fail.
    fn imports<'t>(
        &self,
        tree: &'t Tree,
        importer: &str,
        reads: &mut Reads,
        findings: &mut Findings,
    ) -> HashMap<&'t str, Option<Arc<Module>>> {
        let mut imports: HashMap<&str, Option<Arc<Module>>> = HashMap::new();
        tree.each_node(&mut |node| {
            let Kind::Import(path, alias) = &node.kind else {
                return;
            };
            let module = match path.text().map(|path| self.modules.load(path, &[importer])) {
                Some(Ok(module)) => {
                    reads.add(&module.reads);
                    Some(module)
                }
                Some(Err(failure)) => {
                    findings.add_with(IMPORT, path.at, failure.message, failure.hint);
                    None
                }
                None => {
                    reads.add_all();
                    None
                }
            };
            // Two imports of one name: nobody knows which is meant where.
            let alias = alias.text.as_str();
            let module = if imports.contains_key(alias) {
                None
            } else {
                module
            };
            imports.insert(alias, module);
        });
        imports
    }
}

/// Loads a script. One whose header is wrong is read as if it had none: the rest may be wrong, too.
fn load(mut source: Source, findings: &mut Findings) -> Option<Script> {
    if let Err(problem) = Header::parse(&source) {
        findings.add_problem(HEADER, problem);
        let hidden = " ".repeat(HEADER_START.len());
        source.text = source.text.replacen(HEADER_START, &hidden, 1);
    }
    match Script::load(source) {
        Ok(script) => Some(script),
        Err(problem) => {
            findings.add_problem(SYNTAX, problem);
            None
        }
    }
}

/// Returns whether the interpreter's places in a text are exact.
fn is_placed(text: &str) -> bool {
    text.lines().count() < MOST_LINES && text.lines().all(|line| line.len() < MOST_LINES)
}

fn bug(what: &str) -> Problem {
    Problem::new(ProblemKind::Bug, what)
}

/// Returns the names of properties that a script gives to maps.
fn keys(tree: &Tree) -> HashSet<&str> {
    let mut keys = HashSet::new();
    tree.each_node(&mut |node| match &node.kind {
        Kind::Map(entries) => keys.extend(entries.iter().map(|(key, _)| key.text.as_str())),
        Kind::Assign(sides) => keys.extend(property(&sides[0])),
        _ => {}
    });
    keys
}

fn property(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Property(_, name) => Some(name.text.as_str()),
        Kind::Index(_, index) => index.text(),
        _ => None,
    }
}

/// Returns whether a call such as `f!()` may be in a text: it lets the function see the caller's variables.
fn lends_variables(text: &str) -> bool {
    let calls = text.match_indices("!(");
    let mut before = calls.filter_map(|(at, _)| text[..at].chars().next_back());
    before.any(|letter| letter.is_alphanumeric() || letter == '_')
}
