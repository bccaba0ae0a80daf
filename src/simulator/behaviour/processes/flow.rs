//! The content of generated snapshots: a flow of six steps, worded for the process it is of.
//!
//! The simulator does not read captures; it cites the first of them, so that sources lead somewhere.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::{Boldness, Capture, Process, Source};
use super::views::is_usable;
use crate::simulator::world::World;

/// One task of the flow.
struct Task {
    id: &'static str,
    title: &'static str,
    action: &'static str,
    role: &'static str,
    system: &'static str,
    next: &'static [(&'static str, Option<&'static str>)],
    /// How bold a proposal must be to have the task done by a service.
    automated_from: Option<Boldness>,
    /// Why it is as ready to be automated as it is.
    readiness: &'static str,
    gap: Option<&'static str>,
}

const TASKS: [Task; 4] = [
    Task {
        id: "receive",
        title: "Receive the request",
        action: "Take the document from the shared mailbox and file it",
        role: "Clerk",
        system: "E-mail",
        next: &[("check", None)],
        automated_from: Some(Boldness::Aggressive),
        readiness: "the mailbox can be read by a connection",
        gap: None,
    },
    Task {
        id: "check",
        title: "Check it against the order",
        action: "Compare amount, supplier and lines with the order",
        role: "Clerk",
        system: "ERP",
        next: &[("decide", None)],
        automated_from: Some(Boldness::Conservative),
        readiness: "the rules are known and both sides are data",
        gap: Some("how differences in freight costs are treated"),
    },
    Task {
        id: "approve",
        title: "Approve by hand",
        action: "Look at the document and decide",
        role: "Manager",
        system: "E-mail",
        next: &[("record", None)],
        automated_from: None,
        readiness: "the decision is a person's",
        gap: None,
    },
    Task {
        id: "record",
        title: "Record the outcome",
        action: "Post the document and tell the requester",
        role: "Clerk",
        system: "ERP",
        next: &[("done", None)],
        automated_from: Some(Boldness::Conservative),
        readiness: "posting is one call of the ERP",
        gap: None,
    },
];

/// Returns the content of a snapshot of the process as it is.
pub(super) fn current(world: &World, process: &Process, version: u64) -> Value {
    let source = source(world, process.id);
    json!({
        "version": version,
        "steps": steps(&source, |_| ("manual", None, None)),
        "swot": {
            "strengths": ["every document is seen by a person"],
            "weaknesses": ["checking takes most of the time"],
            "opportunities": ["most documents match their order to the cent"],
            "threats": ["late approvals cost discounts"],
        },
        "summary": format!(
            "{}: a clerk receives and checks each document, a manager approves the large ones, and the outcome is recorded.",
            process.name
        ),
    })
}

/// Returns the content of a proposal; `gaps` tells which gaps are still open, and under which id.
pub(super) fn proposal(
    world: &World,
    process: &Process,
    version: u64,
    wishes: (Boldness, Option<&str>),
    gaps: &[(String, Uuid)],
) -> Value {
    let (boldness, guidance) = wishes;
    let automated = |task: &Task| task.automated_from.is_some_and(|from| boldness >= from);
    let count = TASKS.iter().filter(|task| automated(task)).count();
    let judge = |task: &Task| {
        let kind = if automated(task) { "service" } else { "manual" };
        let readiness = if task.automated_from.is_some() {
            "high"
        } else {
            "low"
        };
        let gap = task
            .gap
            .and_then(|gap| gaps.iter().find(|(open, _)| open == gap));
        (kind, Some(readiness), gap)
    };
    let wish = guidance.map_or_else(String::new, |guidance| {
        format!(" Guidance followed: {guidance}")
    });
    json!({
        "version": version,
        "steps": steps(&source(world, process.id), judge),
        "summary": format!("{}: {count} of {} tasks are done by an assignment.{wish}", process.name, TASKS.len()),
        "projectedImpact": format!("about {} % less handling time", count * 20),
    })
}

/// Returns the gaps of the flow: step, and what is not known of it.
pub(super) fn gaps() -> impl Iterator<Item = (&'static str, &'static str)> {
    TASKS.iter().filter_map(|task| Some((task.id, task.gap?)))
}

/// What a proposal finds of a task: its subtype, its readiness, and the gap that is still open.
type Finding<'a> = (
    &'static str,
    Option<&'static str>,
    Option<&'a (String, Uuid)>,
);

fn steps<'a>(source: &Value, judge: impl Fn(&Task) -> Finding<'a>) -> Vec<Value> {
    let mut steps = vec![event(
        "start",
        "start",
        "A document arrives",
        &[("receive", None)],
    )];
    for task in &TASKS {
        if task.id == "approve" {
            steps.push(gateway(source));
        }
        steps.push(task_step(task, source, judge(task)));
    }
    steps.push(event("done", "end", "The outcome is known", &[]));
    steps
}

