//! What a person does at the prompt, against the simulator.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;
use vt100::Color;

use crate::terminal::{Prompt, program};

#[test]
fn inputs_of_several_lines_are_one_input_and_one_entry() {
    let mut prompt = Prompt::sim();
    prompt.types("fn twice(x) {\r");
    prompt.types("    x * 2\r");
    prompt.types("}");
    prompt.shows("\n}");
    assert_eq!(prompt.enter(), "");
    assert_eq!(prompt.input("twice(21)"), "42");
    let (code, folder) = prompt.leave();
    assert_eq!(code, 0);
    let history = history(&folder);
    assert_eq!(history.lines().count(), 3, "{history}");
    // Another session has it, as one entry.
    let mut prompt = Prompt::open(folder);
    prompt.types("\u{1b}[A");
    prompt.shows("sim> twice(21)");
    prompt.types("\u{1b}[A");
    prompt.shows("sim> fn twice(x) {\n    x * 2\n}");
    assert_eq!(prompt.enter(), "");
    assert_eq!(prompt.input("twice(4)"), "8");
}

/// Returns the history; only its owner may read it.
fn history(folder: &TempDir) -> String {
    let file = folder.path().join(".local/state/duvoscript/history");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::read_to_string(&file).unwrap()
}

#[test]
fn the_history_is_searched_backwards() {
    let mut prompt = Prompt::sim();
    prompt.input("let first = 40 + 2;");
    prompt.input("let second = 1;");
    prompt.clear();
    prompt.types("\u{12}first");
    prompt.shows("reverse-i-search)`first': let first = 40 + 2;");
    assert_eq!(prompt.enter(), "");
    assert_eq!(prompt.input("first"), "42");
}

#[test]
fn tab_completes() {
    let mut prompt = Prompt::sim();
    prompt.input("let job = #{ status: \"open\" };");
    prompt.types("job.st\t");
    prompt.shows("sim> job.status");
    assert_eq!(prompt.enter(), "open");
    prompt.types("duvo::queu\t");
    prompt.shows("sim> duvo::queues::");
    prompt.types("fin\t");
    prompt.shows("sim> duvo::queues::find(");
    prompt.types("\"Invoices\").name");
    assert_eq!(prompt.enter(), "Invoices");
    prompt.clear();
    prompt.types("duvo::jobs::start(#{ \t");
    let fields = prompt.shows("webhook_url?: ");
    assert!(fields.contains("agent_id: an id"), "{fields}");
    prompt.interrupt();
    prompt.types(":endp\t");
    prompt.shows("sim> :endpoints");
    prompt.types(" queues");
    assert!(prompt.enter().contains("queues.delete"));
}

#[test]
fn a_name_that_is_typed_becomes_an_id() {
    let mut prompt = Prompt::sim();
    let id = prompt.input("duvo::assignments::find(\"Invoice matcher\").id");
    prompt.clear();
    // The names come beside the prompt: until they are there, Tab does nothing.
    prompt.types("duvo::assignments::get(\"oice mat");
    prompt.shows("\"oice mat");
    prompt.again("\t", &format!("duvo::assignments::get(\"{id}\""));
    prompt.types(").name");
    assert_eq!(prompt.enter().lines().last(), Some("Invoice matcher"));
}

#[test]
fn a_call_shows_what_it_takes_and_the_history_what_was_typed() {
    let mut prompt = Prompt::sim();
    prompt.types("duvo::cases::retry(");
    prompt.shows("sim> duvo::cases::retry(queue_id, #{ case_ids })");
    prompt.interrupt();
    prompt.input("let answer = 41 + 1;");
    prompt.clear();
    prompt.types("let an");
    prompt.shows("sim> let answer = 41 + 1;");
    // The hint is taken with the arrow, and only then.
    prompt.types("\u{1b}[C");
    prompt.enter();
    assert_eq!(prompt.input("answer"), "42");
}

#[test]
fn an_interrupt_stops_loops_waits_and_questions_and_keeps_the_session() {
    let mut prompt = Prompt::sim();
    prompt.input("let n = 41;");
    prompt.clear();
    prompt.types("n = 0; print(\"round\"); loop { }\r");
    prompt.shows("\nround");
    assert!(prompt.interrupt().contains("interrupted"));
    prompt.clear();
    prompt.types("n = 0; ask(\"Who?\")\r");
    prompt.shows("? Who?");
    assert!(prompt.interrupt().contains("interrupted"));
    prompt.clear();
    prompt.types(":watch 1h n\r");
    prompt.shows("-- 2026-01-05 08:00:00\n41\n-- 2026-01-05 09:00:00\n41");
    prompt.interrupt();
    prompt.types("half an inp");
    prompt.shows("half an inp");
    prompt.interrupt();
    assert_eq!(prompt.input("n + 1"), "42");
}

