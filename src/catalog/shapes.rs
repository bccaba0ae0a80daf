//! The shape language of the catalog files, compiled to Rust expressions of `model.rs`.
//!
//! Part of the build script. The language is explained in `endpoints/README.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

type Outcome<T> = Result<T, String>;

/// The named shapes of all files.
#[derive(Default)]
pub(crate) struct Shapes {
    sources: BTreeMap<String, String>,
    secrets: BTreeSet<String>,
}

/// Returns the text of a TOML value that must be one.
pub(crate) fn text(value: &toml::Value) -> Outcome<&str> {
    value
        .as_str()
        .ok_or_else(|| format!("`{value}` is no text"))
}

impl Shapes {
    /// Keeps the source of a named shape.
    pub(crate) fn define(&mut self, name: &str, source: &str) -> Outcome<()> {
        match self.sources.insert(name.into(), source.into()) {
            Some(_) => Err(format!("shape `{name}` is defined twice")),
            None => Ok(()),
        }
    }

    /// Names of the fields that hold secrets.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(String::as_str)
    }

    /// Compiles the named shapes: an object to a static of its own.
    pub(crate) fn tables(&mut self) -> Outcome<String> {
        let mut code = String::new();
        for (name, source) in self.sources.clone() {
            let id = static_name(&name);
            if source.trim_start().starts_with('=') {
                let shape = self
                    .answer(&source)
                    .map_err(|fault| format!("shape {name}: {fault}"))?;
                _ = writeln!(code, "const {id}: Shape = {shape};");
            } else {
                let fields = self
                    .open_fields(&source)
                    .map_err(|fault| format!("shape {name}: {fault}"))?;
                _ = writeln!(
                    code,
                    "static {id}_OBJECT: Object = Object {{ name: Some({name:?}), {fields} }};"
                );
                _ = writeln!(
                    code,
                    "const {id}: Shape = Shape {{ kind: Kind::Object(&{id}_OBJECT), nullable: false }};"
                );
            }
        }
        Ok(code)
    }

    /// Compiles fields to a `&[Field]`.
    pub(crate) fn fields(&mut self, source: &str) -> Outcome<String> {
        let mut parser = Parser::new(source, self);
        let (fields, open) = parser.fields(None)?;
        if open {
            Err("no further fields are possible here".into())
        } else {
            Ok(format!("&[{fields}]"))
        }
    }

    /// Compiles fields to an `Object`.
    pub(crate) fn object(&mut self, source: &str) -> Outcome<String> {
        Ok(format!(
            "Object {{ name: None, {} }}",
            self.open_fields(source)?
        ))
    }

    /// Compiles an answer: fields, or `= TYPE`.
    pub(crate) fn answer(&mut self, source: &str) -> Outcome<String> {
        match source.trim_start().strip_prefix('=') {
            Some(source) => {
                let mut parser = Parser::new(source, self);
                let shape = parser.shape("")?;
                parser.end()?;
                Ok(shape)
            }
            None => Ok(format!(
                "Shape {{ kind: Kind::Object(&{}), nullable: false }}",
                self.object(source)?
            )),
        }
    }

    fn open_fields(&mut self, source: &str) -> Outcome<String> {
        let mut parser = Parser::new(source, self);
        let (fields, open) = parser.fields(None)?;
        Ok(format!("fields: &[{fields}], open: {open}"))
    }
}

fn static_name(name: &str) -> String {
    format!("SHAPE_{}", name.to_uppercase())
}

struct Parser<'a> {
    rest: &'a str,
    shapes: &'a mut Shapes,
}

impl<'a> Parser<'a> {
    fn new(rest: &'a str, shapes: &'a mut Shapes) -> Self {
        Self { rest, shapes }
    }

