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
        let run = run.to_owned();
        match act {
            Act::Flush | Act::Force | Act::Reopen => None,
            Act::Source(name, text) => {
                let is_new = self.sources.iter().all(|known| known.name != name);
                let source = StoredSource { name, text };
                is_new.then(|| self.sources.push(source.clone()))?;
                Some(Write::Source { run, source })
            }
            Act::Step(mut new) => {
                new.run = run;
                new.ticket = u32::try_from(self.steps.len()).unwrap();
                self.steps.push(begun(&new));
                self.row.as_mut()?.steps += 1;
                Some(Write::Step(*new))
            }
            Act::Outcome(at, note, outcome) => self.complete(run, at, note, outcome),
            Act::Line(key, level, text) => {
                let at = self.row.as_ref()?.created_at;
                let line = NewLine {
                    run,
                    key,
                    level,
                    text,
                    at,
                };
                self.print(&line);
                Some(Write::Line(line))
            }
            Act::Wait(mut wait) => {
                wait.run = run;
                self.waits.insert(wait.ticket, wait.clone());
                Some(Write::Wait(wait))
            }
            Act::EndWait(ticket) => {
                self.waits.remove(&ticket);
                Some(Write::EndWait { run, ticket })
            }
            Act::State(..) | Act::End(..) | Act::CancelledAt(_) => self.enter(run, act),
        }
    }

    fn complete(
        &mut self,
        run: String,
        at: usize,
        note: Option<String>,
        outcome: OutcomeRow,
    ) -> Option<Write> {
        let open = self.steps.iter_mut().filter(|step| step.outcome.is_none());
        let open: Vec<_> = open.collect();
        let at = at.checked_rem(open.len())?;
        let step = open.into_iter().nth(at)?;
        let done_seq = self.done;
        self.done += 1;
        (step.done_seq, step.done_at) = (Some(done_seq), Some(step.at));
        (step.attempts, step.note) = (2, note.clone());
        step.outcome = Some(outcome.clone());
        Some(Write::Outcome {
            run,
            ticket: step.ticket,
            done_seq,
            at: step.at,
            attempts: 2,
            note,
            outcome,
        })
    }

    fn print(&mut self, new: &NewLine) {
        if self.lines.iter().any(|line| line.key == new.key) {
            return;
        }
        let new = new.clone();
        self.lines.push(LineRow {
            number: self.lines.len() as u64 + 1,
            run: new.run,
            key: new.key,
            level: new.level,
            text: new.text,
            at: new.at,
        });
    }

    fn enter(&mut self, run: String, act: Act) -> Option<Write> {
        let row = self.row.as_mut()?;
        match act {
            Act::CancelledAt(done_seq) => {
                row.cancelled_at = Some(done_seq);
                Some(Write::CancelledAt { run, done_seq })
            }
            Act::State(state, wake_at, reason) if !row.state.is_ended() => {
                (row.state, row.wake_at, row.reason) = (state, wake_at, reason.clone());
                Some(Write::State {
                    run,
                    state,
                    wake_at,
                    reason,
                })
            }
            Act::End(state, exit, result) if !row.state.is_ended() => {
                let at = row.created_at;
                self.waits.clear();
                (row.state, row.ended_at, row.exit) = (state, Some(at), Some(exit));
                (row.result, row.problem) = (result.clone(), result.clone());
                (row.wake_at, row.reason) = (None, None);
                Some(Write::End {
                    run,
                    state,
                    at,
                    exit,
                    problem: result.clone(),
                    result,
                })
            }
            _ => None,
        }
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

    /// Returns what an exported run is elsewhere: somebody's own, and without sealed values.
    fn imported(mut self) -> Self {
        if let Some(row) = &mut self.row {
            row.unattended = false;
        }
        for outcome in self
            .steps
            .iter_mut()
            .filter_map(|step| step.outcome.as_mut())
        {
            outcome.sealed = outcome.sealed.take().map(|_| Vec::new());
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
        unattended: new.unattended,
        schedule: new.schedule,
        slot: new.slot,
        attempt: new.attempt,
        started_at: None,
        ended_at: None,
        wake_at: new.wake_at,
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
    #![proptest_config(ProptestConfig::with_cases(24))]

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
                model.imported().check(&other.journal, run);
            }
        }
        prop_assert_eq!(trial.journal.inspect().unwrap().faults, [""; 0]);
    }
}
