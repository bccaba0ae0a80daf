//! What the slots of schedules cost: a year of a schedule that fires each minute, and a single look
//! at the next slot, which a daemon takes for each of its schedules.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on fails")]

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use duvoscript::schedule::{Plan, Timing, zone};
use jiff::{Timestamp, ToSpan};

fn plan(cron: &str) -> Plan {
    let timing = Timing::cron(cron).unwrap();
    Plan::new("bench", timing, zone("Europe/Prague").unwrap())
}

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn year(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a year of slots");
    let end = start() + (365 * 24).hours();
    let mut minutely = plan("* * * * *");
    let mut bench = |name: &str, plan: &Plan| {
        let count = || {
            plan.after(start())
                .take_while(|slot| slot.at <= end)
                .count()
        };
        group.throughput(Throughput::Elements(count().try_into().unwrap()));
        group.bench_function(name, |bencher| bencher.iter(count));
    };
    bench("every minute", &minutely);
    minutely.jitter = Duration::from_secs(30);
    bench("every minute, with jitter", &minutely);
    bench("either day", &plan("*/5 8-18 1,15 * mon"));
    group.finish();
}

fn next(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("the next slot");
    for cron in ["* * * * *", "30 7 * * 1-5", "0 12 29 2 *"] {
        let plan = plan(cron);
        group.bench_with_input(BenchmarkId::from_parameter(cron), &plan, |bencher, plan| {
            bencher.iter(|| plan.after(start()).next());
        });
    }
    group.bench_function("reading an expression", |bencher| {
        bencher.iter(|| Timing::cron("*/15 9-17 * jan-nov mon-fri"));
    });
    group.finish();
}

criterion_group!(benches, year, next);
criterion_main!(benches);
