//! Kills the program at every border of a write and of a request, takes the run up again, and
//! compares with a run that was left alone: the same result, every mutation exactly once.
//!
//! `DUVOSCRIPT_SEEDS` says how many random kills there are beside the systematic ones.

use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use wait_timeout::ChildExt as _;

use crate::world::{Case, World, result, was_killed};

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

pub(crate) const CASES: [Case; 3] = [
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

/// What a run that nobody disturbs comes to.
pub(crate) struct Unbroken {
    pub(crate) result: Value,
    pub(crate) mutations: Vec<String>,
}

impl Unbroken {
    pub(crate) fn of(case: &Case) -> Self {
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

#[expect(
    clippy::disallowed_methods,
    reason = "whoever has time asks for more seeds"
)]
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

/// How long a program may take to notice that a part of it is gone.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_panic_ends_the_program_and_not_the_run() {
    let case = &CASES[0];
    let unbroken = Unbroken::of(case);
    for point in POINTS {
        let world = World::new(case);
        let arguments = ["run", &world.option(), case.name];
        // A run is claimed once only.
        let passed = usize::from(point != "journal::claim::after");
        let fail_points = format!("{point}={passed}*off->1*panic(worn out)->off");
        let mut child = world
            .command(&arguments, &fail_points)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let ended = child.wait_timeout(PATIENCE).unwrap();
        if ended.is_none() {
            child.kill().unwrap();
        }
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(ended.is_some(), "{point}: it hangs: {told}");
        let is_passed = point == "journal::deliver::after";
        let codes: &[_] = if is_passed { &[0] } else { &[70, 6] };
        let code = output.status.code().unwrap();
        assert!(codes.contains(&code), "{point}: {code} {told}");
        assert!(is_passed || told.contains("worn out"), "{point}: {told}");
        if !is_passed {
            assert_eq!(result(&world.go_on("")), unbroken.result, "{point}");
        }
        assert_eq!(world.mutations(), unbroken.mutations, "{point}");
    }
}

/// Fills the log, so that it is moved into the file on the way.
const LONG: Case = Case {
    name: "long.rhai",
    script: "let sum = 0; for n in 0..6000 { random(); sum += n; } sum",
    data: &[],
};

#[test]
fn a_panic_of_the_thread_that_nobody_waits_for_is_told() {
    let world = World::new(&LONG);
    let output = world.start(&LONG, "journal::checkpoint::before=1*panic(worn out)->off");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(6), "{told}");
    assert!(told.contains("worn out"), "{told}");
    assert_eq!(result(&world.go_on("")), 17_997_000);
}
