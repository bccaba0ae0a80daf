//! What a generation comes up with: a small flow, always the same for the same process.

use serde_json::{Value, json};

use super::rows::Kind;

/// Returns the data of a snapshot of a process.
pub(super) fn data(name: &str, kind: Kind, guidance: Option<&str>) -> Value {
    match kind {
        Kind::CurrentProcess => json!({
            "version": 2,
            "steps": steps("Clerk", "user"),
            "swot": {
                "strengths": ["Everybody knows the steps"],
                "weaknesses": ["Much is typed twice"],
                "opportunities": ["Matching can be automated"],
                "threats": ["Deadlines are missed at the end of the month"],
            },
            "summary": format!("{name}: done by hand, from the e-mail to the posting."),
        }),
        Kind::TransformationProposal => json!({
            "version": 2,
            "steps": steps("Assignment", "service"),
            "summary": guidance.map_or_else(
                || format!("{name}: matching and posting run by themselves; people decide."),
                |wish| format!("{name}: {wish}"),
            ),
            "projectedImpact": "Four of five cases need nobody.",
        }),
    }
}

fn steps(role: &str, subtype: &str) -> Value {
    json!([
        event("start", "start", "A document comes in", &["match"]),
        task(
            "match",
            "Match it with the order",
            role,
            subtype,
            &["decide"]
        ),
        gateway("decide", "Does it match?"),
        task("post", "Post it", role, subtype, &["end"]),
        task("ask", "Ask the buyer", "Clerk", "user", &["end"]),
        event("end", "end", "Done", &[]),
    ])
}

fn targets(ids: &[&str]) -> Value {
    let target = |(place, id): (usize, &&str)| json!({ "stepId": id, "label": null, "isDefault": place == 0 });
    ids.iter().enumerate().map(target).collect()
}

/// The fields that all steps have.
fn step(id: &str, title: &str, to: &[&str]) -> Value {
    json!({
        "id": id,
        "targetSteps": targets(to),
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
        "description": title,
        "rationale": "Told in the interview",
        "sources": [{ "attribution": "Interview", "excerpt": title }],
        "condition": null,
    })
}

fn event(id: &str, subtype: &str, title: &str, to: &[&str]) -> Value {
    let mut step = step(id, title, to);
    step["nodeType"] = "event".into();
    step["nodeSubtype"] = subtype.into();
    step
}

fn task(id: &str, title: &str, role: &str, subtype: &str, to: &[&str]) -> Value {
    let mut step = step(id, title, to);
    step["nodeType"] = "task".into();
    step["nodeSubtype"] = subtype.into();
    step["role"] = role.into();
    step["readiness"] = "high".into();
    step
}

fn gateway(id: &str, title: &str) -> Value {
    let mut step = step(id, title, &["post", "ask"]);
    step["nodeType"] = "gateway".into();
    step["nodeSubtype"] = "exclusive".into();
    step["condition"] = "all lines match".into();
    step
}
