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

use super::argument::{Argument, ArgumentKind};
use super::host::Source;
use crate::report::{Place, Problem, ProblemKind, nearest};

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
    /// When it shall run by itself, as declared; nobody has judged it yet.
    pub schedule: Option<toml::Table>,
}

const OPEN: &str = "/// duvoscript";
const CLOSE: &str = "///";
const KEYS: [&str; 5] = ["description", "args", "env", "hosts", "schedule"];
const ARGUMENT_KEYS: [&str; 6] = ["type", "choices", "default", "required", "help", "env"];

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
        let mut header = Header::default();
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
        let (mut default, mut required) = (None, None);
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "type" => argument.kind = self.kind(key, value)?,
                "help" => argument.help = self.text(key, value)?,
                "env" => argument.env = Some(self.text(key, value)?),
                "choices" => argument.choices = self.texts(key, value)?,
                "default" => default = Some(value),
                "required" => {
                    let flag = value.get_ref().as_bool();
                    required = Some(flag.ok_or_else(|| self.wrong(key, value, "true or false"))?);
                }
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

    fn schedule(&self, key: &Key<'_>, value: &Entry<'_>) -> Result<toml::Table, Problem> {
        let text = self.text.get(value.span()).unwrap_or_default();
        let table = value.get_ref().as_table();
        table.ok_or_else(|| self.wrong(key, value, "a table"))?;
        // The values were parsed already; parsing again gives them without their places.
        let whole: toml::Table = toml::from_str(self.text)
            .map_err(|error| self.fault(0, format!("the header is no TOML: {error}")))?;
        match whole.get("schedule") {
            Some(toml::Value::Table(table)) => Ok(table.clone()),
            _ => Err(self.fault(value.span().start, format!("`{text}` is no table"))),
        }
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
        let before = self.text.get(..at).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Problem::new(ProblemKind::Source, what).at(Place {
            source: self.source.name.clone(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            length: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(text: &str) -> Result<Header, Problem> {
        Header::parse(&Source {
            name: "a.rhai".into(),
            text: text.into(),
        })
    }

    fn header(lines: &str) -> String {
        let lines = lines.lines().map(|line| format!("// {}\n", line.trim()));
        format!(
            "// /// duvoscript\n{}// ///\nlet x = 1;\n",
            lines.collect::<String>()
        )
    }

    #[track_caller]
    fn refuses(lines: &str, what: &str, place: (usize, usize)) -> Problem {
        let problem = parse(&header(lines)).unwrap_err();
        assert_eq!(problem.what, what);
        let at = problem.at.clone().unwrap();
        assert_eq!((at.line, at.column), place);
        problem
    }

    #[test]
    fn reads_what_a_script_declares() {
        let text = header(
            "description = \"Works a queue\"
             env = [\"HOOK\"]
             hosts = [\"hooks.example.com\"]
             [args]
             queue = { type = \"string\", help = \"Queue to work\" }
             limit = { type = \"int\", default = 1_000 }
             since = { type = \"date\", default = 2026-01-31 }
             mode = { choices = [\"dry\", \"wet\"], default = \"dry\" }
             ids = { type = \"list\", required = false, env = \"IDS\" }
             [schedule]
             cron = \"0 7 * * *\"",
        );
        for text in [
            text.clone(),
            text.replace('\n', "\r\n"),
            format!("\u{feff}{text}"),
            format!("#!/usr/bin/env duvoscript\n//! Doc.\n\n{text}"),
        ] {
            let header = parse(&text).unwrap();
            assert_eq!(header.description, "Works a queue");
            assert_eq!(
                (header.env, header.hosts),
                (vec!["HOOK".into()], vec!["hooks.example.com".into()])
            );
            let names: Vec<_> = header
                .args
                .iter()
                .map(|argument| argument.name.as_str())
                .collect();
            assert_eq!(names, ["queue", "limit", "since", "mode", "ids"]);
            assert_eq!(header.args[0].help, "Queue to work");
            assert!(
                header.args[0].required && !header.args[1].required && !header.args[4].required
            );
            assert_eq!(header.args[1].default, Some(json!(1000)));
            assert_eq!(header.args[2].default, Some(json!("2026-01-31")));
            assert_eq!(header.schedule.unwrap()["cron"].as_str(), Some("0 7 * * *"));
        }
    }

    #[test]
    fn a_script_without_a_header_declares_nothing() {
        for text in [
            "",
            "let x = 1;\n// /// duvoscript\n",
            "// a comment",
            "// /// other\n// ///",
        ] {
            assert_eq!(parse(text).unwrap().args, []);
        }
    }

    #[test]
    fn faults_are_shown_where_they_stand() {
        let problem = refuses(
            "description = 1",
            "`description` must be text, not integer",
            (2, 18),
        );
        assert_eq!(problem.kind, ProblemKind::Source);
        let problem = refuses(
            "a = 1\ndescripton = \"x\"",
            "the header has no key `a`",
            (2, 4),
        );
        assert_eq!(
            problem.hints,
            ["the keys are description, args, env, hosts, schedule"]
        );
        let problem = refuses(
            "descripton = \"x\"",
            "the header has no key `descripton`",
            (2, 4),
        );
        assert_eq!(problem.hints, ["did you mean `description`?"]);
        refuses(
            "[args]\nx = { typ = \"int\" }",
            "the header has no key `typ`",
            (3, 10),
        );
        refuses(
            "[args]\nx = { type = \"number\" }",
            "there is no type `number`",
            (3, 17),
        );
        refuses(
            "[args]\nx = { type = \"int\", default = \"a\" }",
            "the default of `x` must be a whole number, not string",
            (3, 34),
        );
        refuses(
            "[args]\nx = { choices = [\"a\"], default = \"b\" }",
            "the default of `x` must be one of `a`, not `b`",
            (3, 37),
        );
        refuses(
            "env = \"HOME\"",
            "`env` must be a list of texts, not string",
            (2, 10),
        );
        refuses(
            "schedule = 5",
            "`schedule` must be a table, not integer",
            (2, 15),
        );
        let problem = parse(&header("x = ")).unwrap_err();
        assert_eq!(
            (
                problem.at.unwrap().line,
                problem.what.starts_with("the header is no TOML")
            ),
            (2, true)
        );
        for text in [
            "// /// duvoscript\nlet x = 1;",
            "// /// duvoscript\n// x = 1",
        ] {
            assert_eq!(parse(text).unwrap_err().what, "the header is not closed");
        }
    }

    fn given(args: &[(&str, &str)]) -> Result<serde_json::Value, String> {
        let header = parse(&header(
            "[args]
             queue = { type = \"string\", help = \"Queue to work\" }
             limit = { type = \"int\", default = 5 }
             rate = { type = \"float\", required = false }
             dry = { type = \"bool\", default = false }
             wait = { type = \"duration\", default = \"1h\" }
             since = { type = \"date\", required = false }
             ids = { type = \"list\", default = [], choices = [\"a\", \"b\"] }
             key = { required = false, env = \"KEY\" }",
        ));
        let args: Vec<_> = args
            .iter()
            .map(|(k, v)| ((*k).into(), (*v).into()))
            .collect();
        let env = |name: &str| (name == "KEY").then(|| "from env".to_owned());
        let args = header.unwrap().arguments(&args, &env);
        args.map(Into::into)
            .map_err(|problem| format!("{} | {}", problem.what, problem.hints.join(" ")))
    }

    #[test]
    fn arguments_are_converted_as_declared() {
        assert_eq!(
            given(&[
                ("queue", "Q"),
                ("limit", "7"),
                ("rate", "0.5"),
                ("dry", "true"),
                ("wait", "1h30m"),
                ("since", "2026-02-01"),
                ("ids", "a, b"),
                ("key", "k")
            ]),
            Ok(
                json!({"queue": "Q", "limit": 7, "rate": 0.5, "dry": true, "wait": "1h30m", "since": "2026-02-01", "ids": ["a", "b"], "key": "k"})
            )
        );
        assert_eq!(
            given(&[("queue", "Q")]),
            Ok(
                json!({"queue": "Q", "limit": 5, "rate": null, "dry": false, "wait": "1h", "since": null, "ids": [], "key": "from env"})
            )
        );
    }

    #[test]
    fn wrong_arguments_are_named() {
        let fault = |args: &[(&str, &str)]| given(args).unwrap_err();
        assert_eq!(
            fault(&[]),
            "the argument `queue` is missing | give it as `--arg queue=…`: Queue to work"
        );
        assert_eq!(
            fault(&[("queu", "Q")]),
            "the script has no argument `queu` | did you mean `queue`?"
        );
        assert_eq!(
            fault(&[("queue", "Q"), ("queue", "R")]),
            "the argument `queue` is given twice | "
        );
        let fault = |name: &str, text: &str| given(&[("queue", "Q"), (name, text)]).unwrap_err();
        assert_eq!(
            fault("limit", "1.5"),
            "the argument `limit` must be a whole number, not `1.5` | "
        );
        assert_eq!(
            fault("rate", "inf"),
            "the argument `rate` must be a number, not `inf` | "
        );
        assert_eq!(
            fault("dry", "yes"),
            "the argument `dry` must be true or false, not `yes` | "
        );
        assert_eq!(
            fault("wait", "soon"),
            "the argument `wait` must be a duration such as `1h30m`, not `soon` | "
        );
        assert_eq!(
            fault("since", "2026-02-30"),
            "the argument `since` must be a day such as `2026-01-31`, not `2026-02-30` | "
        );
        assert_eq!(
            fault("ids", "a,c"),
            "the argument `ids` must be one of `a`, `b`, not `c` | "
        );
    }
}
