//! `duvoscript api list`: all endpoints, as a table or as JSON.

use clap::Args;
use serde_json::{Value, json};

use crate::catalog::{self, Endpoint, Field, field_doc, shape_text};
use crate::cli::command::{Action, Context, Format};
use crate::cli::exit::{self, Exit};
use crate::cli::output;
use crate::report::Problem;

/// Lists all endpoints of the API
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript api list cases")]
pub(in crate::cli) struct List {
    /// Only those of which the name, the path or the description holds this text
    filter: Option<String>,
}

impl Action for List {
    const NAME: &'static str = "list";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let wanted = self.filter.unwrap_or_default().to_lowercase();
        let is_wanted = |endpoint: &&Endpoint| {
            [
                endpoint.name,
                endpoint.path,
                endpoint.operation,
                endpoint.doc,
            ]
            .iter()
            .any(|text| text.to_lowercase().contains(&wanted))
        };
        let format = context.global.output;
        let rows = catalog::endpoints().filter(is_wanted);
        let rows: Vec<Value> = match format {
            Format::Json => rows.map(describe).collect(),
            Format::Text | Format::Table => rows.map(row).collect(),
        };
        output::show(Value::Array(rows), None, format);
        Ok(exit::OK)
    }
}

fn row(endpoint: &Endpoint) -> Value {
    json!({
        "name": endpoint.name,
        "method": endpoint.method.as_str(),
        "path": endpoint.path,
        "what it does": endpoint.doc,
    })
}

/// Returns all that the catalog says about a call, for programs.
pub(super) fn describe(endpoint: &Endpoint) -> Value {
    json!({
        "name": endpoint.name,
        "method": endpoint.method.as_str(),
        "path": endpoint.path,
        "operation_id": endpoint.operation,
        "section": endpoint.section,
        "description": endpoint.doc,
        "path_params": endpoint.params.iter().map(|param| param.name).collect::<Vec<_>>(),
        "query": fields(endpoint.query),
        "body": fields(endpoint.body.as_ref().map_or(&[], |body| body.fields)),
        "body_media": endpoint.body.as_ref().map(|_| endpoint.body_media),
        "answer_media": endpoint.answer.as_ref().map(|_| endpoint.answer_media),
        "resource": endpoint.resource,
        "list": endpoint.list,
        "paging": endpoint.paging.as_str(),
        "repeat": endpoint.repeat.as_str(),
        "when_cut_off": catalog::recovery_text(endpoint),
        "destructive": endpoint.destructive,
        "deprecated": endpoint.deprecated,
        "successor": endpoint.successor.as_ref().map(|successor| successor.name),
        "status": endpoint.status,
        "errors": endpoint.errors,
        "in_guide": endpoint.in_guide,
        "in_openapi": endpoint.in_spec,
    })
}

fn fields(fields: &[Field]) -> Vec<Value> {
    fields
        .iter()
        .map(|field| {
            json!({
                "name": field.name,
                "type": shape_text(&field.shape),
                "required": field.required,
                "default": field.default.and_then(|default| serde_json::from_str::<Value>(default).ok()),
                "description": field_doc(field),
            })
        })
        .collect()
}
