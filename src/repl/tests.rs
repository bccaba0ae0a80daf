//! Sessions against the simulator, without a terminal.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::complete::{Names, complete};
use super::shell::Next;
use super::{Face, Form, Interrupt, Place, Screen, Shell, Trouble, World, Worlds};
use crate::api::{self, Client};
use crate::clock::{Clock, VirtualClock};
use crate::ids::Chance;
use crate::report::{Failure, Problem};
use crate::run::{Console, Link, Permissions, Project, Reply};
use crate::script::{Level, Question};
use crate::secret::{Secret, Veil};
use crate::simulator::{self, Simulator};

/// What was shown.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A person who always answers the same.
struct Person {
    sink: Sink,
    says: &'static str,
    asked: Arc<AtomicUsize>,
}

impl Console for Person {
    fn print(&self, line: &str) {
        writeln!(self.sink.clone(), "{line}").unwrap();
    }

    fn log(&self, _: Level, _: &str) {}

    fn status(&self, _: Option<&str>) {}

    fn ask(&self, question: &Question, _: Option<Duration>) -> Reply {
        self.print(&question.text);
        self.asked.fetch_add(1, Ordering::SeqCst);
        Reply::Answered(self.says.into())
    }
}

/// Two simulators: one of them plays the live world.
struct Doors(tokio::runtime::Runtime);

impl Worlds for Doors {
    fn enter(&self, place: Place) -> Result<World, Problem> {
        let clock = VirtualClock::new("2026-01-05T08:00:00Z".parse().unwrap());
        let mut settings = simulator::Settings::new().on_virtual(&clock);
        settings.rate_limit = None;
        let simulator = self.0.block_on(Simulator::start(settings)).unwrap();
        let (url, key) = (simulator.url().parse().unwrap(), simulator.key().to_owned());
        let chance = Arc::new(Chance::from_seed(1));
        let clock: Arc<dyn Clock> = Arc::new(clock);
        let (time, luck) = (Arc::clone(&clock), Arc::clone(&chance));
        let settings = api::Settings::new(url, Secret::new(key));
        let connect = move |team: Option<&str>| {
            let mut settings = settings.clone();
            settings.team = team.map(String::from);
            let client = Client::new(settings, Arc::clone(&time), Arc::clone(&luck))?;
            Ok(Link::new(client, Arc::clone(&time)))
        };
        Ok(World {
            place,
            name: format!("{place:?}").to_lowercase(),
            connect: Arc::new(connect),
            clock,
            chance,
            veil: Veil::default(),
            keeps: Box::new(simulator),
        })
    }
}

struct Trial {
    shell: Shell,
    sink: Sink,
    asked: Arc<AtomicUsize>,
    folder: tempfile::TempDir,
}

impl Trial {
    fn new(place: Place, says: &'static str) -> Self {
        let (sink, asked) = (Sink::default(), Arc::default());
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let screen = Screen::new(Box::new(sink.clone()), false, false, TimeZone::UTC);
        let face = Face {
            screen: Arc::new(screen),
            console: Arc::new(Person {
                sink: sink.clone(),
                says,
                asked: Arc::clone(&asked),
            }),
            interrupt: Arc::new(Interrupt::default()),
            worlds: Box::new(Doors(runtime)),
            project: Arc::new(Project::open(folder.path()).unwrap()),
            environment: [("NAME".to_owned(), "value".to_owned())].into(),
            permissions: Permissions::default(),
            form: Form::Words,
            assumes_yes: false,
            team: None,
        };
        Self {
            shell: Shell::new(face, place).unwrap(),
            sink,
            asked,
            folder,
        }
    }

    fn sim() -> Self {
        Self::new(Place::Simulator, "no")
    }

    /// Takes an input, and returns what was shown.
    fn input(&mut self, text: &str) -> String {
        match self.shell.input(text) {
            Ok(next) => assert_eq!(next, Next::Go, "{text}"),
            Err(trouble) => panic!("{text}: {}", self.shell.told(&trouble, false)),
        }
        let shown = std::mem::take(&mut *self.sink.0.lock().unwrap());
        String::from_utf8(shown).unwrap().trim_end().to_owned()
    }

