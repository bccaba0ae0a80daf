//! A plan, as it is shown and kept.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::report::{Problem, ProblemKind};

/// The form of a plan; a reader refuses all others.
const FORM: u32 = 1;

/// What a script would change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The form of this document.
    pub form: u32,
    /// The script, by its name in the project.
    pub script: String,
    /// Every change, in order.
    pub changes: Vec<Change>,
    /// What only the real system can tell, and what was assumed instead.
    pub assumed: Vec<String>,
    /// The result of the script, as far as it is known.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub result: Value,
    /// Why the plan ends before the script does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<String>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Its number, from 1.
    pub number: usize,
    /// The branch of the script that makes it; empty outside of `parallel`.
    pub branch: String,
    /// The kind of effect, such as `call` or `write_file`.
    pub kind: String,
    /// The endpoint, or what stands for it.
    pub name: String,
    /// What is asked for, with secrets masked. What is known only afterwards stands as
    /// `<id of change 1: id>`.
    pub request: Value,
    /// The changes whose answers it needs, which only the real system can give.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<usize>,
    /// Whether it deletes something, or ends it.
    pub destroys: bool,
    /// The line that makes it: `scripts/a.rhai:12`.
    pub at: String,
}

impl Plan {
    /// Returns the plan of a script, before anything is known of it.
    pub(super) fn new(script: &str) -> Self {
        Self {
            form: FORM,
            script: script.to_owned(),
            changes: Vec::new(),
            assumed: Vec::new(),
            result: Value::Null,
            ends: None,
        }
    }

    /// Reads a plan from a text; `name` is what messages call it.
    pub fn read(name: &str, text: &str) -> Result<Self, Problem> {
        let plan: Self = serde_json::from_str(text).map_err(|fault| {
            Problem::usage(format!("`{name}` is no plan"))
                .cause(&fault)
                .hint("`duvoscript plan SCRIPT --json > PLAN.json` makes one")
        })?;
        if plan.form != FORM {
            let what = format!(
                "the plan `{name}` has form {}; this program knows form {FORM}",
                plan.form
            );
            return Err(Problem::new(ProblemKind::Usage, what).hint("make it anew"));
        }
        Ok(plan)
    }
}
