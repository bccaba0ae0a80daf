//! A year of schedules with random downtime, clock jumps and ends of runs: every slot of every plan
//! has exactly one fate, and every run exactly one slot.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::world::World;
use crate::ids::Chance;
use crate::journal::{Fate, RunFilter, RunRow, RunState, SlotRow};

/// The schedules: nights when clocks change, leap days, ends of months, and every policy.
const SCHEDULES: [(&str, &str); 12] = [
    (
        "newyork",
        "cron = \"30 2 * * *\"\ntimezone = \"America/New_York\"",
    ),
    (
        "newyork-fall",
        "cron = \"30 1 * * *\"\ntimezone = \"America/New_York\"\nrepeated_hour = \"both\"\noverlap = \"queue\"",
    ),
    (
        "prague",
        "cron = \"30 2 * * *\"\ntimezone = \"Europe/Prague\"\ngap = \"skip\"\ncatch_up = \"none\"",
    ),
    (
        "lordhowe",
        "cron = \"15 2 * * *\"\ntimezone = \"Australia/Lord_Howe\"\nrepeated_hour = \"last\"\noverlap = \"allow\"",
    ),
    (
        "lordhowe-rhythm",
        "cron = \"*/30 1-2 * * sun\"\ntimezone = \"Australia/Lord_Howe\"\noverlap = \"cancel_previous\"",
    ),
    (
        "cairo",
        "cron = \"@daily\"\ntimezone = \"Africa/Cairo\"\noverlap = \"replace_queued\"",
    ),
    (
        "leap",
        "cron = \"0 12 29 2 *\"\ntimezone = \"Asia/Kathmandu\"\ncatch_up = \"all\"\nwindow = \"700h\"",
    ),
    (
        "ends",
        "cron = \"0 9 28-31 * *\"\nretries = { attempts = 2, backoff = \"90m\" }",
    ),
    (
        "jittery",
        "cron = \"0 */4 * * *\"\njitter = \"9h\"\noverlap = \"queue\"\nqueue_depth = 3",
    ),
    (
        "paced",
        "every = \"7h\"\ncatch_up = \"all\"\nwindow = \"100h\"\npause_after = 3",
    ),
    (
        "days-off",
        "cron = \"0 6,18 * * *\"\nexclude = { weekdays = [\"sat\"], dates = [\"12-25\", \"2028-03-01\"] }\ndeadline = \"1h\"",
    ),
    (
        "bounded",
        "cron = \"0 */3 * * *\"\nstart = \"2028-02-10\"\nend = \"2028-06-30\"\ncatch_up = \"latest\"\nwindow = \"2h\"",
    ),
];

fn settings() -> String {
    let one = |(name, keys): &(&str, &str)| {
        format!("[[schedule]]\nname = \"{name}\"\nscript = \"scripts/a.rhai\"\n{keys}\n")
    };
    SCHEDULES.iter().map(one).collect()
}

/// A year of a world in which nothing goes as planned.
struct Year {
    world: World,
    chance: Chance,
    end: Timestamp,
}

impl Year {
    fn below(&self, bound: u64) -> u64 {
        self.chance.bits() % bound
    }

    fn now(&self) -> Timestamp {
        use crate::clock::Clock;
        self.world.clock.now()
    }

    fn forward(&self, seconds: u64) {
        let by = SignedDuration::from_secs(seconds.try_into().unwrap());
        self.world.set_to(self.now() + by);
    }

    /// Ends some of the runs that a daemon would execute at a time; those that were told to end do.
    fn end_some(&mut self, at: Timestamp, share: u64) {
        for due in self.world.journal.due(at, &[], 1000).unwrap() {
            let id = due.run;
            let run = self.world.journal.run(&id).unwrap().unwrap();
            if run.ordered.is_some() {
                self.world.end_run(id, RunState::Cancelled);
            } else if self.below(100) < share {
                let state = [RunState::Done, RunState::Done, RunState::Failed];
                let state = state[usize::try_from(self.below(3)).unwrap()];
                self.world.end_run(id, state);
            }
        }
    }