    /// Takes an input that fails, and returns what a person is told.
    fn fails(&mut self, text: &str) -> String {
        let trouble = self.shell.input(text).unwrap_err();
        self.shell.told(&trouble, false)
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.folder.path().join(file), text).unwrap();
    }

    /// Returns what completes an input.
    fn completes(&self, text: &str) -> Vec<String> {
        let completion = complete(text, &self.shell.known());
        let texts = completion.candidates.into_iter();
        texts.map(|candidate| candidate.text).collect()
    }

    /// Does the same for what must be fetched first.
    fn completes_at_last(&self, text: &str) -> Vec<String> {
        for _ in 0..200 {
            let found = self.completes(text);
            if !found.is_empty() {
                return found;
            }
            self.shell.face.interrupt.wait(Duration::from_millis(20));
        }
        Vec::new()
    }
}

#[test]
fn completes_functions_fields_values_and_members() {
    let mut trial = Trial::sim();
    assert_eq!(trial.completes("duv"), ["duvo::"]);
    assert_eq!(trial.completes("duvo::jo"), ["jobs::"]);
    assert_eq!(trial.completes("let a = duvo::jobs::sta"), ["start("]);
    assert_eq!(trial.completes("time::to_u"), ["to_unix("]);
    assert_eq!(trial.completes("duvo::jobs::start(#{ ag"), ["agent_id: "]);
    let rest = trial.completes("duvo::jobs::start(#{ agent_id: a, ");
    assert!(rest.contains(&"message: ".into()) && !rest.contains(&"agent_id: ".into()));
    assert_eq!(
        trial.completes("duvo::cases::list(q, #{ sort_order: \"de"),
        ["desc\""]
    );
    assert_eq!(
        trial.completes("duvo::cases::list(q, #{ sort_order: des"),
        ["\"desc\""]
    );
    trial.input("let job = #{ status: \"open\", inner: #{ deep: [#{ x: 1 }] } }; fn closing(a) {}");
    assert_eq!(trial.completes("job.st"), ["status"]);
    assert_eq!(trial.completes("f(job.inner.deep[0]."), ["x"]);
    assert_eq!(trial.completes("jo"), ["job", "join("]);
    assert_eq!(trial.completes("closi"), ["closing("]);
    assert_eq!(trial.completes("[1].map(|x| x).sort_b"), ["sort_by("]);
    trial.input("import \"std/jobs\" as many;");
    assert!(!trial.completes("many::").is_empty());
    assert!(trial.completes("let jo").is_empty() && trial.completes("// jo").is_empty());
}

#[test]
fn completes_files_modules_and_commands() {
    let trial = Trial::sim();
    trial.write("data.csv", "");
    trial.write("more.rhai", "");
    assert_eq!(trial.completes("csv::read(\"da"), ["data.csv\""]);
    assert_eq!(trial.completes("import \"mo"), ["more\""]);
    assert!(
        trial
            .completes("import \"std/ca")
            .contains(&"std/cases\"".into())
    );
    assert_eq!(trial.completes(":lo"), [":load"]);
    assert_eq!(trial.completes(":load da"), ["data.csv"]);
    assert_eq!(trial.completes(":plan o"), ["on", "off"]);
    assert_eq!(trial.completes(":endpoints cas"), ["cases"]);
    assert_eq!(trial.completes(":json duvo::jobs::sta"), ["start("]);
    assert_eq!(trial.completes(":watch 5s duvo::jobs::sta"), ["start("]);
    assert_eq!(trial.completes("?jobs.sta"), ["jobs.start"]);
    assert_eq!(trial.completes(":help jobs.sta"), ["jobs.start"]);
}

