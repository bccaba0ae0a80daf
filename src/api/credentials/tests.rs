//! Every source of key, base URL and team, and every fault in them.

use super::*;

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        open(&path, 0o600);
        path
    }
}

#[cfg_attr(
    not(unix),
    expect(unused_variables, reason = "there are no modes elsewhere")
)]
fn open(path: &Path, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
}

fn key_of(sources: &Sources) -> Result<(String, String), Failure> {
    resolve(sources).map(|access| (access.key.expose().clone(), access.key_source))
}

#[test]
fn the_first_source_of_a_key_counts() {
    let home = Home::new();
    let config = "default_profile = \"a\"\n[profiles.a]\napi_key = \"p\"\n[profiles.b]\napi_key_file = \"k\"";
    home.file("k", "from-profile-file\n");
    let mut sources = Sources {
        key_file: Some(home.file("flag", " from-flag \n")),
        key_env: Some(Secret::new("from-env\n".into())),
        key_file_env: Some(home.file("env", "from-env-file")),
        config: Some(home.file("config.toml", config)),
        ..Sources::default()
    };
    assert_eq!(key_of(&sources).unwrap().0, "from-flag");
    sources.key_file = None;
    assert_eq!(
        key_of(&sources).unwrap(),
        ("from-env".into(), "DUVO_API_KEY".into())
    );
    sources.key_env = None;
    assert_eq!(key_of(&sources).unwrap().0, "from-env-file");
    sources.key_file_env = None;
    assert_eq!(key_of(&sources).unwrap().0, "p");
    sources.profile = Some("b".into());
    let (key, source) = key_of(&sources).unwrap();
    assert_eq!(key, "from-profile-file");
    assert!(source.contains("profiles.b.api_key_file"), "{source}");
}

#[test]
fn base_url_and_team_have_their_order_too() {
    let home = Home::new();
    let config =
        "default_profile = \"a\"\n[profiles.a]\nbase_url = \"http://localhost:1/v2\"\nteam = \"p\"";
    let mut sources = Sources {
        key_env: Some(Secret::new("k".into())),
        base_url: Some("https://else.where".into()),
        team: Some("flag".into()),
        team_env: Some("env".into()),
        config: Some(home.file("config.toml", config)),
        ..Sources::default()
    };
    let seen = |sources: &Sources| {
        let access = resolve(sources).unwrap();
        (access.base_url.to_string(), access.team.unwrap_or_default())
    };
    assert_eq!(
        seen(&sources),
        ("https://else.where/".into(), "flag".into())
    );
    (sources.base_url, sources.team) = (Some(String::new()), None);
    assert_eq!(seen(&sources), ("http://localhost:1/".into(), "env".into()));
    sources.team_env = None;
    assert_eq!(seen(&sources).1, "p");
    sources.config = None;
    assert_eq!(
        seen(&sources),
        ("https://api.duvo.ai/".into(), String::new())
    );
}

#[test]
fn faults_name_their_source_and_never_the_key() {
    let home = Home::new();
    let with_key = |key: &str| Sources {
        key_env: Some(Secret::new(key.into())),
        ..Sources::default()
    };
    let faults = [
        (with_key(" \n"), "DUVO_API_KEY` is empty"),
        (
            with_key("sesame\nsesame"),
            "DUVO_API_KEY` holds more than a key",
        ),
        (
            with_key("sesame sesame"),
            "DUVO_API_KEY` holds more than a key",
        ),
        (
            Sources {
                base_url: Some("http://api.duvo.ai".into()),
                ..with_key("sesame")
            },
            "DUVO_API_BASE_URL: plain http",
        ),
        (
            Sources {
                base_url: Some("api.duvo.ai".into()),
                ..with_key("sesame")
            },
            "DUVO_API_BASE_URL: `api.duvo.ai`",
        ),
        (
            Sources {
                key_file: Some("/nowhere/key".into()),
                ..Sources::default()
            },
            "--api-key-file",
        ),
        (
            Sources {
                key_file_env: Some(home.0.path().into()),
                ..Sources::default()
            },
            "DUVO_API_KEY_FILE) is a directory",
        ),
        (Sources::default(), "there is no API key"),
    ];
    for (sources, wanted) in faults {
        let failure = resolve(&sources).unwrap_err();
        assert!(failure.message.contains(wanted), "{failure}");
        assert!(!format!("{failure:?}").contains("sesame"), "{failure:?}");
        assert!(!format!("{sources:?}").contains("sesame"));
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_refused() {
    let home = Home::new();
    let path = home.file("key", "k");
    for (mode, is_fine) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
        open(&path, mode);
        let sources = Sources {
            key_file: Some(path.clone()),
            ..Sources::default()
        };
        let outcome = key_of(&sources);
        assert_eq!(outcome.is_ok(), is_fine, "{mode:o}");
        if let Err(failure) = outcome {
            assert_eq!(failure.kind, FailureKind::Refused);
            assert!(failure.hint.unwrap().contains("chmod 600"));
        }
    }
}
