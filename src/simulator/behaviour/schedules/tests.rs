//! Schedules find their next time in their zone, and fire on the simulator's clock.

use serde_json::json;

use super::Timing;
use crate::simulator::trial::{Trial, text};

fn next(timing: &Timing, now: &str) -> String {
    timing.check().unwrap();
    timing.next(now.parse().unwrap()).unwrap().to_string()
}

fn daily(frequency: &str) -> Timing {
    Timing {
        frequency: frequency.into(),
        timezone: "Europe/Prague".into(),
        time: Some("07:30".into()),
        ..Timing::default()
    }
}

#[test]
fn finds_the_next_time_in_its_zone() {
    // A Friday, in winter time.
    let now = "2026-01-09T06:30:00Z";
    assert_eq!(next(&daily("daily"), now), "2026-01-10T06:30:00Z");
    assert_eq!(next(&daily("workday"), now), "2026-01-12T06:30:00Z");
    let weekly = Timing {
        day: Some("friday".into()),
        ..daily("weekly")
    };
    assert_eq!(next(&weekly, now), "2026-01-16T06:30:00Z");
    let monthly = Timing {
        day_of_month: Some(31),
        ..daily("monthly")
    };
    assert_eq!(
        next(&monthly, "2026-02-01T00:00:00Z"),
        "2026-02-28T06:30:00Z"
    );
    assert_eq!(
        next(&monthly, "2026-04-10T00:00:00Z"),
        "2026-04-30T05:30:00Z"
    );
    assert_eq!(
        next(&daily("every_15_minutes"), "2026-01-09T06:31:00Z"),
        "2026-01-09T06:45:00Z"
    );
}

#[test]
fn follows_cron_lines() {
    let cron = |line: &str| Timing {
        cron: Some(line.into()),
        time: None,
        ..daily("custom")
    };
    assert_eq!(
        next(&cron("*/20 8-9 * * 1-5"), "2026-01-09T08:41:00Z"),
        "2026-01-12T07:00:00Z"
    );
    assert_eq!(
        next(&cron("0 0 29 2 *"), "2026-03-01T00:00:00Z"),
        "2028-02-28T23:00:00Z"
    );
    for wrong in [
        "",
        "* * * *",
        "61 * * * *",
        "5-1 * * * *",
        "*/0 * * * *",
        "a * * * *",
    ] {
        assert!(cron(wrong).check().is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn fire_on_the_simulators_clock() {
    let trial = Trial::company().await;
    let agent = trial.find("assignments.list", "Purchase order clerk").await;
    let wanted =
        json!({ "enabled": true, "frequency": "daily", "time": "09:00", "timezone": "UTC" });
    let made = trial.call("schedules.create", &[&agent], wanted).await;
    let id = text(&made["id"]);
    trial.pass(3 * 86_400);
    let fired = trial
        .call(
            "jobs.list",
            &[],
            json!({ "source": "schedule", "agent_id": agent }),
        )
        .await;
    assert_eq!(fired["total"], 3);
    trial
        .call(
            "schedules.update",
            &[&agent, &id],
            json!({ "enabled": false }),
        )
        .await;
    trial.pass(3 * 86_400);
    let after = trial
        .call(
            "jobs.list",
            &[],
            json!({ "source": "schedule", "agent_id": agent }),
        )
        .await;
    assert_eq!(after["total"], 3);
    let odd = json!({ "enabled": true, "frequency": "weekly", "time": "9", "timezone": "Mars" });
    assert_eq!(
        trial.refused("schedules.create", &[&agent], odd).await.0,
        400
    );
    trial
        .call("schedules.delete", &[&agent, &id], json!({}))
        .await;
}
