//! `duvoscript test`: runs the tests of scripts on the simulator.

mod watch;

use std::io::{IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::command::{Action, Context, Format};
use super::connect::virtual_clock;
use super::exit::{self, Exit};
use super::output;
use super::run::{duration, project_root};
use crate::clock::Clock;
use crate::report::{Problem, exit as exits};
use crate::testing::{self, Settings, Suite, TestFile, Tested, report};

/// Runs the tests of scripts on the simulator, in simulated time
///
/// A test is a function `fn test_…()` in a file `*_test.rhai`, or an example in the docs of a script
/// whose last line is `// => JSON`. Each has a world of its own, and the functions of `test::` beside
/// all others.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example: duvoscript test scripts --filter invoices")]
pub(super) struct Test {
    /// Test files, scripts with tests beside them, or folders with all below them; the working
    /// directory unless given
    paths: Vec<PathBuf>,
    /// Only tests whose `FILE::NAME` holds this
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Kill every script at every border of its effects, take it up again, and compare
    #[arg(long)]
    crash_everywhere: bool,
    /// Keep snapshots anew
    #[arg(long)]
    update: bool,
    /// Stop at the first failure
    #[arg(long)]
    fail_fast: bool,
    /// Run again whenever a file changes
    #[arg(long)]
    watch: bool,
    /// Seed of every world's chance
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Tests that run at once; as many as there are cores unless given
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<NonZeroUsize>,
    /// How long a test may take in real time, such as `10s`
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "60s")]
    timeout: Duration,
    /// Show which lines of the scripts were not reached
    #[arg(long)]
    coverage: bool,
    /// Write the lines that were reached to FILE, in the form of lcov
    #[arg(long, value_name = "FILE")]
    lcov: Option<PathBuf>,
    /// Write how it went to FILE, as `JUnit` XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Show how it went in the Test Anything Protocol
    #[arg(long)]
    tap: bool,
}

impl Action for Test {
    const NAME: &'static str = "test";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        match self.watch {
            false => self.once(context.global.output),
            true => watch::again_and_again(self.folders(), || {
                self.once(context.global.output)
                    .inspect_err(|problem| super::show(problem, &crate::report::Sources::default()))
                    .map_or(exit::USAGE, |exit| exit)
            }),
        }
    }
}

impl Test {
    fn folders(&self) -> Vec<PathBuf> {
        match self.paths.is_empty() {
            true => vec![PathBuf::from(".")],
            false => self.paths.clone(),
        }
    }

    fn once(&self, format: Format) -> Result<Exit, Problem> {
        let files = self.files()?;
        let settings = self.settings()?;
        let is_plain = !self.tap && format != Format::Json;
        let suite = testing::run(files, &settings, &|test| {
            if is_plain {
                tell(test);
            }
        })?;
        self.show(&suite, format);
        self.write(&suite)?;
        let (passed, failed) = suite.counts();
        if passed + failed == 0 {
            let filter = self.filter.as_deref().unwrap_or_default();
            return Err(Problem::usage(format!(
                "no test has `{filter}` in its name"
            )));
        }
        Ok(if failed > 0 { exits::TEST } else { exit::OK })
    }

    fn files(&self) -> Result<Vec<(PathBuf, TestFile)>, Problem> {
        let found = testing::find(Path::new("."), &self.folders())?;
        let read = |path: PathBuf| {
            let root = project_root(&path)?;
            let name = name(&path, &root);
            let file = TestFile::read(&root, &path, name)?;
            Ok((path, file))
        };
        found.into_iter().map(read).collect()
    }

    fn settings(&self) -> Result<Settings, Problem> {
        Ok(Settings {
            filter: self.filter.clone(),
            seed: self.seed,
            start: virtual_clock()?.now(),
            update: self.update,
            fail_fast: self.fail_fast,
            crash_everywhere: self.crash_everywhere,
            coverage: self.coverage || self.lcov.is_some(),
            jobs: self.jobs,
            timeout: self.timeout,
        })
    }

    fn show(&self, suite: &Suite, format: Format) {
        if self.tap {
            print(&report::tap(suite));
        } else if format == Format::Json {
            output::show(report::json(suite), None, Format::Json);
        } else {
            if let Some(coverage) = suite.coverage.as_ref().filter(|_| self.coverage) {
                print(&format!("\n{}", report::reached(coverage)));
            }
            print(&format!("{}\n", report::closing(suite)));
        }
    }

    fn write(&self, suite: &Suite) -> Result<(), Problem> {
        if let Some(file) = &self.junit {
            write(file, &report::junit(suite))?;
        }
        match (&self.lcov, &suite.coverage) {
            (Some(file), Some(coverage)) => write(file, &coverage.lcov()),
            _ => Ok(()),
        }
    }
}

/// Returns the path of a file from the project's root.
fn name(path: &Path, root: &Path) -> String {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let below = whole.strip_prefix(root).unwrap_or(&whole);
    let parts = below.components();
    let parts = parts.map(|part| part.as_os_str().to_string_lossy().into_owned());
    parts.collect::<Vec<_>>().join("/")
}

/// Tells of a test as it ends.
fn tell(test: &Tested) {
    let is_styled = std::io::stdout().is_terminal();
    print(&format!(
        "{}\n{}",
        report::line(test),
        report::fault(test, is_styled)
    ));
}

fn print(text: &str) {
    // A closed pipe is the reader's choice.
    _ = write!(anstream::stdout(), "{text}");
}

fn write(file: &Path, text: &str) -> Result<(), Problem> {
    std::fs::write(file, text)
        .map_err(|fault| Problem::usage(format!("cannot write `{}`", file.display())).cause(&fault))
}
