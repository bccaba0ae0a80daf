//! The door: everything a script can ask of the world, as values, and the trait that answers.
//!
//! Nothing else in this folder reads a clock, a file, the network or chance. Whoever implements
//! [`Host`] may perform an effect, answer it from a journal, simulate it, or refuse it; a binding
//! cannot tell the difference.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::catalog::{Call, Method};
use crate::report::Failure;

/// Something a script asks of the world.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Calls an endpoint of the catalog. Answered with JSON, text or bytes, as the entry says.
    Call(Call),
    /// Sends a request that the catalog does not know, to the API's own host. Answered with JSON.
    Request(Request),
    /// Sends a request to a host that the script's header allows. Answered with JSON:
    /// `{status, headers, body}`, the body as text.
    Http(HttpRequest),
    /// Puts a project file to a signed URL that the API gave to this run. Answered with nothing.
    Upload {
        /// Path in the project.
        file: String,
        /// The signed URL.
        url: String,
        /// Media type, the same as the URL was made for.
        content_type: String,
    },
    /// Gets a signed URL that the API gave to this run, into a project file. Answered with the
    /// number of bytes.
    Download {
        /// The signed URL.
        url: String,
        /// Path in the project.
        file: String,
    },
    /// Waits until a Job is in one of some states, or ended. Answered with the JSON of `jobs.get`.
    WaitJob(WaitJob),
    /// Asks a person. Answered with JSON: the answer's text, or `null` when the deadline passed.
    Ask(Question),
    /// Waits for a signal from outside. Answered with JSON: `{ "value": … }`, or `null` when the
    /// deadline passed.
    Signal(SignalWait),
    /// Waits. Answered with nothing.
    Sleep(Duration),
    /// Asks for the time. Answered with a time.
    Now,
    /// Asks for 64 random bits. Answered with bits.
    Random,
    /// Reads a variable of the environment that the header allows. Answered with text or nothing.
    Env(String),
    /// Reads a project file. Answered with bytes.
    ReadFile(String),
    /// Writes a project file whole, or adds to its end. Answered with nothing.
    WriteFile {
        /// Path in the project.
        file: String,
        /// What is written.
        content: Vec<u8>,
        /// Whether it is added to the end.
        append: bool,
    },
    /// Prints a line of output. Answered with nothing.
    Print(String),
    /// Writes a line to the log. Answered with nothing.
    Log(Level, String),
    /// Asks for what only a test has. Answered with JSON by the Host of a test, refused by all others.
    Test(Trial),
}

/// What a test asks of whoever runs it.
#[derive(Clone, Debug)]
pub enum Trial {
    /// Declares the world: the map of a scenario, or the name of one or of its file.
    Scenario(Value),
    /// Adds a fault rule, or a list of them.
    Fault(Value),
    /// Lets time pass.
    Advance(Duration),
    /// Runs a script. Answered with what somebody is asked on the way, `{"asked": …}`, or with how
    /// it ended, `{"ended": …}`.
    Run(TrialRun),
    /// Answers what was asked; `null` when nobody does. Answered as the run itself.
    Reply(Value),
    /// Asks what all runs of the test have changed. Answered with a map by section.
    Changed,
    /// Compares a value with the one that was kept under a name.
    Snapshot {
        /// The name; empty for the only one of a test.
        name: String,
        /// The value.
        value: Value,
    },
    /// Tells of two values that should be the same and are not.
    Differ {
        /// What there is.
        seen: Value,
        /// What was expected.
        expected: Value,
    },
}

/// A script under test, and what it is given.
#[derive(Clone, Debug)]
pub struct TrialRun {
    /// Path of the script, as an import would name it.
    pub script: String,
    /// Its arguments.
    pub args: Map<String, Value>,
    /// The environment.
    pub env: BTreeMap<String, String>,
    /// Signals that come early: name to value.
    pub signals: Map<String, Value>,
    /// How long a Job's request lies before a person of the test looks at it; `None`: there is none.
    pub person: Option<Duration>,
}

/// A request beside the catalog.
#[derive(Clone, Debug)]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// Path with `/v2`.
    pub path: String,
    /// Query pairs.
    pub query: Vec<(String, String)>,
    /// JSON body.
    pub body: Option<Value>,
}