#[test]
fn completes_ids_by_name() {
    let mut trial = Trial::sim();
    let found = trial.completes_at_last("duvo::jobs::start(#{ agent_id: \"invoice mat");
    let id = trial.input("duvo::assignments::find(\"Invoice matcher\").id");
    assert_eq!(found, [format!("{id}\"")]);
    let bare = trial.completes("duvo::jobs::start(#{ agent_id: Invoice");
    assert!(bare.contains(&format!("\"{id}\"")), "{bare:?}");
    let several = trial.completes_at_last("duvo::queues::get(\"");
    assert!(several.contains(&"Invoices".into()), "{several:?}");
    assert_eq!(trial.completes("duvo::queues::get(\"Invoices").len(), 1);
}

#[test]
fn names_are_fetched_once_and_kept_for_a_minute() {
    let trial = Trial::sim();
    let fetched = Arc::new(AtomicUsize::new(0));
    let (count, connect) = (Arc::clone(&fetched), trial.shell.world.aside());
    let fails = Arc::new(AtomicBool::new(true));
    let is_down = Arc::clone(&fails);
    let connect = move || {
        count.fetch_add(1, Ordering::SeqCst);
        match is_down.load(Ordering::SeqCst) {
            true => Err(Failure::invalid("nobody is there")),
            false => connect(),
        }
    };
    let clock = VirtualClock::new("2026-01-05T08:00:00Z".parse().unwrap());
    let names = Names::timed(Arc::new(connect), Arc::new(clock.clone()));
    let asked = || {
        _ = names.of_field("queue_id");
        fetched.load(Ordering::SeqCst)
    };
    let until = |wanted: usize| {
        while asked() < wanted {
            std::thread::yield_now();
        }
    };
    until(1);
    // What could not be fetched is not asked for at every key.
    assert_eq!((asked(), asked()), (1, 1));
    fails.store(false, Ordering::SeqCst);
    clock.advance(Duration::from_secs(60));
    until(2);
    while names.of_field("queue_id").is_empty() {
        std::thread::yield_now();
    }
    clock.advance(Duration::from_secs(59));
    assert_eq!(asked(), 2);
    clock.advance(Duration::from_secs(1));
    until(3);
}

#[test]
fn shows_results_and_keeps_the_last_one() {
    let mut trial = Trial::sim();
    let table = trial.input("duvo::queues::list()");
    assert!(
        table.starts_with("NAME  ") && table.contains("Invoices"),
        "{table}"
    );
    let json = trial.input(":json _[0].name");
    assert!(json.starts_with('"'), "{json}");
    trial.input("let q = duvo::queues::find(\"Invoices\"); q");
    assert!(trial.input(":table").lines().count() == 2);
    let csv = trial.input(":csv out.csv");
    assert_eq!(csv, "1 rows are in out.csv");
    let written = std::fs::read_to_string(trial.folder.path().join("out.csv")).unwrap();
    assert!(
        written.starts_with("name,") && written.contains("Invoices"),
        "{written}"
    );
    assert_eq!(trial.input("#{ password: \"hunter2\" }"), "password  ***");
    assert!(
        trial
            .fails("duvo::queues::find(\"nobody\")")
            .contains("none has the name")
    );
    assert_eq!(trial.input("_e.kind"), "not_found");
    assert!(trial.input("let f = |x| x; f").contains("Fn"));
    assert!(trial.fails(":csv").contains("`:csv` wants FILE"));
}

#[test]
fn time_moves_only_when_something_waits() {
    let mut trial = Trial::sim();
    assert_eq!(trial.input("time::now()"), trial.input("time::now()"));
    let told = trial.input(":time sleep(\"3h\")");
    assert!(told.ends_with("3 h 0 min of simulated time"), "{told}");
    trial.input("let lazy = duvo::queues::each();");
    assert!(
        trial
            .fails("for queue in lazy { print(queue) }")
            .contains("ended with it")
    );
    trial.input("sleep(\"1d\")");
}

