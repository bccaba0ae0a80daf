//! Each policy, alone: overlap, catch-up, jitter, bounds, days off, deadline, retries, pauses, pings.

use super::world::{World, fates, time};
use crate::journal::Fate::{Late, Missed, Queued, Ran, Skipped};
use crate::journal::{Order, RunState};
use crate::schedule::Turn;

const HOURLY: &str = "cron = \"0 * * * *\"";

fn hourly(more: &str) -> World {
    World::new("00:30", &format!("{HOURLY}\n{more}"))
}

#[test]
fn a_slot_runs_when_it_is_due_and_once() {
    let mut world = hourly("deadline = \"2h\"");
    let idle = world.turn();
    let expected = Turn {
        next: Some(time("01:00")),
        ..Turn::default()
    };
    assert_eq!(idle, expected);
    let fired = world.turn_at("01:00");
    assert_eq!((fired.fired, fired.next), (1, Some(time("02:00"))));
    assert_eq!(world.turn().fired, 0);
    assert_eq!(world.turn_at("01:59").fired, 0);
    assert_eq!(world.fates(), fates(&[("01:00", Ran)]));
    let run = world.journal.run(&world.open()[0]).unwrap().unwrap();
    assert_eq!(
        (run.script.as_str(), run.schedule.as_deref(), run.slot),
        ("scripts/a.rhai", Some("nightly"), Some(time("01:00")))
    );
    assert_eq!((run.unattended, run.deadline), (true, Some(time("03:00"))));
    assert_eq!(world.journal.sources(&run.id).unwrap()[0].text, "1");
    assert_eq!(world.journal.due(time("01:00"), &[], 9).unwrap().len(), 1);
}

#[test]
fn overlap_skip_leaves_out_what_comes_while_a_run_is_on() {
    let mut world = hourly("");
    world.turn_at("01:00");
    world.turn_at("02:00");
    world.end(RunState::Done);
    world.turn_at("03:00");
    assert_eq!(
        world.fates(),
        fates(&[("01:00", Ran), ("02:00", Skipped), ("03:00", Ran)])
    );
    assert!(
        world
            .reason("02:00")
            .contains("of the slot 2026-01-05T01:00:00Z is on")
    );
}

#[test]
fn overlap_queue_waits_for_its_turn_up_to_its_depth() {
    let mut world = hourly("overlap = \"queue\"\nqueue_depth = 2");
    for at in ["01:00", "02:00", "03:00", "04:00"] {
        world.turn_at(at);
    }
    let full = [
        ("01:00", Ran),
        ("02:00", Queued),
        ("03:00", Queued),
        ("04:00", Skipped),
    ];
    assert_eq!(world.fates(), fates(&full));
    assert!(world.reason("04:00").contains("2 wait already"));
    world.end(RunState::Done);
    assert_eq!(world.turn_at("04:10").fired, 1);
    assert_eq!(world.turn_at("04:20").fired, 0);
    world.end(RunState::Failed);
    assert_eq!(world.turn_at("04:30").fired, 1);
    let done = [
        ("01:00", Ran),
        ("02:00", Late),
        ("03:00", Late),
        ("04:00", Skipped),
    ];
    assert_eq!(world.fates(), fates(&done));
    // What is queued survives the daemon.
    world.turn_at("05:00");
    world.end(RunState::Done);
    assert_eq!(world.restart("05:00").fired, 1);
    assert_eq!(world.fates()[4], fates(&[("05:00", Ran)])[0]);
}

