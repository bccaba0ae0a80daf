//! What is wrong in one declaration, and where that is shown.

use proptest::prelude::*;

use super::{SCRIPT, daily, found, refused};
use crate::report::{ProblemKind, render};

/// What a declaration holds, `;` between its lines; then what is said of it, the line that is
/// marked, the part of it, and the hint. `CRON` is a cron expression that is right.
const SLIPS: &str = r#"
crn = "0 7 * * *" | a schedule has no key `crn` | 5 | crn | did you mean `cron`?
CRON; overlapping = 1 | a schedule has no key `overlapping` | 6 | overlapping | `overlap`
 | a schedule wants one of `cron`, `every` and `at` | 1 | [[schedule]] |
CRON; at = 2026-12-24T18:00:00 | `cron` and `at` contradict | 6 | 2026-12-24T18:00:00 |
cron = 7 | `cron` must be text, not integer | 5 | 7 |
cron = "0 25 * * *" | `25` is no hour: it goes from 0 to 23 | 5 | 25 |
cron = '0 7 ? * *' | `?` (no day given) is not supported | 5 | ? | write `*`
cron = "0\t25 * * *" | `25` is no hour | 5 | "0\t25 * * *" |
cron = "0 0 30 2 *" | it never fires: none of its months has such a day | 5 | 0 0 30 2 * |
every = "soon" | `soon` is no duration | 5 | soon |
every = "1h"; gap = "skip" | `gap` has no meaning with `every` | 6 | "skip" |
every = "1h"; jitter = "60m" | `jitter` must be shorter than `every` | 6 | "60m" |
at = "2026-12-24" | `2026-12-24` lacks the time of day | 5 | 2026-12-24 | T09:00
at = 2026-12-24T18:00:00; end = 2026-12-23 | it never fires within | 6 | 2026-12-23 |
CRON; anchor = 2026-01-01 | `anchor` has a meaning only with `every` | 6 | 2026-01-01 |
CRON; timezone = "Europe/Pragu" | there is no time zone `Europe/Pragu` | 6 | Europe/Pragu | `Europe/Prague`
CRON; gap = "shif" | `gap` knows no `shif` | 6 | "shif" | did you mean `shift`?
CRON; repeated_hour = "x" | `repeated_hour` knows no `x` | 6 | "x" | one of first, last, both
CRON; start = 2026-02-02; end = 2026-02-01 | `end` comes before `start` | 7 | 2026-02-01 |
CRON; start = 2026-02-02T08:00:00; end = 2026-02-02T09:00:00 | it never fires within | 7 | 2026-02-02T09:00:00 |
CRON; overlap = "que" | `overlap` knows no `que` | 6 | "que" | `queue`
CRON; queue_depth = 3 | `queue_depth` has a meaning only with | 6 | 3 |
CRON; overlap = "queue"; queue_depth = 0 | whole number from 1 to 1000 | 7 | 0 |
CRON; catch_up = "all" | `catch_up = "all"` wants a `window` | 6 | "all" | window = "6h"
CRON; catch_up = "none"; window = "1h" | `window` has no meaning | 7 | "1h" |
CRON; deadline = "0s" | `deadline`: `0s` is no time at all | 6 | 0s |
CRON; retries = { attempts = 2, backof = "1m" } | `retries` has no key `backof` | 6 | backof | `backoff`
CRON; retries = { backoff = "1m" } | `retries` wants `attempts` | 6 | { backoff = "1m" } |
CRON; retries = { attempts = 1, backoff = "2m", max_backoff = "1m" } | is shorter than | 6 | "1m" |
CRON; pause_after = -1 | `pause_after` must be a whole number | 6 | -1 |
CRON; ping = "hc-ping.com/1" | `hc-ping.com/1` is no address | 6 | hc-ping.com/1 | https://
CRON; ping = { done = "https://x.example" } | `ping` has no key `done` | 6 | done | start, success
CRON; exclude = { dates = ["2026-02-30"] } | `2026-02-30` is no day | 6 | 2026-02-30 | each year
CRON; exclude = { weekdays = ["sut"] } | `sut` is no day of the week | 6 | sut | did you mean
CRON; exclude = { weekdays = [0] } | `weekdays` must be a list of texts, not integer | 6 | 0 |
CRON; exclude = { holidays = "no.txt" } | there is no file `no.txt` | 6 | no.txt |
CRON; exclude = { holidays = "../no.txt" } | lies outside the project | 6 | ../no.txt |
"#;

#[test]
fn each_slip_is_shown_where_it_stands() {
    for slip in SLIPS.lines().skip(1) {
        let parts: Vec<_> = slip.splitn(5, '|').map(str::trim).collect();
        let [given, what, line, marked, hint] = parts[..] else {
            panic!("{slip}");
        };
        let lines = given
            .replace("CRON", "cron = \"0 7 * * *\"")
            .replace("; ", "\n");
        let (said, at, part, hints) = refused(&daily(&lines));
        assert!(said.contains(what), "{given}: {said}");
        assert_eq!(
            (at.to_string().as_str(), part.as_str()),
            (line, marked),
            "{given}: {said}"
        );
        assert!(hints.contains(hint), "{given}: {hints}");
    }
}

