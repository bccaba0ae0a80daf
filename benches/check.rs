//! What a check costs over parsing alone: 1,000 scripts of 100 lines, on all cores.
//!
//! `README.md` quotes the medians.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on fails")]

use std::fmt::Write as _;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::available_parallelism;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use duvoscript::check::Checker;
use duvoscript::report::Failure;
use duvoscript::script::{Script, Source};

const SCRIPTS: usize = 1000;

/// A part of a script as people write them: calls, closures, conditions, texts.
const PART: &str = r#"
// Works off the queue number @.
let queue_@ = duvo::queues::find(args.queue);
let request_@ = #{ agent_id: agent, message: `Reconcile ${queue_@.name}, part @` };
let job_@ = duvo::jobs::start(request_@);
let done_@ = duvo::jobs::finish(job_@, #{
    timeout: "2h",
    on_human: |request| if amount(request) <= args.limit { approve() } else { deny() },
});
if done_@.status != "completed" {
    log::warn(`job ${job_@.id} ended as ${done_@.status}`);
}
let failed_@ = duvo::cases::list(queue_@, #{ status: "failed", limit: 50 });
let late_@ = failed_@.filter(|item| time::between(item.created_at, time::now()) > 3600);
for item in late_@ {
    totals.push(#{ title: item.title, status: item.status, late: true });
}
print(report::table(late_@.map(|item| #{ title: item.title }), ["title"]));
total += late_@.len();
"#;

fn script(number: usize) -> Source {
    let mut text = String::from(
        "// /// duvoscript\n// description = \"Made for a measurement\"\n// [args]\n\
         // queue = { type = \"string\", help = \"Queue to work\" }\n\
         // limit = { type = \"int\", default = 1000, help = \"Approve up to this\" }\n// ///\n\
         import \"std/report\" as report;\n\
         let agent = duvo::assignments::find(\"Invoice matcher\");\nlet totals = [];\nlet total = 0;\n",
    );
    for part in 0..5 {
        text += &PART.replace('@', &format!("{number}_{part}"));
    }
    writeln!(text, "#{{ total: total, totals: totals }}").unwrap();
    Source {
        name: format!("{number}.rhai"),
        text,
    }
}

/// Parses scripts as a check does: several at a time.
fn parse(sources: &[Source]) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(|| {
                while let Some(source) = sources.get(next.fetch_add(1, Ordering::Relaxed)) {
                    Script::load(source.clone()).unwrap();
                }
            });
        }
    });
}

fn check(sources: &[Source]) {
    let find = |_: &str, path: &str| Err(Failure::invalid(path));
    let found = Checker::new(&find).check(sources).unwrap();
    let findings: Vec<_> = found.into_iter().flatten().collect();
    assert!(findings.is_empty(), "{findings:?}");
}

fn scripts(c: &mut Criterion) {
    let sources: Vec<_> = (0..SCRIPTS).map(script).collect();
    let lines = sources[0].text.lines().count();
    assert!((95..=110).contains(&lines), "{lines} lines");
    let mut group = c.benchmark_group("1,000 scripts of 100 lines");
    group
        .throughput(Throughput::Elements(SCRIPTS as u64))
        .sample_size(20);
    group.bench_function("parsed alone", |b| b.iter(|| parse(&sources)));
    group.bench_function("checked", |b| b.iter(|| check(&sources)));
    group.finish();
}

criterion_group!(benches, scripts);
criterion_main!(benches);
