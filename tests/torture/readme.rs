//! The kill and the resume that the README shows, as it shows them.

use std::path::Path;
use std::process::Command;

/// Returns the commands of the README's section on durable runs.
fn commands() -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(readme).unwrap();
    let section = text.split("## Durable runs").nth(1).unwrap();
    let block = section.split("```sh\n").nth(1).unwrap();
    block.split("```").next().unwrap().to_owned()
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a shell finds its commands there"
)]
fn the_kill_and_the_resume_of_the_readme() {
    let folder = tempfile::tempdir().unwrap();
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in ["scripts/process_invoices.rhai", "scripts/data/invoices.csv"] {
        let to = folder.path().join(file);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(home.join(file), to).unwrap();
    }
    let program = Path::new(env!("CARGO_BIN_EXE_duvoscript"));
    let path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    // Any free port will do, and the simulator must end with the test.
    let script = format!(
        "trap 'kill %1' EXIT\n{}",
        commands().replace("--port=8080", "--port=0")
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder.path())
        .env("PATH", path)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let told = format!("{stdout}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{told}");
    let listed = stdout
        .lines()
        .find(|line| line.contains("process_invoices.rhai"))
        .expect(&told);
    let states = ["interrupted", "running", "waiting", "done"];
    assert!(states.iter().any(|state| listed.contains(state)), "{told}");
    let end: Vec<_> = stdout.lines().rev().take(4).collect();
    assert!(
        end.iter()
            .any(|line| line.split_whitespace().eq(["completed", "13"])),
        "{told}"
    );
}
