//! The parts of a scenario file, as TOML names them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use toml::Spanned;

use super::span::Span;

/// The name of something that stands elsewhere in the file.
pub(crate) type Name = Spanned<String>;

/// A whole scenario: a company, and how the jobs of its assignments behave.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// Organization that the teams belong to.
    pub(crate) organization: Option<String>,
    /// Teams; the key belongs to the first.
    pub(crate) team: Vec<Team>,
    /// People; the key belongs to the first.
    pub(crate) member: Vec<Member>,
    /// Folders of assignments.
    pub(crate) folder: Vec<Folder>,
    /// Connections, broken ones too.
    pub(crate) connection: Vec<Connection>,
    /// Queues with their first cases.
    pub(crate) queue: Vec<Queue>,
    /// Secrets.
    pub(crate) secret: Vec<Secret>,
    /// Logins.
    pub(crate) login: Vec<Login>,
    /// Skills of the teams and of the system.
    pub(crate) skill: Vec<Skill>,
    /// Team files.
    pub(crate) file: Vec<File>,
    /// Assignments.
    pub(crate) assignment: Vec<Assignment>,
    /// Processes with their interviews.
    pub(crate) process: Vec<Process>,
    /// Faults, by rule.
    pub(crate) fault: Vec<crate::simulator::server::Rule>,
}

/// A team.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Team {
    pub(crate) name: String,
}

/// A person.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) email: String,
    #[serde(default = "member")]
    pub(crate) role: String,
    /// Teams the person belongs to; all when left out.
    pub(crate) teams: Option<Vec<Name>>,
}

fn member() -> String {
    "member".into()
}

/// A folder of assignments.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Folder {
    pub(crate) name: String,
    pub(crate) team: Option<Name>,
    pub(crate) inside: Option<Name>,
}

/// A connection.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Connection {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) team: Option<Name>,
    #[serde(default)]
    pub(crate) shared: bool,
    /// Why it no longer works.
    pub(crate) broken: Option<String>,
}

/// A queue.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) team: Option<Name>,
    #[serde(default)]
    pub(crate) case: Vec<Case>,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) title: String,
    /// Text, or a table that becomes JSON text.
    #[serde(default)]
    pub(crate) data: Value,
    #[serde(default)]
    pub(crate) priority: crate::simulator::behaviour::cases::Priority,
    /// Labels: key to value.
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) status: crate::simulator::behaviour::cases::Status,
    /// Why it failed, when it did.
    pub(crate) reason: Option<String>,
    /// How long ago it was created.
    pub(crate) age: Option<Span>,
    /// For how long it is put off.
    pub(crate) postponed: Option<Span>,
}

/// A secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secret {
    pub(crate) name: String,
    pub(crate) service: Option<String>,
    pub(crate) team: Option<Name>,
    #[serde(default)]
    pub(crate) shared: bool,
    pub(crate) values: BTreeMap<String, String>,
}

/// A login.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    pub(crate) domain: String,
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) team: Option<Name>,
    #[serde(default)]
    pub(crate) shared: bool,
}

/// A skill.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Skill {
    pub(crate) name: String,
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) content: String,
    pub(crate) team: Option<Name>,
    /// Whether every team has it.
    #[serde(default)]
    pub(crate) system: bool,
}

/// A team file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) content: String,
    pub(crate) team: Option<Name>,
}

/// A process of Process Intelligence.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Process {
    pub(crate) name: String,
    pub(crate) team: Option<Name>,
    /// What was said in each interview, by interviewer and user in turns.
    #[serde(default)]
    pub(crate) interviews: Vec<Vec<String>>,
}

/// An assignment: its live setup, and how its jobs behave.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assignment {
    pub(crate) name: String,
    pub(crate) team: Option<Name>,
    pub(crate) folder: Option<Name>,
    #[serde(default)]
    pub(crate) instructions: String,
    /// Queues it works off.
    #[serde(default)]
    pub(crate) consumes: Vec<Name>,
    /// Queues it fills.
    #[serde(default)]
    pub(crate) produces: Vec<Name>,
    /// Whether its case trigger is on; left out, it has none.
    pub(crate) trigger: Option<bool>,
    pub(crate) concurrency: Option<u32>,
    #[serde(default)]
    pub(crate) connections: Vec<Name>,
    #[serde(default)]
    pub(crate) secrets: Vec<Name>,
    #[serde(default)]
    pub(crate) logins: Vec<Name>,
    #[serde(default)]
    pub(crate) skills: Vec<Name>,
    /// Memory files: path to content.
    #[serde(default)]
    pub(crate) memory: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) schedule: Vec<Schedule>,
    #[serde(default)]
    pub(crate) suggestion: Vec<Suggestion>,
    /// How its jobs behave: the first that fits is taken.
    #[serde(default)]
    pub(crate) course: Vec<Course>,
}

/// A schedule of the platform.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Schedule {
    pub(crate) frequency: String,
    pub(crate) time: Option<String>,
    #[serde(default = "utc")]
    pub(crate) timezone: String,
    pub(crate) day: Option<String>,
    pub(crate) day_of_month: Option<u8>,
    pub(crate) cron: Option<String>,
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
}

