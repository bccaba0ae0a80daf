//! A person interrupts: everything a script can be doing stops at once.

#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::ground::Ground;

fn interrupt(child: &Child) {
    let status = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn ctrl_c_stops_a_loop_a_sleep_and_a_call_at_once() {
    // A listener that never answers stands for a server that hangs.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    // A run that only waits is not broken off, but suspended.
    let endings = [
        (130, "loop {}"),
        (7, "sleep(\"1h\");"),
        (130, "duvo::teams::list();"),
        (7, "try { [1].map(|x| sleep(\"1h\")); } catch { loop {} }"),
        (7, "parallel([1, 2, 3], |x| sleep(\"1h\"));"),
        (
            7,
            "retry(#{ backoff: \"1h\" }, || { throw #{ kind: \"network\", message: \"no\", retryable: true } });",
        ),
        (7, "loop { try { ask(\"Go on?\") } catch { } }"),
    ];
    for (code, ending) in endings {
        let ground = Ground::new(&format!("print(\"ready\"); {ending}"));
        let mut command = ground.command(&["run", "x.rhai"]);
        command
            .env("DUVO_API_KEY", "dv_x")
            .env("DUVO_API_BASE_URL", &url);
        // A pipe that stays open is a person who thinks.
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line.trim(), "ready");
        if code == 7 {
            ground.until("waiting");
        }
        interrupt(&child);
        let stdin = child.stdin.take();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{ending}");
        drop(stdin);
    }
}
