//! Compiles `endpoints/*.toml` to static tables, so that a start of the program parses nothing.
//!
//! It fails the build, naming file and entry, on anything it does not understand.

mod lookups;
mod shapes;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use lookups::{Recover, recovery};
use serde::Deserialize;
use shapes::{Shapes, text};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    section: String,
    title: String,
    doc: String,
    #[serde(default)]
    shapes: toml::Table,
    #[serde(default)]
    states: toml::Table,
    #[serde(default)]
    endpoint: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct States {
    #[serde(default)]
    known: Vec<String>,
    #[serde(default)]
    terminal: Vec<String>,
    #[serde(default)]
    waiting: Vec<String>,
    #[serde(default)]
    resumable: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    method: String,
    path: String,
    operation: String,
    #[serde(default)]
    guide: bool,
    #[serde(default = "yes")]
    spec: bool,
    doc: String,
    #[serde(default)]
    params: String,
    #[serde(default)]
    query: String,
    body: Option<String>,
    #[serde(default = "json")]
    body_media: String,
    #[serde(default)]
    answer: String,
    #[serde(default = "json")]
    answer_media: String,
    resource: Option<String>,
    list: Option<String>,
    paging: Option<String>,
    status: Vec<u16>,
    errors: Vec<u16>,
    repeat: String,
    #[serde(default)]
    destructive: bool,
    null: Option<String>,
    #[serde(default)]
    deprecated: bool,
    successor: Option<Next>,
    shorthand: Option<String>,
    chunk: Option<String>,
    #[serde(default)]
    count: Vec<String>,
    signed: Option<String>,
    #[serde(default)]
    upsert: bool,
    find: Option<String>,
    #[serde(default)]
    columns: Vec<String>,
    recover: Option<Recover>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Next {
    name: String,
    #[serde(default)]
    set: toml::Table,
    #[serde(default)]
    rename: toml::Table,
    #[serde(default)]
    drop: Vec<String>,
    #[serde(default)]
    answer: toml::Table,
}

fn yes() -> bool {
    true
}

fn json() -> String {
    "application/json".into()
}

type Outcome<T> = Result<T, String>;

fn main() -> Outcome<()> {
    let folder = Path::new("src/catalog/endpoints");
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rerun-if-changed=src/catalog/build.rs");
    println!("cargo::rerun-if-changed=src/catalog/lookups.rs");
    println!("cargo::rerun-if-changed=src/catalog/shapes.rs");
    let files = read(folder)?;
    let mut shapes = Shapes::default();
    for (path, file) in &files {
        for (name, value) in &file.shapes {
            let source = value
                .as_str()
                .ok_or_else(|| format!("{}: shape `{name}` is no text", path.display()))?;
            shapes.define(name, source)?;
        }
    }
    let mut code = String::new();
    let mut sections = String::new();
    for (path, file) in &files {
        sections +=
            &section(file, &mut shapes).map_err(|fault| format!("{}: {fault}", path.display()))?;
    }
    code += &shapes.tables()?;
    _ = writeln!(
        code,
        "pub(super) static SECTIONS: &[Section] = &[{sections}];"
    );
    let secrets: Vec<_> = shapes.secrets().collect();
    _ = writeln!(
        code,
        "pub(super) static SECRET_FIELDS: &[&str] = &{secrets:?};"
    );
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo speaks to build scripts this way"
    )]
    let out = std::env::var("OUT_DIR").map_err(|fault| fault.to_string())?;
    std::fs::write(Path::new(&out).join("catalog.rs"), code).map_err(|fault| fault.to_string())
}

/// Reads the files in the order of the guide (`order` in the file name list below comes last).
fn read(folder: &Path) -> Outcome<Vec<(PathBuf, File)>> {
    let entries =
        std::fs::read_dir(folder).map_err(|fault| format!("{}: {fault}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    });
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let source = std::fs::read_to_string(&path)
                .map_err(|fault| format!("{}: {fault}", path.display()))?;
            let file =
                toml::from_str(&source).map_err(|fault| format!("{}: {fault}", path.display()))?;
            Ok((path, file))
        })
        .collect()
}

fn section(file: &File, shapes: &mut Shapes) -> Outcome<String> {
    let mut endpoints = String::new();
    for entry in &file.endpoint {
        endpoints += &endpoint(&file.section, entry, shapes)
            .map_err(|fault| format!("{}: {fault}", entry.name))?;
    }
    let mut cycles = String::new();
    for (of, states) in &file.states {
        let states: States = states
            .clone()
            .try_into()
            .map_err(|fault| format!("states.{of}: {fault}"))?;
        _ = write!(
            cycles,
            "LifeCycle {{ of: {of:?}, known: &{:?}, terminal: &{:?}, waiting: &{:?}, resumable: &{:?} }},",
            states.known, states.terminal, states.waiting, states.resumable
        );
    }
    Ok(format!(
        "Section {{ name: {:?}, title: {:?}, doc: {:?}, endpoints: &[{endpoints}], life_cycles: &[{cycles}] }},\n",
        file.section, file.title, file.doc
    ))
}