/// A request to another host.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// HTTP method, such as `POST`.
    pub method: String,
    /// Absolute URL.
    pub url: String,
    /// Headers by name.
    pub headers: BTreeMap<String, String>,
    /// Body; its media type stands in the headers.
    pub body: Option<Vec<u8>>,
}

/// A wait for a Job.
#[derive(Clone, Debug)]
pub struct WaitJob {
    /// The Job's id.
    pub job: String,
    /// States that end the wait; a terminal state of the catalog always does.
    pub until: Vec<String>,
    /// How long to wait before it fails with `timeout`.
    pub timeout: Duration,
}

/// A question to a person.
#[derive(Clone, Debug)]
pub struct Question {
    /// What is asked.
    pub text: String,
    /// What explains it, such as the description of a human request.
    pub details: Option<String>,
    /// Allowed answers; empty: any text.
    pub choices: Vec<String>,
    /// How long to wait for an answer; `None`: for ever, where somebody sits at the terminal.
    pub deadline: Option<Duration>,
    /// What happens when nobody answers, in words.
    pub then: Option<String>,
    /// How far it has come, where somebody is reminded of it: then this is one of several waits for
    /// the same answer, and `deadline` is how long this one lasts.
    pub round: Option<Round>,
}

/// One of several waits for the answer to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// The step of the first wait: the question's identity in all of them.
    pub asked: StepKey,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When the last wait ends.
    pub ends_at: Timestamp,
    /// How often somebody was reminded.
    pub reminders: u32,
    /// When it goes to somebody else, while it has not.
    pub escalates_at: Option<Timestamp>,
    /// Whether it went to somebody else.
    pub is_escalated: bool,
    /// Whether no wait follows this one.
    pub is_last: bool,
}

impl Question {
    /// Returns the step that stands for the question, where `step` asks it now.
    pub fn identity<'a>(&'a self, step: &'a StepKey) -> &'a StepKey {
        self.round.as_ref().map_or(step, |round| &round.asked)
    }
}

/// A wait for a signal from outside the run.
#[derive(Clone, Debug)]
pub struct SignalWait {
    /// The signal's name.
    pub name: String,
    /// How long to wait for it.
    pub deadline: Duration,
}

/// How grave a line of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For whoever mends the script.
    Debug,
    /// What happened.
    Info,
    /// What somebody should look at.
    Warn,
    /// What somebody must act on.
    Error,
}

impl Level {
    /// Returns the level's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// What came of an effect.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Nothing: `()` in the script.
    Nothing,
    /// A number of bits.
    Bits(u64),
    /// A time.
    Time(Timestamp),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// JSON text, decoded straight into script values.
    Json(Vec<u8>),
}

/// Why an effect has no answer.
#[derive(Clone, Debug)]
pub enum Halt {
    /// It failed; the script can catch it.
    Failed(Failure),
    /// It may have been done or not, and nobody can look it up; see [`Host::decide`].
    Uncertain(Box<Uncertain>),
    /// The run stops here; the script cannot catch it.
    Stopped,
}

/// An effect that was cut off: it may have changed the world or not.
#[derive(Clone, Debug)]
pub struct Uncertain {
    /// Where it stands.
    pub step: Step,
    /// The endpoint or function.
    pub endpoint: String,
    /// What was asked for, with secrets masked.
    pub request: Value,
    /// When it was about to be sent.
    pub since: Timestamp,
    /// Why it cannot be looked up.
    pub why: String,
}

/// What shall become of an uncertain effect.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Nobody decided: the run stops until a person does.
    Ask,
    /// It is sent again.
    Retry,
    /// It counts as failed; the script can catch that.
    Fail,
    /// It counts as done, with this answer.
    Done(Value),
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Where an effect stands in the run: `4`, or `4/2.1` for the second effect of branch 2 of the
/// `parallel` that was effect 4. The same on every replay, whatever the timing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepKey(pub String);

/// A line of script execution: the script itself, or one item of a `parallel`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Branch(pub String);

impl Branch {
    /// Returns the branch on which a cancelled run cleans up.
    pub fn clean_up() -> Self {
        Self("cancel/".into())
    }
}

