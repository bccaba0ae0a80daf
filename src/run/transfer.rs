//! Files on their way to the API and back: multipart uploads, signed URLs, answers that are no JSON.

use crate::api::{Response, Upload};
use crate::catalog::{Call, Endpoint, Kind};
use crate::report::Failure;
use crate::run::Project;
use crate::script::Answer;

/// Reads the file that a multipart call sends; `None` when the call sends none.
pub fn upload_of(call: &Call, project: &Project) -> Result<Option<Upload>, Failure> {
    let is_file = |field: &&crate::catalog::Field| matches!(field.shape.kind, Kind::File);
    let Some(field) = call.endpoint.given_fields().find(is_file) else {
        return Ok(None);
    };
    let Some(file) = call
        .fields
        .get(field.name)
        .and_then(serde_json::Value::as_str)
    else {
        return Ok(None);
    };
    file_upload(project, file, &content_type(file)).map(Some)
}

/// Reads a project file for an upload.
pub(super) fn file_upload(
    project: &Project,
    file: &str,
    content_type: &str,
) -> Result<Upload, Failure> {
    let name = file.rsplit('/').next().unwrap_or(file);
    Ok(Upload {
        part: String::new(),
        file_name: name.into(),
        content_type: content_type.into(),
        bytes: project.read(file)?.into(),
        fields: Vec::new(),
    })
}

fn content_type(file: &str) -> String {
    mime_guess::from_path(file)
        .first_or_octet_stream()
        .to_string()
}

/// Turns the response to a bare request into JSON; no body is `null`.
pub(super) fn json_of(response: Response) -> Answer {
    Answer::Json(match response.body.is_empty() {
        true => b"null".to_vec(),
        false => response.body.into(),
    })
}

/// Turns a response into the answer that the catalog promises: JSON, text or bytes.
pub(super) fn answer_of(endpoint: &Endpoint, response: Response) -> Answer {
    let body: Vec<u8> = response.body.into();
    match endpoint.answer_media {
        _ if endpoint.answer.is_none() || response.status == 204 => Answer::Nothing,
        media if media.starts_with("application/json") => Answer::Json(body),
        media if media.starts_with("text/") => {
            Answer::Text(String::from_utf8_lossy(&body).into_owned())
        }
        _ => Answer::Bytes(body),
    }
}
