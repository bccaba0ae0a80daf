//! What people want: triggers, slots made up for, pauses, and an account of a moment.

use jiff::Timestamp;

use super::world::{World, fates, time};
use crate::journal::Fate::{Late, Missed, Queued, Ran, Skipped};
use crate::journal::{Pause, RunState, SlotKind};
use crate::schedule::{Account, Backfill, backfill, explain, hold, release, trigger};

fn hourly(more: &str) -> World {
    World::new("00:30", &format!("cron = \"0 * * * *\"\n{more}"))
}

fn pause(at: Timestamp) -> Pause {
    Pause {
        at,
        by: Some("ada".into()),
        reason: "audit".into(),
    }
}

#[test]
fn a_trigger_waits_for_its_turn_and_takes_no_slot_away() {
    let mut world = hourly("");
    world.turn();
    // On the very second of a slot, before it is decided.
    world.set("01:00");
    let slot = trigger(&world.journal, "nightly", Some("ada"), time("01:00")).unwrap();
    let again = trigger(&world.journal, "nightly", None, time("01:00")).unwrap();
    assert_eq!((slot.kind, slot.fate), (SlotKind::Triggered, Queued));
    assert_ne!(slot.at, again.at);
    assert_eq!(world.turn().fired, 1);
    world.end(RunState::Done);
    assert_eq!(world.turn_at("01:10").fired, 1);
    let all: Vec<_> = world.slots().into_iter().map(|slot| slot.fate).collect();
    assert_eq!(all, [Skipped, Ran, Late]);
    assert_eq!(world.slots()[1].reason.as_deref(), Some("triggered by ada"));

    let mut world = hourly("overlap = \"allow\"");
    world.turn_at("01:00");
    trigger(&world.journal, "nightly", None, time("01:20")).unwrap();
    assert_eq!(world.turn_at("01:20").fired, 1);
    assert_eq!(world.open().len(), 2);
}

#[test]
fn a_schedule_that_nobody_served_yet_can_be_triggered_and_has_no_past() {
    let mut world = hourly("");
    let other = World::new("00:30", "cron = \"0 * * * *\"");
    trigger(&other.journal, "unknown", None, time("00:30")).unwrap();
    assert_eq!(
        other
            .journal
            .schedule("unknown")
            .unwrap()
            .unwrap()
            .fingerprint,
        ""
    );
    hold(&world.journal, "other", &pause(time("00:30"))).unwrap();
    let settings = super::world::settings("cron = \"0 * * * *\"").replace("nightly", "other");
    world.write("duvoscript.toml", &settings);
    world.set("04:30");
    world.reload();
    assert_eq!(world.turn().decided, 0);
    assert_eq!(world.turn_at("05:00").decided, 1);
    assert_eq!(world.fates(), fates(&[("05:00", Skipped)]));
}

#[test]
fn what_did_not_run_is_made_up_for_one_after_the_other() {
    let mut world = hourly("catch_up = \"none\"\nexclude = { dates = [\"2026-01-04\"] }");
    world.turn_at("01:00");
    world.end(RunState::Done);
    world.restart("04:30");
    let plan = world.declaration().plan.clone();
    let wanted = Backfill {
        plan: &plan,
        from: time("2026-01-04T23:00"),
        to: time("09:00"),
        by: Some("ada"),
        most: 1000,
    };
    let now = time("04:30");
    let look = backfill(&world.journal, &wanted, now, true).unwrap();
    let why = |made: &[crate::schedule::Made]| -> Vec<_> {
        let each = made.iter();
        each.map(|made| made.why_not.clone().unwrap_or_default())
            .collect::<Vec<_>>()
    };
    let said = ["2026-01-04 is excluded", "", "it has run", "", "", ""];
    assert_eq!(why(&look), said);
    let fated = [
        ("01:00", Ran),
        ("02:00", Missed),
        ("03:00", Missed),
        ("04:00", Missed),
    ];
    assert_eq!(world.fates(), fates(&fated));
    assert_eq!(backfill(&world.journal, &wanted, now, false).unwrap(), look);
    for _ in 0..4 {
        assert_eq!(world.turn().fired, 1);
        assert_eq!(world.open().len(), 1);
        world.end(RunState::Done);
    }
    assert_eq!(world.turn().fired, 0);
    let done = [
        ("00:00", Late),
        ("01:00", Ran),
        ("02:00", Late),
        ("03:00", Late),
        ("04:00", Late),
    ];
    assert_eq!(world.fates(), fates(&done));
    assert_eq!(world.reason("02:00"), "made up for by ada");
    let again = backfill(&world.journal, &wanted, now, false).unwrap();
    assert!(again.iter().all(|made| made.why_not.is_some()));
}