    /// Lets the daemon work for some days, with a turn when it wants one and now and then otherwise.
    fn serve(&mut self) {
        let until = self.now() + SignedDuration::from_hours(self.below(200).try_into().unwrap());
        while self.now() < until.min(self.end) {
            self.end_some(self.now(), 70);
            let next = self.world.turn().next;
            let soon = self.now() + SignedDuration::from_mins(self.below(700).try_into().unwrap());
            self.world
                .set_to(next.unwrap_or(soon).min(soon).max(self.now()));
            self.forward(1);
        }
    }

    fn live(&mut self) {
        while self.now() < self.end {
            self.serve();
            match self.below(6) {
                0 => self.forward(3600),
                1 => self
                    .world
                    .set_to(self.now() - SignedDuration::from_hours(1)),
                2 => self.forward(8 * 3600),
                3 => {
                    for (name, _) in SCHEDULES {
                        self.world.journal.resume_schedule(name).unwrap();
                    }
                }
                _ => {
                    self.forward(self.below(14 * 24 * 3600));
                    self.world.start();
                }
            }
        }
        // Whatever waits comes to its end.
        self.forward(10 * 3600);
        for _ in 0..60 {
            self.end_some(Timestamp::MAX, 100);
            self.world.turn();
        }
    }
}

fn by_slot(runs: Vec<RunRow>) -> BTreeMap<(String, Timestamp), Vec<u32>> {
    let mut by_slot: BTreeMap<_, Vec<u32>> = BTreeMap::new();
    for run in runs {
        let key = (run.schedule.unwrap(), run.slot.unwrap());
        by_slot.entry(key).or_default().push(run.attempt);
    }
    for attempts in by_slot.values_mut() {
        attempts.sort_unstable();
    }
    by_slot
}

/// Lives through a year, and compares what is kept with the plans alone.
fn live_through(seed: u64) {
    let start = "2028-01-20T00:00:00Z".parse().unwrap();
    let mut year = Year {
        world: World::with("2028-01-20T00:00", &settings()),
        chance: Chance::from_seed(seed),
        end: "2029-01-20T00:00:00Z".parse().unwrap(),
    };
    year.live();
    let world = &year.world;
    let last = year.now();
    let slots = world.slots();
    let mut runs = by_slot(world.journal.runs(&RunFilter::default()).unwrap());
    let count = |slots: &[&SlotRow], fates: &[Fate]| {
        slots
            .iter()
            .filter(|slot| fates.contains(&slot.fate))
            .count()
    };
    let mut totals = [0; 3];
    for (name, _) in SCHEDULES {
        let plan = &world.keeper.declaration(name).unwrap().plan;
        let planned: BTreeSet<_> = plan
            .after(start)
            .take_while(|slot| slot.at <= last)
            .filter(|slot| slot.due <= last)
            .map(|slot| slot.at)
            .collect();
        let kept: Vec<_> = slots.iter().filter(|slot| slot.schedule == name).collect();
        let instants: BTreeSet<_> = kept.iter().map(|slot| slot.at).collect();
        let wrong: Vec<_> = instants.symmetric_difference(&planned).collect();
        assert_eq!(wrong, Vec::<&Timestamp>::new(), "{name}, seed {seed}");
        let ran = count(&kept, &[Fate::Ran, Fate::Late]);
        let (skipped, missed) = (
            count(&kept, &[Fate::Skipped]),
            count(&kept, &[Fate::Missed]),
        );
        assert_eq!(planned.len(), ran + skipped + missed, "{name}, seed {seed}");
        for slot in kept {
            let attempts = runs
                .remove(&(slot.schedule.clone(), slot.at))
                .unwrap_or_default();
            let expected = u32::try_from(attempts.len()).unwrap();
            assert_eq!(attempts, (1..=expected).collect::<Vec<_>>());
            assert_eq!(slot.fate.has_run(), expected > 0, "{slot:?}");
            assert!(slot.settled, "{slot:?}");
            assert!(slot.fate == Fate::Ran || slot.reason.is_some(), "{slot:?}");
        }
        for (total, part) in totals.iter_mut().zip([ran, skipped, missed]) {
            *total += part;
        }
    }
    assert_eq!(runs.len(), 0, "runs without a slot");
    assert!(totals.iter().all(|total| *total > 100), "{totals:?}");
    assert_eq!(world.journal.inspect().unwrap().faults, [""; 0]);
}

#[test]
fn every_slot_of_a_year_has_one_fate() {
    live_through(1);
}