fn utc() -> String {
    "UTC".into()
}

fn yes() -> bool {
    true
}

/// A change the platform proposes for the instructions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Suggestion {
    pub(crate) title: String,
    pub(crate) description: String,
    /// New instructions.
    pub(crate) instructions: String,
}

/// How a job behaves. All given conditions must hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Course {
    /// Whether it is for jobs on cases, or for jobs started by a message; both when left out.
    pub(crate) on: Option<On>,
    /// Text in the message, or in title or data of the case.
    pub(crate) when: Option<String>,
    /// An expression, such as `data.amount > 1000 and attempt < 2`.
    #[serde(rename = "where")]
    pub(crate) filter: Option<super::expression::Expression>,
    /// Only at this attempt at the case, from 1.
    pub(crate) attempt: Option<u32>,
    /// Only this share of the jobs, from 0 to 1.
    pub(crate) share: Option<f64>,
    /// What happens, one after the other.
    pub(crate) steps: Vec<Arc<Step>>,
    /// What the evaluation finds.
    pub(crate) evaluation: Option<Evaluation>,
}

/// What a job works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum On {
    Case,
    Message,
    /// A message to a job that had ended.
    Resume,
}

/// What an evaluation finds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Evaluation {
    pub(crate) passed: u32,
    pub(crate) total: u32,
    pub(crate) comment: Option<String>,
    #[serde(default)]
    pub(crate) critical: u32,
    #[serde(default)]
    pub(crate) medium: u32,
    #[serde(default)]
    pub(crate) low: u32,
}

/// One thing a job does. Exactly one of the fields that start a group is given.
///
/// Texts may hold `{title}`, `{message}`, `{answer}`, `{attempt}`, `{queue}`, `{data}`,
/// `{data.FIELD}` and `{money.FIELD}` (with thousands and two decimals).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Step {
    /// How long it takes; two seconds when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) takes: Option<Span>,

    /// Says something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) say: Option<String>,
    /// Thinks something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) think: Option<String>,

    /// Uses a tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tool: Option<String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) arguments: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) result: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,

    /// Asks for an approval with this title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) approve: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) approved: Vec<Arc<Step>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) denied: Vec<Arc<Step>>,

    /// Has members review the case, as a batch of approvals with this title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) review: Option<String>,
    /// What the members are asked; `approved` follows when nobody rejects, else `rejected`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) rows: Vec<ReviewRow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) rejected: Vec<Arc<Step>>,

    /// Asks questions under this title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ask: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) questions: Vec<Question>,
    /// What an answer leads to; `*` is any other answer.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) answered: BTreeMap<String, Vec<Arc<Step>>>,

    /// Ends the case, or puts it off `until`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) case: Option<CaseEnd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,

    /// Adds cases to this queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) add_to: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) cases: Vec<Case>,

    /// Writes a team file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) write: Option<String>,
    /// Writes a memory file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remember: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content: Option<String>,

    /// Ends the job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end: Option<JobEnd>,
}

/// What one member is asked in a review, and how that member decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReviewRow {
    pub(crate) prompt: String,
    pub(crate) member: String,
    /// Left out, the member never decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decision: Option<Decision>,
    /// How long the member takes to decide; an hour when left out.
    #[serde(default = "an_hour")]
    pub(crate) after: Span,
}

fn an_hour() -> Span {
    Span(Duration::from_secs(3600))
}

/// What a member decides about a row of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    Approved,
    Rejected,
}

/// How a step ends a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CaseEnd {
    Complete,
    Fail,
    Postpone,
}

/// How a step ends a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobEnd {
    Completed,
    Failed,
}

/// A question to a person.
#[expect(clippy::struct_field_names, reason = "the API's names")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    pub(crate) question: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) header: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) options: Vec<Choice>,
    #[serde(default)]
    pub(crate) multi_select: bool,
}

/// One of the answers that a question offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    pub(crate) label: String,
    #[serde(default)]
    pub(crate) description: String,
}

impl Step {
    /// Returns how many things the step does; one is right.
    pub(crate) fn deeds(&self) -> usize {
        [
            self.say.is_some(),
            self.think.is_some(),
            self.tool.is_some(),
            self.approve.is_some(),
            self.ask.is_some(),
            self.review.is_some(),
            self.case.is_some(),
            self.add_to.is_some(),
            self.write.is_some(),
            self.remember.is_some(),
            self.end.is_some(),
        ]
        .into_iter()
        .filter(|is_given| *is_given)
        .count()
    }

    /// Returns the steps that may follow it, each list by its path of keys.
    pub(crate) fn branches(&self) -> impl Iterator<Item = (Vec<&str>, &[Arc<Step>])> {
        let decided = [
            (vec!["approved"], self.approved.as_slice()),
            (vec!["denied"], &self.denied),
            (vec!["rejected"], &self.rejected),
        ];
        let answered = self.answered.iter();
        let answered = answered.map(|(answer, steps)| (vec!["answered", answer], steps.as_slice()));
        decided.into_iter().chain(answered)
    }
}
