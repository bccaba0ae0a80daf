//! What is wrong in one declaration, and where that is shown.

use super::{SCRIPT, daily, found, refused};
use crate::report::{ProblemKind, render};

#[test]
fn each_slip_is_shown_where_it_stands() {
    let cron = "cron = \"0 7 * * *\"\n";
    for (more, what, line, marked, hint) in [
        (
            "crn = \"0 7 * * *\"",
            "a schedule has no key `crn`",
            5,
            "crn",
            "did you mean `cron`?",
        ),
        (
            "cron = \"0 7 * * *\"\noverlapping = 1",
            "a schedule has no key `overlapping`",
            6,
            "overlapping",
            "`overlap`",
        ),
        (
            "",
            "a schedule wants one of `cron`, `every` and `at`",
            1,
            "[[schedule]]",
            "",
        ),
        (
            "cron = \"0 7 * * *\"\nat = 2026-12-24T18:00:00",
            "`cron` and `at` contradict",
            6,
            "2026-12-24T18:00:00",
            "",
        ),
        ("cron = 7", "`cron` must be text, not integer", 5, "7", ""),
        (
            "cron = \"0 25 * * *\"",
            "`25` is no hour: it goes from 0 to 23",
            5,
            "25",
            "",
        ),
        (
            "cron = '0 7 ? * *'",
            "`?` (no day given) is not supported",
            5,
            "?",
            "write `*`",
        ),
        (
            "cron = \"0\\t25 * * *\"",
            "`25` is no hour",
            5,
            "\"0\\t25 * * *\"",
            "",
        ),
        (
            "cron = \"0 0 30 2 *\"",
            "it never fires: none of its months has such a day",
            5,
            "0 0 30 2 *",
            "",
        ),
        ("every = \"soon\"", "`soon` is no duration", 5, "soon", ""),
        (
            "every = \"1h\"\ngap = \"skip\"",
            "`gap` has no meaning with `every`",
            6,
            "\"skip\"",
            "",
        ),
        (
            "every = \"1h\"\njitter = \"60m\"",
            "`jitter` must be shorter than `every`",
            6,
            "\"60m\"",
            "",
        ),
        (
            "at = \"2026-12-24\"",
            "`2026-12-24` lacks the time of day",
            5,
            "2026-12-24",
            "T09:00",
        ),
        (
            "at = 2026-12-24T18:00:00\nend = 2026-12-23",
            "it never fires within",
            6,
            "2026-12-23",
            "",
        ),
        (
            &format!("{cron}anchor = 2026-01-01T00:00:00"),
            "`anchor` has a meaning only with `every`",
            6,
            "2026-01-01T00:00:00",
            "",
        ),
        (
            &format!("{cron}timezone = \"Europe/Pragu\""),
            "there is no time zone `Europe/Pragu`",
            6,
            "Europe/Pragu",
            "`Europe/Prague`",
        ),
        (
            &format!("{cron}gap = \"shif\""),
            "`gap` knows no `shif`",
            6,
            "\"shif\"",
            "did you mean `shift`?",
        ),
        (
            &format!("{cron}repeated_hour = \"x\""),
            "`repeated_hour` knows no `x`",
            6,
            "\"x\"",
            "one of first, last, both",
        ),
        (
            &format!("{cron}start = 2026-02-02\nend = 2026-02-01"),
            "`end` comes before `start`",
            7,
            "2026-02-01",
            "",
        ),
        (
            &format!("{cron}start = 2026-02-02T08:00:00\nend = 2026-02-02T09:00:00"),
            "it never fires within",
            7,
            "2026-02-02T09:00:00",
            "",
        ),
        (
            &format!("{cron}overlap = \"que\""),
            "`overlap` knows no `que`",
            6,
            "\"que\"",
            "`queue`",
        ),
        (
            &format!("{cron}queue_depth = 3"),
            "`queue_depth` has a meaning only with",
            6,
            "3",
            "",
        ),
        (
            &format!("{cron}overlap = \"queue\"\nqueue_depth = 0"),
            "whole number from 1 to 1000",
            7,
            "0",
            "",
        ),
        (
            &format!("{cron}catch_up = \"all\""),
            "`catch_up = \"all\"` wants a `window`",
            6,
            "\"all\"",
            "window = \"6h\"",
        ),
        (
            &format!("{cron}catch_up = \"none\"\nwindow = \"1h\""),
            "`window` has no meaning",
            7,
            "\"1h\"",
            "",
        ),
        (
            &format!("{cron}deadline = \"0s\""),
            "`deadline`: `0s` is no time at all",
            6,
            "0s",
            "",
        ),
        (
            &format!("{cron}retries = {{ attempts = 2, backof = \"1m\" }}"),
            "`retries` has no key `backof`",
            6,
            "backof",
            "`backoff`",
        ),
        (
            &format!("{cron}retries = {{ backoff = \"1m\" }}"),
            "`retries` wants `attempts`",
            6,
            "{ backoff = \"1m\" }",
            "",
        ),
        (
            &format!("{cron}retries = {{ attempts = 1, backoff = \"2m\", max_backoff = \"1m\" }}"),
            "is shorter than",
            6,
            "\"1m\"",
            "",
        ),
        (
            &format!("{cron}pause_after = -1"),
            "`pause_after` must be a whole number",
            6,
            "-1",
            "",
        ),
        (
            &format!("{cron}ping = \"hc-ping.com/1\""),
            "`hc-ping.com/1` is no address",
            6,
            "hc-ping.com/1",
            "https://",
        ),
        (
            &format!("{cron}ping = {{ done = \"https://x.example\" }}"),
            "`ping` has no key `done`",
            6,
            "done",
            "start, success",
        ),
        (
            &format!("{cron}exclude = {{ dates = [\"2026-02-30\"] }}"),
            "`2026-02-30` is no day",
            6,
            "2026-02-30",
            "each year",
        ),
        (
            &format!("{cron}exclude = {{ weekdays = [\"sut\"] }}"),
            "`sut` is no day of the week",
            6,
            "sut",
            "did you mean",
        ),
        (
            &format!(
                "{cron}exclude = {{ weekdays = [\"mon\",\"tue\",\"wed\",\"thu\",\"fri\",\"sat\",\"sun\"] }}"
            ),
            "every day of the week",
            6,
            "[\"mon\",\"tue\",\"wed\",\"thu\",\"fri\",\"sat\",\"sun\"]",
            "",
        ),
        (
            &format!("{cron}exclude = {{ holidays = \"no.txt\" }}"),
            "there is no file `no.txt`",
            6,
            "no.txt",
            "",
        ),
        (
            &format!("{cron}exclude = {{ holidays = \"../no.txt\" }}"),
            "lies outside the project",
            6,
            "../no.txt",
            "",
        ),
    ] {
        let (said, at, part, hints) = refused(&daily(more));
        assert!(said.contains(what), "{more}: {said}");
        assert_eq!((at, part.as_str()), (line, marked), "{more}: {said}");
        assert!(hints.contains(hint), "{more}: {hints}");
    }
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
