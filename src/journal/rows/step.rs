//! A step: an effect that a run asked for (the intent), and its outcome.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The intent of a step, written before the effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStep {
    /// Id of its run.
    pub run: String,
    /// Which submit of the run it is.
    pub ticket: u32,
    /// Where it stands in the run, such as `4/2.1`.
    pub key: String,
    /// The kind of effect.
    pub kind: String,
    /// The endpoint or function.
    pub name: String,
    /// What tells its request from another.
    pub fingerprint: [u8; 16],
    /// Name of the source that asks for it.
    pub source: String,
    /// Line in the source, from 1.
    pub line: u32,
    /// Column in the source, from 1.
    pub column: u32,
    /// The request as JSON, with secrets masked.
    pub request: String,
    /// Whether it changes the world.
    pub mutates: bool,
    /// When it was asked for.
    pub at: Timestamp,
}

/// A step as it is kept: the intent ([`NewStep`]), and how it was completed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRow {
    /// Id of its run.
    pub run: String,
    /// Which submit of the run it is.
    pub ticket: u32,
    /// Where it stands in the run, such as `4/2.1`.
    pub key: String,
    /// The kind of effect.
    pub kind: String,
    /// The endpoint or function.
    pub name: String,
    /// What tells its request from another.
    #[serde(with = "super::text::hex")]
    pub fingerprint: [u8; 16],
    /// Name of the source that asks for it.
    pub source: String,
    /// Line in the source, from 1.
    pub line: u32,
    /// Column in the source, from 1.
    pub column: u32,
    /// The request as JSON, with secrets masked.
    pub request: String,
    /// Whether it changes the world.
    pub mutates: bool,
    /// When it was asked for.
    pub at: Timestamp,
    /// Its place in the order of completions; `None` while it has no outcome.
    pub done_seq: Option<u32>,
    /// When it was completed.
    pub done_at: Option<Timestamp>,
    /// How often it was sent.
    pub attempts: u32,
    /// What a person should know about how it was completed.
    pub note: Option<String>,
    /// Whether a person has said that it shall be sent again.
    pub resend: bool,
    /// Its outcome; `None` while it has none.
    pub outcome: Option<OutcomeRow>,
}

/// The outcome of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeRow {
    /// Whether it is a value and not a failure.
    pub ok: bool,
    /// What the body holds: `nothing`, `bits`, `time`, `text`, `bytes`, `json` or `failure`.
    pub form: String,
    /// The value or the failure, masked where it held secrets.
    #[serde(with = "super::text::bytes")]
    pub body: Vec<u8>,
    /// The whole body, sealed, where masking changed it. Never exported: only that it was.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "super::text::left_out"
    )]
    pub sealed: Option<Vec<u8>>,
}

/// What a person says about a step that may or may not have happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// It shall be sent again.
    Retry,
    /// This is its outcome.
    Outcome(OutcomeRow),
}
