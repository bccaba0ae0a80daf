//! What a person does at the prompt, against the simulator.

use std::os::unix::fs::PermissionsExt;

use crate::terminal::{Prompt, program};

#[test]
fn inputs_of_several_lines_are_one_input_and_one_entry() {
    let mut prompt = Prompt::sim();
    prompt.types("fn twice(x) {\r");
    prompt.types("    x * 2\r");
    assert_eq!(prompt.input("}").trim(), "");
    assert!(prompt.input("twice(21)").contains("42"));
    let (code, folder) = prompt.leave();
    assert_eq!(code, 0);
    let file = folder.path().join(".local/state/duvoscript/history");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let history = std::fs::read_to_string(&file).unwrap();
    assert_eq!(history.lines().count(), 3, "{history}");
    // Another session has it, and finds it backwards.
    let mut prompt = Prompt::open(folder);
    prompt.types("\u{12}x * 2");
    prompt.until("x * 2");
    assert!(!prompt.input("").contains("error"));
    assert!(prompt.input("twice(4)").contains('8'));
    prompt.types("\u{1b}[A\u{1b}[A");
    assert_eq!(prompt.input("").trim(), "");
}

#[test]
fn tab_completes() {
    let mut prompt = Prompt::sim();
    prompt.input("let job = #{ status: \"open\" };");
    prompt.types("job.st\t");
    prompt.until("job.status");
    assert!(prompt.input("").contains("open"));
    prompt.types("duvo::queu\t");
    prompt.until("duvo::queues::");
    prompt.types("fin\t");
    prompt.until("find(");
    let shown = prompt.input("\"Invoices\").name");
    assert!(shown.contains("Invoices"), "{shown}");
    prompt.types("duvo::jobs::start(#{ \t");
    let fields = prompt.until("webhook_url?: ");
    assert!(fields.contains("agent_id: an id"), "{fields}");
    prompt.interrupt();
    prompt.ready();
    prompt.types(":endp\t");
    prompt.until(":endpoints");
    assert!(prompt.input(" queues").contains("queues.delete"));
}

#[test]
fn a_call_shows_what_it_takes() {
    let mut prompt = Prompt::sim();
    prompt.types("duvo::cases::retry(");
    prompt.until("queue_id, #{ case_ids })");
    prompt.interrupt();
    prompt.ready();
    assert!(prompt.input("1 + 1").contains('2'));
}

#[test]
fn an_interrupt_stops_loops_waits_and_questions_and_keeps_the_session() {
    let mut prompt = Prompt::sim();
    prompt.input("let n = 41;");
    prompt.types("n = 0; loop { }\r");
    prompt.until("\r\n");
    prompt.interrupt();
    assert!(prompt.ready().contains("interrupted"));
    prompt.types("n = 0; ask(\"Who?\")\r");
    prompt.until("? Who?");
    prompt.interrupt();
    assert!(prompt.ready().contains("interrupted"));
    prompt.types(":watch 1h n\r");
    prompt.until("-- 2026-01-05 08:00:00");
    prompt.until("-- 2026-01-05 09:00:00");
    prompt.interrupt();
    prompt.ready();
    assert!(prompt.input("n + 1").contains("42"));
}

#[test]
fn an_interrupt_stops_a_wait_in_real_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(folder.path());
    command.env("DUVO_API_KEY", "dv_0123456789");
    command.env("DUVO_API_BASE_URL", "http://127.0.0.1:9");
    command.arg("repl");
    let mut prompt = Prompt::of(folder, command, "live 127.0.0.1> ");
    prompt.types("sleep(\"1h\")\r");
    prompt.until("\r\n");
    prompt.interrupt();
    assert!(prompt.ready().contains("interrupted"));
    assert_eq!(prompt.leave().0, 0);
}

#[test]
fn a_person_answers_in_place() {
    let mut prompt = Prompt::sim();
    prompt.types("ask(\"Shall it?\", #{ choices: [\"yes\", \"no\"] })\r");
    prompt.until("2) no");
    assert!(prompt.input("2").contains("no"));
    prompt.input("let agent = duvo::assignments::find(\"Invoice matcher\");");
    prompt.types("let ended = duvo::jobs::wait(duvo::jobs::start(#{ agent_id: agent, message: \"Match\" }));\r");
    prompt.until("1) approve");
    prompt.input("1");
    assert!(prompt.input("ended.status").contains("completed"));
}

#[test]
fn tables_fit_80_columns_and_long_results_come_in_pages() {
    let mut prompt = Prompt::sim();
    let table = prompt.input("duvo::queues::list()");
    assert!(
        table.contains("NAME ") && table.contains("\nand "),
        "{table}"
    );
    for line in table.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    prompt.types("(0..100).to_json()\r");
    prompt.ready();
    prompt.input("let many = []; for n in 0..100 { many.push(n) }");
    prompt.types("many\r");
    prompt.until("more lines: Enter goes on, q ends --");
    prompt.types("\r");
    prompt.until("more lines");
    assert!(!prompt.input("q").contains("99"));
}

#[test]
fn help_and_errors_are_shown_where_they_belong() {
    let mut prompt = Prompt::sim();
    let help = prompt.input("?cases.retry");
    assert!(help.contains("case_ids: a list of ids"), "{help}");
    let error = prompt.input("let a = duvo::jobs::gte(1);");
    assert!(
        error.contains("--> input 1:1:9") && error.contains("^^^^"),
        "{error}"
    );
    assert!(error.contains("duvo::jobs::get"), "{error}");
    assert!(prompt.input(":plan on").is_empty());
}

#[test]
fn secrets_stay_out_of_the_history() {
    let mut prompt = Prompt::sim();
    prompt.input("let password = \"hunter22\";");
    prompt.input("#{ otp_secret: \"hunter33\", name: 1 }");
    prompt.input("let plain = 1;");
    let (_, folder) = prompt.leave();
    let file = folder.path().join(".local/state/duvoscript/history");
    let history = std::fs::read_to_string(file).unwrap();
    assert!(
        history.contains("let plain") && !history.contains("hunter"),
        "{history}"
    );
}

#[test]
fn a_session_becomes_a_script_that_runs() {
    let mut prompt = Prompt::sim();
    prompt.input("fn named(list) { list.map(|queue| queue.name) }");
    prompt.input("duvo::queues::list()");
    prompt.input("throw \"nothing\"");
    prompt.input("let names = named(_);");
    prompt.input("names.len");
    let saved = prompt.input(":save session.rhai");
    assert!(saved.contains("session.rhai"), "{saved}");
    let count = prompt.input("names.len").trim().to_owned();
    let (_, folder) = prompt.leave();
    let run = program(folder.path())
        .args(["run", "--sim", "session.rhai"])
        .output()
        .unwrap();
    let text = String::from_utf8(run.stdout).unwrap();
    assert_eq!((run.status.code(), text.trim()), (Some(0), count.as_str()));
    let mut prompt = Prompt::open(folder);
    prompt.input(":load session.rhai");
    assert!(prompt.input("named([#{ name: \"x\" }])").contains('x'));
}

#[test]
fn colours_are_there_unless_they_are_unwanted() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(folder.path());
    command.env_remove("NO_COLOR").args(["repl", "--sim"]);
    let mut prompt = Prompt::of(folder, command, "sim> ");
    prompt.types("let x = \"text\";");
    prompt.matches("\u{1b}\\[35mlet\u{1b}\\[0m");
    prompt.types("\r");
    prompt.ready();
}