#[test]
fn every_slot_of_another_year_has_one_fate() {
    live_through(2);
}

#[test]
fn every_slot_of_a_third_year_has_one_fate() {
    live_through(3);
}

/// Returns the slots of a few days, as hours and minutes of the zone with their fates, when somebody
/// is there all the time.
fn served(from: &str, to: &str, keys: &str) -> Vec<String> {
    let mut world = World::new(from, keys);
    world.turn();
    world.go_to(to);
    let plan = world.declaration().plan.clone();
    let said = |slot: &SlotRow| {
        assert!(slot.decided_at == slot.due, "{slot:?}");
        let offset = plan.zone.to_offset(slot.at);
        let local = slot.at.display_with_offset(offset).to_string();
        let (day, time, offset) = (&local[8..10], &local[11..16], &local[19..]);
        format!("{day} {time} {offset} {}", slot.fate)
    };
    world.slots().iter().map(said).collect()
}

/// Nights when clocks change and a leap day: from, to, the schedule, and its slots in local time.
const NIGHTS: [(&str, &str, &str, &[&str]); 9] = [
    (
        "2026-03-07T12:00",
        "2026-03-09T12:00",
        "cron = \"30 2 * * *\"\ntimezone = \"America/New_York\"\noverlap = \"allow\"",
        &["08 03:00 -04:00 ran", "09 02:30 -04:00 ran"],
    ),
    (
        "2026-10-31T12:00",
        "2026-11-01T12:00",
        "cron = \"30 1 * * *\"\ntimezone = \"America/New_York\"\noverlap = \"allow\"\nrepeated_hour = \"both\"",
        &["01 01:30 -04:00 ran", "01 01:30 -05:00 ran"],
    ),
    (
        "2026-03-28T12:00",
        "2026-03-30T12:00",
        "cron = \"30 2 * * *\"\ntimezone = \"Europe/Prague\"\noverlap = \"allow\"\ngap = \"skip\"",
        &["29 03:00 +02:00 skipped", "30 02:30 +02:00 ran"],
    ),
    (
        "2026-10-24T12:00",
        "2026-10-25T12:00",
        "cron = \"30 2 * * *\"\ntimezone = \"Europe/Prague\"\noverlap = \"allow\"",
        &["25 02:30 +02:00 ran"],
    ),
    (
        "2026-04-04T10:00",
        "2026-04-04T16:00",
        "cron = \"*/15 1 * * *\"\ntimezone = \"Australia/Lord_Howe\"\noverlap = \"allow\"",
        &[
            "05 01:00 +11:00 ran",
            "05 01:15 +11:00 ran",
            "05 01:30 +11:00 ran",
            "05 01:45 +11:00 ran",
            "05 01:30 +10:30 ran",
            "05 01:45 +10:30 ran",
        ],
    ),
    (
        "2026-10-03T10:00",
        "2026-10-04T16:00",
        "cron = \"15 2 * * *\"\ntimezone = \"Australia/Lord_Howe\"\noverlap = \"allow\"",
        &["04 02:30 +11:00 ran", "05 02:15 +11:00 ran"],
    ),
    (
        "2026-04-23T12:00",
        "2026-04-24T23:00",
        "cron = \"@daily\"\ntimezone = \"Africa/Cairo\"\noverlap = \"allow\"",
        &["24 01:00 +03:00 ran", "25 00:00 +03:00 ran"],
    ),
    (
        "2026-10-29T12:00",
        "2026-10-30T23:00",
        "cron = \"30 23 * * *\"\ntimezone = \"Africa/Cairo\"\noverlap = \"allow\"",
        &["29 23:30 +03:00 ran", "30 23:30 +02:00 ran"],
    ),
    (
        "2028-02-27T12:00",
        "2028-03-31T12:00",
        "cron = \"0 0 29,31 * *\"\noverlap = \"allow\"",
        &[
            "29 00:00 +00:00 ran",
            "29 00:00 +00:00 ran",
            "31 00:00 +00:00 ran",
        ],
    ),
];

#[test]
fn each_night_when_clocks_change_is_served_as_previewed() {
    for (from, to, keys, expected) in NIGHTS {
        assert_eq!(served(from, to, keys), expected, "{keys}");
    }
}