#[test]
fn overlap_cancel_previous_ends_the_run_before_and_then_runs() {
    let mut world = hourly("overlap = \"cancel_previous\"");
    world.turn_at("01:00");
    let first = world.open().remove(0);
    world.turn_at("02:00");
    let ordered = |run: &str| world.journal.run(run).unwrap().unwrap().ordered;
    assert_eq!(ordered(&first), Some(Order::Cancel));
    let version = || world.journal.schedule("nightly").unwrap().unwrap().version;
    let before = version();
    assert_eq!(world.keeper.turn(time("02:10")).unwrap().decided, 0);
    assert_eq!(
        world.journal.schedule("nightly").unwrap().unwrap().version,
        before
    );
    world.turn_at("03:00");
    assert_eq!(
        world.fates(),
        fates(&[("01:00", Ran), ("02:00", Skipped), ("03:00", Queued)])
    );
    world.end(RunState::Cancelled);
    world.turn_at("03:00");
    assert_eq!(world.fates()[2], fates(&[("03:00", Ran)])[0]);
}

#[test]
fn overlap_replace_queued_keeps_the_newest_waiting() {
    let mut world = hourly("overlap = \"replace_queued\"");
    for at in ["01:00", "02:00", "03:00"] {
        world.turn_at(at);
    }
    assert_eq!(
        world.fates(),
        fates(&[("01:00", Ran), ("02:00", Skipped), ("03:00", Queued)])
    );
    assert!(world.reason("02:00").contains("03:00:00Z took its place"));
    world.end(RunState::Done);
    world.turn_at("03:05");
    assert_eq!(world.fates()[2], fates(&[("03:00", Late)])[0]);
}

#[test]
fn overlap_allow_runs_side_by_side() {
    let mut world = hourly("overlap = \"allow\"");
    world.go_to("04:00");
    assert_eq!(world.open().len(), 4);
    assert!(world.fates().iter().all(|(_, fate)| *fate == Ran));
}

/// Returns the fates of four slots after nobody was there from 00:30 until 04:20.
fn after_downtime(more: &str) -> (World, Vec<crate::journal::Fate>) {
    let mut world = hourly(more);
    world.turn();
    world.restart("04:20");
    let fates = world.fates().into_iter().map(|(_, fate)| fate).collect();
    (world, fates)
}

#[test]
fn catch_up_makes_up_for_what_was_missed_as_it_is_told() {
    let (world, fates) = after_downtime("catch_up = \"none\"");
    assert_eq!(fates, [Missed; 4]);
    assert_eq!(
        world.reason("01:00"),
        "nobody was there at its time, and `catch_up` is `none`"
    );
    let (world, fates) = after_downtime("");
    assert_eq!(fates, [Missed, Missed, Missed, Late]);
    assert!(
        world
            .reason("01:00")
            .contains("the slot of 2026-01-05T04:00:00Z runs")
    );
    assert_eq!(world.reason("04:00"), "nobody was there at its time");
    let (world, fates) = after_downtime("window = \"10m\"");
    assert_eq!(fates, [Missed; 4]);
    assert!(
        world
            .reason("04:00")
            .contains("later than the `window` of 10m")
    );
    let (mut world, fates) = after_downtime("catch_up = \"all\"\nwindow = \"2h30m\"");
    assert_eq!(fates, [Missed, Late, Queued, Queued]);
    for at in ["04:30", "04:40"] {
        world.end(RunState::Done);
        assert_eq!(world.turn_at(at).fired, 1);
    }
    assert_eq!(world.fates()[3].1, Late);
    let (_, fates) =
        after_downtime("catch_up = \"all\"\nwindow = \"9h\"\noverlap = \"replace_queued\"");
    assert_eq!(fates, [Late, Skipped, Skipped, Queued]);
    let (world, fates) =
        after_downtime("catch_up = \"all\"\nwindow = \"9h\"\noverlap = \"cancel_previous\"");
    assert_eq!(fates, [Skipped, Skipped, Skipped, Late]);
    assert_eq!(world.open().len(), 1);
}