/// A place in the sources. Line and column count from 1; 0 where it is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// Name of the source.
    pub source: String,
    /// Line of the call.
    pub line: usize,
    /// Column of the called function's name, in characters.
    pub column: usize,
}

/// One effect's place: whose it is, where it stands in the run, and where in the sources.
#[derive(Clone, Debug)]
pub struct Step {
    /// The branch that has the effect.
    pub branch: Branch,
    /// Its key in the run.
    pub key: StepKey,
    /// The line that asks for it.
    pub site: Site,
}

/// How the name of a file of tests ends.
pub const TEST_ENDING: &str = "_test.rhai";

/// The text of a script or module, and the name it goes by in messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Path from the project's root with `/`, such as `scripts/close_cases.rhai`.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// Whoever answers a script's effects.
///
/// At most one branch of a run executes script code at any moment; only effects run side by side.
/// The Host keeps that rule: `enter`, `join` and `perform` return only when the branch may go on,
/// and the order in which waiting branches go on is the Host's to choose and to repeat.
pub trait Host: Send + Sync {
    /// Performs an effect of a branch and waits for its answer.
    fn perform(&self, step: &Step, effect: Effect) -> Result<Answer, Halt>;

    /// Says what shall become of an effect that [`Halt::Uncertain`] told of, and waits for its answer.
    ///
    /// A Host that tells of none stops the run.
    fn decide(&self, _step: &Step, _decision: Decision) -> Result<Answer, Halt> {
        Err(Halt::Stopped)
    }

    /// Returns whether the run was cancelled, so that its clean-up shall run now; effects are
    /// performed again from then on.
    fn cleans_up(&self) -> bool {
        false
    }

    /// Returns whether somebody sits in front of the run who answers what a Job asks while the script
    /// only waits for it.
    fn answers_people(&self) -> bool {
        false
    }

    /// Tells that a branch waits while others run; `first` start in this order.
    ///
    /// Each of them enters, and each leaves exactly once, even when it could not enter.
    fn fork(&self, parent: &Branch, first: &[Branch]);

    /// Waits until a new branch may run.
    fn enter(&self, branch: &Branch) -> Result<(), Halt>;

    /// Tells that a branch ended; `next`, if any, takes its place at once: it does not enter, and
    /// leaves in its turn.
    fn leave(&self, branch: &Branch, next: Option<&Branch>);

    /// Waits until the parent may go on, after all branches of its fork have left.
    fn join(&self, parent: &Branch) -> Result<(), Halt>;

    /// Returns the text of an embedded module for this run: that of the run's beginning.
    fn embedded(&self, source: Source) -> Source {
        source
    }

    /// Returns whether it runs a test, so that the script has the functions of tests.
    fn is_test(&self) -> bool {
        false
    }

    /// Finds the source that `import "path"` in the source `importer` means, inside the project.
    fn import(&self, importer: &str, path: &str) -> Result<Source, Failure>;
}

/// Has the Host in a field do what a Host around it leaves as it is.
macro_rules! pass_on_to {
    ($inner:ident) => {
        fn decide(
            &self,
            step: &$crate::script::Step,
            decision: $crate::script::Decision,
        ) -> Result<$crate::script::Answer, $crate::script::Halt> {
            self.$inner.decide(step, decision)
        }

        fn enter(&self, branch: &$crate::script::Branch) -> Result<(), $crate::script::Halt> {
            self.$inner.enter(branch)
        }

        fn leave(&self, branch: &$crate::script::Branch, next: Option<&$crate::script::Branch>) {
            self.$inner.leave(branch, next);
        }

        fn join(&self, parent: &$crate::script::Branch) -> Result<(), $crate::script::Halt> {
            self.$inner.join(parent)
        }

        fn cleans_up(&self) -> bool {
            self.$inner.cleans_up()
        }

        fn embedded(&self, source: $crate::script::Source) -> $crate::script::Source {
            self.$inner.embedded(source)
        }

        fn import(
            &self,
            importer: &str,
            path: &str,
        ) -> Result<$crate::script::Source, $crate::report::Failure> {
            self.$inner.import(importer, path)
        }
    };
}

pub(crate) use pass_on_to;
