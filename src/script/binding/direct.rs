//! Reaches an endpoint by its operationId, and what the catalog does not know by its path.

use std::ops::Deref;

use rhai::{Dynamic, Map};

use super::arguments::{self, Given};
use super::endpoints::functions;
use crate::catalog::{self, Endpoint, Method};
use crate::report::{Failure, nearest};
use crate::script::builtin::Builtin;
use crate::script::door::{Door, Raise};
use crate::script::engine::register;
use crate::script::host::{Effect, Request};
use crate::script::json;

/// The builtins of this file.
pub(in crate::script) const ALL: &[Builtin] = &[
    Builtin {
        name: "duvo::call",
        params: &["operation: string", "fields?: Map"],
        returns: "any",
        doc: "Calls an endpoint by its operationId, such as `startRun`, or by its name, such as \
              `jobs.start`.\n\nThe parameters of the path stand among the fields, by their names. \
              The result is that of the endpoint's own function.",
        examples: &[],
        run: |door, args| match args.get(1) {
            None => call(door, args[0], &Map::new()),
            Some(fields) => call(door, args[0], &*map(door, fields)?),
        },
    },
    Builtin {
        name: "duvo::request",
        params: &[
            "method: string",
            "path: string",
            "options?: #{ query: Map, body: any }",
        ],
        returns: "any",
        doc: "Sends a request that the catalog does not know, and returns the answer as it is.\n\n\
              The path starts with `/v2/`. Options: `query` (a map) and `body` (what is sent as JSON).",
        examples: &[],
        run: |door, args| {
            let request = match args.get(2) {
                None => request(door, args, &Map::new()),
                Some(options) => request(door, args, &*map(door, options)?),
            };
            door.value(Effect::Request(
                request.map_err(|failure| door.fail(failure))?,
            ))
        },
    },
];

fn map<'a>(
    door: &Door<'_>,
    value: &'a Dynamic,
) -> Result<impl Deref<Target = Map> + use<'a>, Raise> {
    value
        .as_map_ref()
        .map_err(|other| door.invalid(format!("wants a map last, not a value of type `{other}`")))
}

fn call(door: &Door<'_>, name: &Dynamic, fields: &Map) -> Result<Dynamic, Raise> {
    let fail = |failure| door.fail(failure);
    let endpoint = endpoint(&name.to_string()).map_err(fail)?;
    let given = by_name(endpoint, fields).map_err(fail)?;
    match functions(endpoint).into_iter().next() {
        Some(function) => function.send(door, given),
        None => Err(door.invalid("has no function")),
    }
}

fn endpoint(name: &str) -> Result<&'static Endpoint, Failure> {
    let found = catalog::by_operation(name).or_else(|| catalog::by_name(name));
    found.ok_or_else(|| {
        let failure = Failure::invalid(format!("there is no operation `{name}`"));
        let names = catalog::endpoints().flat_map(|entry| [entry.operation, entry.name]);
        match nearest(name, names) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint("`duvo::request` sends what the catalog does not know"),
        }
    })
}

/// Takes the parameters of the path out of the fields.
fn by_name(endpoint: &Endpoint, fields: &Map) -> Result<Given, Failure> {
    let mut fields = fields.clone();
    let mut path = Vec::new();
    for param in endpoint.given_params() {
        let id = fields.remove(param.name).ok_or_else(|| {
            Failure::invalid(format!(
                "`{}` is missing: it is part of the path",
                param.name
            ))
        })?;
        path.push(arguments::id_of(&id, param.name)?);
    }
    let fields = arguments::fields_of(endpoint, &fields)?;
    Ok(Given { path, fields })
}

fn request(door: &Door<'_>, args: &[&mut Dynamic], options: &Map) -> Result<Request, Failure> {
    let method = args[0].to_string();
    let method = Method::of(&method).ok_or_else(|| {
        Failure::invalid(format!(
            "`{method}` is no method: use GET, POST, PUT, PATCH or DELETE"
        ))
    })?;
    let known = register::option_names(door.function);
    if let Some(unknown) = options.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(Failure::invalid(format!(
            "takes `{}`, not `{unknown}`",
            known.join("` and `")
        )));
    }
    let body = options.get("body").map(json::to_value).transpose();
    Ok(Request {
        method,
        path: checked_path(args[1].to_string())?,
        query: options.get("query").map_or_else(|| Ok(Vec::new()), query)?,
        body: body.map_err(Failure::invalid)?,
    })
}

/// The API key goes with the request, so the path must not be able to name another host.
fn checked_path(path: String) -> Result<String, Failure> {
    let is_inside = path.starts_with("/v2/") && !path.split(['/', '?']).any(|part| part == "..");
    if is_inside && !path.contains(['\\', '\n', '\r', '#']) {
        Ok(path)
    } else {
        Err(Failure::invalid(format!(
            "`{path}` is no path below `/v2/`"
        )))
    }
}

fn query(query: &Dynamic) -> Result<Vec<(String, String)>, Failure> {
    let fields = query.as_map_ref();
    let fields = fields.map_err(|_| Failure::invalid("`query` must be a map"))?;
    let given = fields.iter().filter(|(_, value)| !value.is_unit());
    let text = |value: &Dynamic| match value.as_array_ref() {
        Ok(items) => items
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(","),
        Err(_) => value.to_string(),
    };
    Ok(given
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect())
}
