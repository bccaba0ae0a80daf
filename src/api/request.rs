//! A request that is ready to be sent any number of times, made from a call of the catalog.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::multipart::{Form, Part};
use serde_json::{Map, Value};
use url::Url;

use super::address;
use crate::catalog::{Call, Endpoint, Field, Kind, Method, Repeat};
use crate::report::Failure;

const JSON: &str = "application/json";
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The content of a file, and what is said about it in a multipart body.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Name of the multipart part; empty: the catalog's.
    pub part: String,
    /// Name of the file.
    pub file_name: String,
    /// Media type of the content; empty: `application/octet-stream`.
    pub content_type: String,
    /// The content.
    pub bytes: Bytes,
    /// Further text parts.
    pub fields: Vec<(String, String)>,
}

impl From<Upload> for Bytes {
    fn from(upload: Upload) -> Self {
        upload.bytes
    }
}

/// What a request carries.
pub(super) enum Payload {
    /// Nothing.
    None,
    /// Bytes, whose type stands in the headers.
    Plain(Bytes),
    /// A file with further text parts.
    Form(Box<Upload>),
}

/// A request to the API, or to a storage by a signed URL.
pub(super) struct Request {
    /// What failures and logs call it: `jobs.get`, or `GET /v2/…`.
    pub(super) name: String,
    /// The entry of the catalog, where there is one.
    pub(super) endpoint: Option<&'static Endpoint>,
    pub(super) method: http::Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) payload: Payload,
    pub(super) repeat: Repeat,
    /// Whether it goes to the API: with the key, and out of the rate budget.
    pub(super) is_ours: bool,
    /// Whether a successful answer is left unread, for the caller to stream.
    pub(super) is_streamed: bool,
    /// Whether it is sent once only, whatever comes of it.
    pub(super) is_single: bool,
}

impl Request {
    /// Returns the request of a call; `team` fills the implied path parameter.
    pub(super) fn of_call(
        base: &Url,
        call: &Call,
        team: &str,
        upload: Option<&Upload>,
        idempotency_key: &str,
    ) -> Result<Self, Failure> {
        let endpoint = call.endpoint;
        let path = call.path(team);
        if path.ends_with('/') {
            return Err(Failure::invalid(format!(
                "path `{path}` lacks an id at its end"
            )));
        }
        let mut url = address::under(base, &path)?;
        let split = call.split();
        if !split.query.is_empty() {
            url.query_pairs_mut().extend_pairs(split.query);
        }
        let mut request = Self::new(endpoint.name, method(endpoint.method), url, endpoint.repeat);
        request.endpoint = Some(endpoint);
        request.headers.insert(ACCEPT, accept(endpoint)?);
        request.name_once(idempotency_key)?;
        match split.body {
            None => {}
            Some(fields) if is_multipart(endpoint) => {
                request.payload = Payload::Form(Box::new(form(endpoint, fields, upload)?));
            }
            Some(fields) => request.carry_json(&Value::Object(fields))?,
        }
        Ok(request)
    }

    /// Returns a bare request to the API.
    pub(super) fn new(name: &str, method: http::Method, url: Url, repeat: Repeat) -> Self {
        Self {
            name: name.to_owned(),
            endpoint: None,
            method,
            url,
            headers: HeaderMap::new(),
            payload: Payload::None,
            repeat,
            is_ours: true,
            is_streamed: false,
            is_single: false,
        }
    }

    /// Adds the idempotency key, unless the request changes nothing.
    pub(super) fn name_once(&mut self, key: &str) -> Result<(), Failure> {
        if self.repeat != Repeat::Read && !key.is_empty() {
            self.headers
                .insert(IDEMPOTENCY_KEY, header("idempotency key", key)?);
        }
        Ok(())
    }

