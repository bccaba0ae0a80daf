//! `duvoscript api show`: everything the catalog knows of one endpoint.

use std::fmt::Write as _;
use std::io::Write as _;

use clap::Args;

use super::find;
use super::list::describe;
use crate::catalog::{
    Endpoint, Field, Kind, Paging, Shape, field_doc, recovery_text, shape_text, signature,
};
use crate::cli::command::{Action, Context, Format};
use crate::cli::exit::{self, Exit};
use crate::cli::output;
use crate::report::Problem;

/// Shows one endpoint: how to call it, its fields, what it answers
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript api show jobs.start")]
pub(in crate::cli) struct Show {
    /// Name (jobs.start) or operationId (startRun)
    name: String,
}

impl Action for Show {
    const NAME: &'static str = "show";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let endpoint = find(&self.name)?;
        match context.global.output {
            Format::Json => output::show(describe(endpoint), None, Format::Json),
            // A closed pipe is the reader's choice.
            Format::Text | Format::Table => _ = write!(anstream::stdout(), "{}", page(endpoint)),
        }
        Ok(exit::OK)
    }
}

fn page(endpoint: &Endpoint) -> String {
    let mut page = format!("{}\n\n  {}\n", signature(endpoint), endpoint.doc);
    _ = writeln!(
        page,
        "  {} {}   {}",
        endpoint.method.as_str(),
        endpoint.path,
        endpoint.operation
    );
    _ = writeln!(page, "\n{}", traits(endpoint).join("\n"));
    let params: Vec<&Field> = endpoint.given_params().collect();
    let query: Vec<&Field> = endpoint.query.iter().collect();
    let body: Vec<&Field> = endpoint.body.iter().flat_map(|body| body.fields).collect();
    for (title, fields) in [("Path", params), ("Query", query), ("Body", body)] {
        if !fields.is_empty() {
            _ = writeln!(page, "\n{title}");
            for field in fields {
                describe_field(&mut page, field, 1);
            }
        }
    }
    if let Some(answer) = &endpoint.answer {
        page += "\nAnswer\n";
        describe_shape(&mut page, answer, 1);
    }
    if endpoint.recovery.is_some() {
        page += "\nWhen it was cut off\n";
        for line in recovery_text(endpoint) {
            _ = writeln!(page, "  {line}");
        }
    }
    page
}

fn traits(endpoint: &Endpoint) -> Vec<String> {
    let mut lines = vec![format!("  repeat: {}", endpoint.repeat.as_str())];
    match endpoint.paging {
        Paging::Offset { max, .. } => {
            lines.push(format!("  pages: limit and offset, at most {max} a page"));
        }
        Paging::Before { max } => lines.push(format!("  pages: before, at most {max} a page")),
        Paging::None => {}
    }
    if endpoint.destructive {
        lines.push("  destructive: what it removes cannot be brought back".into());
    }
    if endpoint.deprecated {
        lines.push("  deprecated".into());
    }
    lines.extend(
        endpoint
            .successor
            .as_ref()
            .map(|successor| format!("  replaced by: {}", successor.name)),
    );
    lines.extend(
        endpoint
            .chunk
            .map(|field| format!("  long lists of `{field}` are sent in several calls")),
    );
    lines
}

fn describe_field(page: &mut String, field: &Field, depth: usize) {
    let indent = "  ".repeat(depth);
    let mark = if field.required { "" } else { "?" };
    _ = write!(
        page,
        "{indent}{}{mark}: {}",
        field.name,
        shape_text(&field.shape)
    );
    if let Some(default) = field.default {
        _ = write!(page, " = {default}");
    }
    if !field.doc.is_empty() {
        _ = write!(page, "   {}", field_doc(field));
    }
    page.push('\n');
    describe_shape(page, &field.shape, depth + 1);
}

/// Writes the fields of an object, or of the objects in a list.
fn describe_shape(page: &mut String, shape: &Shape, depth: usize) {
    match &shape.kind {
        Kind::Object(object) => object
            .fields
            .iter()
            .for_each(|field| describe_field(page, field, depth)),
        Kind::List(item, _) | Kind::Map(item, _) => describe_shape(page, item, depth),
        Kind::Union(shapes) => shapes
            .iter()
            .for_each(|shape| describe_shape(page, shape, depth)),
        _ => {}
    }
}