#[test]
fn some_day_of_the_week_must_be_left() {
    let week = "[\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sunday\"]";
    let found = daily(&format!(
        "cron = \"@daily\"\nexclude = {{ weekdays = {week} }}"
    ));
    let (said, _, part, _) = refused(&found);
    assert_eq!(
        (said.as_str(), part.as_str()),
        ("every day of the week is excluded", week)
    );
}

#[test]
fn arguments_are_those_of_the_script() {
    let with = |args: &str| {
        let settings = format!(
            "[[schedule]]\nname = \"x\"\nscript = \"scripts/a.rhai\"\ncron = \"@daily\"\nargs = {args}\n"
        );
        found(&[("duvoscript.toml", &settings), ("scripts/a.rhai", SCRIPT)])
    };
    let fine = with("{ queue = \"Q\", limit = 0x1_0, labels = [\"a\", 2, true] }");
    let mut args = fine.declarations[0].args.clone();
    args.sort();
    let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    assert_eq!(
        args,
        [
            pair("labels", "a,2,true"),
            pair("limit", "16"),
            pair("queue", "Q")
        ]
    );
    for (args, what, marked, hint) in [
        (
            "{ quue = \"Q\" }",
            "`scripts/a.rhai` has no argument `quue`",
            "\"Q\"",
            "did you mean `queue`?",
        ),
        (
            "{ queue = \"Q\", limit = \"many\" }",
            "the argument `limit` must be a whole number",
            "\"many\"",
            "",
        ),
        (
            "{ limit = 1 }",
            "`scripts/a.rhai` wants the argument `queue`",
            "{ limit = 1 }",
            "nobody is there",
        ),
        (
            "{ queue = { a = 1 } }",
            "`queue` must be text",
            "{ a = 1 }",
            "",
        ),
        ("[1]", "`args` must be a table", "[1]", ""),
    ] {
        let (said, line, part, hints) = refused(&with(args));
        assert!(
            said.contains(what) && hints.contains(hint),
            "{args}: {said} {hints}"
        );
        assert_eq!((line, part.as_str()), (5, marked), "{args}");
    }
}

#[test]
fn a_slip_in_a_header_is_shown_with_its_caret() {
    let header = "// /// duvoscript\n// [schedule]\n// cron = \"0 7 * * mno\"\n// ///\n";
    let found = found(&[("scripts/a.rhai", header)]);
    assert_eq!(found.faults[0].kind, ProblemKind::Source);
    let shown = render(&found.faults[0], &found.sources, false);
    let expected = [
        "error: `mno` is no day of week",
        " --> scripts/a.rhai:3:20",
        "  |",
        "3 | // cron = \"0 7 * * mno\"",
        "  |                    ^^^",
        "  |",
        "  = hint: did you mean `mon`?",
    ];
    assert_eq!(shown, expected.join("\n"));
}

#[test]
fn headers_run_their_own_script_and_names_are_plain() {
    let header = |more: &str| {
        format!("// /// duvoscript\n// [schedule]\n// cron = \"@daily\"\n// {more}\n// ///\n")
    };
    let with = |more: &str| found(&[("scripts/a b.rhai", &header(more))]);
    let (said, line, part, _) = refused(&with("script = \"b.rhai\""));
    assert!(said.contains("runs that very script"), "{said}");
    assert_eq!((line, part.as_str()), (4, "\"b.rhai\""));
    let (said, .., hints) = refused(&with(""));
    assert_eq!(said, "`a b` is no name of a schedule");
    assert!(hints.contains("`name` of its own"), "{hints}");
    assert_eq!(with("name = \"b\"").declarations[0].name(), "b");
    for wrong in ["-a", "", "a/b", "a\\u001b"] {
        assert!(
            refused(&with(&format!("name = \"{wrong}\"")))
                .0
                .contains("is no name"),
            "{wrong}"
        );
    }
}

/// Values of all kinds, right and wrong, for any key.
const VALUES: [&str; 16] = [
    "\"0 7 * * *\"",
    "\"@reboot\"",
    "\"*/15 2 29 2 ?\"",
    "\"15m\"",
    "\"999999999999 years\"",
    "\"2026-12-24T18:00\"",
    "2026-12-24",
    "-9999-01-01",
    "9999-12-31T23:59:59",
    "\"skip\"",
    "\"\\u0000ü\"",
    "-1",
    "1e999",
    "[[\"sun\"], {}]",
    "{ dates = [\"12-24\"], weekdays = [\"mon\"], attempts = 1 }",
    "\"https://x.example/?a#b\"",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_declaration_panics(
        given in prop::collection::vec(("[a-z_]{1,6}", 0..24_usize, 0..VALUES.len()), 0..6),
        tail in "\\PC{0,12}",
    ) {
        let keys = [super::super::read::KEYS.as_slice(), super::super::policy::KEYS.as_slice()].concat();
        let line = |(other, key, value): &(String, usize, usize)| {
            format!("{} = {}\n", keys.get(*key).unwrap_or(&other.as_str()), VALUES[*value])
        };
        let found = daily(&(given.iter().map(line).collect::<String>() + tail.as_str()));
        for fault in &found.faults {
            render(fault, &found.sources, false);
        }
        prop_assert!(found.faults.len() + found.declarations.len() == 1);
    }
}
