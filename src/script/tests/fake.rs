//! A Host for tests: answers come from a closure, effects are recorded, and of the effects that are
//! under way, a rule picks the one that is completed next.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::report::{Failure, FailureKind, render};
use crate::script::Answer;
use crate::script::Branch;
use crate::script::Control;
use crate::script::Effect;
use crate::script::Ended;
use crate::script::Halt;
use crate::script::Header;
use crate::script::Host;
use crate::script::Limits;
use crate::script::Outcome;
use crate::script::Script;
use crate::script::Source;
use crate::script::Step;
use crate::script::StepKey;
use crate::script::execute;
use crate::script::texts;

pub(super) type Answers = dyn Fn(&StepKey, &Effect) -> Result<Answer, Halt> + Send + Sync;
pub(super) type Pick = dyn Fn(&[StepKey]) -> usize + Send + Sync;

pub(in crate::script) struct Fake {
    answers: Box<Answers>,
    pick: Box<Pick>,
    files: HashMap<String, String>,
    baton: Mutex<Baton>,
    passed_on: Condvar,
    pub(super) effects: Mutex<Vec<(String, Effect)>>,
}

#[derive(Default)]
struct Baton {
    running: Option<Branch>,
    starting: VecDeque<Branch>,
    pending: Vec<(Branch, StepKey)>,
    parents: HashMap<Branch, Branch>,
    slots: HashMap<Branch, usize>,
}

impl Fake {
    pub(in crate::script) fn new(
        answers: impl Fn(&StepKey, &Effect) -> Result<Answer, Halt> + Send + Sync + 'static,
    ) -> Self {
        let baton = Baton {
            running: Some(Branch::default()),
            ..Baton::default()
        };
        Self {
            answers: Box::new(answers),
            pick: Box::new(|_| 0),
            files: HashMap::new(),
            baton: Mutex::new(baton),
            passed_on: Condvar::new(),
            effects: Mutex::default(),
        }
    }

    /// Answers endpoint calls with JSON; all else with nothing.
    pub(super) fn api(
        answers: impl Fn(&str, &[String], &Map<String, Value>) -> Value + Send + Sync + 'static,
    ) -> Self {
        Self::new(move |_, effect| match effect {
            Effect::Call(call) => {
                let answer = answers(call.endpoint.name, &call.path, &call.fields);
                Ok(Answer::Json(answer.to_string().into_bytes()))
            }
            _ => Ok(Answer::Nothing),
        })
    }

    /// A Host without any world behind it.
    pub(in crate::script) fn silent() -> Self {
        Self::new(|_, _| Ok(Answer::Nothing))
    }

    pub(super) fn picking(
        mut self,
        pick: impl Fn(&[StepKey]) -> usize + Send + Sync + 'static,
    ) -> Self {
        self.pick = Box::new(pick);
        self
    }

    pub(in crate::script) fn file(mut self, name: &str, text: &str) -> Self {
        self.files.insert(name.into(), text.into());
        self
    }

    pub(super) fn run(self, text: &str) -> Ran {
        self.run_with(text, &[], &Limits::default())
    }

    pub(super) fn run_with(self, text: &str, args: &[(&str, &str)], limits: &Limits) -> Ran {
        let host = Arc::new(self);
        let source = Source {
            name: "main.rhai".into(),
            text: text.into(),
        };
        let script = match Script::load(source.clone()) {
            Ok(script) => script,
            Err(problem) => {
                let ended = Ended {
                    outcome: Outcome::Failed(problem),
                    sources: vec![source],
                };
                return Ran { ended, host };
            }
        };
        let args: Vec<_> = args
            .iter()
            .map(|(k, v)| ((*k).into(), (*v).into()))
            .collect();
        let args = Header::arguments(script.header(), &args, &|_| None).unwrap();
        let control = Arc::new(Control::default());
        let ended = execute(
            &script,
            &args,
            Arc::clone(&host) as Arc<dyn Host>,
            limits,
            control,
        );
        Ran { ended, host }
    }

    fn wait_for(&self, branch: &Branch) {
        let mut baton = self.baton.lock().unwrap();
        while baton.running.as_ref() != Some(branch) {
            let (next, timeout) = self
                .passed_on
                .wait_timeout(baton, Duration::from_secs(20))
                .unwrap();
            baton = next;
            assert!(
                !timeout.timed_out(),
                "branch {branch:?} never gets the baton"
            );
        }
    }

