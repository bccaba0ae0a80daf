//! What a script declares about itself, in a comment block at its top:
//!
//! ```text
//! // /// duvoscript
//! // description = "Retries the failed cases of a queue"
//! // hosts = ["hooks.example.com"]
//! // [args]
//! // queue = { type = "string", help = "Queue to work" }
//! // ///
//! ```
//!
//! The inside is TOML. An unknown key is an error: a misspelt permission must not pass in silence.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::report::{Lines, Place, Problem, ProblemKind, nearest};
use crate::script::host::Source;
use crate::script::source::argument::{Argument, ArgumentKind};

/// The declarations of a script.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// What the script does, in a sentence.
    pub description: String,
    /// Names of environment variables it may read.
    pub env: Vec<String>,
    /// Hosts it may send HTTP requests to.
    pub hosts: Vec<String>,
    /// Its arguments, in the order declared.
    pub args: Vec<Argument>,
    /// The TOML of the whole header, each character at its line and column of the source, when it
    /// has a `[schedule]`; nobody has judged that yet.
    pub schedule: Option<String>,
    /// Whether the script has a header at all.
    pub is_there: bool,
}

const OPEN: &str = "/// duvoscript";
const CLOSE: &str = "///";
const KEYS: [&str; 5] = ["description", "args", "env", "hosts", "schedule"];
const ARGUMENT_KEYS: [&str; 7] = [
    "type", "choices", "default", "required", "help", "env", "secret",
];

impl Header {
    /// Reads the header of a script; a script without one declares nothing.
    pub fn parse(source: &Source) -> Result<Self, Problem> {
        let Some(text) = block(source)? else {
            return Ok(Self::default());
        };
        let block = Block {
            source,
            text: &text,
        };
        let table = DeTable::parse(&text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            block.fault(
                at,
                format!("the header is no TOML: {}", first_line(error.message())),
            )
        })?;
        block.header(table.get_ref())
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Returns the TOML of the block, at the lines and columns where it stands in the source.
fn block(source: &Source) -> Result<Option<String>, Problem> {
    let mut text = String::new();
    let mut opened = None;
    for (index, line) in source.text.lines().enumerate() {
        let comment = line
            .trim_start_matches(['\u{feff}', ' ', '\t'])
            .strip_prefix("//");
        match (opened, comment.map(str::trim)) {
            (None, Some(OPEN)) => opened = Some(index + 1),
            (None, Some(_)) => {}
            (None, None) if line.trim().is_empty() || line.starts_with("#!") => {}
            (None, None) => return Ok(None),
            (Some(_), Some(CLOSE)) => return Ok(Some(text)),
            (Some(_), Some(_)) => {
                let prefix = line.len() - comment.unwrap_or_default().len();
                text.push_str(&" ".repeat(prefix));
                text.push_str(&line[prefix..]);
            }
            (Some(line), None) => return Err(unclosed(source, line)),
        }
        text.push('\n');
    }
    opened.map_or(Ok(None), |line| Err(unclosed(source, line)))
}

fn unclosed(source: &Source, line: usize) -> Problem {
    Problem::new(ProblemKind::Source, "the header is not closed")
        .at(Place {
            source: source.name.clone(),
            line,
            column: 0,
            length: 0,
        })
        .hint("end it with a line `// ///`")
}

type Key<'a> = Spanned<std::borrow::Cow<'a, str>>;
type Entry<'a> = Spanned<DeValue<'a>>;

/// The block under the eyes of the reader, for places in messages.
struct Block<'a> {
    source: &'a Source,
    text: &'a str,
}

