//! What happens around a slot: when a run is still on, when the daemon was down, when a run fails.

use std::time::Duration;

use url::Url;

use super::document::{Fields, Text};
use crate::report::Problem;
use crate::schedule::fault::Fault;

/// What happens to a slot while a run of the same schedule is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlap {
    /// The slot is skipped.
    #[default]
    Skip,
    /// It waits for its turn.
    Queue {
        /// How many may wait; further ones are skipped.
        depth: u32,
    },
    /// The run that is on is cancelled, and the slot runs.
    CancelPrevious,
    /// It waits, and takes the place of the one that waits already.
    ReplaceQueued,
    /// Both run side by side.
    Allow,
}

impl Overlap {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Skip,
        Self::Queue { depth: 1 },
        Self::CancelPrevious,
        Self::ReplaceQueued,
        Self::Allow,
    ];

    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Queue { .. } => "queue",
            Self::CancelPrevious => "cancel_previous",
            Self::ReplaceQueued => "replace_queued",
            Self::Allow => "allow",
        }
    }
}

/// What happens to the slots that were missed while the daemon was down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatchUp {
    /// They are not made up for.
    None,
    /// The latest of them runs, late.
    Latest {
        /// How late it may be; none: however late.
        window: Option<Duration>,
    },
    /// All of them run, late, one after the other.
    All {
        /// How late one may be.
        window: Duration,
    },
}

impl Default for CatchUp {
    fn default() -> Self {
        Self::Latest { window: None }
    }
}

impl CatchUp {
    /// The words for all of them.
    const WORDS: [&str; 3] = ["none", "latest", "all"];
}

/// How a failed run is tried again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retries {
    /// How many further runs a failed one gets.
    pub attempts: u32,
    /// How long the first one waits; each further one waits twice as long.
    pub backoff: Duration,
    /// The longest wait.
    pub max_backoff: Duration,
}

impl Retries {
    /// Returns how long the n-th further run waits, from 1; none when there is no such run.
    pub fn delay(&self, attempt: u32) -> Option<Duration> {
        if attempt == 0 || attempt > self.attempts {
            return None;
        }
        let factor = 2_u32.saturating_pow(attempt - 1);
        Some(self.backoff.saturating_mul(factor).min(self.max_backoff))
    }
}

/// The addresses that are told how a run goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ping {
    /// Told when a run starts.
    pub start: Option<Url>,
    /// Told when it has succeeded.
    pub success: Option<Url>,
    /// Told when it has failed.
    pub failure: Option<Url>,
}

/// What happens around the slots of a schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// While a run is on.
    pub overlap: Overlap,
    /// After the daemon was down.
    pub catch_up: CatchUp,
    /// How long a run may take.
    pub deadline: Option<Duration>,
    /// When a run has failed.
    pub retries: Retries,
    /// After how many failures in a row the schedule is paused.
    pub pause_after: Option<u32>,
    /// Who is told.
    pub ping: Ping,
}

/// The keys of a declaration that belong to its policy.
pub(super) const KEYS: [&str; 8] = [
    "overlap",
    "queue_depth",
    "catch_up",
    "window",
    "deadline",
    "retries",
    "pause_after",
    "ping",
];

/// The most of anything that is counted: queued slots, retries, failures.
const MOST: u32 = 1001;

/// Reads the policy of a declaration.
pub(super) fn policy(fields: &Fields<'_>) -> Result<Policy, Problem> {
    Ok(Policy {
        overlap: overlap(fields)?,
        catch_up: catch_up(fields)?,
        deadline: fields.duration("deadline")?,
        retries: retries(fields)?,
        pause_after: fields.number("pause_after", 1..MOST)?,
        ping: ping(fields)?,
    })
}

fn overlap(fields: &Fields<'_>) -> Result<Overlap, Problem> {
    let overlap = fields.choice("overlap", &Overlap::ALL, Overlap::as_str)?;
    match (
        overlap.unwrap_or_default(),
        fields.number("queue_depth", 1..MOST)?,
    ) {
        (Overlap::Queue { .. }, Some(depth)) => Ok(Overlap::Queue { depth }),
        (_, Some(_)) => {
            let what = "`queue_depth` has a meaning only with `overlap = \"queue\"`";
            Err(fields.fault("queue_depth", what))
        }
        (overlap, None) => Ok(overlap),
    }
}

fn catch_up(fields: &Fields<'_>) -> Result<CatchUp, Problem> {
    let word = fields.choice("catch_up", &CatchUp::WORDS, |word| word)?;
    match (word.unwrap_or("latest"), fields.duration("window")?) {
        ("none", Some(_)) => Err(fields.fault(
            "window",
            "`window` has no meaning with `catch_up = \"none\"`",
        )),
        ("none", None) => Ok(CatchUp::None),
        ("all", Some(window)) => Ok(CatchUp::All { window }),
        ("all", None) => {
            let problem = fields.fault("catch_up", "`catch_up = \"all\"` wants a `window`");
            Err(problem.hint("say how late a run may be, such as `window = \"6h\"`"))
        }
        (_, window) => Ok(CatchUp::Latest { window }),
    }
}

fn retries(fields: &Fields<'_>) -> Result<Retries, Problem> {
    let keys = ["attempts", "backoff", "max_backoff"];
    let Some(table) = fields.table("retries", &keys)? else {
        return Ok(Retries::default());
    };
    let attempts = table.number("attempts", 1..MOST)?;
    let attempts = attempts.ok_or_else(|| fields.fault("retries", "`retries` wants `attempts`"))?;
    let backoff = table
        .duration("backoff")?
        .unwrap_or(Duration::from_secs(60));
    let max_backoff = table.duration("max_backoff")?;
    if max_backoff.is_some_and(|longest| longest < backoff) {
        return Err(table.fault("max_backoff", "`max_backoff` is shorter than `backoff`"));
    }
    Ok(Retries {
        attempts,
        backoff,
        max_backoff: max_backoff.unwrap_or(Duration::from_secs(3600).max(backoff)),
    })
}

/// Reads the addresses: a base as healthchecks.io has them, or each of its own.
fn ping(fields: &Fields<'_>) -> Result<Ping, Problem> {
    let is_text = |value: &toml::de::DeValue<'_>| value.as_str().is_some();
    if fields
        .entry("ping")
        .is_some_and(|entry| is_text(entry.get_ref()))
    {
        let base = fields
            .text("ping")?
            .map(|text| address(&text))
            .transpose()?;
        return Ok(base.map(|base| below(&base)).unwrap_or_default());
    }
    let Some(table) = fields.table("ping", &["start", "success", "failure"])? else {
        return Ok(Ping::default());
    };
    let one = |key| table.text(key)?.map(|text| address(&text)).transpose();
    Ok(Ping {
        start: one("start")?,
        success: one("success")?,
        failure: one("failure")?,
    })
}

fn below(base: &Url) -> Ping {
    let with = |word: &str| {
        let mut url = base.clone();
        // Only addresses without a host have no path, and those were refused.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(word);
        }
        Some(url)
    };
    Ping {
        start: with("start"),
        success: Some(base.clone()),
        failure: with("fail"),
    }
}

fn address(text: &Text<'_>) -> Result<Url, Problem> {
    let url = Url::parse(&text.value).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    text.read(|value| {
        url.ok_or_else(|| {
            let fault = Fault::new(format!("`{value}` is no address"), 0..value.len());
            fault.hint("write it as `https://hc-ping.com/…`")
        })
    })
}
