//! Waiting for Jobs and for people.

use std::sync::Mutex;

use serde_json::{Value, json};

use super::{Fake, fake::Ran};
use crate::report::{Failure, FailureKind};
use crate::script::{Answer, Effect, Question};

const JOB: &str = "11111111-1111-4111-8111-111111111111";
const REQUEST: &str = "22222222-2222-4222-8222-222222222222";

fn job(status: &str, request: Option<&Value>) -> Value {
    json!({"run": {"id": JOB, "status": status}, "pending_human_request": request})
}

fn approval() -> Value {
    json!({"id": REQUEST, "type": "approval", "title": "Pay 700 EUR?", "description": "to ACME"})
}

fn question() -> Value {
    json!({"id": REQUEST, "type": "question", "title": "Which?", "questions": [{
        "question": "Which account?",
        "options": [{"label": "A", "description": "the first"}, {"label": "B"}],
    }]})
}

/// A Job that goes through some states; a person at the terminal who always says the same.
fn host(states: Vec<Value>, says: Value, refuses_with: Option<u16>) -> Fake {
    let states = Mutex::new(states);
    let clock = Mutex::new("2026-01-05T08:00:00Z".parse::<jiff::Timestamp>().unwrap());
    Fake::new(move |_, effect| match effect {
        Effect::WaitJob(_) => {
            let mut states = states.lock().unwrap();
            let state = if states.len() > 1 {
                states.remove(0)
            } else {
                states[0].clone()
            };
            Ok(Answer::Json(state.to_string().into_bytes()))
        }
        Effect::Ask(_) => Ok(Answer::Json(says.to_string().into_bytes())),
        Effect::Now => Ok(Answer::Time(*clock.lock().unwrap())),
        Effect::Sleep(pause) => {
            let mut clock = clock.lock().unwrap();
            *clock = clock.checked_add(*pause).unwrap();
            Ok(Answer::Nothing)
        }
        Effect::Call(_) => match refuses_with {
            None => Ok(Answer::Json(b"{\"human_request\": {}}".to_vec())),
            Some(refused) => {
                let mut failure = Failure::new(FailureKind::Invalid, "not waiting");
                failure.status = Some(refused);
                Err(failure.into())
            }
        },
        _ => Ok(Answer::Nothing),
    })
}

fn asked(ran: &Ran) -> Vec<Question> {
    let effects = ran.host.effects.lock().unwrap();
    let asked = effects.iter().filter_map(|(_, effect)| match effect {
        Effect::Ask(question) => Some(question.clone()),
        _ => None,
    });
    asked.collect()
}

fn responded(fields: &Value) -> Vec<Value> {
    vec![json!(["jobs.respond", [JOB, REQUEST], fields])]
}

#[test]
fn wait_returns_the_job_and_passes_its_options_on() {
    let ran = host(vec![job("completed", None)], Value::Null, None).run(&format!(
        "duvo::jobs::wait(#{{ id: `{JOB}` }}, #{{ until: `waiting`, timeout: `1h30m` }}).status"
    ));
    assert_eq!(ran.value(), json!("completed"));
    let effects = ran.host.effects.lock().unwrap();
    let Effect::WaitJob(wait) = &effects[0].1 else {
        panic!()
    };
    assert_eq!(
        (wait.until.as_slice(), wait.timeout.as_secs()),
        (&["waiting".to_owned()][..], 5400)
    );
}

#[test]
fn a_state_that_no_job_has_is_named() {
    let text = Fake::silent()
        .run(&format!(
            "duvo::jobs::wait(`{JOB}`, #{{ until: `completd` }})"
        ))
        .problem();
    assert!(
        text.contains("a Job has no state `completd`")
            && text.contains("did you mean `completed`?"),
        "{text}"
    );
    let text = Fake::silent()
        .run(&format!(
            "duvo::jobs::wait(`{JOB}`, #{{ timeout: `soon` }})"
        ))
        .problem();
    assert!(text.contains("`timeout`: `soon` is no duration"), "{text}");
}

#[test]
fn finish_answers_by_the_closure_and_goes_on_to_the_end() {
    let states = || vec![job("waiting", Some(&approval())), job("completed", None)];
    for (closure, fields) in [
        ("|r| approve()", json!({"approved": true})),
        ("|r| deny()", json!({"approved": false})),
        (
            "|r| r.title.contains(`700`) && r.job.status == `waiting`",
            json!({"approved": true}),
        ),
        ("|r| ask(r)", json!({"approved": false})),
    ] {
        let ran = host(states(), json!("deny"), None).run(&format!(
            "duvo::jobs::finish(`{JOB}`, #{{ on_human: {closure} }}).status"
        ));
        assert_eq!(ran.value(), json!("completed"));
        assert_eq!(ran.calls(), responded(&fields), "{closure}");
    }
    let states = || vec![job("waiting", Some(&question())), job("completed", None)];
    for closure in [
        "|r| answer(`B`)",
        "|r| `B`",
        "|r| answer(#{ `Which account?`: `B` })",
        "|r| ask(r)",
    ] {
        let closure = closure.replace("#{ `Which account?`", "#{ \"Which account?\"");
        let ran = host(states(), json!("B"), None).run(&format!(
            "duvo::jobs::finish(`{JOB}`, #{{ on_human: {closure} }}).status"
        ));
        assert_eq!(ran.value(), json!("completed"));
        assert_eq!(
            ran.calls(),
            responded(&json!({"answers": {"Which account?": "B"}})),
            "{closure}"
        );
    }
}

