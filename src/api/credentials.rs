//! Resolves key, base URL and team from the places they may be given in.
//!
//! The environment and the command line are read elsewhere; here are only values and files. No message
//! shows a key, every message names the source that is at fault.

use std::path::{Path, PathBuf};

use url::Url;

use super::address;
use super::profiles::{Profile, profile};
use crate::report::{Failure, FailureKind};
use crate::secret::Secret;

/// The API of the vendor.
pub const DEFAULT_BASE_URL: &str = "https://api.duvo.ai";

/// Everything that may have been given, as it was given.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// `--api-key-file`.
    pub key_file: Option<PathBuf>,
    /// `DUVO_API_KEY`.
    pub key_env: Option<Secret<String>>,
    /// `DUVO_API_KEY_FILE`.
    pub key_file_env: Option<PathBuf>,
    /// `DUVO_API_BASE_URL`.
    pub base_url: Option<String>,
    /// `--team`.
    pub team: Option<String>,
    /// `DUVO_TEAM_ID`.
    pub team_env: Option<String>,
    /// `DUVO_PROFILE`: which profile of the configuration file; else its `default_profile`.
    pub profile: Option<String>,
    /// The configuration file; it need not exist unless a profile is named.
    pub config: Option<PathBuf>,
}

/// What is needed to call the API.
#[derive(Clone, Debug)]
pub struct Access {
    /// Origin of the API.
    pub base_url: Url,
    /// The key.
    pub key: Secret<String>,
    /// Where the key came from, such as `DUVO_API_KEY`.
    pub key_source: String,
    /// The team, if one was given.
    pub team: Option<String>,
}

/// Resolves the sources: the first of each that is given counts.
///
/// Key: `--api-key-file`, `DUVO_API_KEY`, `DUVO_API_KEY_FILE`, profile. Base URL: `DUVO_API_BASE_URL`,
/// profile, [`DEFAULT_BASE_URL`]. Team: `--team`, `DUVO_TEAM_ID`, profile.
pub fn resolve(sources: &Sources) -> Result<Access, Failure> {
    let profile = match &sources.config {
        Some(path) => profile(path, sources.profile.as_deref())?,
        None => None,
    };
    let (key, key_source) = key(sources, profile.as_ref())?;
    Ok(Access {
        base_url: base_url(sources, profile.as_ref())?,
        key,
        key_source,
        team: team(sources, profile),
    })
}

fn key(sources: &Sources, profile: Option<&Profile>) -> Result<(Secret<String>, String), Failure> {
    if let Some(path) = &sources.key_file {
        return read_key(path, "--api-key-file");
    }
    if let Some(key) = &sources.key_env {
        return Ok((clean_key(key, "`DUVO_API_KEY`")?, "DUVO_API_KEY".into()));
    }
    if let Some(path) = &sources.key_file_env {
        return read_key(path, "DUVO_API_KEY_FILE");
    }
    if let Some(profile) = profile {
        if let Some(key) = &profile.key {
            let source = profile.place("api_key");
            return Ok((clean_key(key, &source)?, source));
        }
        if let Some(path) = &profile.key_file {
            return read_key(path, &profile.place("api_key_file"));
        }
    }
    Err(Failure::new(FailureKind::Auth, "there is no API key").hint(
        "set DUVO_API_KEY, or make a profile in the configuration file; keys are made under Team \
         Settings, API Keys (https://app.duvo.ai/settings/api-keys); `--sim` needs none",
    ))
}

fn read_key(path: &Path, source: &str) -> Result<(Secret<String>, String), Failure> {
    let source = format!("the key file `{}` ({source})", path.display());
    let key = Secret::new(read_private(path, &source)?);
    Ok((clean_key(&key, &source)?, source))
}

fn clean_key(key: &Secret<String>, source: &str) -> Result<Secret<String>, Failure> {
    let key = key.expose().trim();
    if key.is_empty() {
        return Err(
            Failure::invalid(format!("{source} is empty")).hint("it should hold an API key")
        );
    }
    if key.contains(|character: char| !character.is_ascii_graphic()) {
        return Err(Failure::invalid(format!(
            "{source} holds more than a key: blanks, lines or odd characters"
        ))
        .hint("it should hold the API key and nothing else"));
    }
    Ok(Secret::new(key.to_owned()))
}

fn base_url(sources: &Sources, profile: Option<&Profile>) -> Result<Url, Failure> {
    let of_profile = profile.and_then(|profile| Some((profile.base_url.as_deref()?, profile)));
    let (text, source) = match (given(sources.base_url.as_ref()), of_profile) {
        (Some(text), _) => (text, "DUVO_API_BASE_URL".to_owned()),
        (None, Some((text, profile))) => (text, profile.place("base_url")),
        (None, None) => (DEFAULT_BASE_URL, String::new()),
    };
    let named = |failure: Failure| Failure {
        message: format!("{source}: {}", failure.message),
        ..failure
    };
    let url = Url::parse(text)
        .map_err(|error| named(Failure::invalid(format!("`{text}` is no URL ({error})"))))?;
    address::base(url).map_err(named)
}

fn team(sources: &Sources, profile: Option<Profile>) -> Option<String> {
    let of_sources = given(sources.team.as_ref()).or_else(|| given(sources.team_env.as_ref()));
    of_sources.map(ToOwned::to_owned).or_else(|| profile?.team)
}

/// An empty variable counts as not given.
fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// Reads a file that only its owner may read.
pub(super) fn read_private(path: &Path, what: &str) -> Result<String, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::new(FailureKind::Io, format!("{what} cannot be read: {error}"))
    };
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(Failure::new(
            FailureKind::Io,
            format!("{what} is a directory"),
        ));
    }
    if is_open_to_others(&metadata) {
        return Err(Failure::new(
            FailureKind::Refused,
            format!("{what} can be read by other users"),
        )
        .hint(format!("close it to them: `chmod 600 {}`", path.display())));
    }
    let mut text = String::new();
    std::io::Read::read_to_string(&mut file, &mut text).map_err(unreadable)?;
    Ok(text)
}

#[cfg(unix)]
fn is_open_to_others(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    // Only ordinary files: a pipe, as a shell's `<(…)` makes one, is nobody else's business.
    metadata.is_file() && metadata.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_: &std::fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests;
