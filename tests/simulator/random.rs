//! Random sequences of calls: whatever is asked in whatever order, the answers have the documented
//! shape, the invariants hold, the ledger agrees, and all of it happens the same way again.

use std::time::Duration;

use duvoscript::catalog::{self, Call, Endpoint, Method, Repeat};
use duvoscript::ids::Chance;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::Config;
use serde_json::Value;

use super::invariants;
use super::made::{self, Seen};
use super::place::{Came, Place, target};

/// Sequences in a usual run.
const CASES: u32 = 6;
/// Calls and moves of the clock in a sequence.
const LENGTH: std::ops::Range<usize> = 80..160;
/// What the work on cases consists of.
const WORK: [&str; 8] = [
    "jobs.start",
    "jobs.get",
    "jobs.respond",
    "jobs.stop",
    "cases.create",
    "cases.reprocess",
    "cases.update_status",
    "triggers.list",
];
/// The sections whose life cycles hang together most.
const HEART: [&str; 6] = ["jobs", "cases", "queues", "labels", "triggers", "setups"];

/// One thing that is done.
#[derive(Clone)]
enum Act {
    /// Makes a call, made up with these dice.
    Call(&'static Endpoint, u64),
    /// Lets some time pass.
    Pass(Duration),
}

impl std::fmt::Debug for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Call(endpoint, dice) => write!(f, "{}#{dice}", endpoint.name),
            Self::Pass(span) => write!(f, "{span:?}"),
        }
    }
}

/// A request that was made, and what came.
pub(crate) struct Exchange {
    endpoint: Option<&'static Endpoint>,
    method: String,
    target: String,
    body: String,
    /// How far the clock was moved before it.
    pass: Duration,
    came: Came,
}

/// A place where everything that passes is written down.
pub(crate) struct Walk {
    pub(crate) place: Place,
    pub(crate) seen: Seen,
    log: Vec<Exchange>,
    pass: Duration,
}

impl Walk {
    async fn start() -> Self {
        let mut walk = Self {
            place: Place::company().await,
            seen: Seen::default(),
            log: Vec::new(),
            pass: Duration::ZERO,
        };
        walk.look_around().await;
        walk
    }

    /// Reads what there is: all lists, and then what belongs to some of the things in them.
    async fn look_around(&mut self) {
        for count in 0..3 {
            let readers = catalog::endpoints().filter(|endpoint| {
                endpoint.repeat == Repeat::Read
                    && endpoint.method == Method::Get
                    && endpoint.given_params().count() == count
            });
            for (endpoint, dice) in readers.zip(0..) {
                let mut call = made::call(endpoint, &self.seen, &Chance::from_seed(dice));
                call.fields.clear();
                self.make(&call).await;
            }
        }
    }

    async fn act(&mut self, act: &Act) {
        match act {
            Act::Pass(span) => {
                self.place.pass(*span);
                self.pass += *span;
            }
            Act::Call(endpoint, dice) => {
                let call = made::call(endpoint, &self.seen, &Chance::from_seed(*dice));
                self.make(&call).await;
            }
        }
    }

    /// Makes a call, writes it down, and judges its answer by the catalog.
    pub(crate) async fn make(&mut self, call: &Call) -> Value {
        let (target, body) = target(call, &self.place.team);
        let (endpoint, method) = (call.endpoint, call.endpoint.method.as_str());
        let came = self.place.send(method, &target, &[], body.clone()).await;
        judge(endpoint, &target, &came);
        let answer = came.json();
        if came.status < 300 {
            self.seen.learn(call, &answer);
        }
        self.log.push(Exchange {
            endpoint: Some(endpoint),
            method: method.into(),
            target,
            body,
            pass: std::mem::take(&mut self.pass),
            came,
        });
        answer
    }

    /// The ledger holds each mutation once, in order, and what it says agrees with the state.
    fn check_ledger(&self) {
        let ledger = self.place.ledger();
        let mutations = self.log.iter().filter(|one| {
            one.endpoint
                .is_some_and(|endpoint| endpoint.repeat != Repeat::Read)
        });
        let mutations: Vec<_> = mutations.collect();
        for one in &mutations {
            let is_noted = ledger
                .iter()
                .any(|entry| entry["request_id"] == one.came.header("x-request-id"));
            assert!(
                is_noted,
                "{} {} is not in the ledger",
                one.method, one.target
            );
        }
        assert_eq!(ledger.len(), mutations.len());
        for ((entry, made), number) in ledger.iter().zip(mutations).zip(1_u64..) {
            let path = made.target.split('?').next().unwrap();
            assert_eq!(entry["number"], number);
            assert_eq!(entry["request_id"], made.came.header("x-request-id"));
            assert_eq!(entry["endpoint"], made.endpoint.unwrap().name);
            assert_eq!(
                (&entry["path"], &entry["status"]),
                (&path.into(), &made.came.status.into())
            );
            let is_done = made.came.status < 300;
            assert!(
                is_done || entry["effects"].as_array().unwrap().is_empty(),
                "{entry}"
            );
        }
        invariants::ledger_and_state_agree(&ledger, &self.place.simulator.state());
    }

