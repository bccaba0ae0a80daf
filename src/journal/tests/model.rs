//! A random sequence of changes reads back as a model in memory says, and so does its export.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;

use crate::journal::trial::{Trial, new_run};
use crate::journal::{
    Journal, LineRow, NewLine, NewRun, NewStep, OutcomeRow, RunRow, RunState, StepRow,
    StoredSource, WaitRow, Write,
};

/// What a random test does next; numbers choose among what is there.
#[derive(Clone, Debug)]
enum Act {
    Source(String, String),
    Step(Box<NewStep>),
    Outcome(usize, Option<String>, OutcomeRow),
    Line(String, Option<String>, String),
    Wait(WaitRow),
    EndWait(u32),
    State(RunState, Option<Timestamp>, Option<String>),
    End(RunState, i32, Option<String>),
    CancelledAt(u32),
    Flush,
    Force,
    Reopen,
}

fn time() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(|at| Timestamp::from_nanosecond(at.into()).unwrap())
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let large = (any::<u8>(), 4000_usize..9000).prop_map(|(byte, length)| vec![byte; length]);
    prop_oneof![
        3 => proptest::collection::vec(any::<u8>(), 0..50),
        1 => large,
        1 => proptest::collection::vec(any::<u8>(), 4090..4200),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => any::<String>(),
        1 => (4000_usize..9000).prop_map(|length| "ě".repeat(length)),
    ]
}

fn outcome() -> impl Strategy<Value = OutcomeRow> {
    let form = select(vec!["nothing", "json", "bytes"]);
    let sealed = proptest::option::of(proptest::collection::vec(any::<u8>(), 0..20));
    (any::<bool>(), form, body(), sealed).prop_map(|(ok, form, body, sealed)| OutcomeRow {
        ok,
        form: form.into(),
        body,
        sealed,
    })
}

fn step() -> impl Strategy<Value = NewStep> {
    let place = (any::<String>(), any::<u32>(), any::<u32>());
    (
        any::<String>(),
        text(),
        any::<[u8; 16]>(),
        place,
        any::<bool>(),
        time(),
    )
        .prop_map(
            |(key, request, fingerprint, (source, line, column), mutates, at)| NewStep {
                run: String::new(),
                ticket: 0,
                key,
                kind: "call".into(),
                name: "jobs.get".into(),
                fingerprint,
                source,
                line,
                column,
                request,
                mutates,
                at,
            },
        )
}

fn wait() -> impl Strategy<Value = WaitRow> {
    (
        0..4_u32,
        any::<String>(),
        time(),
        proptest::option::of(time()),
    )
        .prop_map(|(ticket, about, since, wake_at)| WaitRow {
            run: String::new(),
            ticket,
            kind: "sleep".into(),
            about,
            since,
            wake_at,
        })
}

fn act() -> impl Strategy<Value = Act> {
    let word = || proptest::option::of(any::<String>());
    let ended = select(
        RunState::ALL
            .into_iter()
            .filter(|it| it.is_ended())
            .collect::<Vec<_>>(),
    );
    let open = select(
        RunState::ALL
            .into_iter()
            .filter(|it| !it.is_ended())
            .collect::<Vec<_>>(),
    );
    prop_oneof![
        2 => (any::<String>(), text()).prop_map(|(name, text)| Act::Source(name, text)),
        6 => step().prop_map(|step| Act::Step(Box::new(step))),
        6 => (any::<usize>(), word(), outcome()).prop_map(|(at, note, it)| Act::Outcome(at, note, it)),
        3 => ("[a-c]", word(), text()).prop_map(|(key, level, text)| Act::Line(key, level, text)),
        2 => wait().prop_map(Act::Wait),
        1 => (0..4_u32).prop_map(Act::EndWait),
        2 => (open, proptest::option::of(time()), word()).prop_map(|(a, b, c)| Act::State(a, b, c)),
        1 => (ended, any::<i32>(), word()).prop_map(|(a, b, c)| Act::End(a, b, c)),
        1 => any::<u32>().prop_map(Act::CancelledAt),
        2 => Just(Act::Flush),
        1 => Just(Act::Force),
        1 => Just(Act::Reopen),
    ]
}

/// What a run should read back as.
#[derive(Default)]
struct Model {
    row: Option<RunRow>,
    sources: Vec<StoredSource>,
    steps: Vec<StepRow>,
    lines: Vec<LineRow>,
    waits: BTreeMap<u32, WaitRow>,
    done: u32,
}

