//! Judges requests and answers by what is promised about their endpoint.
//!
//! It knows nothing of how they came about: whoever sends a wrong request on purpose says so.

use std::fmt;

use duvoscript::catalog::{self, Endpoint, Method, Repeat};
use http::header::{AUTHORIZATION, HeaderName};
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::document::{Operation, Parameter, Promises, Rule, parameter};
use super::exceptions::{self, Allowance};
use super::exchange::{Exchange, Message};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The part of an exchange that is the request's body.
const BODY: &str = "request body";

/// Something that breaks a promise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Complaint {
    /// The endpoint, such as `jobs.start`, or method and path where there is none.
    pub(crate) endpoint: String,
    /// The part of the exchange, such as `answer 200`.
    pub(crate) part: String,
    /// Where in the part, as a JSON pointer.
    pub(crate) pointer: String,
    pub(crate) what: String,
    /// The rule that is broken, as a path in the schema.
    pub(crate) rule: String,
}

impl Complaint {
    /// Returns a complaint about a part as a whole.
    pub(crate) fn new(endpoint: &Endpoint, part: &str, what: impl Into<String>) -> Self {
        complaint(endpoint.name, part, what)
    }

    /// Returns a complaint about something that is no endpoint.
    pub(crate) fn anywhere(name: &str, what: impl Into<String>) -> Self {
        complaint(name, "call", what)
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.endpoint, self.part)?;
        if !self.pointer.is_empty() {
            write!(f, " {}", self.pointer)?;
        }
        write!(f, ": {}", self.what)?;
        if !self.rule.is_empty() {
            write!(f, " [{}]", self.rule)?;
        }
        Ok(())
    }
}

/// Returns the endpoint that an exchange is about.
pub(crate) fn endpoint_of(exchange: &Exchange) -> Option<&'static Endpoint> {
    catalog::match_path(Method::of(exchange.method.as_str())?, &exchange.path)
}

/// Judges an exchange; `is_wrong` tells that the request breaks the rules on purpose.
pub(crate) fn judge(promises: &Promises, exchange: &Exchange, is_wrong: bool) -> Vec<Complaint> {
    let found = endpoint_of(exchange).and_then(|endpoint| promises.of(endpoint));
    let Some(operation) = found else {
        let name = format!("{} {}", exchange.method, exchange.path);
        return vec![complaint(&name, "request", "is promised nowhere")];
    };
    let mut court = Court {
        operation,
        complaints: Vec::new(),
    };
    if !is_wrong {
        court.request(exchange);
    }
    court.answer(exchange);
    court.complaints
}

/// Judges a value by the answer that is promised for a status.
pub(crate) fn judge_value(operation: &Operation, status: u16, value: &Value) -> Vec<Complaint> {
    let mut court = Court {
        operation,
        complaints: Vec::new(),
    };
    if let Some(Some(rule)) = operation.answers.get(&status) {
        court.value(&format!("answer {status}"), rule, value);
    }
    court.complaints
}

/// Judges a value by the body that is promised to be taken.
pub(crate) fn judge_body(operation: &Operation, value: &Value) -> Vec<Complaint> {
    let mut court = Court {
        operation,
        complaints: Vec::new(),
    };
    match &operation.body {
        Some(body) => court.value(BODY, &body.rule, value),
        None => court.complain(BODY, "is not documented"),
    }
    court.complaints
}

fn complaint(endpoint: &str, part: &str, what: impl Into<String>) -> Complaint {
    Complaint {
        endpoint: endpoint.into(),
        part: part.into(),
        pointer: String::new(),
        what: what.into(),
        rule: String::new(),
    }
}

struct Court<'a> {
    operation: &'a Operation,
    complaints: Vec<Complaint>,
}