fn event(id: &str, subtype: &str, title: &str, next: &[(&str, Option<&str>)]) -> Value {
    let mut step = blank(id, title, next);
    step["nodeType"] = "event".into();
    step["nodeSubtype"] = subtype.into();
    step
}

fn gateway(source: &Value) -> Value {
    let next = [
        ("approve", Some("above the limit")),
        ("record", Some("within the limit")),
    ];
    let mut step = blank("decide", "Above the limit?", &next);
    step["nodeType"] = "gateway".into();
    step["nodeSubtype"] = "exclusive".into();
    step["condition"] = "the amount is above the limit".into();
    step["description"] = "Small documents need no approval".into();
    step["rationale"] = "a manager's time is for the large ones".into();
    step["sources"] = json!([source]);
    step
}

fn task_step(task: &Task, source: &Value, (subtype, readiness, gap): Finding<'_>) -> Value {
    let mut step = blank(task.id, task.title, task.next);
    step["action"] = task.action.into();
    step["role"] = task.role.into();
    step["system"] = task.system.into();
    step["nodeType"] = "task".into();
    step["nodeSubtype"] = subtype.into();
    step["description"] = task.action.into();
    step["rationale"] = "said in the interview".into();
    step["sources"] = json!([source]);
    if let Some(readiness) = readiness {
        step["readiness"] = readiness.into();
        step["readinessRationale"] = task.readiness.into();
    }
    if let Some((gap, id)) = gap {
        step["extraCaptureNeeded"] =
            json!({ "id": id, "gap": gap, "proposal": format!("show {gap}") });
    }
    step
}

/// A step with the fields that all kinds have.
fn blank(id: &str, title: &str, next: &[(&str, Option<&str>)]) -> Value {
    // Where there are several ways on, the last one is the default.
    let is_default = |index: usize| next.len() > 1 && index + 1 == next.len();
    let targets = next.iter().enumerate().map(
        |(index, (step, label))| json!({ "stepId": step, "label": label, "isDefault": is_default(index) }),
    );
    json!({
        "id": id,
        "targetSteps": targets.collect::<Vec<_>>(),
        "title": title,
        "action": null,
        "role": null,
        "system": null,
        "input": null,
        "output": null,
        "exception": null,
        "handling": null,
        "assumptions": null,
        "openQuestions": null,
        "confidence": "high",
        "description": null,
        "rationale": null,
        "sources": [],
        "condition": null,
    })
}

/// The place that steps cite: the first thing a person says, or the first document.
fn source(world: &World, process: Uuid) -> Value {
    let usable = || {
        world
            .processes
            .captures_of(process)
            .filter(|capture| is_usable(capture))
    };
    let said = |capture: &Capture| {
        let found = capture
            .transcript
            .iter()
            .position(|line| line.source == Source::User)?;
        Some((capture.id, found, capture.transcript.get(found)?.clone()))
    };
    if let Some((capture, index, line)) = usable().find_map(said) {
        let locator = json!({ "type": "transcript_message", "messageIndex": index });
        return json!({
            "attribution": line.speaker,
            "excerpt": line.message,
            "captureId": capture,
            "locator": locator,
            "resolutionStatus": "resolved",
        });
    }
    let Some(capture) = usable().next() else {
        return json!({ "attribution": "a person", "excerpt": "edited by hand", "resolutionStatus": "manual" });
    };
    json!({
        "attribution": capture.file_name.as_deref().unwrap_or("a capture"),
        "excerpt": "the whole document",
        "captureId": capture.id,
        "locator": { "type": "unresolved", "reason": "the document has no text" },
        "resolutionStatus": "unresolved",
    })
}

/// Refuses steps that lead nowhere, or that share an id.
pub(super) fn check_steps(steps: &[Value]) -> Result<(), String> {
    let ids: Vec<_> = steps
        .iter()
        .filter_map(|step| step["id"].as_str())
        .collect();
    if let Some(twice) = ids
        .iter()
        .enumerate()
        .find(|(index, id)| ids[..*index].contains(id))
    {
        return Err(format!("two steps have the id `{}`", twice.1));
    }
    let targets = steps
        .iter()
        .filter_map(|step| step["targetSteps"].as_array())
        .flatten();
    let lost = targets
        .filter_map(|target| target["stepId"].as_str())
        .find(|target| !ids.contains(target));
    lost.map_or(Ok(()), |target| {
        Err(format!("a step leads to `{target}`, which is no step"))
    })
}
