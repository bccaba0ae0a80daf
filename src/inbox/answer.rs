//! An answer: what a person gives, whether it fits what is asked, and what became of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::error::InboxError;
use super::item::{Asked, Form, Item};
use crate::report::nearest;

/// What a person gives: `{"text": "…"}`, `{"approved": true}` or `{"answers": {question: answer}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// A text, or one of the choices.
    Text(String),
    /// Yes or no.
    Approved(bool),
    /// An answer to each question, by the question's text.
    Answers(BTreeMap<String, String>),
}

/// What became of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Answered {
    /// It is the one that counts.
    Accepted {
        /// As whoever asked is told it.
        value: Value,
    },
    /// Somebody else was faster.
    TooLate {
        /// Who, as far as that is known.
        by: Option<String>,
        /// When, as far as that is known.
        #[schemars(with = "Option<String>")]
        at: Option<Timestamp>,
        /// The answer that counts, as far as that is known.
        value: Option<Value>,
    },
}

/// Returns an answer as whoever asked is told it, if it fits: text for a question, and the fields of
/// the response for a request.
pub(super) fn fit(item: &Item, given: &Given) -> Result<Value, InboxError> {
    match (&item.form, given) {
        (Form::Text, Given::Text(text)) if !text.trim().is_empty() => Ok(text.trim().into()),
        (Form::Choice { choices }, Given::Text(text)) => choice(choices, text).map(Value::from),
        (Form::Approval, Given::Approved(approved)) => Ok(json!({ "approved": approved })),
        (Form::Questions { questions }, Given::Answers(answers)) => fit_all(questions, answers),
        (form, _) => Err(unfit(form)),
    }
}

fn unfit(form: &Form) -> InboxError {
    let (what, hint) = match form {
        Form::Text => ("an answer is wanted", "any text will do"),
        Form::Choice { .. } => ("one of the choices is wanted", "give its text"),
        Form::Approval => ("a yes or a no is wanted", "approve it or deny it"),
        Form::Questions { .. } => (
            "an answer to each question is wanted",
            "several are asked at once",
        ),
    };
    InboxError::Unfit {
        what: what.into(),
        hint: hint.into(),
    }
}

fn choice<'a>(choices: &'a [String], text: &str) -> Result<&'a str, InboxError> {
    let wanted = text.trim().to_lowercase();
    let exact = choices.iter().find(|choice| choice.as_str() == text.trim());
    let found = exact.or_else(|| choices.iter().find(|one| one.to_lowercase() == wanted));
    found.map(String::as_str).ok_or_else(|| {
        let what = format!("`{}` is none of the choices", text.trim());
        let choices_told = format!("the choices are `{}`", choices.join("`, `"));
        let hint = match nearest(text.trim(), choices.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`? {choices_told}"),
            None => choices_told,
        };
        InboxError::Unfit { what, hint }
    })
}

fn fit_all(questions: &[Asked], answers: &BTreeMap<String, String>) -> Result<Value, InboxError> {
    let is_asked = |name: &&String| questions.iter().any(|asked| asked.question == **name);
    if let Some(unknown) = answers.keys().find(|name| !is_asked(name)) {
        return Err(InboxError::Unfit {
            what: format!("nobody asked `{unknown}`"),
            hint: "answers go by the text of their questions".into(),
        });
    }
    let mut fitting = Map::new();
    for asked in questions {
        let answer = answers.get(&asked.question).map(|text| text.trim());
        let Some(answer) = answer.filter(|text| !text.is_empty()) else {
            return Err(InboxError::Unfit {
                what: format!("there is no answer to `{}`", asked.question),
                hint: "each question wants one".into(),
            });
        };
        fitting.insert(asked.question.clone(), fit_one(asked, answer)?.into());
    }
    Ok(json!({ "answers": fitting }))
}

/// Several choices are joined by commas, as the API wants them; a label may hold commas itself.
fn fit_one(asked: &Asked, answer: &str) -> Result<String, InboxError> {
    let labels: Vec<String> = asked.options.iter().map(|one| one.label.clone()).collect();
    if labels.is_empty() {
        return Ok(answer.to_owned());
    }
    if !asked.is_multiple || labels.iter().any(|label| label == answer) {
        return choice(&labels, answer).map(str::to_owned);
    }
    let parts = answer.split(',').map(|part| choice(&labels, part));
    let parts: Result<Vec<_>, _> = parts.collect();
    match parts {
        Ok(parts) => Ok(parts.join(", ")),
        Err(_) if labels.iter().any(|label| label.contains(',')) => Ok(answer.to_owned()),
        Err(fault) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbox::item::{Asker, Choice, Kind};

    fn item(form: Form) -> Item {
        Item {
            id: "r:0".into(),
            kind: Kind::Question,
            text: "Shall it go on?".into(),
            details: None,
            form,
            asked_by: Asker::Run {
                run: "r".into(),
                script: "s".into(),
                step: "0".into(),
            },
            since: Timestamp::UNIX_EPOCH,
            deadline: None,
            then: String::new(),
            reminders: 0,
            escalates_at: None,
            is_escalated: false,
        }
    }

    fn text(text: &str) -> Given {
        Given::Text(text.into())
    }

    #[test]
    fn a_choice_is_taken_whatever_its_case_and_nothing_else_is() {
        let item = item(Form::Choice {
            choices: vec!["approve".into(), "deny".into()],
        });
        assert_eq!(fit(&item, &text(" Approve ")).unwrap(), json!("approve"));
        let fault = fit(&item, &text("aprove")).unwrap_err();
        assert_eq!(fault.to_string(), "`aprove` is none of the choices");
        let InboxError::Unfit { hint, .. } = fault else {
            panic!("another fault")
        };
        assert!(hint.starts_with("did you mean `approve`?"), "{hint}");
        assert!(fit(&item, &Given::Approved(true)).is_err());
    }

    #[test]
    fn every_question_wants_an_answer_and_several_choices_are_joined() {
        let options = ["red", "green"].map(|label| Choice {
            label: label.into(),
            description: None,
        });
        let questions = vec![
            Asked {
                question: "Which?".into(),
                options: options.to_vec(),
                is_multiple: true,
                ..Asked::default()
            },
            Asked {
                question: "Why?".into(),
                ..Asked::default()
            },
        ];
        let item = item(Form::Questions { questions });
        let answers = |pairs: &[(&str, &str)]| {
            let pairs = pairs
                .iter()
                .map(|(name, text)| ((*name).into(), (*text).into()));
            fit(&item, &Given::Answers(pairs.collect()))
        };
        let fitting = answers(&[("Which?", "Green,red"), ("Why?", "so")]).unwrap();
        assert_eq!(
            fitting,
            json!({ "answers": { "Which?": "green, red", "Why?": "so" } })
        );
        for wrong in [
            &[("Which?", "red")][..],
            &[("Which?", "blue"), ("Why?", "so")],
            &[("Which?", "red"), ("Why?", " ")],
            &[("Which?", "red"), ("Why?", "so"), ("Who?", "me")],
        ] {
            assert!(answers(wrong).is_err(), "{wrong:?}");
        }
    }
}