#[test]
fn without_a_closure_the_person_at_the_terminal_is_asked() {
    let states = vec![job("waiting", Some(&approval())), job("failed", None)];
    let ran =
        host(states, json!("approve"), None).run(&format!("duvo::jobs::finish(`{JOB}`).status"));
    assert_eq!(ran.value(), json!("failed"));
    assert_eq!(ran.calls(), responded(&json!({"approved": true})));
    let question = &asked(&ran)[0];
    assert_eq!(question.text, "Pay 700 EUR?");
    assert_eq!(question.details.as_deref(), Some("to ACME"));
    assert_eq!(question.choices, ["approve", "deny"]);
}

#[test]
fn an_answer_that_came_too_late_is_no_failure_but_a_refused_one_is() {
    for status in [400, 404, 409] {
        let states = vec![job("waiting", Some(&approval())), job("completed", None)];
        let ran = host(states, Value::Null, Some(status)).run(&format!(
            "duvo::jobs::finish(`{JOB}`, #{{ on_human: |r| approve() }}).status"
        ));
        assert_eq!(ran.value(), json!("completed"));
    }
    let ran = host(
        vec![job("waiting", Some(&approval()))],
        Value::Null,
        Some(400),
    )
    .run(&format!(
        "duvo::jobs::finish(`{JOB}`, #{{ on_human: |r| approve() }})"
    ));
    assert!(ran.problem().contains("not waiting"), "{}", ran.problem());
    assert_eq!(ran.calls().len(), 1);
}

#[test]
fn finish_does_not_wait_for_ever() {
    let ran = host(vec![job("waiting", None)], Value::Null, None).run(&format!(
        "duvo::jobs::finish(`{JOB}`, #{{ timeout: `1m` }})"
    ));
    let text = ran.problem();
    assert!(text.contains("has not ended in time"), "{text}");
}

#[test]
fn a_closure_that_returns_nothing_usable_is_told_what_to_return() {
    for (closure, expected) in [
        ("|r| ()", "the response to `Pay 700 EUR?` is `()`"),
        ("|r| `maybe`", "is an answer, but it wants an approval"),
        ("|r| #{ approve: true }", "did you mean `approved`?"),
    ] {
        let ran = host(vec![job("waiting", Some(&approval()))], Value::Null, None).run(&format!(
            "duvo::jobs::finish(`{JOB}`, #{{ on_human: {closure} }})"
        ));
        assert!(ran.problem().contains(expected), "{}", ran.problem());
        assert_eq!(ran.calls().len(), 0);
    }
}

#[test]
fn asks_a_person_with_choices_and_a_deadline() {
    let text = "ask(`Go on?`, #{ choices: [`yes`, `no`], deadline: `1d`, otherwise: `no` })";
    let ran = host(Vec::new(), json!("yes"), None).run(text);
    assert_eq!(ran.value(), json!("yes"));
    let question = &asked(&ran)[0];
    assert_eq!(
        (
            question.choices.len(),
            question.deadline.map(|d| d.as_secs())
        ),
        (2, Some(86400))
    );
    assert_eq!(
        host(Vec::new(), Value::Null, None).run(text).value(),
        json!("no")
    );
    let late = host(Vec::new(), Value::Null, None).run("ask(`Go on?`)");
    assert!(
        late.problem().contains("nobody answered in time"),
        "{}",
        late.problem()
    );
}

#[test]
fn asks_what_a_job_asks_question_by_question() {
    let request = json!({"id": REQUEST, "type": "question", "title": "Two things", "questions": [
        {"question": "One?", "options": [{"label": "A"}, {"label": "B"}]},
        {"question": "Many?", "options": [{"label": "C"}], "multi_select": true},
    ]});
    let text = format!("ask(parse_json(`{request}`), #{{ otherwise: deny() }})");
    let ran = host(Vec::new(), json!("A"), None).run(&text);
    assert_eq!(ran.value(), json!({"answers": {"One?": "A", "Many?": "A"}}));
    let asked = asked(&ran);
    assert_eq!(asked[0].choices, ["A", "B"]);
    assert!(asked[1].choices.is_empty());
    assert_eq!(
        host(Vec::new(), Value::Null, None).run(&text).value(),
        json!({"approved": false})
    );
}