fn endpoint(section: &str, entry: &Entry, shapes: &mut Shapes) -> Outcome<String> {
    let name = format!("{section}.{}", entry.name);
    let query = shapes.fields(&entry.query)?;
    let paging = paging(entry)?;
    let body = match entry.body.as_deref() {
        Some(source) => format!("Some({})", shapes.object(source)?),
        None => "None".into(),
    };
    let answer = match entry.answer.trim() {
        "" => "None".into(),
        source => format!("Some({})", shapes.answer(source)?),
    };
    Ok(format!(
        "Endpoint {{ name: {name:?}, section: {section:?}, verb: {verb:?}, method: Method::{method}, \
         path: {path:?}, operation: {operation:?}, in_guide: {guide}, in_spec: {spec}, doc: {doc:?}, \
         params: {params}, query: {query}, body: {body}, body_media: {body_media:?}, \
         answer: {answer}, answer_media: {answer_media:?}, resource: {resource:?}, list: {list:?}, \
         paging: {paging}, status: &{status:?}, errors: &{errors:?}, repeat: Repeat::{repeat}, \
         destructive: {destructive}, null: NullMeans::{null}, deprecated: {deprecated}, \
         successor: {successor}, shorthand: {shorthand:?}, chunk: {chunk:?}, count: &{count:?}, \
         signed: {signed:?}, upsert: {upsert}, find: {find:?}, columns: &{columns:?}, \
         recovery: {recovery} }},\n",
        verb = entry.name,
        method = word(&entry.method, &["Get", "Post", "Put", "Patch", "Delete"])?,
        path = entry.path,
        operation = entry.operation,
        guide = entry.guide,
        spec = entry.spec,
        doc = entry.doc,
        params = params(entry, shapes)?,
        body_media = entry.body_media,
        answer_media = entry.answer_media,
        resource = entry.resource,
        list = entry.list,
        status = entry.status,
        errors = entry.errors,
        repeat = word(&entry.repeat, &["Read", "Idempotent", "Once"])?,
        destructive = entry.destructive,
        null = word(
            entry.null.as_deref().unwrap_or("nothing"),
            &["Nothing", "Missing", "None"]
        )?,
        deprecated = entry.deprecated,
        successor = successor(entry)?,
        shorthand = entry.shorthand,
        chunk = entry.chunk,
        count = entry.count,
        signed = entry.signed,
        upsert = entry.upsert,
        find = entry.find,
        columns = entry.columns,
        recovery = recovery(entry.recover.as_ref())?,
    ))
}

/// Returns the variant that a word of the file names.
fn word(given: &str, variants: &[&'static str]) -> Outcome<&'static str> {
    let known = variants
        .iter()
        .find(|variant| variant.eq_ignore_ascii_case(given));
    known
        .copied()
        .ok_or_else(|| format!("`{given}` is none of {variants:?}"))
}

/// Returns the path's parameters in path order: UUIDs, unless the entry says otherwise.
fn params(entry: &Entry, shapes: &mut Shapes) -> Outcome<String> {
    let mut lines = Vec::new();
    for part in entry.path.split('{').skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        let prefix = format!("{name}:");
        let stated = entry
            .params
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with(&prefix));
        let line = stated.map_or_else(|| format!("{name}: uuid"), str::to_owned);
        lines.push(line.replacen(':', "!:", 1));
    }
    shapes.fields(&lines.join("\n"))
}

/// Returns how the list is paged; the largest page stands in the `limit` field.
fn paging(entry: &Entry) -> Outcome<String> {
    let Some(style) = entry.paging.as_deref() else {
        return Ok("Paging::None".into());
    };
    let body = entry.body.as_deref().unwrap_or_default();
    let limit = entry
        .query
        .lines()
        .chain(body.lines())
        .map(str::trim)
        .find(|line| line.starts_with("limit:"));
    let limit = limit.ok_or("it is paged, but has no `limit` field")?;
    let max = limit
        .split_once("..")
        .and_then(|(_, rest)| rest.split(']').next())
        .unwrap_or_default();
    let default = limit.split_once('=').map_or(max, |(_, rest)| {
        rest.split("--").next().unwrap_or(rest).trim()
    });
    match style {
        "offset" => Ok(format!(
            "Paging::Offset {{ max: {max}, default: {default} }}"
        )),
        "before" => Ok(format!("Paging::Before {{ max: {max} }}")),
        other => Err(format!("paging `{other}` is neither offset nor before")),
    }
}

fn successor(entry: &Entry) -> Outcome<String> {
    let Some(next) = &entry.successor else {
        return Ok("None".into());
    };
    Ok(format!(
        "Some(Successor {{ name: {:?}, set: &{:?}, rename: &{:?}, drop: &{:?}, answer: &{:?} }})",
        next.name,
        pairs(&next.set)?,
        pairs(&next.rename)?,
        next.drop,
        pairs(&next.answer)?,
    ))
}

fn pairs(table: &toml::Table) -> Outcome<Vec<(&str, &str)>> {
    table
        .iter()
        .map(|(key, value)| Ok((key.as_str(), text(value)?)))
        .collect()
}
