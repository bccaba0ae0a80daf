//! One declaration: its keys, and what they mean together.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::args::given;
use super::document::{Document, Entry, Fields};
use super::exclude::exclusions;
use super::policy::{self, Policy, policy};
use crate::report::{Failure, Place, Problem};
use crate::schedule::fault::Fault;
use crate::schedule::slots::{Plan, Timing, When};
use crate::schedule::zone::{Gap, Repeated, Rules, zone};

/// A schedule as it was declared.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// Path of the script, from the project's directory.
    pub script: String,
    /// Its name, and when it has its slots.
    pub plan: Plan,
    /// The arguments of its runs, as the command line would give them.
    pub args: Vec<(String, String)>,
    /// What happens around its slots.
    pub policy: Policy,
    /// Where it is declared.
    pub place: Place,
    /// What is odd about it, though it has a meaning.
    pub warnings: Vec<Problem>,
}

impl Declaration {
    /// Returns its name.
    pub fn name(&self) -> &str {
        &self.plan.name
    }

    /// Returns whether another declares the same, wherever it stands.
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.script, &self.plan, &self.args, &self.policy)
            == (&other.script, &other.plan, &other.args, &other.policy)
    }
}

/// The files that a declaration may point at.
pub(super) trait Files {
    /// Reads a text of the project.
    fn read(&self, file: &str) -> Result<String, Failure>;
}

/// The keys beside those of the policy.
pub(super) const KEYS: [&str; 14] = [
    "name",
    "script",
    "cron",
    "every",
    "at",
    "anchor",
    "timezone",
    "args",
    "gap",
    "repeated_hour",
    "jitter",
    "start",
    "end",
    "exclude",
];

/// The keys of which a declaration has one.
pub(super) const TIMINGS: [&str; 3] = ["cron", "every", "at"];

/// Where a declaration stands, and what its place already says of it.
pub(super) struct Frame<'a> {
    pub(super) document: Document<'a>,
    pub(super) entry: &'a Entry<'a>,
    pub(super) files: &'a dyn Files,
    /// Name that it has unless it gives one.
    pub(super) default_name: Option<String>,
    /// Its script, when the place says which.
    pub(super) script: Option<String>,
}

impl<'a> Frame<'a> {
    /// Returns the fields of the declaration.
    pub(super) fn fields(&self) -> Result<Fields<'a>, Problem> {
        let keys = [KEYS.as_slice(), policy::KEYS.as_slice()].concat();
        let table = self.entry.get_ref().as_table();
        let table = table.ok_or_else(|| self.document.wrong("schedule", self.entry, "a table"))?;
        Fields::of(self.document, table, "a schedule", &keys)
    }

    /// Reads the declaration; its arguments are yet to be judged by those of the script.
    pub(super) fn read(&self) -> Result<Declaration, Problem> {
        let fields = self.fields()?;
        let script = self.script(&fields)?;
        let key = self.timing_key(&fields)?;
        let plan = plan(&fields, key, self.name(&fields)?, self.files)?;
        let mut declaration = Declaration {
            script,
            args: given(&fields)?,
            policy: policy(&fields)?,
            place: self
                .document
                .place(fields.entry(key).unwrap_or(self.entry).span()),
            warnings: Vec::new(),
            plan,
        };
        if let Some(text) = fields.time(key)? {
            let warnings = declaration.plan.timing.warnings().iter();
            declaration.warnings = warnings.map(|fault| text.problem(fault.clone())).collect();
        }
        Ok(declaration)
    }

    fn name(&self, fields: &Fields<'_>) -> Result<String, Problem> {
        if let Some(text) = fields.text("name")? {
            return text.read(name);
        }
        let missing = || {
            let problem = self
                .document
                .fault(self.entry.span(), "a schedule wants a `name`");
            problem.hint("it is told apart from others by its name")
        };
        let default = self.default_name.as_deref().ok_or_else(missing)?;
        name(default).map_err(|fault| {
            let problem = self.document.fault(self.entry.span(), fault.what);
            problem.hint("give the schedule a `name` of its own")
        })
    }

    fn script(&self, fields: &Fields<'_>) -> Result<String, Problem> {
        match (&self.script, fields.text("script")?) {
            (Some(_), Some(_)) => {
                let problem =
                    fields.fault("script", "a schedule in a header runs that very script");
                Err(problem
                    .hint("leave `script` out, or declare the schedule in `duvoscript.toml`"))
            }
            (Some(script), None) => Ok(script.clone()),
            (None, Some(text)) => Ok(text.value),
            (None, None) => {
                let what = "a schedule wants a `script`";
                Err(self.document.fault(self.entry.span(), what))
            }
        }
    }

    fn timing_key(&self, fields: &Fields<'_>) -> Result<&'static str, Problem> {
        let mut keys = TIMINGS
            .into_iter()
            .filter(|key| fields.entry(key).is_some());
        match (keys.next(), keys.next()) {
            (Some(key), None) => Ok(key),
            (Some(one), Some(other)) => {
                let what = format!("`{one}` and `{other}` contradict: a schedule has one of them");
                Err(fields.fault(other, what))
            }
            (None, _) => {
                let what = "a schedule wants one of `cron`, `every` and `at`";
                Err(self.document.fault(self.entry.span(), what))
            }
        }
    }
}

