//! Reads the trials: what must be there first, the call that is cut off, and what is special.
//!
//! ```text
//! [jobs.start]
//! assignments.list -> agent_id = /agents/0/id      steps as in `tests/conformance/steps.rs`
//! lost jobs.start {"agent_id": "$agent_id"}        the call that is cut off
//! older jobs.start {"agent_id": "$agent_id"}       what is older and equal; otherwise the call itself
//! beside labels.assign {"labels": [...]}           another change of the same thing, just before or after
//! doubtful                                         after such a change a person is asked
//! lacks interruptedRunIds                          fields that nobody can know afterwards
//! unlike updated_at                                fields that may have changed since
//! told                                             that it was done can be told, but not its answer
//! refused                                          the server refuses a second one
//! spent                                            it uses up what it needs: there is no second one
//! ```

use std::path::Path;

use crate::steps::{self, Act, Made, Step};

/// One endpoint under trial.
#[derive(Debug)]
pub(crate) struct Trial {
    /// File and section.
    pub(crate) place: String,
    pub(crate) before: Vec<Step>,
    pub(crate) lost: Made,
    pub(crate) older: Vec<Step>,
    pub(crate) beside: Vec<Step>,
    pub(crate) is_doubtful: bool,
    pub(crate) lacks: Vec<String>,
    pub(crate) unlike: Vec<String>,
    pub(crate) is_only_told: bool,
    pub(crate) is_refused: bool,
    pub(crate) is_spent: bool,
}

/// Returns the trials of all files.
pub(crate) fn all() -> Vec<Trial> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recovery/trials");
    let files = std::fs::read_dir(folder).expect("the trials are there");
    let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    files.iter().flat_map(|file| of_file(file)).collect()
}

fn of_file(file: &Path) -> Vec<Trial> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let text = std::fs::read_to_string(file).expect("trials are text");
    let sections = text.split("\n[").skip(1);
    sections.map(|section| read(&name, section)).collect()
}

fn read(file: &str, section: &str) -> Trial {
    let (name, body) = section.split_once("]\n").expect("a section's name ends");
    let place = format!("{file}: {name}");
    let mut parts = Parts::default();
    for line in body.lines() {
        parts.take(line);
    }
    let steps = |text: &str| steps::read(&place, text);
    let lost = steps(&parts.lost).pop();
    let Some(Act::Call(lost)) = lost.map(|step| step.act) else {
        panic!("{place}: no call is lost");
    };
    assert_eq!(name, lost.endpoint.name, "{place}: another call is lost");
    Trial {
        before: steps(&parts.before),
        older: steps(&parts.older),
        beside: steps(&parts.beside),
        is_doubtful: parts.is_doubtful,
        lost,
        lacks: parts.lacks,
        unlike: parts.unlike,
        is_only_told: parts.is_only_told,
        is_refused: parts.is_refused,
        is_spent: parts.is_spent,
        place,
    }
}

/// The lines of a section, by what they are for.
#[derive(Default)]
struct Parts {
    before: String,
    lost: String,
    older: String,
    beside: String,
    is_doubtful: bool,
    lacks: Vec<String>,
    unlike: Vec<String>,
    is_only_told: bool,
    is_refused: bool,
    is_spent: bool,
    /// Which of the texts a further, indented line belongs to.
    last: Kind,
}

#[derive(Clone, Copy, Default)]
enum Kind {
    #[default]
    Before,
    Lost,
    Older,
    Beside,
}

impl Parts {
    fn take(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let names = || rest.split(", ").map(str::to_owned);
        let (kind, text) = match word {
            "lacks" => return self.lacks.extend(names()),
            "unlike" => return self.unlike.extend(names()),
            "told" => return self.is_only_told = true,
            "refused" if rest.is_empty() => return self.is_refused = true,
            "doubtful" => return self.is_doubtful = true,
            "spent" => return self.is_spent = true,
            "lost" => (Kind::Lost, rest),
            "older" => (Kind::Older, rest),
            "beside" => (Kind::Beside, rest),
            "" => (self.last, line),
            _ => (Kind::Before, line),
        };
        self.last = kind;
        let part = match kind {
            Kind::Before => &mut self.before,
            Kind::Lost => &mut self.lost,
            Kind::Older => &mut self.older,
            Kind::Beside => &mut self.beside,
        };
        part.push_str(text);
        part.push('\n');
    }
}
