//! The environment: read once, here and nowhere else.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// A variable that the program itself reads.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
}

/// Every variable the program reads, for the help and the README.
pub const VARIABLES: &[Variable] = &[
    Variable {
        name: "DUVO_API_KEY",
        doc: "API key",
    },
    Variable {
        name: "DUVO_API_KEY_FILE",
        doc: "file that holds the API key",
    },
    Variable {
        name: "DUVO_API_BASE_URL",
        doc: "origin of the API, https://api.duvo.ai unless set",
    },
    Variable {
        name: "DUVO_TEAM_ID",
        doc: "team to work in, where a key has several",
    },
    Variable {
        name: "DUVO_PROFILE",
        doc: "profile of ~/.config/duvoscript/config.toml",
    },
    Variable {
        name: "DUVOSCRIPT_STATE",
        doc: "directory of the journal, `.duvoscript` in the project unless set",
    },
    Variable {
        name: "DUVOSCRIPT_LOG",
        doc: "what the program logs about itself, such as `debug`",
    },
    Variable {
        name: "NO_COLOR",
        doc: "no colours, whatever the terminal can do",
    },
];

/// The environment of the process, as it was at the start.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// Reads the environment; variables that are not UTF-8 are left out.
    pub fn read() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self {
            variables: std::env::vars_os().filter_map(text).collect(),
        }
    }

    /// Returns a variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Returns all variables.
    pub fn all(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// Returns the name of the user, as the system gives it.
    pub fn user(&self) -> Option<&str> {
        self.get("USER").or_else(|| self.get("USERNAME"))
    }

    /// Returns where the program keeps what is the user's own, such as the history of the prompt.
    pub fn state_folder(&self) -> Option<PathBuf> {
        let folder = match (
            self.get("XDG_STATE_HOME"),
            self.get("HOME"),
            self.get("LOCALAPPDATA"),
        ) {
            (Some(folder), _, _) | (None, None, Some(folder)) => PathBuf::from(folder),
            (None, Some(home), _) => PathBuf::from(home).join(".local").join("state"),
            (None, None, None) => return None,
        };
        Some(folder.join("duvoscript"))
    }

    /// Returns where the configuration file stands.
    pub fn config_file(&self) -> Option<PathBuf> {
        let folder = match (
            self.get("XDG_CONFIG_HOME"),
            self.get("HOME"),
            self.get("APPDATA"),
        ) {
            (Some(folder), _, _) | (None, None, Some(folder)) => PathBuf::from(folder),
            (None, Some(home), _) => PathBuf::from(home).join(".config"),
            (None, None, None) => return None,
        };
        Some(folder.join("duvoscript").join("config.toml"))
    }
}