#[test]
fn the_latest_is_one_that_may_run_and_gives_way_to_a_punctual_one() {
    let mut world = hourly("exclude = { dates = [\"2026-01-06\"] }");
    world.turn();
    assert_eq!(world.restart("2026-01-06T09:30").fired, 1);
    let late: Vec<_> = world
        .slots()
        .into_iter()
        .filter(|slot| slot.fate == Late)
        .collect();
    assert_eq!((late.len(), late[0].at), (1, time("23:00")));
    let mut world = hourly("");
    world.turn();
    world.restart("04:00");
    let expected = [
        ("01:00", Missed),
        ("02:00", Missed),
        ("03:00", Missed),
        ("04:00", Ran),
    ];
    assert_eq!(world.fates(), fates(&expected));
}

#[test]
fn years_of_downtime_are_decided_in_portions() {
    let mut world = World::new("00:30", "every = \"1m\"");
    world.turn();
    world.restart("2026-01-15T00:30:30Z");
    let slots = world.slots();
    assert_eq!(slots.len(), 10 * 24 * 60);
    let (ran, others) = slots.split_last().unwrap();
    assert_eq!(ran.fate, Ran);
    assert!(others.iter().all(|slot| slot.fate == Missed));
    let mut world = World::new(
        "00:30",
        "every = \"1m\"\nexclude = { dates = [\"2026-01-12\", \"2026-01-13\", \"2026-01-14\", \"2026-01-15\"] }",
    );
    world.turn();
    world.restart("2026-01-15T00:30:30Z");
    let slots = world.slots();
    assert_eq!(slots.len(), 10 * 24 * 60);
    let late: Vec<_> = slots
        .iter()
        .filter(|slot| slot.fate == Late)
        .map(|slot| slot.at)
        .collect();
    assert_eq!(late, [time("2026-01-11T23:59")]);
}

#[test]
fn jitter_delays_each_run_and_changes_no_slot() {
    let mut world = World::new(
        "00:00",
        "cron = \"* * * * *\"\njitter = \"10m\"\noverlap = \"allow\"",
    );
    world.go_to("03:00");
    let slots = world.slots();
    // Some wait for their jitter, and no slot was left out.
    assert!(
        slots.len() > 165 && slots.iter().all(|slot| slot.fate == Ran),
        "{}",
        slots.len()
    );
    assert!(
        slots
            .iter()
            .all(|slot| slot.decided_at == slot.due && slot.due >= slot.at)
    );
    assert!(slots.iter().any(|slot| slot.due > slot.at));
    world.go_to("03:30");
    let early = world
        .slots()
        .into_iter()
        .filter(|slot| slot.at <= time("03:00"));
    assert_eq!(early.count(), 180);
}

#[test]
fn a_schedule_has_a_first_and_a_last_day_and_days_off() {
    let mut world = World::new(
        "00:30",
        "cron = \"0 */6 * * *\"\nstart = \"2026-01-05T12:00\"\nend = \"2026-01-07T06:00\"\nexclude = { weekdays = [\"tue\"] }",
    );
    world.go_to("2026-01-09T00:00");
    let slots = world.slots();
    let said: Vec<_> = slots
        .iter()
        .map(|slot| (slot.at.strftime("%d %H").to_string(), slot.fate))
        .collect();
    let expected = [("05 12", Ran), ("05 18", Skipped)];
    assert_eq!(said[..2], fates(&expected));
    assert_eq!(said.len(), 8);
    assert_eq!(slots[2].reason.as_deref(), Some("Tuesday is excluded"));
    assert_eq!(world.turn().next, None);
}