#[test]
fn help_comes_from_the_catalog_and_the_table() {
    let mut trial = Trial::sim();
    let page = trial.input("?jobs.start");
    assert!(
        page.contains("agent_id: an id") && page.contains("POST /v2/teams"),
        "{page}"
    );
    assert!(
        page.contains("duvo::jobs::start(#{ agent_id: agent_id })"),
        "{page}"
    );
    assert_eq!(trial.input(":help duvo::jobs::start"), page);
    assert!(trial.input("?cases.clear").contains("destructive"));
    assert!(trial.input("?parallel").contains("concurrency"));
    assert!(trial.input("?time").contains("time::now()"));
    assert!(trial.input("?:watch").contains("until Ctrl-C"));
    let all = trial.input(":help");
    for command in super::commands::COMMANDS {
        assert!(
            all.contains(&format!(":{} ", command.name)),
            "{}",
            command.name
        );
    }
    assert!(
        trial
            .fails("?jobs.strat")
            .contains("did you mean `jobs.start`?")
    );
    assert!(trial.input(":find retry").contains("duvo::cases::retry"));
    assert!(trial.fails(":find qqqq").contains("nothing is about"));
    let cases = trial.input(":endpoints cases");
    assert!(
        cases.contains("destroys: ") && cases.contains("cases.clear"),
        "{cases}"
    );
    assert!(
        trial
            .fails(":endpoints case")
            .contains("did you mean `cases`?")
    );
    assert!(trial.fails(":hlep").contains("did you mean `:help`?"));
    assert!(trial.fails(":").contains("there is no command"));
}

#[test]
fn a_session_becomes_a_script_and_comes_back() {
    let mut trial = Trial::sim();
    trial.input("fn twice(x) { x * 2 }");
    trial.input("twice(20)");
    trial.fails("throw \"gone\"");
    trial.input("let password = \"hunter2\";");
    trial.input("#{ answer: _ + 2, why: _e }");
    trial.input(":save session.rhai");
    let text = std::fs::read_to_string(trial.folder.path().join("session.rhai")).unwrap();
    assert!(
        text.starts_with("// /// duvoscript\n") && !text.contains("hunter2"),
        "{text}"
    );
    assert_eq!(trial.input(":run session.rhai"), "answer  42\nwhy     gone");
    trial.input(":clear");
    assert_eq!(trial.input(":vars"), "nothing is declared");
    trial.input(":load session.rhai");
    assert_eq!(trial.input("twice(2)"), "4");
    let vars = trial.input(":vars");
    assert!(
        vars.contains("twice(x)") && vars.contains("value_2"),
        "{vars}"
    );
}

#[test]
fn files_get_their_arguments_and_permissions() {
    let mut trial = Trial::sim();
    let header = "// /// duvoscript\n// env = [\"NAME\"]\n// [args]\n// n = { type = \"int\", default = 1 }\n// ///\n";
    trial.write(
        "a.rhai",
        &format!("{header}fn plus(x) {{ x + args.n }}\nplus(1)"),
    );
    assert_eq!(trial.input(":run a.rhai n=4"), "5");
    assert!(trial.fails("env(\"NAME\")").contains("may not read"));
    assert_eq!(trial.input(":load a.rhai"), "2");
    assert_eq!(trial.input("env(\"NAME\")"), "value");
    assert!(trial.fails(":run a.rhai m=1").contains("`m`"));
    assert!(trial.fails(":run a.rhai 4").contains("NAME=VALUE"));
    assert!(trial.fails(":load missing.rhai").contains("missing.rhai"));
    trial.write("bad.rhai", "let a = ;");
    assert!(trial.fails(":load bad.rhai").contains("--> bad.rhai:1:9"));
}

