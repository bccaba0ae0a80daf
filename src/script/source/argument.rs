//! One argument of a script: what it may be, and how text from the command line becomes a value.

use serde_json::{Map, Value};
use toml::de::DeValue;

use crate::report::{Place, Problem, nearest};
use crate::script::builtin;
use crate::script::source::header::Header;

/// A declared argument.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// What the script calls it: `args.NAME`.
    pub name: String,
    /// What it holds.
    pub kind: ArgumentKind,
    /// Allowed values; empty: any.
    pub choices: Vec<String>,
    /// The value when none is given.
    pub default: Option<Value>,
    /// Whether a value must be given; an optional one without a default is `()`.
    pub required: bool,
    /// What it is for, in a sentence.
    pub help: String,
    /// Environment variable that gives the value when the command line does not.
    pub env: Option<String>,
    /// Whether its value is never shown, nor kept in clear.
    pub secret: bool,
    /// Where the header declares it.
    pub at: Option<Place>,
}

/// What an argument holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Float,
    /// `true` or `false`.
    Boolean,
    /// Text such as `1h30m`.
    Duration,
    /// Text such as `2026-01-31`.
    Date,
    /// Texts, joined by commas on the command line.
    List,
}

impl ArgumentKind {
    pub(in crate::script) const ALL: [Self; 7] = [
        Self::Text,
        Self::Integer,
        Self::Float,
        Self::Boolean,
        Self::Duration,
        Self::Date,
        Self::List,
    ];

    /// Returns the word that headers use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Integer => "int",
            Self::Float => "float",
            Self::Boolean => "bool",
            Self::Duration => "duration",
            Self::Date => "date",
            Self::List => "list",
        }
    }

    /// Returns the kind of a word.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    fn wanted(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "a whole number",
            Self::Float => "a number",
            Self::Boolean => "true or false",
            Self::Duration => "a duration such as `1h30m`",
            Self::Date => "a day such as `2026-01-31`",
            Self::List => "a list of texts",
        }
    }
}

impl Argument {
    pub(in crate::script) fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            kind: ArgumentKind::Text,
            choices: Vec::new(),
            default: None,
            required: true,
            help: String::new(),
            env: None,
            secret: false,
            at: None,
        }
    }

    /// Turns the text of the command line into a value, or says what is wrong with it.
    pub fn accept(&self, text: &str) -> Result<Value, String> {
        let wrong = || format!("must be {}, not `{text}`", self.kind.wanted());
        let value = match self.kind {
            ArgumentKind::Text => Some(Value::from(text)),
            ArgumentKind::Integer => text.trim().parse::<i64>().ok().map(Value::from),
            ArgumentKind::Float => text.trim().parse::<f64>().ok().and_then(finite),
            ArgumentKind::Boolean => text.trim().parse::<bool>().ok().map(Value::from),
            ArgumentKind::Duration => {
                let duration = builtin::duration(&text.trim().into());
                duration.ok().map(|_| Value::from(text.trim()))
            }
            ArgumentKind::Date => day(text),
            ArgumentKind::List => Some(list(text)),
        };
        self.allow(value.ok_or_else(wrong)?)
    }

    /// Turns a default into a value, or says what is wrong with it.
    pub(in crate::script) fn accept_toml(&self, value: &DeValue<'_>) -> Result<Value, String> {
        let wrong = || format!("must be {}, not {}", self.kind.wanted(), value.type_str());
        let text = match (self.kind, value) {
            (ArgumentKind::Integer, DeValue::Integer(number)) => {
                let number = i64::from_str_radix(number.as_str(), number.radix());
                return Ok(number.map_err(|_| wrong())?.into());
            }
            (ArgumentKind::Float, DeValue::Integer(number)) => number.to_string(),
            (ArgumentKind::Float, DeValue::Float(number)) => number.to_string(),
            (ArgumentKind::Boolean, DeValue::Boolean(flag)) => flag.to_string(),
            (ArgumentKind::Date, DeValue::Datetime(day)) => day.to_string(),
            (
                ArgumentKind::Text | ArgumentKind::Duration | ArgumentKind::Date,
                DeValue::String(text),
            ) => text.to_string(),
            (ArgumentKind::List, DeValue::Array(items)) => {
                let items = items.iter().map(|item| item.get_ref().as_str());
                let items: Option<Vec<_>> = items.collect();
                return self.allow(items.ok_or_else(wrong)?.into());
            }
            _ => return Err(wrong()),
        };
        self.accept(&text)
    }

    fn allow(&self, value: Value) -> Result<Value, String> {
        let items = match &value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let plain = |item: &Value| item.as_str().map_or_else(|| item.to_string(), Into::into);
        let refused = items
            .iter()
            .map(plain)
            .find(|item| !self.choices.is_empty() && !self.choices.contains(item));
        match refused {
            None => Ok(value),
            Some(item) => Err(format!(
                "must be one of {}, not `{item}`",
                self.choices
                    .iter()
                    .map(|choice| format!("`{choice}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            )),
        }
    }
}

fn finite(number: f64) -> Option<Value> {
    serde_json::Number::from_f64(number).map(Value::from)
}

fn day(text: &str) -> Option<Value> {
    let day: jiff::civil::Date = text.trim().parse().ok()?;
    Some(day.to_string().into())
}

fn list(text: &str) -> Value {
    let items = text
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty());
    items.collect::<Vec<_>>().into()
}

impl Header {
    /// Turns what the command line gives into the arguments of a run; `env` looks up variables.
    ///
    /// The first fault is reported: a missing, unknown or doubled argument, or a value of the wrong
    /// type. Optional arguments without a value are `null`.
    pub fn arguments(
        &self,
        given: &[(String, String)],
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Map<String, Value>, Problem> {
        for (index, (name, _)) in given.iter().enumerate() {
            if !self.args.iter().any(|argument| argument.name == *name) {
                return Err(self.unknown(name));
            }
            if given[..index].iter().any(|(other, _)| other == name) {
                return Err(Problem::usage(format!(
                    "the argument `{name}` is given twice"
                )));
            }
        }
        let value = |argument: &Argument| Ok((argument.name.clone(), value(argument, given, env)?));
        self.args.iter().map(value).collect()
    }

    fn unknown(&self, name: &str) -> Problem {
        let problem = Problem::usage(format!("the script has no argument `{name}`"));
        let names: Vec<_> = self
            .args
            .iter()
            .map(|argument| argument.name.as_str())
            .collect();
        match nearest(name, names.iter().copied()) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None if names.is_empty() => problem.hint("its header declares none"),
            None => problem.hint(format!("it takes {}", names.join(", "))),
        }
    }
}

fn value(
    argument: &Argument,
    given: &[(String, String)],
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Value, Problem> {
    let name = &argument.name;
    let from_env = || argument.env.as_deref().and_then(env);
    let text = given.iter().find(|(given, _)| given == name);
    let text = text.map(|(_, text)| text.clone()).or_else(from_env);
    if let Some(text) = text {
        let value = argument.accept(&text);
        return value.map_err(|fault| Problem::usage(format!("the argument `{name}` {fault}")));
    }
    match &argument.default {
        Some(default) => Ok(default.clone()),
        None if argument.required => Err(Problem::usage(format!(
            "the argument `{name}` is missing"
        ))
        .hint(match argument.help.as_str() {
            "" => format!("give it as `--arg {name}=…`"),
            help => format!("give it as `--arg {name}=…`: {help}"),
        })),
        None => Ok(Value::Null),
    }
}
