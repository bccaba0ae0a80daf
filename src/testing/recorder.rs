//! The console of a script under test: it keeps what the script says, and has the test answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::journal::LineRow;
use crate::run::{Console, Reply};
use crate::script::{Level, Question};

/// Asks the test something; `null` when nobody answers.
pub(super) type Asker = Box<dyn Fn(Value) -> Value + Send + Sync>;

/// Keeps what a script says.
pub(super) struct Recorder {
    said: Arc<Mutex<Said>>,
    ask: Asker,
}

/// What a script has said so far.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Lines of output.
    pub(super) printed: Vec<String>,
    /// Lines of the log: level and message.
    pub(super) logs: Vec<Value>,
}

impl Said {
    /// Returns what a journal holds of it: the rest was lost with the process.
    pub(super) fn recorded(lines: Vec<LineRow>) -> Self {
        let mut said = Self::default();
        for LineRow { level, text, .. } in lines {
            match level {
                None => said.printed.push(text),
                Some(level) => said.logs.push(line(&level, &text)),
            }
        }
        said
    }
}

fn line(level: &str, text: &str) -> Value {
    json!({ "level": level, "message": text })
}

impl Recorder {
    /// Returns a console that keeps everything in `said`.
    pub(super) fn new(said: Arc<Mutex<Said>>, ask: Asker) -> Self {
        Self { said, ask }
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Console for Recorder {
    fn print(&self, line: &str) {
        self.said().printed.push(line.to_owned());
    }

    fn log(&self, level: Level, line: &str) {
        self.said().logs.push(self::line(level.as_str(), line));
    }

    fn status(&self, _: Option<&str>) {}

    fn ask(&self, question: &Question, _: Option<Duration>) -> Reply {
        let asked = json!({
            "from": "script",
            "title": question.text,
            "description": question.details,
            "choices": question.choices,
            "questions": [],
        });
        match (self.ask)(asked) {
            Value::Null => Reply::Nobody,
            answer => Reply::Answered(text_of(&answer)),
        }
    }
}

/// Returns what a person would have typed: `approve()`, `deny()` and `answer(…)` stand for words.
fn text_of(answer: &Value) -> String {
    let plain = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    match (answer.get("approved"), answer.get("answers")) {
        (Some(Value::Bool(true)), _) => "approve".into(),
        (Some(Value::Bool(false)), _) => "deny".into(),
        (_, Some(Value::Object(answers))) => answers.values().next().map(plain).unwrap_or_default(),
        (_, Some(text)) => plain(text),
        _ => plain(answer),
    }
}