#[test]
fn a_plan_shows_and_does_not_send() {
    let mut trial = Trial::sim();
    let before = trial.input("duvo::queues::list().len");
    trial.input(":plan on");
    assert!(trial.shell.prompt().contains("plan"));
    let shown = trial.input("let q = duvo::queues::create(#{ name: \"New\" }); q.name");
    assert_eq!(
        shown,
        "plan: duvo::queues::create(#{\"name\":\"New\"})\nNew"
    );
    let shown = trial.input("for q in duvo::queues::list() { duvo::queues::delete(q) }");
    assert_eq!(
        shown
            .matches("plan: duvo::queues::delete")
            .count()
            .to_string(),
        before
    );
    trial.input(":plan off");
    assert_eq!(trial.input("duvo::queues::list().len"), before);
    assert!(trial.fails(":plan maybe").contains("`on` or `off`"));
}

#[test]
fn only_the_live_world_asks_before_what_destroys() {
    for (place, says, asked, left) in [
        (Place::Simulator, "no", 0, false),
        (Place::Live, "no", 1, true),
        (Place::Live, "yes", 1, false),
    ] {
        let mut trial = Trial::new(place, says);
        trial.input("let q = duvo::queues::find(\"Invoices\");");
        let sent = trial.shell.input("duvo::queues::delete(q)");
        assert_eq!(sent.is_err(), left, "{place:?} {says}");
        assert_eq!(trial.asked.load(Ordering::SeqCst), asked);
        let found = trial.shell.input("duvo::queues::get(q)");
        assert_eq!(found.is_ok(), left, "{place:?} {says}");
    }
    let mut trial = Trial::new(Place::Live, "no");
    let told = trial.fails("duvo::request(\"DELETE\", \"/v2/unknown\")");
    assert!(told.contains("was not sent"), "{told}");
}

#[test]
fn worlds_and_teams_can_be_changed() {
    let mut trial = Trial::sim();
    trial.input("let made = duvo::queues::create(#{ name: \"Here\" });");
    trial.input(":live");
    assert_eq!(trial.shell.prompt(), "live> ");
    assert!(matches!(
        trial.shell.input("duvo::queues::get(made)"),
        Err(Trouble::Failed(..))
    ));
    trial.input(":sim");
    assert_eq!(trial.input("duvo::queues::get(made).name"), "Here");
    assert!(trial.input(":team").starts_with("NAME"));
    let team = trial.input("duvo::teams::list()[0].name");
    let id = trial.input("duvo::teams::list()[0].id");
    trial.input(&format!(":team {team}"));
    assert_eq!(trial.shell.prompt(), format!("simulator/{id}> "));
    assert!(trial.fails(":team nobody").contains("nobody"));
    trial.input(":team none");
    assert_eq!(trial.shell.prompt(), "simulator> ");
}

#[test]
fn an_interrupt_stops_a_watch_and_keeps_the_session() {
    let mut trial = Trial::sim();
    trial.input("let n = 7;");
    let interrupt = Arc::clone(&trial.shell.face.interrupt);
    let sink = trial.sink.clone();
    let person = std::thread::spawn(move || {
        let idle = Interrupt::default();
        while sink.0.lock().unwrap().len() < 200 {
            idle.wait(Duration::from_millis(5));
        }
        interrupt.raise();
    });
    match trial.shell.input(":watch 5s n") {
        Ok(next) => assert_eq!(next, Next::Go),
        Err(trouble) => assert!(matches!(trouble, Trouble::Interrupted)),
    }
    person.join().unwrap();
    let shown = String::from_utf8(trial.sink.0.lock().unwrap().clone()).unwrap();
    assert!(
        shown.contains("-- 2026-01-05 08:00:00\n7\n-- 2026-01-05 08:00:05\n7\n"),
        "{shown}"
    );
    trial.sink.0.lock().unwrap().clear();
    assert_eq!(trial.input("n"), "7");
}

#[test]
fn the_session_can_be_left() {
    let mut trial = Trial::sim();
    for text in [":quit", ":q", "exit", "quit", "exit()"] {
        assert_eq!(trial.shell.input(text).unwrap(), Next::Leave, "{text}");
    }
    assert_eq!(trial.shell.input("").unwrap(), Next::Go);
}