impl Model {
    /// Applies an act to a run; returns what to put for it, when it makes sense.
    fn apply(&mut self, run: &str, act: Act) -> Option<Write> {
        let row = self.row.as_mut()?;
        let run = run.to_owned();
        Some(match act {
            Act::Flush | Act::Force | Act::Reopen => return None,
            Act::Source(name, text) => {
                if self.sources.iter().any(|known| known.name == name) {
                    return None;
                }
                let source = StoredSource { name, text };
                self.sources.push(source.clone());
                Write::Source { run, source }
            }
            Act::Step(mut new) => {
                new.run = run;
                new.ticket = u32::try_from(self.steps.len()).unwrap();
                self.steps.push(begun(&new));
                row.steps += 1;
                Write::Step(*new)
            }
            Act::Outcome(at, note, outcome) => {
                let open: Vec<_> = self
                    .steps
                    .iter_mut()
                    .filter(|it| it.outcome.is_none())
                    .collect();
                let count = open.len();
                let step = open.into_iter().nth(at.checked_rem(count)?)?;
                let at = step.at;
                (step.done_seq, step.done_at) = (Some(self.done), Some(at));
                (step.attempts, step.note) = (2, note.clone());
                step.outcome = Some(outcome.clone());
                self.done += 1;
                Write::Outcome {
                    run,
                    ticket: step.ticket,
                    done_seq: self.done - 1,
                    at,
                    attempts: 2,
                    note,
                    outcome,
                }
            }
            Act::Line(key, level, text) => {
                let at = row.created_at;
                if self.lines.iter().all(|line| line.key != key) {
                    self.lines.push(LineRow {
                        number: self.lines.len() as u64 + 1,
                        run: run.clone(),
                        key: key.clone(),
                        level: level.clone(),
                        text: text.clone(),
                        at,
                    });
                }
                Write::Line(NewLine {
                    run,
                    key,
                    level,
                    text,
                    at,
                })
            }
            Act::Wait(mut wait) => {
                wait.run = run;
                self.waits.insert(wait.ticket, wait.clone());
                Write::Wait(wait)
            }
            Act::EndWait(ticket) => {
                self.waits.remove(&ticket);
                Write::EndWait { run, ticket }
            }
            Act::State(..) | Act::End(..) if row.state.is_ended() => return None,
            Act::State(state, wake_at, reason) => {
                (row.state, row.wake_at, row.reason) = (state, wake_at, reason.clone());
                Write::State {
                    run,
                    state,
                    wake_at,
                    reason,
                }
            }
            Act::End(state, exit, result) => {
                let at = row.created_at;
                self.waits.clear();
                (row.state, row.ended_at, row.exit) = (state, Some(at), Some(exit));
                (row.result, row.problem) = (result.clone(), result.clone());
                (row.wake_at, row.reason) = (None, None);
                Write::End {
                    run,
                    state,
                    at,
                    exit,
                    problem: result.clone(),
                    result,
                }
            }
            Act::CancelledAt(done_seq) => {
                row.cancelled_at = Some(done_seq);
                Write::CancelledAt { run, done_seq }
            }
        })
    }

    fn check(&self, journal: &Journal, run: &str) {
        let mut row = journal.run(run).unwrap();
        if let Some(row) = &mut row {
            // The moment of the first `running` is the journal's own to say.
            row.started_at = None;
        }
        assert_eq!(row, self.row);
        assert_eq!(journal.sources(run).unwrap(), self.sources);
        assert_eq!(journal.steps(run).unwrap(), self.steps);
        assert_eq!(journal.lines(run, None).unwrap(), self.lines);
        let waits: Vec<_> = self.waits.values().cloned().collect();
        assert_eq!(journal.waits(run).unwrap(), waits);
    }

    /// Takes away what stays where it is when a run is exported.
    fn without_sealed(mut self) -> Self {
        for outcome in self
            .steps
            .iter_mut()
            .filter_map(|step| step.outcome.as_mut())
        {
            outcome.sealed = None;
        }
        self
    }
}

fn begun(new: &NewStep) -> StepRow {
    let new = new.clone();
    StepRow {
        run: new.run,
        ticket: new.ticket,
        key: new.key,
        kind: new.kind,
        name: new.name,
        fingerprint: new.fingerprint,
        source: new.source,
        line: new.line,
        column: new.column,
        request: new.request,
        mutates: new.mutates,
        at: new.at,
        done_seq: None,
        done_at: None,
        attempts: 0,
        note: None,
        resend: false,
        outcome: None,
    }
}

fn kept(new: NewRun) -> RunRow {
    RunRow {
        id: new.id,
        script: new.script,
        root: new.root,
        arguments: new.arguments,
        sealed_arguments: new.sealed_arguments,
        engine: new.engine,
        world: new.world,
        limits: new.limits,
        deadline: new.deadline,
        parent: new.parent,
        created_at: new.created_at,
        state: new.state,
        started_at: None,
        ended_at: None,
        wake_at: None,
        reason: None,
        exit: None,
        result: None,
        problem: None,
        ordered: None,
        cancelled_at: None,
        owner: None,
        steps: 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_put_is_read_back(acts in proptest::collection::vec((0..3_usize, act()), 0..60)) {
        const RUNS: [&str; 3] = ["a", "b", "ř \" '"];
        let mut trial = Trial::new();
        let mut models: [Model; 3] = Default::default();
        for (at, act) in acts {
            let (run, model) = (RUNS[at], &mut models[at]);
            match act {
                Act::Flush => trial.journal.flush().unwrap(),
                Act::Force => trial.journal.force().unwrap(),
                Act::Reopen => {
                    let folder = trial.folder;
                    drop(trial.journal);
                    let journal = crate::journal::trial::open(&folder.path().join("state"));
                    trial = Trial { journal, folder };
                }
                _ => {}
            }
            if model.row.is_none() {
                model.row = Some(kept(new_run(run)));
                trial.put([Write::Run(new_run(run))]);
            }
            trial.put(model.apply(run, act));
        }
        let other = Trial::new();
        for (run, model) in RUNS.iter().zip(models) {
            model.check(&trial.journal, run);
            if model.row.is_some() {
                let mut text = Vec::new();
                trial.journal.export(run, &mut text).unwrap();
                prop_assert_eq!(&other.journal.import(&mut text.as_slice()).unwrap(), run);
                model.without_sealed().check(&other.journal, run);
            }
        }
        prop_assert_eq!(trial.journal.inspect().unwrap().faults, [""; 0]);
    }
}
