//! Kills the program at every border of a write and of a request, takes the run up again, and
//! compares with a run that was left alone: the same result, every mutation exactly once.
//!
//! `DUVOSCRIPT_SEEDS` says how many random kills there are beside the systematic ones.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use duvoscript::catalog::{self, Repeat};
use duvoscript::clock::VirtualClock;
use duvoscript::simulator::{Settings, Simulator};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Where the program can be killed.
const POINTS: [&str; 11] = [
    "run::send::before",
    "run::answer::before",
    "run::at_once::before",
    "run::at_once::after",
    "journal::commit::before",
    "journal::commit::written",
    "journal::commit::after",
    "journal::force::before",
    "journal::force::after",
    "journal::claim::after",
    "journal::deliver::after",
];

/// A script, and what it needs beside it.
struct Case {
    name: &'static str,
    script: &'static str,
    data: &'static [(&'static str, &'static str)],
}

const CASES: [Case; 3] = [
    Case {
        name: "branches.rhai",
        script: include_str!("branches.rhai"),
        data: &[],
    },
    Case {
        name: "people.rhai",
        script: include_str!("people.rhai"),
        data: &[],
    },
    Case {
        name: "scripts/process_invoices.rhai",
        script: include_str!("../../scripts/process_invoices.rhai"),
        data: &[(
            "scripts/data/invoices.csv",
            include_str!("../../scripts/data/invoices.csv"),
        )],
    },
];

/// A world of its own: a simulator whose time moves by hand, a project, and a journal.
struct World {
    folder: TempDir,
    simulator: Simulator,
    _runtime: Runtime,
}

impl World {
    fn new(case: &Case) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let clock = VirtualClock::new("2026-01-05T08:00:00Z".parse().unwrap());
        let mut settings = Settings::new().on_virtual(&clock);
        settings.rate_limit = None;
        // What is sent twice shall count twice.
        settings.idempotency = false;
        let simulator = runtime.block_on(Simulator::start(settings)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in case.data.iter().chain(&[(case.name, case.script)]) {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self {
            folder,
            simulator,
            _runtime: runtime,
        }
    }

    fn program(&self, arguments: &[&str], fail_points: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_duvoscript"))
            .current_dir(self.folder.path())
            .env_clear()
            .env("NO_COLOR", "1")
            .env("DUVO_API_KEY", self.simulator.key())
            .env("FAILPOINTS", fail_points)
            .args(arguments)
            .args(["--output", "json"])
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn start(&self, case: &Case, fail_points: &str) -> Output {
        let world = format!("--sim={}", self.simulator.url());
        self.program(&["run", &world, case.name], fail_points)
    }

    /// Takes the run up until it ends; `fail_points` are in force the first time.
    fn go_on(&self, fail_points: &str) -> Output {
        let output = self.program(&["runs", "resume", "last"], fail_points);
        if was_killed(&output) {
            return self.program(&["runs", "resume", "last"], "");
        }
        output
    }

    /// Returns every mutation that was done, without ids, sorted. One that leaves the same behind when
    /// it is done twice counts once.
    fn mutations(&self) -> Vec<String> {
        let ledger = self.simulator.ledger();
        let mut told: Vec<String> = Vec::new();
        for entry in ledger.as_array().unwrap() {
            let name = entry["endpoint"].as_str().unwrap();
            let shown = without_ids(&format!("{name} {}", entry["body"]));
            let is_once = catalog::by_name(name).is_none_or(|found| found.repeat == Repeat::Once);
            let is_done = entry["status"].as_u64().is_some_and(|status| status < 300);
            if is_done && (is_once || !told.contains(&shown)) {
                told.push(shown);
            }
        }
        told.sort();
        told
    }
}

/// Ids differ between runs: each becomes the same word.
fn without_ids(text: &str) -> String {
    let pattern =
        regex_lite::Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    pattern.unwrap().replace_all(text, "ID").into_owned()
}

fn was_killed(output: &Output) -> bool {
    use std::os::unix::process::ExitStatusExt;
    output.status.signal() == Some(9)
}

fn result(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|_| {
        json!({ "code": output.status.code(), "stderr": String::from_utf8_lossy(&output.stderr) })
    })
}

/// What a run that nobody disturbs comes to.
struct Unbroken {
    result: Value,
    mutations: Vec<String>,
}

impl Unbroken {
    fn of(case: &Case) -> Self {
        let world = World::new(case);
        let output = world.start(case, "");
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}: {}",
            case.name,
            result(&output)
        );
        Self {
            result: result(&output),
            mutations: world.mutations(),
        }
    }
}

/// Kills a run at the n-th passing of a point; returns false when it ended before that.
fn kill_and_resume(case: &Case, unbroken: &Unbroken, point: &str, nth: u64, again: &str) -> bool {
    let world = World::new(case);
    let broken = world.start(case, &format!("{point}={nth}*off->1*return"));
    if !was_killed(&broken) {
        assert_eq!(
            result(&broken),
            unbroken.result,
            "{} was not killed at {point}",
            case.name
        );
        return false;
    }
    let told = format!(
        "{} killed at passing {nth} of {point}, then {again:?}",
        case.name
    );
    let mut resumed = world.go_on(again);
    if is_unborn(&resumed) {
        // It was killed before the run was recorded: then nothing was done either.
        assert!(world.mutations().is_empty(), "{told}");
        resumed = world.start(case, "");
    }
    assert_eq!(world.mutations(), unbroken.mutations, "{told}");
    assert_eq!(result(&resumed), unbroken.result, "{told}");
    true
}

/// Returns whether there was no run to resume.
fn is_unborn(output: &Output) -> bool {
    let stderr = String::from_utf8_lossy(&output.stderr);
    output.status.code() == Some(2) && (stderr.contains("no run") || stderr.contains("no journal"))
}

fn seeds() -> u64 {
    let seeds = std::env::var_os("DUVOSCRIPT_SEEDS");
    seeds
        .and_then(|seeds| seeds.to_str()?.parse().ok())
        .unwrap_or(100)
}

/// Passes every point at growing distances, and so learns how often each is passed.
fn sweep(case: &Case, unbroken: &Unbroken) -> Vec<(&'static str, u64)> {
    let mut passed = Vec::new();
    for point in POINTS {
        let mut nth = 0;
        while kill_and_resume(case, unbroken, point, nth, "") {
            passed.push((point, nth));
            nth = nth * 2 + 1;
        }
    }
    passed
}

fn torture(case: &Case) {
    let unbroken = Unbroken::of(case);
    let passed = sweep(case, &unbroken);
    assert!(
        passed.len() > 10,
        "{} passes few points: {passed:?}",
        case.name
    );
    let chance = duvoscript::ids::Chance::from_seed(7);
    for _ in 0..seeds() / CASES.len() as u64 {
        let pick = |count: u64| chance.bits() % count;
        let (point, far) = passed[usize::try_from(pick(passed.len() as u64)).unwrap()];
        let (second, _) = passed[usize::try_from(pick(passed.len() as u64)).unwrap()];
        let again = format!("{second}={}*off->1*return", pick(20));
        kill_and_resume(case, &unbroken, point, pick(far + 1), &again);
    }
}

#[test]
fn branches_survive() {
    torture(&CASES[0]);
}

#[test]
fn waits_and_people_survive() {
    torture(&CASES[1]);
}

#[test]
fn a_whole_workflow_survives() {
    torture(&CASES[2]);
}

#[test]
fn every_project_file_of_a_case_is_there() {
    for case in &CASES {
        assert!(Path::new(case.name).extension().is_some());
    }
}
