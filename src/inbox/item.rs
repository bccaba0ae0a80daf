//! What waits for a person: one shape for questions of scripts and requests of Jobs.
//!
//! All text in it was written by scripts, agents and their input: whoever shows it escapes it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// Something that waits for a person.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Item {
    /// Its id, the same for as long as it waits: `RUN:STEP` for a question, Duvo's own for a request.
    pub id: String,
    /// Who has it from whom.
    pub kind: Kind,
    /// What is asked, in one line.
    pub text: String,
    /// What explains it.
    pub details: Option<String>,
    /// What an answer looks like.
    pub form: Form,
    /// Who asks.
    pub asked_by: Asker,
    /// Since when it waits.
    #[schemars(with = "String")]
    pub since: Timestamp,
    /// When it stops waiting; `None`: never by itself.
    #[schemars(with = "Option<String>")]
    pub deadline: Option<Timestamp>,
    /// What happens when nobody answers.
    pub then: String,
    /// How often somebody was reminded.
    pub reminders: u32,
    /// When it goes to somebody else, while it has not.
    #[schemars(with = "Option<String>")]
    pub escalates_at: Option<Timestamp>,
    /// Whether it went to somebody else.
    pub is_escalated: bool,
}

/// The two sorts of what waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A script asked it with `ask`.
    Question,
    /// A Job asked it through Duvo.
    HumanRequest,
}

impl Kind {
    /// Returns the kind in the words that people see.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::HumanRequest => "human request",
        }
    }
}

/// What an answer looks like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Form {
    /// Any text.
    Text,
    /// One of some texts.
    Choice {
        /// The texts.
        choices: Vec<String>,
    },
    /// Yes or no.
    Approval,
    /// An answer to each of some questions.
    Questions {
        /// The questions.
        questions: Vec<Asked>,
    },
}

impl Form {
    /// Returns the form's name.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Choice { .. } => "choice",
            Self::Approval => "approval",
            Self::Questions { .. } => "questions",
        }
    }
}

/// One of the questions of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Asked {
    /// The question; its answer goes by this text.
    pub question: String,
    /// A word for it.
    pub header: Option<String>,
    /// What can be chosen; empty: any text.
    pub options: Vec<Choice>,
    /// Whether several can be chosen.
    pub is_multiple: bool,
}

/// Something that can be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Choice {
    /// The answer that it is.
    pub label: String,
    /// What it means.
    pub description: Option<String>,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Asker {
    /// A run of a script.
    Run {
        /// Its id.
        run: String,
        /// Its script.
        script: String,
        /// The step that asked first.
        step: String,
    },
    /// A Job.
    Job {
        /// Its id.
        job: String,
        /// Its title.
        title: String,
        /// The Assignment it belongs to.
        agent: String,
    },
}