#[test]
fn an_interrupt_stops_a_wait_in_real_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(folder.path());
    command.env("DUVO_API_KEY", "dv_0123456789");
    command.env("DUVO_API_BASE_URL", "http://127.0.0.1:9");
    command.arg("repl");
    let mut prompt = Prompt::of(folder, command, "live 127.0.0.1> ");
    prompt.types("print(\"begun\"); sleep(\"1h\")\r");
    prompt.shows("\nbegun");
    assert!(prompt.interrupt().contains("interrupted"));
    assert_eq!(prompt.leave().0, 0);
}

#[test]
fn a_person_answers_in_place() {
    let mut prompt = Prompt::sim();
    prompt.types("ask(\"Shall it?\", #{ choices: [\"yes\", \"no\"] })\r");
    prompt.shows("2) no\n>");
    assert_eq!(prompt.enter_with("2"), "> no");
    prompt.input("let agent = duvo::assignments::find(\"Invoice matcher\");");
    prompt.input("let job = duvo::jobs::start(#{ agent_id: agent, message: \"Match\" });");
    prompt.clear();
    prompt.types("let ended = duvo::jobs::wait(job);\r");
    prompt.shows("1) approve");
    prompt.enter_with("1");
    assert_eq!(prompt.input("ended.status"), "completed");
}

#[test]
fn tables_fit_80_columns_and_long_results_come_in_pages() {
    let mut prompt = Prompt::sim();
    let table = prompt.input("duvo::queues::list()");
    assert!(
        table.starts_with("NAME ") && table.contains("\nand "),
        "{table}"
    );
    // A line that is too long would go on in the next row.
    assert!(
        table.lines().skip(1).all(|line| !line.starts_with(' ')),
        "{table}"
    );
    prompt.clear();
    prompt.types("let all = []; for n in 0..100 { all.push(`line ${n}`) } all\r");
    let page = prompt.shows("-- 77 more lines: Enter goes on, q ends --");
    assert!(page.contains("\nline 22\n") && !page.contains("line 23"));
    prompt.types("\r");
    prompt.shows("-- 54 more lines: Enter goes on, q ends --");
    assert!(!prompt.enter_with("q").contains("line 46"));
}

#[test]
fn help_and_errors_are_shown_where_they_belong() {
    let mut prompt = Prompt::sim();
    prompt.clear();
    prompt.types("?cases.retry\r");
    let help = prompt.shows("Enter goes on, q ends --");
    assert!(help.contains("case_ids: a list of ids"), "{help}");
    prompt.enter_with("q");
    let error = prompt.input("let a = duvo::jobs::gte(1);");
    assert!(
        error.contains("--> input 1:1:9\n") && error.contains("\n  |         ^^^^"),
        "{error}"
    );
    assert!(error.contains("duvo::jobs::get"), "{error}");
}

#[test]
fn secrets_stay_out_of_the_history() {
    let mut prompt = Prompt::sim();
    prompt.input("let password = \"hunter22\";");
    prompt.input("#{ otp_secret: \"hunter33\", name: 1 }");
    prompt.input("let plain = 1;");
    let (_, folder) = prompt.leave();
    let history = history(&folder);
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
    let count = prompt.input("names.len");
    let saved = prompt.input(":save session.rhai");
    assert_eq!(saved, "the session is in session.rhai");
    let (_, folder) = prompt.leave();
    let run = program(folder.path())
        .args(["run", "--sim", "session.rhai"])
        .output()
        .unwrap();
    let text = String::from_utf8(run.stdout).unwrap();
    assert_eq!((run.status.code(), text.trim()), (Some(0), count.as_str()));
    let mut prompt = Prompt::open(folder);
    prompt.input(":load session.rhai");
    assert_eq!(prompt.input("named([#{ name: \"x\" }])"), "x");
}

#[test]
fn colours_are_there_unless_they_are_unwanted() {
    let plain = Color::Default;
    for (is_wanted, keyword, partner, text) in [
        (true, Color::Idx(5), Color::Idx(4), Color::Idx(2)),
        (false, plain, plain, plain),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = program(folder.path());
        command.args(["repl", "--sim"]);
        if is_wanted {
            command.env_remove("NO_COLOR");
        }
        let mut prompt = Prompt::of(folder, command, "sim> ");
        prompt.types("let x = f(\"text\")");
        prompt.shows("sim> let x = f(\"text\")");
        // The `(` belongs to the `)` at the cursor.
        assert_eq!(prompt.colour("let"), keyword);
        assert_eq!(prompt.colour("("), partner);
        assert_eq!(prompt.colour("\"text"), text);
        prompt.enter();
        let error = prompt.input("1 +* 2");
        assert!(error.contains("\n  |    ^"), "{error}");
    }
}