    /// Skips blanks; the text behind `--` belongs to a field and is taken there.
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.blanks();
        let Some(rest) = self.rest.strip_prefix(token) else {
            return false;
        };
        self.rest = rest;
        true
    }

    fn expect(&mut self, token: &str) -> Outcome<()> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(self.fault(&format!("`{token}` expected")))
        }
    }

    fn end(&mut self) -> Outcome<()> {
        self.blanks();
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.fault("nothing more expected"))
        }
    }

    fn fault(&self, what: &str) -> String {
        format!(
            "{what} before `{}`",
            self.rest.chars().take(40).collect::<String>()
        )
    }

    fn word(&mut self) -> Outcome<String> {
        self.blanks();
        if let Some(quoted) = self.rest.strip_prefix('"') {
            let (name, rest) = quoted
                .split_once('"')
                .ok_or_else(|| self.fault("an open quote"))?;
            self.rest = rest;
            return Ok(name.into());
        }
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if name.is_empty() {
            return Err(self.fault("a name expected"));
        }
        self.rest = rest;
        Ok(name.into())
    }

    /// Parses fields up to `close`, or to the end; returns them and whether further ones may come.
    fn fields(&mut self, close: Option<&str>) -> Outcome<(String, bool)> {
        let (mut fields, mut open) = (String::new(), false);
        loop {
            self.blanks();
            match close {
                Some(close) if self.eat(close) => return Ok((fields, open)),
                None if self.rest.is_empty() => return Ok((fields, open)),
                _ => {}
            }
            if self.eat("...") {
                open = true;
                if self.eat(":") {
                    self.shape("")?;
                }
            } else {
                fields += &self.field()?;
            }
            self.eat(",");
        }
    }

    fn field(&mut self) -> Outcome<String> {
        let name = self.word()?;
        let required = self.eat("!");
        self.expect(":")
            .map_err(|fault| format!("field `{name}`: {fault}"))?;
        let shape = self
            .shape(&name)
            .map_err(|fault| format!("field `{name}`: {fault}"))?;
        let default = if self.eat("=") {
            format!("Some({:?})", self.json()?)
        } else {
            "None".into()
        };
        self.eat(",");
        let doc = self.doc();
        Ok(format!(
            "Field {{ name: {name:?}, required: {required}, shape: {shape}, default: {default}, doc: {doc:?} }}, "
        ))
    }

    /// Takes the text behind `--`, up to the end of the line.
    fn doc(&mut self) -> String {
        let line = self.rest.trim_start_matches([' ', '\t']);
        let Some(text) = line.strip_prefix("--") else {
            return String::new();
        };
        let end = text.find('\n').unwrap_or(text.len());
        self.rest = &text[end..];
        text[..end].trim().into()
    }

    fn json(&mut self) -> Outcome<String> {
        self.blanks();
        let mut values =
            serde_json::Deserializer::from_str(self.rest).into_iter::<serde_json::Value>();
        let value = values
            .next()
            .and_then(Result::ok)
            .ok_or_else(|| self.fault("a default in JSON expected"))?;
        let taken = values.byte_offset();
        self.rest = &self.rest[taken..];
        Ok(value.to_string())
    }

    fn shape(&mut self, field: &str) -> Outcome<String> {
        self.blanks();
        let kind = if self.eat("{") {
            let (fields, open) = self.fields(Some("}"))?;
            format!("Kind::Object(&Object {{ name: None, fields: &[{fields}], open: {open} }})")
        } else if self.eat("[") {
            let item = self.shape(field)?;
            let range = if self.eat(";") {
                self.bounds()?
            } else {
                range(None, None, false)
            };
            self.expect("]")?;
            format!("Kind::List(&{item}, {range})")
        } else if self.eat("(") {
            format!("Kind::Union(&[{}])", self.union(field)?)
        } else {
            let word = self.word()?;
            match self.named(&word, field)? {
                Some(kind) => kind,
                None => return self.reference(&word),
            }
        };
        let nullable = self.eat("?");
        Ok(format!("Shape {{ kind: {kind}, nullable: {nullable} }}"))
    }

    fn union(&mut self, field: &str) -> Outcome<String> {
        let mut members = String::new();
        loop {
            _ = write!(members, "{}, ", self.shape(field)?);
            if self.eat(")") {
                return Ok(members);
            }
            self.expect("|")?;
        }
    }

    fn reference(&mut self, name: &str) -> Outcome<String> {
        if !self.shapes.sources.contains_key(name) {
            return Err(format!("there is no shape `{name}`"));
        }
        let id = static_name(name);
        let nullable = self.eat("?");
        Ok(if nullable {
            format!("Shape {{ kind: {id}.kind, nullable: true }}")
        } else {
            id
        })
    }

    /// Compiles a built-in type; `None` when the word names a shape.
    fn named(&mut self, word: &str, field: &str) -> Outcome<Option<String>> {
        let kind = match word {
            "any" => "Kind::Any".into(),
            "null" => "Kind::Null".into(),
            "boolean" => "Kind::Boolean".into(),
            "file" => "Kind::File".into(),
            "integer" => format!("Kind::Integer({})", self.limits()?),
            "number" => format!("Kind::Number({})", self.limits()?),
            "enum" => format!("Kind::Choice(&{:?})", self.choices()?),
            "map" => self.map(field)?,
            "string" => self.text("Plain")?,
            "uuid" => self.text("Uuid")?,
            "datetime" => self.text("DateTime")?,
            "date" => self.text("Date")?,
            "uri" => self.text("Uri")?,
            "email" => self.text("Email")?,
            "path" => self.text("Path")?,
            "secret" => {
                self.shapes.secrets.insert(field.into());
                self.text("Secret")?
            }
            _ => return Ok(None),
        };
        Ok(Some(kind))
    }

    fn text(&mut self, format: &str) -> Outcome<String> {
        let length = self.limits()?;
        let pattern = self.pattern()?;
        Ok(format!(
            "Kind::Text(Text {{ format: Format::{format}, length: {length}, pattern: {pattern:?} }})"
        ))
    }

    fn map(&mut self, field: &str) -> Outcome<String> {
        self.expect("(")?;
        let value = self.shape(field)?;
        let pattern = if self.eat(";") { self.pattern()? } else { None };
        self.expect(")")?;
        Ok(format!("Kind::Map(&{value}, {pattern:?})"))
    }

    fn pattern(&mut self) -> Outcome<Option<String>> {
        if !self.eat("/") {
            return Ok(None);
        }
        let mut escaped = false;
        for (at, c) in self.rest.char_indices() {
            match c {
                '/' if !escaped => {
                    let pattern = self.rest[..at].replace("\\/", "/");
                    self.rest = &self.rest[at + 1..];
                    return Ok(Some(pattern));
                }
                _ => escaped = c == '\\' && !escaped,
            }
        }
        Err(self.fault("an open pattern"))
    }

    /// Parses `[1..5]`, `(0..1)` or nothing.
    fn limits(&mut self) -> Outcome<String> {
        if self.rest.starts_with('[') {
            self.rest = &self.rest[1..];
            let range = self.bounds()?;
            self.expect("]")?;
            Ok(range)
        } else if self.rest.starts_with('(') {
            self.rest = &self.rest[1..];
            let range = self
                .bounds()?
                .replace("exclusive: false", "exclusive: true");
            self.expect(")")?;
            Ok(range)
        } else {
            Ok(range(None, None, false))
        }
    }

    fn bounds(&mut self) -> Outcome<String> {
        self.blanks();
        let end = self
            .rest
            .find([']', ')'])
            .ok_or_else(|| self.fault("an open range"))?;
        let (inside, rest) = self.rest.split_at(end);
        let (min, max) = inside
            .split_once("..")
            .ok_or_else(|| self.fault("`..` expected"))?;
        let number = |text: &str| -> Outcome<Option<f64>> {
            let text = text.trim();
            if text.is_empty() {
                Ok(None)
            } else {
                text.parse()
                    .map(Some)
                    .map_err(|_| format!("`{text}` is no number"))
            }
        };
        let bounds = range(number(min)?, number(max)?, false);
        self.rest = rest;
        Ok(bounds)
    }

    /// Parses the values of an `enum(…)`, each to JSON text.
    fn choices(&mut self) -> Outcome<Vec<String>> {
        self.expect("(")?;
        let mut values = Vec::new();
        loop {
            self.blanks();
            let quoted = self.rest.starts_with('"');
            let end = self.rest.find(['|', ')']).unwrap_or(self.rest.len());
            let value = if quoted {
                self.word()?
            } else {
                let (value, rest) = self.rest.split_at(end);
                self.rest = rest;
                value.trim().to_owned()
            };
            let bare =
                !quoted && (value == "true" || value == "false" || value.parse::<f64>().is_ok());
            values.push(if bare {
                value
            } else {
                serde_json::Value::from(value).to_string()
            });
            if self.eat(")") {
                return Ok(values);
            }
            self.expect("|")?;
        }
    }
}

fn range(min: Option<f64>, max: Option<f64>, exclusive: bool) -> String {
    format!("Range {{ min: {min:?}, max: {max:?}, exclusive: {exclusive} }}")
}