#[test]
fn a_failed_run_is_tried_again_later_and_later() {
    let mut world = hourly(
        "retries = { attempts = 2, backoff = \"5m\" }\npause_after = 1\nping = \"https://hc-ping.com/x\"",
    );
    let fired = world.turn_at("01:00");
    assert_eq!(fired.pings[0].path(), "/x/start");
    world.end(RunState::Failed);
    assert_eq!(world.turn_at("01:01").pings, []);
    let due = |world: &World, at: &str| world.journal.due(time(at), &[], 9).unwrap().len();
    assert_eq!((due(&world, "01:05"), due(&world, "01:06")), (0, 1));
    world.end(RunState::Failed);
    world.turn_at("01:10");
    assert_eq!((due(&world, "01:19"), due(&world, "01:20")), (0, 1));
    // While it is tried again the schedule has a run that is on.
    world.turn_at("02:00");
    assert_eq!(world.fates()[1].1, Skipped);
    let row = || world.journal.schedule("nightly").unwrap().unwrap();
    assert_eq!((row().failures, row().paused.is_some()), (0, false));
    world.end(RunState::Failed);
    let failed = world.turn_at("02:10");
    assert_eq!(failed.pings[0].path(), "/x/fail");
    let row = world.journal.schedule("nightly").unwrap().unwrap();
    assert!(row.paused.unwrap().reason.ends_with("has failed"));
    let attempts = world.slots().remove(0);
    let run = world.journal.run(&attempts.run.unwrap()).unwrap().unwrap();
    assert_eq!((run.attempt, attempts.settled), (3, true));
    world.turn_at("03:00");
    assert!(
        world
            .reason("03:00")
            .starts_with("paused since 2026-01-05T02:10:00Z: the run ")
    );
}

#[test]
fn failures_in_a_row_pause_the_schedule_and_a_success_forgets_them() {
    let mut world = hourly("pause_after = 2\nping = \"https://hc-ping.com/x\"");
    let ends = [
        RunState::Failed,
        RunState::Done,
        RunState::Failed,
        RunState::Cancelled,
    ];
    for (at, state) in ["01:00", "02:00", "03:00", "04:00"].into_iter().zip(ends) {
        world.turn_at(at);
        world.end(state);
        let told = world.turn().pings;
        assert_eq!(told.len(), usize::from(state != RunState::Cancelled));
    }
    let row = world.journal.schedule("nightly").unwrap().unwrap();
    assert_eq!((row.failures, row.paused), (1, None));
    world.turn_at("05:00");
    world.end(RunState::Failed);
    world.turn_at("06:00");
    assert!(
        world
            .reason("06:00")
            .contains("2 runs in a row have failed")
    );
    assert!(world.journal.resume_schedule("nightly").unwrap());
    assert_eq!(world.turn_at("07:00").fired, 1);
    let row = world.journal.schedule("nightly").unwrap().unwrap();
    assert_eq!(row.failures, 0);
}

#[test]
fn a_schedule_that_waits_for_the_daemon_runs_once_for_each_start() {
    let mut world = World::new("00:30", "cron = \"@reboot\"");
    assert_eq!(world.turn().fired, 1);
    world.reload();
    assert_eq!(world.turn_at("05:00").fired, 0);
    world.end(RunState::Done);
    assert_eq!(world.restart("06:00").fired, 1);
    assert_eq!(world.restart("07:00").fired, 0);
    assert_eq!(
        world.fates(),
        fates(&[("00:30", Ran), ("06:00", Ran), ("07:00", Skipped)])
    );
}

#[test]
fn a_script_that_is_gone_or_wrong_makes_its_slots_miss() {
    let mut world = hourly("retries = { attempts = 1 }");
    world.write("scripts/a.rhai", "let = 1");
    world.turn_at("01:00");
    assert!(
        world.reason("01:00").starts_with("scripts/a.rhai:1: "),
        "{}",
        world.reason("01:00")
    );
    world.write(
        "scripts/a.rhai",
        "// /// duvoscript\n// [args]\n// q = { type = \"string\" }\n// ///\n1",
    );
    world.turn_at("02:00");
    assert!(
        world.reason("02:00").contains("`q`"),
        "{}",
        world.reason("02:00")
    );
    std::fs::remove_file(world.folder.path().join("scripts/a.rhai")).unwrap();
    world.turn_at("03:00");
    assert!(world.fates().iter().all(|(_, fate)| *fate == Missed));
    world.write("scripts/a.rhai", "2");
    assert_eq!(world.turn_at("04:00").fired, 1);
    // Nor is there another attempt without a script.
    world.end(RunState::Failed);
    std::fs::remove_file(world.folder.path().join("scripts/a.rhai")).unwrap();
    assert_eq!(world.turn_at("04:01").fired, 0);
    assert!(world.slots()[3].settled);
    assert_eq!(
        world.journal.schedule("nightly").unwrap().unwrap().failures,
        1
    );
}