impl Block<'_> {
    fn header(&self, table: &DeTable<'_>) -> Result<Header, Problem> {
        let mut header = Header {
            is_there: true,
            ..Header::default()
        };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "description" => header.description = self.text(key, value)?,
                "env" => header.env = self.texts(key, value)?,
                "hosts" => header.hosts = self.texts(key, value)?,
                "args" => header.args = self.args(key, value)?,
                "schedule" => header.schedule = Some(self.schedule(key, value)?),
                _ => return Err(self.unknown(key, &KEYS)),
            }
        }
        Ok(header)
    }

    fn args(&self, key: &Key<'_>, value: &Entry<'_>) -> Result<Vec<Argument>, Problem> {
        let table = value.get_ref().as_table();
        let table = table.ok_or_else(|| self.wrong(key, value, "a table"))?;
        // The table is sorted by name; people want the order in which the arguments stand.
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        entries
            .into_iter()
            .map(|(key, value)| self.arg(key, value))
            .collect()
    }

    fn arg(&self, key: &Key<'_>, value: &Entry<'_>) -> Result<Argument, Problem> {
        let table = value.get_ref().as_table();
        let table = table
            .ok_or_else(|| self.wrong(key, value, "a table such as `{ type = \"string\" }`"))?;
        let mut argument = Argument::new(key.get_ref());
        argument.at = Some(self.place(key.span().start));
        let (mut default, mut required) = (None, None);
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "type" => argument.kind = self.kind(key, value)?,
                "help" => argument.help = self.text(key, value)?,
                "env" => argument.env = Some(self.text(key, value)?),
                "choices" => argument.choices = self.texts(key, value)?,
                "default" => default = Some(value),
                "required" => required = Some(self.flag(key, value)?),
                "secret" => argument.secret = self.flag(key, value)?,
                _ => return Err(self.unknown(key, &ARGUMENT_KEYS)),
            }
        }
        if let Some(value) = default {
            let fault = |what| {
                self.fault(
                    value.span().start,
                    format!("the default of `{}` {what}", argument.name),
                )
            };
            argument.default = Some(argument.accept_toml(value.get_ref()).map_err(fault)?);
        }
        argument.required = required.unwrap_or(argument.default.is_none());
        Ok(argument)
    }

    fn kind(&self, key: &Key<'_>, value: &Entry<'_>) -> Result<ArgumentKind, Problem> {
        let name = self.text(key, value)?;
        ArgumentKind::of(&name).ok_or_else(|| {
            let names = ArgumentKind::ALL.map(ArgumentKind::name);
            let problem = self.fault(value.span().start, format!("there is no type `{name}`"));
            match nearest(&name, names) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem.hint(format!("the types are {}", names.join(", "))),
            }
        })
    }

    fn flag(&self, key: &Key<'_>, value: &Entry<'_>) -> Result<bool, Problem> {
        let flag = value.get_ref().as_bool();
        flag.ok_or_else(|| self.wrong(key, value, "true or false"))
    }

    fn schedule(&self, key: &Key<'_>, value: &Entry<'_>) -> Result<String, Problem> {
        let table = value.get_ref().as_table();
        table.ok_or_else(|| self.wrong(key, value, "a table"))?;
        Ok(self.text.into())
    }

    fn text(&self, key: &Key<'_>, value: &Entry<'_>) -> Result<String, Problem> {
        let text = value.get_ref().as_str();
        text.map(Into::into)
            .ok_or_else(|| self.wrong(key, value, "text"))
    }

    fn texts(&self, key: &Key<'_>, value: &Entry<'_>) -> Result<Vec<String>, Problem> {
        let list = value.get_ref().as_array();
        let list = list.ok_or_else(|| self.wrong(key, value, "a list of texts"))?;
        let texts = list
            .iter()
            .map(|item| item.get_ref().as_str().map(String::from));
        let texts: Option<Vec<_>> = texts.collect();
        texts.ok_or_else(|| self.wrong(key, value, "a list of texts"))
    }

    fn wrong(&self, key: &Key<'_>, value: &Entry<'_>, wanted: &str) -> Problem {
        let what = format!(
            "`{}` must be {wanted}, not {}",
            key.get_ref(),
            value.get_ref().type_str()
        );
        self.fault(value.span().start, what)
    }

    fn unknown(&self, key: &Key<'_>, known: &[&str]) -> Problem {
        let problem = self.fault(
            key.span().start,
            format!("the header has no key `{}`", key.get_ref()),
        );
        match nearest(key.get_ref(), known.iter().copied()) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem.hint(format!("the keys are {}", known.join(", "))),
        }
    }

    fn fault(&self, at: usize, what: String) -> Problem {
        Problem::new(ProblemKind::Source, what).at(self.place(at))
    }

    fn place(&self, at: usize) -> Place {
        Lines::of(self.text).place(&self.source.name, at..at)
    }
}
