//! `duvoscript definitions`: what editors need to complete and explain, as Rhai definition files.
//!
//! A definition file starts with `module NAME;` and holds functions without bodies, each with its
//! documentation; what can be left out makes one function for each number of arguments.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::command::{Action, Context};
use super::exit::{self, Exit};
use crate::catalog::{self, Endpoint, Field, field_doc, shape_text};
use crate::report::Problem;
use crate::script::{
    Function, Parameter, Script, functions, language_definitions, standard_module, stdlib,
};

/// Writes definition files (`.d.rhai`) for editors and the Rhai language server
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript definitions .rhai/definitions")]
pub(super) struct Definitions {
    /// Folder to write them to
    folder: PathBuf,
}

impl Action for Definitions {
    const NAME: &'static str = "definitions";

    fn run(self, _: &Context) -> Result<Exit, Problem> {
        let mut files: BTreeMap<String, String> = language_definitions().into_iter().collect();
        files.extend(of_library());
        for (name, _) in stdlib() {
            files.insert(format!("{name}.d.rhai"), of_module(&name)?);
        }
        for (name, text) in &files {
            write(&self.folder.join(name), text)?;
        }
        // A closed pipe is the reader's choice.
        _ = writeln!(
            anstream::stdout(),
            "{} files written to `{}`",
            files.len(),
            self.folder.display()
        );
        Ok(exit::OK)
    }
}

fn write(path: &Path, text: &str) -> Result<(), Problem> {
    let folder = path.parent().unwrap_or(path);
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(path, text));
    written
        .map_err(|fault| Problem::usage(format!("cannot write `{}`", path.display())).cause(&fault))
}

/// A namespace under construction.
#[derive(Default)]
struct Namespace<'a> {
    functions: Vec<(&'a str, &'a Function)>,
    inner: BTreeMap<&'a str, Namespace<'a>>,
}

/// Returns the files of the builtins and the endpoints: one for each namespace, one for the rest.
fn of_library() -> Vec<(String, String)> {
    let functions = functions();
    let mut root = Namespace::default();
    for function in &functions {
        let mut place = &mut root;
        let mut parts: Vec<_> = function.name.split("::").collect();
        let name = parts.pop().unwrap_or_default();
        for part in parts {
            place = place.inner.entry(part).or_default();
        }
        place.functions.push((name, function));
    }
    let mut plain = String::from(
        "module static;\n\n/// The arguments of the script, as its header declares them.\nconst args: Map;\n",
    );
    plain += &root.items(0);
    let mut files = vec![("duvoscript.d.rhai".into(), plain)];
    for (name, inner) in &root.inner {
        let text = format!("module {name};\n{}", inner.items(0));
        files.push((format!("{name}.d.rhai"), text));
    }
    files
}

impl Namespace<'_> {
    /// Returns the functions, and below the root the namespaces inside, which stand in files of theirs.
    fn items(&self, depth: usize) -> String {
        let mut text = String::new();
        for (name, function) in &self.functions {
            let (least, most) = function.arguments;
            for count in least + usize::from(wants_fields(function))..=most {
                let parameters = chosen(&function.parameters, count);
                let typed: Vec<_> = parameters
                    .map(|parameter| format!("{}: {}", parameter.name, types(parameter.types)))
                    .collect();
                let returns = types(&function.returns);
                text += &documented(&doc(function), depth);
                let head = format!("fn {name}({}) -> {returns};\n", typed.join(", "));
                text += &indented(&head, depth);
            }
        }
        for (name, inner) in self.inner.iter().filter(|_| !self.is_root()) {
            let section = catalog::section(name).map_or("", |section| section.doc);
            text += &documented(section, depth);
            text += &indented(&format!("module {name} {{"), depth);
            text += &inner.items(depth + 1);
            text += &indented("}\n", depth);
        }
        text
    }

    /// Only the root holds both plain functions and namespaces that are there without `duvo`.
    fn is_root(&self) -> bool {
        self.inner.contains_key("duvo")
    }
}

