//! Questions to people: `ask`, the answers to a Job's human request as values, and signals.

use rhai::{Array, Dynamic, Map};

use crate::report::{Failure, FailureKind};
use crate::script::builtin::Builtin;
use crate::script::door::{Door, Raise};
use crate::script::host::{Effect, Question, SignalWait};
use crate::script::json;
use crate::script::native::options::Options;
use crate::script::native::remind::Nudges;

const APPROVE: &str = "approve";
const DENY: &str = "deny";

/// The builtins of this file.
pub(in crate::script) const ALL: &[Builtin] = &[
    Builtin {
        name: "ask",
        params: &[
            "question: string | Map",
            "options?: #{ choices: string | Array, deadline: duration, otherwise: any, \
             remind: duration | #{ every: duration, to: Fn }, escalate: #{ after: duration, to: Fn } }",
        ],
        returns: "string | Map",
        doc: "Asks a person, and waits for the answer.\n\nA text is asked as it stands, and the \
              answer is returned as text. A human request of a Job is asked with its title, \
              description and choices, and the result is a response, as `approve()` or `answer(…)` \
              make it. Options: `choices` (allowed answers), `deadline` (how long to wait, such as \
              `1d`) and `otherwise` (what is returned when the deadline has passed; without it, that \
              is a failure of kind `timeout`).\n\nWhile nobody answers, and with a deadline only: \
              `remind: \"4h\"` warns in the log every so often, \
              `remind: #{ every: \"4h\", to: |question| … }` calls a closure instead, and \
              `escalate: #{ after: \"1d\", to: |question| … }` calls one once. The closures may have any \
              effect, such as `http::post`; they get \
              `#{ text, details, choices, step, asked_at, deadline, reminders, is_escalated }`. One that \
              fails is told in the log, and the question goes on waiting. It stays one question: the \
              first answer counts, whenever it comes. A run that slept over some reminders makes up for \
              them with one.",
        examples: &[],
        run: ask,
    },
    Builtin {
        name: "signal::wait",
        params: &[
            "name: string",
            "options: #{ deadline: duration, otherwise: any }",
        ],
        returns: "any",
        doc: "Waits for a signal from outside, and returns its value.\n\nSomebody sends it with \
              `duvoscript runs signal RUN NAME JSON`; one that comes early is kept, and of several \
              with one name the first counts. Options: `deadline` (how long to wait, such as `2d`; \
              it must be given) and `otherwise` (what is returned when it has passed; without it, \
              that is a failure of kind `timeout`).",
        examples: &[],
        run: wait_for_signal,
    },
    Builtin {
        name: APPROVE,
        params: &[],
        returns: "Map",
        doc: "Returns the response that approves a human request.",
        examples: &[("approve()", r#"{"approved": true}"#)],
        run: |_, _| Ok(approved(true)),
    },
    Builtin {
        name: DENY,
        params: &[],
        returns: "Map",
        doc: "Returns the response that denies a human request.",
        examples: &[("deny()", r#"{"approved": false}"#)],
        run: |_, _| Ok(approved(false)),
    },
    Builtin {
        name: "answer",
        params: &["answers: string | Map"],
        returns: "Map",
        doc: "Returns the response that answers a human request: a text for its only question, or a \
              map from each question's text to its answer.",
        examples: &[
            ("answer(\"next week\")", r#"{"answers": "next week"}"#),
            (
                "answer(#{ \"Which one?\": \"A\" })",
                r#"{"answers": {"Which one?": "A"}}"#,
            ),
        ],
        run: |_, args| Ok(response("answers", args[0].clone())),
    },
];

fn approved(flag: bool) -> Dynamic {
    response("approved", flag.into())
}

fn response(field: &str, value: Dynamic) -> Dynamic {
    Map::from_iter([(field.into(), value)]).into()
}

/// What holds for all questions of one `ask`.
struct Terms {
    choices: Vec<String>,
    deadline: Option<std::time::Duration>,
    otherwise: Option<Dynamic>,
    nudges: Nudges,
}

fn ask(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let options = args.get(1).map(|options| &**options);
    let terms = terms(door, options).map_err(|failure| door.fail(failure))?;
    if let Ok(text) = args[0].as_immutable_string_ref() {
        let question = terms.question(text.to_string(), None, &terms.choices);
        return put(door, question, &terms)?.map_or_else(|| terms.late(door), Ok);
    }
    match args[0].as_map_ref() {
        Ok(request) => ask_request(door, &request, &terms),
        Err(other) => Err(door.invalid(format!(
            "wants a text or a human request, not a value of type `{other}`"
        ))),
    }
}

fn wait_for_signal(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let name = match args[0].as_immutable_string_ref() {
        Ok(name) if !name.trim().is_empty() => name.to_string(),
        _ => return Err(door.invalid("wants the name of a signal first")),
    };
    let fail = |failure| door.fail(failure);
    let options = args.get(1).map(|options| &**options);
    let mut options = Options::read(options, door.function).map_err(fail)?;
    let Some(deadline) = options.duration("deadline").map_err(fail)? else {
        return Err(door.invalid("needs `deadline: …`: nothing waits for ever"));
    };
    let answer = door.value(Effect::Signal(SignalWait {
        name: name.clone(),
        deadline,
    }))?;
    let value = answer
        .as_map_ref()
        .ok()
        .and_then(|map| map.get("value").cloned());
    value.or_else(|| options.take("otherwise")).ok_or_else(|| {
        let late = Failure::new(
            FailureKind::Timeout,
            format!("the signal `{name}` did not come"),
        );
        fail(late.hint("`otherwise: …` says what holds then"))
    })
}

fn terms(door: &Door<'_>, options: Option<&Dynamic>) -> Result<Terms, Failure> {
    let mut options = Options::read(options, door.function)?;
    Ok(Terms {
        nudges: Nudges::read(&options, door.function)?,
        choices: options.texts("choices")?,
        deadline: options.duration("deadline")?,
        otherwise: options.take("otherwise"),
    })
}

impl Terms {
    fn question(&self, text: String, details: Option<String>, choices: &[String]) -> Question {
        Question {
            text,
            details,
            choices: choices.to_vec(),
            deadline: self.deadline,
            then: Some(self.then()),
            round: None,
        }
    }

    /// Says what happens when nobody answers.
    fn then(&self) -> String {
        match &self.otherwise {
            None => {
                "the script is told of a `timeout`, and fails unless it catches that".to_owned()
            }
            Some(value) => {
                let shown = json::to_value(value)
                    .map_or_else(|_| value.to_string(), |value| value.to_string());
                format!("the script goes on with `{}`", cut(&shown))
            }
        }
    }

    fn late(&self, door: &Door<'_>) -> Result<Dynamic, Raise> {
        self.otherwise.clone().ok_or_else(|| {
            let failure = Failure::new(FailureKind::Timeout, "nobody answered in time");
            door.fail(failure.hint("`otherwise: …` says what holds then"))
        })
    }
}

fn cut(text: &str) -> String {
    const LENGTH: usize = 60;
    match text.char_indices().nth(LENGTH) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// Asks what a Job asks, with no deadline of its own.
pub(in crate::script) fn ask_person(door: &Door<'_>, request: &Map) -> Result<Dynamic, Raise> {
    let terms = Terms {
        choices: Vec::new(),
        deadline: None,
        otherwise: None,
        nudges: Nudges::default(),
    };
    ask_request(door, request, &terms)
}

/// Puts a question; `None` when the deadline passed.
fn put(door: &Door<'_>, question: Question, terms: &Terms) -> Result<Option<Dynamic>, Raise> {
    let answer = if terms.nudges.is_empty() {
        door.value(Effect::Ask(question))?
    } else {
        terms.nudges.ask(door, question)?
    };
    Ok((!answer.is_unit()).then_some(answer))
}

fn ask_request(door: &Door<'_>, request: &Map, terms: &Terms) -> Result<Dynamic, Raise> {
    let (title, description) = (text(request, "title"), text(request, "description"));
    let title = title.unwrap_or_else(|| "a Job needs a person".into());
    let questions = questions(request);
    if questions.is_empty() {
        let choices = match terms.choices.as_slice() {
            [] => vec![APPROVE.into(), DENY.into()],
            given => given.to_vec(),
        };
        let question = terms.question(title, description, &choices);
        return match put(door, question, terms)? {
            Some(answer) => Ok(verdict(&answer)),
            None => terms.late(door),
        };
    }
    let mut answers = Map::new();
    for asked in &questions {
        let name = text(asked, "question").unwrap_or_default();
        let details = details(&title, description.as_deref(), asked);
        let question = terms.question(name.clone(), Some(details), &choices(asked, terms));
        match put(door, question, terms)? {
            Some(answer) => _ = answers.insert(name.into(), answer),
            None => return terms.late(door),
        }
    }
    Ok(response("answers", answers.into()))
}

/// Approves and denies become responses; any other answer is the script's to understand.
fn verdict(answer: &Dynamic) -> Dynamic {
    match answer.to_string().trim().to_lowercase().as_str() {
        APPROVE | "approved" | "yes" | "y" => approved(true),
        DENY | "denied" | "no" | "n" => approved(false),
        _ => answer.clone(),
    }
}

fn text(map: &Map, key: &str) -> Option<String> {
    let text = map.get(key)?.as_immutable_string_ref().ok()?.to_string();
    (!text.trim().is_empty()).then_some(text)
}

fn maps(map: &Map, key: &str) -> Vec<Map> {
    let list = map.get(key).and_then(Dynamic::read_lock::<Array>);
    let items = list.iter().flat_map(|list| list.iter());
    items
        .filter_map(|item| Some(item.as_map_ref().ok()?.clone()))
        .collect()
}

/// Returns the questions of a human request; none when it wants an approval.
pub(in crate::script) fn questions(request: &Map) -> Vec<Map> {
    maps(request, "questions")
}

/// Several choices at once are joined by commas, so they cannot be checked one by one.
fn choices(asked: &Map, terms: &Terms) -> Vec<String> {
    let is_multiple = asked
        .get("multi_select")
        .is_some_and(|flag| flag.as_bool() == Ok(true));
    if is_multiple || !terms.choices.is_empty() {
        return terms.choices.clone();
    }
    maps(asked, "options")
        .iter()
        .filter_map(|option| text(option, "label"))
        .collect()
}

fn details(title: &str, description: Option<&str>, asked: &Map) -> String {
    let mut lines = vec![title.to_owned()];
    lines.extend(description.map(String::from));
    for option in maps(asked, "options") {
        let label = text(&option, "label").unwrap_or_default();
        lines.push(match text(&option, "description") {
            Some(meaning) => format!("- {label}: {meaning}"),
            None => format!("- {label}"),
        });
    }
    lines.join("\n")
}
