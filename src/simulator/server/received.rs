//! A request as it came in, and its way to a checked one.
//!
//! Whatever is sent, it ends as a [`Request`] or as a 4xx: segments must be UTF-8 without NUL, dots
//! or hidden slashes, bodies must be JSON objects or multipart forms, and all fields must fit.

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::catalog::{Endpoint, Field, Format, Kind, Method, Shape, Text};
use crate::simulator::judge::{Unknown, judge, judge_fields};
use crate::simulator::reply::Refusal;
use crate::simulator::request::{Request, Upload};

/// A request whose endpoint is known.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) key: Option<String>,
    pub(super) idempotency_key: Option<String>,
    pub(super) endpoint: Option<&'static Endpoint>,
    /// Raw parameters of the path.
    pub(super) params: Vec<String>,
    pub(super) body: Body,
}

/// The body of a request.
#[derive(Debug)]
pub(super) enum Body {
    /// Bytes, which should be JSON.
    Bytes(Bytes),
    /// A multipart form.
    Form(Map<String, Value>, Option<Upload>),
    /// One that cannot be read, and why.
    Broken(Refusal),
}

impl Received {
    /// Checks everything and returns the request for the behaviour.
    pub(super) fn check(&self, endpoint: &'static Endpoint) -> Result<Request, Refusal> {
        let mut request = Request {
            endpoint,
            params: self.params(endpoint)?,
            query: self.query(endpoint)?,
            body: Map::new(),
            upload: None,
        };
        if let Some(object) = &endpoint.body {
            let (mut fields, upload) = self.fields(endpoint)?;
            judge_fields(object.fields, object.open, &mut fields, Unknown::Dropped)
                .map_err(|fault| invalid(&fault))?;
            (request.body, request.upload) = (fields, upload);
        }
        Ok(request)
    }

    /// Returns the body for the ledger.
    pub(super) fn written_body(&self) -> Value {
        match &self.body {
            Body::Bytes(bytes) => serde_json::from_slice(bytes).unwrap_or(Value::Null),
            Body::Form(fields, _) => Value::Object(fields.clone()),
            Body::Broken(_) => Value::Null,
        }
    }

    fn params(&self, endpoint: &'static Endpoint) -> Result<Vec<(&'static str, String)>, Refusal> {
        let given = endpoint.params.iter().zip(&self.params);
        given
            .map(|(param, raw)| Ok((param.name, decode(param, raw)?)))
            .collect()
    }

    fn query(&self, endpoint: &'static Endpoint) -> Result<Map<String, Value>, Refusal> {
        let decoded = percent_decode_str(&self.query).decode_utf8();
        if decoded.map_or(true, |text| text.contains('\0')) {
            return Err(Refusal::invalid("the query is not text"));
        }
        let mut query = Map::new();
        for (name, text) in url::form_urlencoded::parse(self.query.as_bytes()) {
            let Some(field) = endpoint.query.iter().find(|field| field.name == name) else {
                continue;
            };
            let mut value = typed(&field.shape, &text);
            judge(&field.shape, &mut value, field.name, Unknown::Dropped)
                .map_err(|fault| invalid(&fault))?;
            query.insert(field.name.into(), value);
        }
        match endpoint
            .query
            .iter()
            .find(|field| field.required && !query.contains_key(field.name))
        {
            Some(field) => Err(Refusal::invalid(format!("`{}` is missing", field.name))),
            None => Ok(query),
        }
    }

    fn fields(
        &self,
        endpoint: &'static Endpoint,
    ) -> Result<(Map<String, Value>, Option<Upload>), Refusal> {
        match &self.body {
            Body::Form(fields, upload) => Ok((fields.clone(), upload.clone())),
            Body::Broken(refusal) => Err(refusal.clone()),
            Body::Bytes(_) if endpoint.body_media.starts_with("multipart/") => Err(
                Refusal::invalid("the body must be multipart/form-data with a file"),
            ),
            Body::Bytes(bytes) if bytes.is_empty() => Ok((Map::new(), None)),
            Body::Bytes(bytes) => match serde_json::from_slice(bytes) {
                Ok(Value::Object(fields)) => Ok((fields, None)),
                Ok(_) => Err(Refusal::invalid("the body must be a JSON object")),
                Err(error) => Err(Refusal::invalid(format!("the body is no JSON: {error}"))),
            },
        }
    }
}

fn invalid(fault: &crate::catalog::Fault) -> Refusal {
    Refusal::invalid(fault.to_string())
}

fn decode(param: &'static Field, raw: &str) -> Result<String, Refusal> {
    let wrong = |what: &str| Refusal::invalid(format!("`{}` {what}", param.name));
    let text = percent_decode_str(raw)
        .decode_utf8()
        .map_err(|_| wrong("is not UTF-8"))?
        .into_owned();
    let is_path = matches!(
        param.shape.kind,
        Kind::Text(Text {
            format: Format::Path,
            ..
        })
    );
    // A slash that was encoded inside a segment would become a separator here.
    let segments = raw
        .split('/')
        .map(|part| percent_decode_str(part).decode_utf8_lossy().contains('/'));
    if segments.into_iter().any(|is_hidden| is_hidden) {
        return Err(wrong("must not hold encoded slashes"));
    }
    let is_dots = |part: &str| part == "." || part == "..";
    if text.contains(['\0', '\\'])
        || text.split('/').any(is_dots)
        || (!is_path && text.contains('/'))
    {
        return Err(wrong("must not hold `.`, `..`, backslashes or NUL"));
    }
    judge(
        &param.shape,
        &mut Value::from(text.as_str()),
        param.name,
        Unknown::Dropped,
    )
    .map_err(|fault| invalid(&fault))?;
    Ok(text)
}

/// Reads a text of the query as the type that is wanted; what does not fit stays text and is refused.
fn typed(shape: &Shape, text: &str) -> Value {
    let parsed = match shape.kind {
        Kind::Integer(_) => text.parse::<i64>().ok().map(Value::from),
        Kind::Number(_) => text.parse::<f64>().ok().map(Value::from),
        Kind::Boolean => text.parse::<bool>().ok().map(Value::from),
        Kind::List(item, _) => {
            let parts = text.split(',').filter(|part| !part.is_empty());
            Some(parts.map(|part| typed(item, part)).collect())
        }
        _ => None,
    };
    parsed.unwrap_or_else(|| Value::from(text))
}