    /// Adds a JSON body.
    pub(super) fn carry_json(&mut self, value: &Value) -> Result<(), Failure> {
        let body = serde_json::to_vec(value).map_err(|error| {
            Failure::invalid(format!("the body cannot be written as JSON: {error}"))
        })?;
        self.headers
            .insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        self.payload = Payload::Plain(body.into());
        Ok(())
    }

    /// Returns how many bytes it carries, roughly.
    pub(super) fn size(&self) -> usize {
        match &self.payload {
            Payload::None => 0,
            Payload::Plain(bytes) => bytes.len(),
            Payload::Form(upload) => upload.bytes.len(),
        }
    }
}

/// Returns a header's value, or a failure that names it without showing it.
pub(super) fn header(what: &str, value: &str) -> Result<HeaderValue, Failure> {
    HeaderValue::from_str(value)
        .map_err(|_| Failure::invalid(format!("{what} holds characters that no header can carry")))
}

/// Returns the method in the words of the HTTP library.
pub(super) fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    }
}

/// Failures come as JSON whatever the answer is. Where the catalog promises nothing about the answer,
/// a stream of events is taken too: MCP servers insist on it.
fn accept(endpoint: &Endpoint) -> Result<HeaderValue, Failure> {
    let is_free = endpoint
        .answer
        .is_some_and(|shape| matches!(shape.kind, Kind::Any));
    match endpoint.answer_media {
        JSON if is_free => Ok(HeaderValue::from_static(
            "application/json, text/event-stream",
        )),
        JSON => Ok(HeaderValue::from_static(JSON)),
        media => header(
            "media type",
            &format!("{media}, application/json;q=0.9, */*;q=0.1"),
        ),
    }
}

fn is_multipart(endpoint: &Endpoint) -> bool {
    endpoint.body_media == "multipart/form-data"
}

/// Fills an upload from the fields of a call: the part's name, and the other fields as text parts.
fn form(
    endpoint: &Endpoint,
    mut fields: Map<String, Value>,
    upload: Option<&Upload>,
) -> Result<Upload, Failure> {
    let known = || endpoint.body.iter().flat_map(|body| body.fields);
    let file = known().find(|field| matches!(field.shape.kind, Kind::File));
    let file = file.map_or("file", |field| field.name);
    let Some(upload) = upload else {
        return Err(Failure::invalid(format!(
            "`{file}` is missing: it takes the content of a file"
        )));
    };
    let mut upload = upload.clone();
    fields.shift_remove(file);
    let chosen = fields.shift_remove(PART_NAME).as_ref().map(text);
    let default = known()
        .find(|field| field.name == PART_NAME)
        .and_then(default_text);
    let given = Some(std::mem::take(&mut upload.part)).filter(|name| !name.is_empty());
    upload.part = chosen
        .or(given)
        .or(default)
        .unwrap_or_else(|| file.to_owned());
    let texts = fields.iter().filter(|(_, value)| !value.is_null());
    upload
        .fields
        .extend(texts.map(|(name, value)| (name.clone(), text(value))));
    Ok(upload)
}

/// The field of a multipart call that names the part; it is not sent itself.
const PART_NAME: &str = "field";

fn default_text(field: &Field) -> Option<String> {
    serde_json::from_str::<Value>(field.default?)
        .ok()
        .as_ref()
        .map(text)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl Upload {
    /// Returns the multipart form; made anew for every attempt, for it can be sent only once.
    pub(super) fn form(&self) -> Result<Form, Failure> {
        let media = match self.content_type.as_str() {
            "" => "application/octet-stream",
            media => media,
        };
        let length = self.bytes.len() as u64;
        let part = Part::stream_with_length(self.bytes.clone(), length)
            .file_name(self.file_name.clone())
            .mime_str(media)
            .map_err(|_| Failure::invalid(format!("`{media}` is not a media type")))?;
        let texts = self.fields.iter().cloned();
        let form = texts.fold(Form::new(), |form, (name, value)| form.text(name, value));
        Ok(form.part(self.part.clone(), part))
    }
}
