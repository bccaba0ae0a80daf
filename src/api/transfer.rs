//! Moves files by signed URLs: a storage's address that needs no key, and must not get it.
//!
//! Such an address is itself a secret, so messages show its host and nothing else.

use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http::Method;
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE};
use url::Url;

use super::address;
use super::client::{Client, Shared};
use super::exchange::Raw;
use super::refusal::refusal;
use super::request::{Payload, Request, header};
use crate::catalog::Repeat;
use crate::report::{Failure, FailureKind};

/// A file that is being downloaded, piece by piece.
pub struct Download {
    client: Client,
    response: Box<reqwest::Response>,
    left: u64,
    /// The media type that the storage names; empty when it names none.
    pub media: String,
    /// The length in bytes, when the storage tells it.
    pub length: Option<u64>,
}

impl Client {
    /// Puts a file's content to a signed URL, under the media type it was signed for.
    pub async fn upload(
        &self,
        url: &str,
        content_type: &str,
        body: impl Into<Bytes>,
    ) -> Result<(), Failure> {
        let mut request = signed("upload", Method::PUT, url, Repeat::Idempotent)?;
        request
            .headers
            .insert(CONTENT_TYPE, header("media type", content_type)?);
        request.payload = Payload::Plain(body.into());
        self.0.fetch(&request).await.map(drop)
    }

    /// Starts to download a file of at most `most` bytes from a signed URL.
    pub async fn download(&self, url: &str, most: u64) -> Result<Download, Failure> {
        let mut request = signed("download", Method::GET, url, Repeat::Read)?;
        request
            .headers
            .insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        request.is_streamed = true;
        let raw = self.0.fetch(&request).await?;
        let media = raw
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let media = media.unwrap_or_default().to_owned();
        let Some(response) = raw.rest else {
            return Err(Failure::new(
                FailureKind::Protocol,
                "there is nothing to download",
            ));
        };
        Ok(Download {
            client: self.clone(),
            length: response.content_length(),
            response,
            left: most,
            media,
        })
    }
}

impl Download {
    /// Returns the next piece, or `None` at the end; errs when the file grows over its limit.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        let piece = self
            .client
            .0
            .wire
            .piece(&mut self.response, self.left)
            .await;
        let piece = piece.map_err(|broken| {
            let mut failure = broken.failure.at("download");
            failure.retryable = broken.trouble == super::retry::Trouble::Lost;
            failure
        })?;
        self.left -= piece
            .as_ref()
            .map_or(0, |piece| piece.len() as u64)
            .min(self.left);
        Ok(piece)
    }

    /// Returns all that is left of the file.
    pub async fn bytes(mut self) -> Result<Bytes, Failure> {
        let mut whole = BytesMut::new();
        while let Some(piece) = self.chunk().await? {
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }
}

impl Shared {
    async fn fetch(&self, request: &Request) -> Result<Raw, Failure> {
        let raw = self
            .exchange(request)
            .await
            .map_err(|failure| failure.at(&*request.name))?;
        if raw.status.is_success() {
            return Ok(raw);
        }
        Err(refusal(request, &raw, None).at(&*request.name))
    }
}

/// Returns a request to a storage, which never gets the key.
fn signed(name: &str, method: Method, url: &str, repeat: Repeat) -> Result<Request, Failure> {
    let url = Url::parse(url).map_err(|error| {
        Failure::invalid(format!("the signed address is no URL: {error}")).at(name)
    })?;
    address::check_secure(&url).map_err(|failure| failure.at(name))?;
    let mut request = Request::new(name, method, url, repeat);
    request.is_ours = false;
    Ok(request)
}
