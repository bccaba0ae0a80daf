//! Reads profiles from the configuration file: `default_profile = "x"` and `[profiles.x]` with
//! `api_key` or `api_key_file`, `base_url` and `team`.
//!
//! The file is walked by hand, so that no message of the parser can show a line of it.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::credentials::read_private;
use crate::report::{Failure, FailureKind, nearest};
use crate::secret::Secret;

const FIELDS: [&str; 4] = ["api_key", "api_key_file", "base_url", "team"];
const TOP: [&str; 2] = ["default_profile", "profiles"];

/// One profile, and where it stands.
#[derive(Debug)]
pub(super) struct Profile {
    name: String,
    file: PathBuf,
    pub(super) key: Option<Secret<String>>,
    pub(super) key_file: Option<PathBuf>,
    pub(super) base_url: Option<String>,
    pub(super) team: Option<String>,
}

impl Profile {
    /// Returns where a field of it stands, for messages.
    pub(super) fn place(&self, field: &str) -> String {
        format!(
            "`profiles.{}.{field}` in `{}`",
            self.name,
            self.file.display()
        )
    }
}

/// Returns the wanted profile, or the default one; `None` when neither is named.
pub(super) fn profile(path: &Path, wanted: Option<&str>) -> Result<Option<Profile>, Failure> {
    let wanted = wanted.map(str::trim).filter(|name| !name.is_empty());
    if !path.exists() {
        return match wanted {
            None => Ok(None),
            Some(name) => Err(Failure::new(
                FailureKind::Io,
                format!(
                    "there is no profile `{name}`: `{}` does not exist",
                    path.display()
                ),
            )),
        };
    }
    let table = read(path)?;
    check_names(&table, &TOP, path, "")?;
    let default = text(&table, "default_profile", path, "")?;
    let Some(name) = wanted.map(ToOwned::to_owned).or(default) else {
        return Ok(None);
    };
    find(&table, &name, path).map(Some)
}

fn read(path: &Path) -> Result<Table, Failure> {
    let shown = path.display();
    let content = read_private(path, &format!("the configuration file `{shown}`"))?;
    content.parse::<Table>().map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let before = content.get(..start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        Failure::invalid(format!("`{shown}` is no TOML at line {line}"))
    })
}

fn find(table: &Table, name: &str, path: &Path) -> Result<Profile, Failure> {
    let empty = Table::new();
    let profiles = match table.get("profiles") {
        None => &empty,
        Some(Value::Table(profiles)) => profiles,
        Some(_) => return Err(fault(path, "", "profiles", "must be a table")),
    };
    let fields = match profiles.get(name) {
        Some(Value::Table(fields)) => fields,
        Some(_) => return Err(fault(path, "profiles.", name, "must be a table")),
        None => return Err(no_profile(profiles, name, path)),
    };
    let at = format!("profiles.{name}.");
    check_names(fields, &FIELDS, path, &at)?;
    let [key, key_file, base_url, team] = FIELDS.map(|field| text(fields, field, path, &at));
    let (key, key_file) = (key?, key_file?);
    if key.is_some() && key_file.is_some() {
        return Err(fault(
            path,
            &at,
            "api_key",
            "and `api_key_file` are both given: keep one",
        ));
    }
    Ok(Profile {
        name: name.to_owned(),
        file: path.to_owned(),
        key: key.map(Secret::new),
        // A relative path counts from the configuration file.
        key_file: key_file.map(|file| path.with_file_name("").join(file)),
        base_url: base_url?,
        team: team?,
    })
}

fn no_profile(profiles: &Table, name: &str, path: &Path) -> Failure {
    let failure = Failure::invalid(format!(
        "there is no profile `{name}` in `{}`",
        path.display()
    ));
    let known = || profiles.keys().map(String::as_str);
    match nearest(name, known()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None if profiles.is_empty() => failure.hint("it has no profiles at all"),
        None => failure.hint(format!("it has {}", names(known()))),
    }
}

fn check_names(table: &Table, known: &[&str], path: &Path, at: &str) -> Result<(), Failure> {
    let Some(name) = table.keys().find(|name| !known.contains(&name.as_str())) else {
        return Ok(());
    };
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known are {}", names(known.iter().copied())),
    };
    Err(fault(path, at, name, "is unknown").hint(hint))
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn text(table: &Table, name: &str, path: &Path, at: &str) -> Result<Option<String>, Failure> {
    match table.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(fault(path, at, name, "must be text")),
    }
}

fn fault(path: &Path, at: &str, name: &str, what: &str) -> Failure {
    Failure::invalid(format!("`{at}{name}` in `{}` {what}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, wanted: Option<&str>) -> Result<Option<Profile>, Failure> {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        profile(&path, wanted)
    }

    #[test]
    fn finds_the_named_or_the_default_one() {
        let text = "default_profile = \"a\"\n[profiles.a]\nteam = \"1\"\n[profiles.b]\napi_key_file = \"k\"";
        assert_eq!(
            load(text, None).unwrap().unwrap().team.as_deref(),
            Some("1")
        );
        let other = load(text, Some("b")).unwrap().unwrap();
        assert!(other.key_file.unwrap().is_absolute());
        assert!(load("[profiles.a]\nteam = \"1\"", None).unwrap().is_none());
        assert!(
            profile(Path::new("/nowhere/c.toml"), None)
                .unwrap()
                .is_none()
        );
        assert!(profile(Path::new("/nowhere/c.toml"), Some("a")).is_err());
    }

    #[test]
    fn faults_are_clear_and_show_no_line_of_the_file() {
        let cases = [
            ("[profiles.prod]", "prd", "no profile `prd`", "`prod`"),
            (
                "[profiles.x]\n[profiles.y]",
                "prd",
                "no profile `prd`",
                "`x`, `y`",
            ),
            ("", "prd", "no profile `prd`", "no profiles"),
            (
                "defaultprofile = \"x\"",
                "x",
                "`defaultprofile`",
                "`default_profile`",
            ),
            (
                "[profiles.x]\napikey = \"sesame\"",
                "x",
                "`profiles.x.apikey`",
                "`api_key`",
            ),
            (
                "[profiles.x]\nqq = \"sesame\"",
                "x",
                "`profiles.x.qq`",
                "`base_url`",
            ),
            ("[profiles.x]\napi_key = 5", "x", "`profiles.x.api_key`", ""),
            (
                "[profiles.x]\napi_key = \"sesame\"\napi_key_file = \"f\"",
                "x",
                "both",
                "",
            ),
            ("[profiles]\nx = 1", "x", "`profiles.x`", ""),
            ("profiles = 1", "x", "`profiles`", ""),
            ("[profiles.x]\napi_key = \"sesame", "x", "line 2", ""),
        ];
        for (text, wanted, message, hint) in cases {
            let failure = load(text, Some(wanted)).unwrap_err();
            assert!(failure.message.contains(message), "{text}: {failure}");
            assert!(
                failure.hint.clone().unwrap_or_default().contains(hint),
                "{text}: {failure:?}"
            );
            assert!(!format!("{failure:?}").contains("sesame"), "{failure:?}");
        }
    }
}
