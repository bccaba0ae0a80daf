//! Keys: where they may come from, and that they never show.

use crate::{folder, program, refusing_server};

#[test]
fn the_key_never_shows() {
    let folder = folder("print(`${duvo::teams::list()}`);");
    let mut command = program(folder.path());
    command
        .env("DUVO_API_KEY", "dv_marker_4711")
        .env("DUVO_API_BASE_URL", refusing_server());
    let output = command
        .env("DUVOSCRIPT_LOG", "trace")
        .args(["run", "x.rhai"])
        .output()
        .unwrap();
    let all = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(all.contains("401 auth"), "{all}");
    assert!(!all.contains("marker_4711"), "{all}");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("print(duvo::teams::list().len);");
    let key = folder.path().join("key");
    let config = folder.path().join(".config/duvoscript/config.toml");
    std::fs::create_dir_all(config.parent().unwrap()).unwrap();
    std::fs::write(&key, "dv_marker_4711").unwrap();
    std::fs::write(&config, "[profiles.x]\napi_key = \"dv_marker_4711\"\n").unwrap();
    let refused = |arguments: &[&str], profile: &str| {
        let output = program(folder.path())
            .env("HOME", folder.path())
            .env("DUVO_PROFILE", profile)
            .env("DUVO_API_BASE_URL", refusing_server())
            .args(["run", "x.rhai"])
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(!stderr.contains("marker_4711"), "{stderr}");
        stderr
    };
    let close = |mode: u32| {
        for file in [&key, &config] {
            std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    close(0o644);
    assert!(refused(&["--api-key-file", "key"], "").contains("chmod 600"));
    assert!(refused(&[], "x").contains("chmod 600"));
    close(0o600);
    assert!(refused(&["--api-key-file", "key"], "").contains("401 auth"));
    assert!(refused(&[], "x").contains("401 auth"));
    assert!(refused(&[], "y").contains("it has `x`"));
}

#[test]
fn plain_http_is_for_this_machine_only() {
    let folder = folder("duvo::teams::list();");
    let output = program(folder.path())
        .env("DUVO_API_KEY", "dv_x")
        .env("DUVO_API_BASE_URL", "http://duvo.example")
        .args(["run", "x.rhai"])
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("plain http to `duvo.example` is refused"),
        "{stderr}"
    );
}