impl Court<'_> {
    fn complain(&mut self, part: &str, what: impl Into<String>) {
        let name = self.operation.endpoint.name;
        self.complaints.push(complaint(name, part, what));
    }

    fn allows(&self, allowance: Allowance) -> bool {
        exceptions::has(self.operation.endpoint, allowance)
    }

    fn request(&mut self, exchange: &Exchange) {
        if !exchange.asked.header(&AUTHORIZATION).starts_with("Bearer ") {
            self.complain("request", "carries no bearer");
        }
        let is_mutation = self.operation.endpoint.repeat != Repeat::Read;
        if is_mutation && exchange.asked.header(&IDEMPOTENCY_KEY).is_empty() {
            self.complain("request", "carries no idempotency key");
        }
        self.path(&exchange.path);
        self.query(&exchange.query);
        self.body(&exchange.asked);
    }

    fn path(&mut self, path: &str) {
        let template = self.operation.endpoint.path;
        let places = template.split('/').enumerate();
        let places = places.filter(|(_, part)| parameter(part).is_some());
        let parts: Vec<_> = path.split('/').collect();
        for ((at, name), (_, rule)) in places.zip(&self.operation.path) {
            let raw = if name == "{path}" {
                parts[at..].join("/")
            } else {
                parts[at].to_owned()
            };
            let text = percent_decode_str(&raw).decode_utf8_lossy();
            self.value(&format!("path {name}"), rule, &Value::from(&*text));
        }
    }

    fn query(&mut self, query: &str) {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        for (index, (name, text)) in pairs.iter().enumerate() {
            let part = format!("query {name}");
            if pairs[..index].iter().any(|(other, _)| other == name) {
                self.complain(&part, "is there twice");
            }
            match self.operation.query.get(name) {
                None => self.complain(&part, "is not documented"),
                Some(parameter) => self.text(&part, &parameter.rule, text),
            }
        }
        let missing = |(name, parameter): &(&String, &Parameter)| {
            parameter.required && !pairs.iter().any(|(given, _)| given == *name)
        };
        for (name, _) in self.operation.query.iter().filter(missing) {
            self.complain(&format!("query {name}"), "is missing");
        }
    }

    /// Judges a text that stands for a value: `20` may be a number as well as a text.
    fn text(&mut self, part: &str, rule: &Rule, text: &str) {
        let scalar = serde_json::from_str::<Value>(text).ok();
        let scalar = scalar.filter(|value| value.is_number() || value.is_boolean());
        if scalar.is_some_and(|value| rule.validator().is_valid(&value)) {
            return;
        }
        self.value(part, rule, &Value::from(text));
    }

    fn body(&mut self, asked: &Message) {
        let declared = self.operation.body.as_ref();
        if self.allows(Allowance::UndeclaredBody) {
            let media = self.operation.endpoint.body_media;
            if asked.media() != media {
                self.complain(BODY, format!("is `{}`, not `{media}`", asked.media()));
            }
            return;
        }
        match (declared, asked.body.is_empty()) {
            (None, false) => self.complain(BODY, "is not documented"),
            (Some(body), true) if body.required => self.complain(BODY, "is missing"),
            (None | Some(_), true) => {}
            (Some(body), false) => self.json(BODY, asked, &body.rule),
        }
    }

    fn answer(&mut self, exchange: &Exchange) {
        let (status, answered) = (exchange.status, &exchange.answered);
        let part = format!("answer {}", status.as_u16());
        match self.operation.answers.get(&status.as_u16()) {
            None => {
                let text = String::from_utf8_lossy(&answered.body);
                self.complain(&part, format!("is not documented: {}", short(&text)));
            }
            Some(_) if status == 204 => {
                if !answered.body.is_empty() {
                    self.complain(&part, "has a body");
                }
            }
            Some(_) if status.is_success() && self.allows(Allowance::OtherMedia) => {
                let media = self.operation.endpoint.answer_media;
                if answered.media() != media || answered.body.is_empty() {
                    let seen = format!("{} bytes of `{}`", answered.body.len(), answered.media());
                    self.complain(&part, format!("is {seen}, not `{media}`"));
                }
            }
            Some(Some(rule)) => self.json(&part, answered, rule),
            Some(None) => {}
        }
    }

    fn json(&mut self, part: &str, message: &Message, rule: &Rule) {
        if message.media() != "application/json" {
            self.complain(part, format!("is `{}`, not JSON", message.media()));
            return;
        }
        match serde_json::from_slice::<Value>(&message.body) {
            Err(error) => self.complain(part, format!("is no JSON: {error}")),
            Ok(value) => self.value(part, rule, &value),
        }
    }

    fn value(&mut self, part: &str, rule: &Rule, value: &Value) {
        let validator = rule.validator();
        if validator.is_valid(value) {
            return;
        }
        let errors: Vec<_> = validator.iter_errors(value).collect();
        for error in errors.iter().filter(|error| !is_echo(error, &errors)) {
            let error = closest(error);
            self.complaints.push(Complaint {
                endpoint: self.operation.endpoint.name.into(),
                part: part.into(),
                pointer: error.instance_path().to_string(),
                what: told(error),
                rule: error.schema_path().to_string(),
            });
        }
    }
}

/// Returns whether an error only follows from another: where a part of a sum does not fit, all the
/// fields of that part count as unknown.
fn is_echo(error: &ValidationError<'_>, all: &[ValidationError<'_>]) -> bool {
    let is_leftover = |error: &ValidationError<'_>| {
        matches!(
            error.kind(),
            ValidationErrorKind::UnevaluatedProperties { .. }
        )
    };
    let place = error.instance_path().to_string();
    let is_inside =
        |other: &&ValidationError<'_>| other.instance_path().to_string().starts_with(&place);
    is_leftover(error)
        && all
            .iter()
            .filter(is_inside)
            .any(|other| !is_leftover(other))
}

/// Follows a choice of which nothing fits into the branch that fits best: the one that fails deepest.
fn closest<'a, 'e>(error: &'a ValidationError<'e>) -> &'a ValidationError<'e> {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) =
        error.kind()
    else {
        return error;
    };
    let depth =
        |error: &ValidationError<'_>| error.instance_path().to_string().matches('/').count();
    let own = depth(error);
    let inner = context.iter().filter_map(|branch| {
        let worst = branch.iter().map(|error| depth(closest(error))).min()?;
        let is_alike = branch.iter().all(|error| {
            !matches!(error.kind(), ValidationErrorKind::Type { .. }) || depth(error) > own
        });
        Some((is_alike, worst, usize::MAX - branch.len(), branch.first()?))
    });
    let best = inner.max_by_key(|(is_alike, worst, few, _)| (*is_alike, *worst, *few));
    match best {
        Some((true, _, _, error)) => closest(error),
        _ => error,
    }
}

/// Tells what is wrong in a line, with the offending value cut short.
fn told(error: &ValidationError<'_>) -> String {
    let what = error.masked().to_string();
    let value = error.instance().to_string();
    let what = what.strip_prefix("value ").unwrap_or(&what);
    short(&format!("{} {what}", short(&value)))
}

fn short(text: &str) -> String {
    const MOST: usize = 160;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