#[test]
fn wide_letters_stay_in_their_cells() {
    let mut prompt = Prompt::sim();
    prompt.types("\"日語\"");
    // The cursor goes over a wide letter at once, and what is put before it moves it on.
    prompt.types("\u{1b}[D\u{1b}[D本");
    prompt.shows("sim> \"日本語\"");
    assert_eq!(prompt.enter(), "日本語");
    prompt.input("let one = #{ name: \"長い名前の行列😀\", n: 1 };");
    let table = prompt.input("[one, #{ name: \"b\", n: 2 }]");
    assert_eq!(
        table,
        "NAME              N\n長い名前の行列😀  1\nb                 2"
    );
    assert_eq!(prompt.input("[]"), "nothing");
}

#[test]
fn a_value_of_ten_megabytes_comes_in_pages() {
    let mut prompt = Prompt::sim();
    prompt.types("let big = \"\"; big.pad(10000000, \"x\"); big\r");
    let page = prompt.shows("Enter goes on, q ends --");
    // Twenty-three rows, behind the input and before the question.
    assert!(page.lines().count() <= 26, "{} rows", page.lines().count());
    prompt.enter_with("q");
    assert_eq!(prompt.input("big.len"), "10000000");
    assert!(prompt.input(":vars").contains("big  string  \"xxx"));
    let table = prompt.input("[#{ id: 1, text: big }]");
    assert!(table.lines().all(|row| row.chars().count() < 80) && table.contains('…'));
}

#[test]
fn what_others_wrote_moves_no_cursor() {
    let mut prompt = Prompt::sim();
    let shown = prompt.input("\"a\\x1b[2Jb\\rc\"");
    assert_eq!(shown, "a [2Jb c");
}

#[test]
fn several_lines_can_be_pasted_and_a_long_one_typed() {
    let mut prompt = Prompt::sim();
    prompt.types("\u{1b}[200~let a = 40;\r\nlet b = 2;\r\n\u{1b}[201~");
    prompt.shows("let b = 2;");
    prompt.enter();
    assert_eq!(prompt.input("a + b"), "42");
    prompt.clear();
    prompt.types(&format!("\"{}\".len", "x".repeat(1000)));
    prompt.shows("x\".len");
    assert_eq!(prompt.enter(), "1000");
}

#[test]
fn commands_change_the_form_the_world_and_the_plan() {
    let mut prompt = Prompt::sim();
    assert_eq!(prompt.input("#{ a: [1] }"), "a  [1]");
    assert_eq!(prompt.input(":table"), "A\n[1]");
    assert_eq!(prompt.input(":csv out.csv"), "1 rows are in out.csv");
    assert_eq!(prompt.input(":json _.a"), "[\n  1\n]");
    assert!(prompt.input(":time 1 + 1").starts_with("2\ntook "));
    assert!(
        prompt
            .input(":find webhook_url")
            .contains("duvo::jobs::start")
    );
    prompt.types(":plan on\r");
    prompt.now("sim plan> ");
    let shown = prompt.input("duvo::queues::create(#{ name: \"New\" }).name");
    assert!(shown.starts_with("plan: duvo::queues::create("), "{shown}");
    prompt.clear();
    prompt.types(":live\r");
    prompt.now("live duvo plan> ");
    assert!(prompt.input("duvo::teams::list()").contains("error: "));
    prompt.types(":sim\r");
    prompt.now("sim plan> ");
    prompt.clear();
    prompt.types(":plan off\r");
    prompt.now("sim> ");
    assert_eq!(prompt.input(":clear"), "");
    assert_eq!(prompt.input(":vars"), "nothing is declared");
}

#[test]
fn the_session_of_the_readme_is_what_happens() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(readme).unwrap();
    let section = text.split("## The prompt\n").nth(1).unwrap();
    let session = section.split("```text\n").nth(1).unwrap();
    let session = session.split("\n```").next().unwrap();
    let mut prompt = Prompt::sim();
    for step in session.split("sim> ").skip(1) {
        let (input, shown) = step.split_once('\n').unwrap_or((step, ""));
        assert_eq!(prompt.input(input), shown.trim_end(), "{input}");
    }
}