/// Returns the parameters of a call with so many arguments: those that are needed, and the first of
/// those that can be left out.
fn chosen(parameters: &[Parameter], count: usize) -> impl Iterator<Item = &Parameter> {
    let needed = parameters.iter().filter(|parameter| !parameter.is_optional);
    let mut spare = count.saturating_sub(needed.count());
    parameters.iter().filter(move |parameter| {
        let is_taken = !parameter.is_optional || spare > 0;
        spare -= usize::from(is_taken && parameter.is_optional);
        is_taken
    })
}

/// Returns types in the words of the language server: `String | Map`, `?` for anything.
fn types(words: &str) -> String {
    let mut known: Vec<&str> = words
        .split('|')
        .flat_map(|word| word.split(" or "))
        .map(|word| match word.trim().to_lowercase().as_str() {
            "int" => "int",
            "float" => "float",
            "bool" => "bool",
            "map" => "Map",
            "array" => "Array",
            "blob" => "Blob",
            "fn" => "FnPtr",
            "()" => "()",
            "any" | "each" => "?",
            _ => "String",
        })
        .collect();
    known.dedup();
    if known.contains(&"?") {
        return "?".into();
    }
    known.join(" | ")
}

fn doc(function: &Function) -> String {
    let mut text = function.doc.clone();
    if let Some(endpoint) = function.endpoint {
        let fields: String = endpoint.given_fields().map(line_of).collect();
        if !fields.is_empty() {
            _ = write!(text, "\n\nFields:\n{}", fields.trim_end());
        }
        text += &remarks(endpoint);
    }
    for (code, result) in &function.examples {
        _ = write!(text, "\n\n```rhai\n{code}\n// => {result}\n```");
    }
    text
}

/// Returns whether a call cannot do without fields behind its ids.
fn wants_fields(function: &Function) -> bool {
    let mut fields = function
        .endpoint
        .into_iter()
        .flat_map(Endpoint::given_fields);
    fields.any(|field| field.required)
}

fn line_of(field: &Field) -> String {
    let needed = if field.required { ", required" } else { "" };
    let doc = field_doc(field);
    let doc = if doc.is_empty() {
        doc
    } else {
        format!(": {doc}")
    };
    format!(
        "- `{}` ({}{needed}){doc}\n",
        field.name,
        shape_text(&field.shape)
    )
}

fn remarks(endpoint: &Endpoint) -> String {
    let mut text = format!("\n\n`{} {}`", endpoint.method.as_str(), endpoint.path);
    if endpoint.destructive {
        text += "; destroys what cannot be brought back";
    }
    if endpoint.deprecated {
        text += "; deprecated";
    }
    text
}

/// Returns the file of a module of the standard library.
fn of_module(name: &str) -> Result<String, Problem> {
    let script = Script::load(standard_module(name)?)?;
    let mut text = format!("module \"{name}\";\n");
    let public = script.ast().iter_functions();
    let public = public.filter(|function| !function.comments.is_empty());
    let mut public: Vec<_> = public.collect();
    public.sort_by_key(|function| function.name);
    for function in public {
        let typed: Vec<_> = function
            .params
            .iter()
            .map(|name| format!("{name}: ?"))
            .collect();
        let comments = function.comments.join("\n");
        _ = write!(
            text,
            "\n{comments}\nfn {}({}) -> ?;\n",
            function.name,
            typed.join(", ")
        );
    }
    Ok(text)
}

fn documented(doc: &str, depth: usize) -> String {
    let lines = doc.trim_end().lines();
    let lines: String = lines
        .map(|line| format!("/// {line}").trim_end().to_owned() + "\n")
        .collect();
    format!("\n{}", indented(&lines, depth))
}

fn indented(text: &str, depth: usize) -> String {
    let blanks = "    ".repeat(depth);
    let lines: Vec<_> = text.lines().map(|line| format!("{blanks}{line}")).collect();
    lines.join("\n") + "\n"
}