    fn pass_on(&self, baton: &mut Baton) {
        baton.running = baton.starting.pop_front().or_else(|| {
            let ready = baton.slots.iter().find(|(_, left)| **left == 0);
            let parent = ready.map(|(parent, _)| parent.clone());
            parent.inspect(|parent| _ = baton.slots.remove(parent))
        });
        if baton.running.is_none() && !baton.pending.is_empty() {
            let keys: Vec<_> = baton.pending.iter().map(|(_, key)| key.clone()).collect();
            baton.running = Some(baton.pending.remove((self.pick)(&keys)).0);
        }
        self.passed_on.notify_all();
    }
}

impl Host for Fake {
    fn perform(&self, step: &Step, effect: Effect) -> Result<Answer, Halt> {
        let Step {
            branch, key: step, ..
        } = step;
        {
            let mut baton = self.baton.lock().unwrap();
            assert_eq!(
                baton.running.as_ref(),
                Some(branch),
                "an effect without the baton"
            );
            self.effects
                .lock()
                .unwrap()
                .push((step.0.clone(), effect.clone()));
            baton.pending.push((branch.clone(), step.clone()));
            self.pass_on(&mut baton);
        }
        self.wait_for(branch);
        (self.answers)(step, &effect)
    }

    fn fork(&self, parent: &Branch, first: &[Branch]) {
        let mut baton = self.baton.lock().unwrap();
        baton.slots.insert(parent.clone(), first.len());
        for branch in first {
            baton.parents.insert(branch.clone(), parent.clone());
            baton.starting.push_back(branch.clone());
        }
        self.pass_on(&mut baton);
    }

    fn enter(&self, branch: &Branch) -> Result<(), Halt> {
        self.wait_for(branch);
        Ok(())
    }

    fn leave(&self, branch: &Branch, next: Option<&Branch>) {
        let mut baton = self.baton.lock().unwrap();
        assert_eq!(
            baton.running.as_ref(),
            Some(branch),
            "left without the baton"
        );
        let parent = baton.parents[branch].clone();
        if let Some(next) = next {
            baton.parents.insert(next.clone(), parent);
            baton.running = Some(next.clone());
        } else {
            *baton.slots.get_mut(&parent).unwrap() -= 1;
            self.pass_on(&mut baton);
        }
    }

    fn join(&self, parent: &Branch) -> Result<(), Halt> {
        self.wait_for(parent);
        Ok(())
    }

    fn import(&self, importer: &str, path: &str) -> Result<Source, Failure> {
        let folder = importer.rsplit_once('/').map_or("", |(folder, _)| folder);
        let joined = format!("{folder}/{}.rhai", path.trim_start_matches("./"));
        let name = joined.trim_start_matches('/').to_owned();
        let text = self.files.get(&name).ok_or_else(|| {
            Failure::new(
                FailureKind::NotFound,
                format!("there is no module `{name}`"),
            )
        })?;
        Ok(Source {
            name,
            text: text.clone(),
        })
    }
}

/// A run that ended, and its Host.
pub(super) struct Ran {
    pub(super) ended: Ended,
    pub(super) host: Arc<Fake>,
}

impl Ran {
    /// Returns the result; fails the test with the rendered problem.
    #[track_caller]
    pub(super) fn value(&self) -> Value {
        match &self.ended.outcome {
            Outcome::Done(value) => value.clone(),
            _ => panic!("{}", self.shown()),
        }
    }

    /// Returns the problem as people see it.
    #[track_caller]
    pub(super) fn problem(&self) -> String {
        match &self.ended.outcome {
            Outcome::Failed(_) => self.shown(),
            other => panic!("no problem: {other:?}"),
        }
    }

    fn shown(&self) -> String {
        match &self.ended.outcome {
            Outcome::Failed(problem) => render(problem, &texts(&self.ended.sources), false),
            other => format!("{other:?}"),
        }
    }

    /// Returns the calls: name, path and fields.
    pub(super) fn calls(&self) -> Vec<Value> {
        let effects = self.host.effects.lock().unwrap();
        let calls = effects.iter().filter_map(|(_, effect)| match effect {
            Effect::Call(call) => Some(json!([call.endpoint.name, call.path, call.fields])),
            _ => None,
        });
        calls.collect()
    }

    /// Returns the keys of all effects, in the order in which they were asked for.
    pub(super) fn keys(&self) -> Vec<String> {
        let effects = self.host.effects.lock().unwrap();
        effects.iter().map(|(key, _)| key.clone()).collect()
    }

    /// Returns what was printed.
    pub(super) fn printed(&self) -> Vec<String> {
        let effects = self.host.effects.lock().unwrap();
        let lines = effects.iter().filter_map(|(_, effect)| match effect {
            Effect::Print(line) => Some(line.clone()),
            _ => None,
        });
        lines.collect()
    }
}
