//! The real program: `duvoscript serve --sim`, opened by the link that it prints.

use std::io::Read;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::browser::Seen;

/// The program, which is ended with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_shows_all_of_it_at_once_on_the_simulator() {
    let Some(seen) = Seen::open().await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_duvoscript"))
        .args(["serve", "--sim", "--listen", "127.0.0.1:0", "--json"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    let program = Program(child);
    let said = tokio::task::spawn_blocking(move || {
        let (mut said, mut part) = (Vec::new(), [0; 512]);
        while serde_json::from_slice::<Value>(&said).is_err() {
            let read = out.read(&mut part).unwrap();
            assert!(read > 0, "it ended");
            said.extend_from_slice(&part[..read]);
        }
        serde_json::from_slice::<Value>(&said).unwrap()
    });
    let said = said.await.unwrap();
    seen.go(said["link"].as_str().unwrap()).await;
    seen.follow("button.primary").await;
    seen.until("document.querySelector('#live')?.textContent === 'live'")
        .await;
    // It brings schedules of its own.
    seen.until("document.querySelector('.strips a') !== null")
        .await;
    seen.picture("program").await;
    drop(program);
    seen.close_unheard().await;
}