#[test]
fn a_reload_fires_nothing_for_the_past() {
    let mut world = hourly("overlap = \"queue\"");
    world.turn_at("01:00");
    world.set("02:30");
    // Half an hour ago, had it been declared then.
    let changed = world.declare("cron = \"*/10 * * * *\"\noverlap = \"queue\"");
    assert_eq!(changed.changed, ["nightly"]);
    assert_eq!(world.turn().decided, 0);
    assert_eq!(world.turn_at("02:40").decided, 1);
    assert_eq!(world.fates(), fates(&[("01:00", Ran), ("02:40", Queued)]));
    // Another policy alone changes no slot.
    world.set("02:55");
    let changed = world.declare("cron = \"*/10 * * * *\"\noverlap = \"allow\"");
    assert_eq!(changed.changed, ["nightly"]);
    world.turn();
    assert_eq!(world.fates()[2].0, "02:50");
    // What is wrong now was right before, and is still served.
    let wrong = world.declare("cron = \"*/10 * * *\"");
    assert_eq!((wrong.faults.len(), wrong.removed), (1, vec![]));
    assert_eq!(world.turn_at("03:00").decided, 1);
    // What is no longer declared has no more slots, and comes back without a past.
    world.write("duvoscript.toml", "");
    assert_eq!(world.reload().removed, ["nightly"]);
    let count = world.slots().len();
    // What was queued comes to nothing.
    assert_eq!(world.turn_at("05:00").decided, 1);
    let back = world.declare("cron = \"*/10 * * * *\"");
    assert_eq!(back.added, ["nightly"]);
    assert_eq!((world.turn().decided, world.slots().len()), (0, count));
    world.turn_at("05:10");
    assert_eq!(world.slots().len(), count + 1);
}

#[test]
fn what_is_queued_for_a_schedule_that_is_gone_is_missed() {
    let mut world = hourly("overlap = \"queue\"");
    world.turn_at("01:00");
    world.turn_at("02:00");
    world.write("duvoscript.toml", "");
    world.reload();
    world.turn();
    assert_eq!(world.fates(), fates(&[("01:00", Ran), ("02:00", Missed)]));
    // The end of its run is noted all the same.
    world.end(RunState::Done);
    world.turn();
    assert!(world.slots().iter().all(|slot| slot.settled));
}

#[test]
fn the_clock_jumps_and_no_slot_runs_twice_or_not_at_all() {
    let mut world = hourly("");
    for (at, fired) in [
        ("01:00", 1),
        ("02:00", 1),
        // An hour back, and through it again.
        ("01:00", 0),
        ("01:30", 0),
        ("02:00", 0),
        ("03:00", 1),
        // An hour forward.
        ("05:00", 1),
        // Eight hours of sleep.
        ("13:00:30", 1),
        ("14:00", 1),
    ] {
        let at = if at.len() > 5 {
            "2026-01-05T13:00:30Z"
        } else {
            at
        };
        assert_eq!(world.turn_at(at).fired, fired, "{at}");
        if fired > 0 {
            world.end(RunState::Done);
        }
    }
    let all: Vec<_> = world.fates().into_iter().map(|(at, _)| at).collect();
    let hours: Vec<_> = (1..=14).map(|hour| format!("{hour:02}:00")).collect();
    assert_eq!(all, hours);
    assert_eq!(
        world.reason("04:00"),
        "nobody was there at its time, and the slot of 2026-01-05T05:00:00Z runs"
    );
}