/// Reads a name: what can stand in a command line, an address and a table.
fn name(text: &str) -> Result<String, Fault> {
    let is_plain = |letter: char| letter.is_alphanumeric() || "_-.".contains(letter);
    let starts = text.starts_with(char::is_alphanumeric);
    if starts && text.len() <= 100 && text.chars().all(is_plain) {
        return Ok(text.into());
    }
    let fault = Fault::new(format!("`{text}` is no name of a schedule"), 0..text.len());
    Err(fault.hint("it has letters, digits, `_`, `-` and `.`, and starts with a letter or digit"))
}

fn plan(fields: &Fields<'_>, key: &str, name: String, files: &dyn Files) -> Result<Plan, Problem> {
    let zone = match fields.text("timezone")? {
        Some(text) => text.read(zone)?,
        None => TimeZone::UTC,
    };
    let start = instant(fields, "start", |when| when.start(&zone))?;
    let end = instant(fields, "end", |when| when.end(&zone))?;
    if start.zip(end).is_some_and(|(start, end)| end < start) {
        return Err(fields.fault("end", "`end` comes before `start`"));
    }
    let anchor = instant(fields, "anchor", |when| when.start(&zone))?;
    let anchor = anchor
        .or(start)
        .unwrap_or_else(|| Timing::default_anchor(&zone));
    let plan = Plan {
        name,
        timing: timing(fields, key, anchor)?,
        rules: rules(fields)?,
        start,
        end,
        exclude: exclusions(fields, files)?,
        jitter: fields.duration("jitter")?.unwrap_or_default(),
        zone,
    };
    consistent(fields, key, &plan)?;
    Ok(plan)
}

fn instant(
    fields: &Fields<'_>,
    key: &str,
    resolve: impl Fn(When) -> Option<Timestamp>,
) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = fields.time(key)? else {
        return Ok(None);
    };
    let beyond =
        |value: &str| Fault::new(format!("`{value}` is beyond the calendar"), 0..value.len());
    let instant = text.read(|value| resolve(When::parse(value)?).ok_or_else(|| beyond(value)));
    instant.map(Some)
}

fn timing(fields: &Fields<'_>, key: &str, anchor: Timestamp) -> Result<Timing, Problem> {
    let text = if key == "at" {
        fields.time(key)?
    } else {
        fields.text(key)?
    };
    // The key was chosen because it is there.
    let text = text.ok_or_else(|| fields.fault(key, format!("`{key}` is missing")))?;
    text.read(|value| match key {
        "cron" => Timing::cron(value),
        "every" => Timing::every(value, anchor),
        _ => Timing::once(value),
    })
}

fn rules(fields: &Fields<'_>) -> Result<Rules, Problem> {
    let gap = fields.choice("gap", &Gap::ALL, Gap::as_str)?;
    let repeated = fields.choice("repeated_hour", &Repeated::ALL, Repeated::as_str)?;
    Ok(Rules {
        gap: gap.unwrap_or_default(),
        repeated: repeated.unwrap_or_default(),
    })
}

/// Refuses keys that have no meaning for the timing, and a plan without a single slot.
fn consistent(fields: &Fields<'_>, key: &str, plan: &Plan) -> Result<(), Problem> {
    let is_every = key == "every";
    if !is_every && fields.entry("anchor").is_some() {
        return Err(fields.fault("anchor", "`anchor` has a meaning only with `every`"));
    }
    let rule = ["gap", "repeated_hour"]
        .into_iter()
        .find(|key| fields.entry(key).is_some());
    if let Some(rule) = rule.filter(|_| is_every) {
        let what = format!("`{rule}` has no meaning with `every`, which counts in absolute time");
        return Err(fields.fault(rule, what));
    }
    if let Timing::Every { period, .. } = plan.timing
        && plan.jitter >= period
    {
        return Err(fields.fault("jitter", "`jitter` must be shorter than `every`"));
    }
    let is_empty = plan.timing != Timing::Reboot && plan.after(Timestamp::MIN).next().is_none();
    if is_empty {
        let bound = ["end", "start"]
            .into_iter()
            .find(|key| fields.entry(key).is_some());
        let what = "it never fires within its `start` and `end`";
        return Err(fields.fault(bound.unwrap_or(key), what));
    }
    Ok(())
}
