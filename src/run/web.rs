//! Requests to other hosts, as far as the script's header allows them.

use std::sync::OnceLock;

use futures_util::StreamExt;
use serde_json::{Map, Value, json};
use url::Url;

use crate::report::{Failure, FailureKind};
use crate::script::HttpRequest;

/// Largest answer that is taken.
const MAX_ANSWER: usize = 16 << 20;

/// Sends requests to the allowed hosts. It follows no redirects: they could lead elsewhere.
#[derive(Debug)]
pub(super) struct Web {
    allowed: Vec<String>,
    client: OnceLock<reqwest::Client>,
}

impl Web {
    /// Returns a sender for some hosts: `hooks.example.com`, or `localhost:8080`.
    pub(super) fn new(allowed: Vec<String>) -> Self {
        Self {
            allowed,
            client: OnceLock::new(),
        }
    }

    /// Sends a request; any status is an answer: `{status, headers, body}`.
    pub(super) async fn send(&self, request: HttpRequest) -> Result<Vec<u8>, Failure> {
        let url = self.check(&request.url)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|_| Failure::invalid(format!("`{}` is no HTTP method", request.method)))?;
        let mut builder = self.client()?.request(method, url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        let response = builder
            .send()
            .await
            .map_err(|fault| unreachable(&host, &fault))?;
        let (status, headers) = (response.status().as_u16(), headers_of(response.headers()));
        let body = body_of(response, &host).await?;
        Ok(
            json!({ "status": status, "headers": headers, "body": body })
                .to_string()
                .into_bytes(),
        )
    }

    fn check(&self, url: &str) -> Result<Url, Failure> {
        let parsed = Url::parse(url)
            .map_err(|fault| Failure::invalid(format!("`{url}` is no absolute URL: {fault}")))?;
        let host = parsed.host_str().unwrap_or_default();
        let with_port = parsed.port().map(|port| format!("{host}:{port}"));
        let name = with_port.as_deref().unwrap_or(host);
        if !self
            .allowed
            .iter()
            .any(|allowed| allowed.eq_ignore_ascii_case(name))
        {
            let failure = Failure::new(
                FailureKind::Refused,
                format!("the script may not send requests to `{name}`"),
            );
            return Err(failure.hint(format!("add `hosts = [\"{name}\"]` to the script's header")));
        }
        let is_safe =
            parsed.scheme() == "https" || (parsed.scheme() == "http" && is_loopback(host));
        if is_safe {
            Ok(parsed)
        } else {
            Err(Failure::new(
                FailureKind::Refused,
                format!("`{url}` is not https; plain http is for this machine only"),
            ))
        }
    }

    fn client(&self) -> Result<&reqwest::Client, Failure> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = crate::api::outside_client()?;
        Ok(self.client.get_or_init(|| client))
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn headers_of(headers: &reqwest::header::HeaderMap) -> Map<String, Value> {
    let text = |value: &reqwest::header::HeaderValue| {
        String::from_utf8_lossy(value.as_bytes()).into_owned()
    };
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), text(value).into()))
        .collect()
}

async fn body_of(response: reqwest::Response, host: &str) -> Result<String, Failure> {
    let mut body = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(part) = stream.next().await {
        body.extend_from_slice(&part.map_err(|fault| unreachable(host, &fault))?);
        if body.len() > MAX_ANSWER {
            return Err(Failure::new(
                FailureKind::Protocol,
                format!("`{host}` answered more than {MAX_ANSWER} bytes"),
            ));
        }
    }
    Ok(String::from_utf8_lossy(&body).into_owned())
}

fn unreachable(host: &str, fault: &reqwest::Error) -> Failure {
    let kind = if fault.is_timeout() {
        FailureKind::Timeout
    } else {
        FailureKind::Network
    };
    let mut cause: &dyn std::error::Error = fault;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let mut failure = Failure::new(kind, format!("no answer from `{host}`: {cause}"));
    failure.retryable = true;
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allowed_hosts_over_https() {
        let web = Web::new(vec!["hooks.example.com".into(), "localhost:8080".into()]);
        let kind = |url: &str| web.check(url).err().map(|failure| failure.kind);
        assert_eq!(kind("https://hooks.example.com/x"), None);
        assert_eq!(kind("http://localhost:8080/x"), None);
        for refused in [
            "https://example.com",
            "https://hooks.example.com:444/",
            "http://hooks.example.com",
            "https://hooks.example.com.evil.org",
            "http://localhost:81",
        ] {
            assert_eq!(kind(refused), Some(FailureKind::Refused), "{refused}");
        }
        assert_eq!(kind("hooks.example.com"), Some(FailureKind::Invalid));
    }
}