    /// Makes the same requests from number `from` on at another place.
    async fn replay(&self, from: usize, other: &Place) {
        for (index, one) in self.log.iter().enumerate().skip(from) {
            other.pass(one.pass);
            let came = other
                .send(&one.method, &one.target, &[], one.body.clone())
                .await;
            let what = format!(
                "request {index}: {} {} {}",
                one.method, one.target, one.body
            );
            let plain = |came: &Came, place: &Place| {
                String::from_utf8_lossy(&came.bytes).replace(place.simulator.url(), "")
            };
            assert_eq!(plain(&came, other), plain(&one.came, &self.place), "{what}");
            for name in ["x-request-id", "content-type", "location"] {
                assert_eq!(came.header(name), one.came.header(name), "{name}, {what}");
            }
            assert_eq!(came.status, one.came.status, "{what}");
        }
    }
}

/// An answer has a documented status and shape, or is a refusal in the API's envelope.
fn judge(endpoint: &Endpoint, target: &str, came: &Came) {
    let name = endpoint.name;
    // It speaks JSON-RPC, whose answers have statuses of their own.
    if endpoint.section == "mcp" {
        assert!(came.status < 500, "{name}: {}", came.status);
        return;
    }
    let told = || format!("{name} {target}: {} {}", came.status, came.json());
    if came.status >= 400 {
        // What is wrong in itself is 400 everywhere, what is too large 413.
        let is_known =
            endpoint.errors.contains(&came.status) || [400, 404, 413].contains(&came.status);
        assert!(is_known && came.status < 500, "{}", told());
        assert!(came.json()["error"].is_string(), "{}", told());
        return;
    }
    assert!(
        endpoint.status.contains(&came.status) || came.status == 308,
        "{}",
        told()
    );
    if let Some(shape) = endpoint.answer.as_ref().filter(|_| {
        came.status < 300 && came.header("content-type").starts_with("application/json")
    }) {
        catalog::check_value(shape, &mut came.json(), name)
            .unwrap_or_else(|fault| panic!("{fault}: {}", told()));
    }
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let all: Vec<&'static Endpoint> = catalog::endpoints().collect();
    let of = |fits: &dyn Fn(&Endpoint) -> bool| -> Vec<_> {
        let chosen = all.iter().copied();
        chosen.filter(|endpoint| fits(endpoint)).collect()
    };
    let work = of(&|endpoint| WORK.contains(&endpoint.name));
    // What deletes is in the other half, or else there would soon be nothing left.
    let heart = of(&|endpoint| HEART.contains(&endpoint.section) && !endpoint.destructive);
    let call = |from: Vec<&'static Endpoint>| {
        (select(from), any::<u64>()).prop_map(|(endpoint, dice)| Act::Call(endpoint, dice))
    };
    let pass = (0_u64..40_000).prop_map(|span| Act::Pass(Duration::from_millis(span)));
    prop::collection::vec(
        prop_oneof![4 => call(work), 4 => call(heart), 4 => call(all), 2 => pass],
        LENGTH,
    )
}

/// Returns how many cases to try: as many as asked for, or so many.
pub(crate) fn config(cases: u32) -> Config {
    let usual = Config::default();
    let is_asked = usual.cases != Config::with_cases(256).cases;
    Config {
        cases: if is_asked { usual.cases } else { cases },
        failure_persistence: None,
        max_shrink_iters: 200,
        ..usual
    }
}

proptest! {
    #![proptest_config(config(CASES))]

    #[test]
    fn random_calls_keep_the_invariants_and_happen_the_same_way_again(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut walk = Walk::start().await;
            let (first, second) = acts.split_at(acts.len() / 2);
            for act in first {
                walk.act(act).await;
            }
            invariants::check(&mut walk).await;
            // The state is fetched at a moment at which nothing is due, or else it would come first.
            let saved = walk.place.send("GET", "/_sim/state", &[], "").await.bytes;
            let (middle, then) = (walk.log.len(), walk.place.now());
            for act in second {
                walk.act(act).await;
            }
            invariants::check(&mut walk).await;
            walk.check_ledger();
            let twin = Place::company().await;
            walk.replay(0, &twin).await;
            let heir = Place::at(then, |settings| settings.seed = 99).await;
            let loaded = heir.send("PUT", "/_sim/state", &[], saved).await;
            assert_eq!(loaded.status, 200, "{}", loaded.json());
            walk.replay(middle, &heir).await;
        });
    }
}