#[test]
fn what_was_pruned_is_not_made_up_for() {
    let mut world = hourly("");
    world.turn_at("01:00");
    world.end(RunState::Done);
    world.turn_at("01:30");
    world
        .journal
        .prune(&crate::journal::PruneFilter::default())
        .unwrap();
    assert_eq!(world.slots(), []);
    let plan = world.declaration().plan.clone();
    let wanted = Backfill {
        plan: &plan,
        from: time("00:00"),
        to: time("02:00"),
        by: None,
        most: 10,
    };
    let made = backfill(&world.journal, &wanted, time("01:30"), true).unwrap();
    assert_eq!(made[0].why_not, None);
    assert!(made[1].why_not.as_ref().unwrap().contains("pruned"));
    let account = explain(Some(&world.journal), &plan, time("01:00"), time("01:30")).unwrap();
    assert_eq!(account.account, Account::Forgotten);
    // The watermark stands: the plan does not come to it again.
    assert_eq!(world.restart("01:40").decided, 0);
}

#[test]
fn a_pause_skips_and_what_a_person_wants_runs_all_the_same() {
    let mut world = hourly("overlap = \"queue\"");
    world.turn_at("01:00");
    world.turn_at("02:00");
    world.set("02:30");
    assert!(hold(&world.journal, "nightly", &pause(time("02:30"))).unwrap());
    assert!(!hold(&world.journal, "nightly", &pause(time("02:31"))).unwrap());
    world.turn();
    world.end(RunState::Done);
    world.turn_at("03:00");
    assert_eq!(
        world.fates(),
        fates(&[("01:00", Ran), ("02:00", Skipped), ("03:00", Skipped)])
    );
    assert_eq!(
        world.reason("03:00"),
        "paused since 2026-01-05T02:30:00Z by ada: audit"
    );
    trigger(&world.journal, "nightly", None, time("03:10")).unwrap();
    assert_eq!(world.turn_at("03:10").fired, 1);
    world.end(RunState::Done);
    // Nobody was there for some slots of the pause.
    world.set("05:30");
    assert!(release(&world.journal, "nightly").unwrap());
    assert!(!release(&world.journal, "nightly").unwrap());
    world.restart("05:40");
    assert!(
        world
            .reason("05:00")
            .ends_with("audit, until 2026-01-05T05:30:00Z")
    );
    assert_eq!(world.turn_at("06:00").fired, 1);
}

#[test]
fn a_moment_is_explained() {
    let mut world = World::new(
        "2026-03-27T12:00",
        "cron = \"30 2 * * *\"\ntimezone = \"Europe/Prague\"\nexclude = { weekdays = [\"mon\"] }",
    );
    world.turn();
    world.go_to("2026-03-29T12:00");
    let plan = world.declaration().plan.clone();
    let now = time("2026-03-29T12:00");
    let say = |at: &str| {
        let account = explain(Some(&world.journal), &plan, time(at), now).unwrap();
        (account.account, account.sentence())
    };
    // Any moment of the minute means the slot, also where a gap has moved it.
    let ran = explain(
        Some(&world.journal),
        &plan,
        time("2026-03-28T01:30:20Z"),
        now,
    )
    .unwrap();
    assert_eq!(ran.account, Account::Decided);
    assert!(
        ran.sentence().starts_with("it ran, run "),
        "{}",
        ran.sentence()
    );
    assert!(ran.run.is_some());
    assert_eq!(ran.before, Some(time("2026-03-27T01:30")));
    assert_eq!(ran.after, Some(time("2026-03-29T01:00")));
    let moved = explain(Some(&world.journal), &plan, time("2026-03-29T01:00"), now).unwrap();
    assert!(moved.planned.unwrap().moved.is_some());
    assert_eq!(say("2026-03-27T01:30").0, Account::Before);
    assert_eq!(
        say("2026-03-30T00:30").1,
        "it will be skipped: Monday is excluded"
    );
    assert_eq!(say("2026-03-31T00:30").0, Account::Ahead);
    assert_eq!(say("2026-03-31T00:31").0, Account::None);
    let alone = explain(None, &plan, time("2026-03-28T01:30"), now).unwrap();
    assert_eq!(alone.account, Account::Before);
    // Nobody was there meanwhile.
    let later = explain(
        Some(&world.journal),
        &plan,
        time("2026-03-31T00:30"),
        time("2026-04-01T00:00"),
    )
    .unwrap();
    assert_eq!(later.account, Account::Undecided);
}
