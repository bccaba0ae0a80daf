//! Unit tests of the judgements, on entries of the catalog and on shapes of their own.

use serde_json::{Map, Value, json};

use super::{Fault, check_answer, check_call, check_value};
use crate::catalog::{Format, Kind, Range, Shape, Text, by_name, shape_text};

const ID: &str = "0b9d4b0e-6a4e-4c1c-9a39-3f4f3f0c8a55";

/// Judges a call; returns the fields as they are sent.
fn call(name: &str, path: &[&str], fields: Value) -> Result<Value, Fault> {
    let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
    let mut fields: Map<String, Value> = serde_json::from_value(fields).unwrap();
    check_call(by_name(name).expect(name), &path, &mut fields)?;
    Ok(Value::Object(fields))
}

/// Returns the fault of a call, with its hint.
fn fault(name: &str, path: &[&str], fields: Value) -> String {
    let fault = call(name, path, fields).expect_err(name);
    match &fault.hint {
        Some(hint) => format!("{fault} ({hint})"),
        None => fault.to_string(),
    }
}

fn text(format: Format) -> Shape {
    Shape {
        kind: Kind::Text(Text {
            format,
            length: Range {
                min: None,
                max: Some(4.0),
                exclusive: false,
            },
            pattern: None,
        }),
        nullable: false,
    }
}

fn judge(shape: &Shape, mut value: Value) -> Result<Value, String> {
    match check_value(shape, &mut value, "f") {
        Ok(()) => Ok(value),
        Err(fault) => Err(fault.to_string()),
    }
}

#[test]
fn an_unknown_field_is_a_mistake() {
    assert_eq!(
        fault("jobs.start", &[], json!({"agent_id": ID, "mesage": "x"})),
        "`mesage` is unknown (did you mean `message`?)"
    );
    let far = fault("jobs.stop", &[ID], json!({"zzzz": 1}));
    assert!(far.starts_with("`zzzz` is unknown (it takes "), "{far}");
    assert_eq!(
        fault("jobs.get", &[ID], json!({"x": 1})),
        "`x` is unknown (it takes no fields)"
    );
    assert_eq!(
        fault(
            "cases.create",
            &[ID],
            json!({"cases": [{"title": "a"}, {"titel": "b"}]})
        ),
        "`cases[1].titel` is unknown (did you mean `title`?)"
    );
}

#[test]
fn required_fields_must_be_there() {
    assert_eq!(fault("jobs.start", &[], json!({})), "`agent_id` is missing");
    assert_eq!(
        fault("jobs.start", &[], json!({"agent_id": null})),
        "`agent_id` is missing"
    );
    assert_eq!(
        fault("cases.create", &[ID], json!({"case": {"data": "x"}})),
        "`case.title` is missing"
    );
}

#[test]
fn null_for_what_cannot_be_null_is_not_given() {
    let sent = call("jobs.start", &[], json!({"agent_id": ID, "message": null})).unwrap();
    assert_eq!(sent, json!({"agent_id": ID}));
    let kept = json!({"name": "n", "service_slug": null, "values": {}});
    assert_eq!(call("secrets.create", &[], kept.clone()).unwrap(), kept);
    assert_eq!(
        fault("cases.retry", &[ID], json!({"case_ids": [null]})),
        "`case_ids[0]` must be an id, not ()"
    );
}

#[test]
fn kinds_are_told_apart() {
    assert_eq!(
        fault("jobs.start", &[], json!({"agent_id": ID, "message": 5})),
        "`message` must be text, not `5`"
    );
    assert_eq!(
        fault("jobs.list", &[], json!({"limit": "10"})),
        "`limit` must be an integer from 1 to 100, not `10`"
    );
    assert_eq!(
        fault("jobs.list", &[], json!({"limit": 1.5})),
        "`limit` must be an integer from 1 to 100, not `1.5`"
    );
    assert_eq!(
        fault("cases.create", &[ID], json!({"cases": {"title": "x"}})),
        "`cases` must be a list of maps, not a map"
    );
    assert_eq!(
        fault("jobs.get", &["Invoices"], json!({})),
        "`run_id` must be an id (a UUID), not `Invoices`"
    );
}

#[test]
fn a_whole_number_may_come_as_a_float() {
    let sent = call("jobs.list", &[], json!({"limit": 10.0})).unwrap();
    assert_eq!(sent.to_string(), r#"{"limit":10}"#);
}

#[test]
fn limits_hold_at_their_edges() {
    for (limit, fits) in [(0, false), (1, true), (100, true), (101, false)] {
        let judged = call("jobs.list", &[], json!({ "limit": limit }));
        assert_eq!(judged.is_ok(), fits, "{limit}");
    }
    assert_eq!(
        fault("jobs.list", &[], json!({"limit": 500})),
        "`limit` must be from 1 to 100, not `500`"
    );
    let titled = |title: String| json!({"case": {"title": title}});
    assert!(call("cases.create", &[ID], titled("é".repeat(500))).is_ok());
    assert!(call("cases.create", &[ID], titled("🦀".repeat(500))).is_ok());
    assert_eq!(
        fault("cases.create", &[ID], titled("🦀".repeat(501))),
        "`case.title` must have from 1 to 500 characters, not 501"
    );
    assert_eq!(
        fault("cases.create", &[ID], titled(String::new())),
        "`case.title` must have from 1 to 500 characters, not 0"
    );
    assert_eq!(
        fault("cases.create", &[ID], json!({"cases": []})),
        "`cases` must have from 1 to 100 items, not 0"
    );
}

#[test]
fn a_choice_names_the_nearest() {
    assert_eq!(
        fault("jobs.list", &[], json!({"sort_order": "dsc"})),
        "`sort_order` must be one of `asc`, `desc`, not `dsc` (did you mean `desc`?)"
    );
    assert_eq!(
        fault("jobs.list", &[], json!({"sort_order": 1})),
        "`sort_order` must be one of `asc`, `desc`, not `1`"
    );
}

#[test]
fn true_may_stand_for_its_text() {
    let sent = call("jobs.list", &[], json!({"has_issues": true})).unwrap();
    assert_eq!(sent, json!({"has_issues": "true"}));
}

#[test]
fn a_thing_stands_for_its_id() {
    let thing = json!({"id": ID, "title": "x"});
    let sent = call("cases.retry", &[ID], json!({"case_ids": [thing, ID]})).unwrap();
    assert_eq!(sent, json!({"case_ids": [ID, ID]}));
    let sandbox = json!({"agent_id": {"id": ID}, "sandbox_id": {"sandbox_id": "sbx"}});
    assert_eq!(
        call("jobs.start", &[], sandbox).unwrap(),
        json!({"agent_id": ID, "sandbox_id": "sbx"})
    );
    for thing in [json!({}), json!({"id": 7}), json!({"id": {"id": ID}})] {
        assert_eq!(
            fault("jobs.start", &[], json!({ "agent_id": thing })),
            "`agent_id` must be an id, or an object that has one"
        );
    }
    assert_eq!(
        fault("jobs.start", &[], json!({"agent_id": {"id": "x"}})),
        "`agent_id` must be an id (a UUID), not `x`"
    );
    assert_eq!(
        fault(
            "jobs.start",
            &[],
            json!({"agent_id": ID, "message": {"id": ID}})
        ),
        "`message` must be text, not a map"
    );
}

#[test]
fn texts_say_what_they_must() {
    let unlimited = |format| Shape {
        kind: Kind::Text(Text {
            format,
            length: Range {
                min: None,
                max: None,
                exclusive: false,
            },
            pattern: None,
        }),
        nullable: false,
    };
    let braced = format!("{{{ID}}}");
    let bare = ID.replace('-', "");
    for (format, good, bad) in [
        (
            Format::Uuid,
            vec![ID],
            vec!["", "7", braced.as_str(), bare.as_str()],
        ),
        (
            Format::DateTime,
            vec!["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5+02:00"],
            vec!["2026-01-31", "2026-01-31T12:00:00", "2026-02-31T12:00:00Z"],
        ),
        (
            Format::Date,
            vec!["2026-01-31"],
            vec!["2026-02-31", "20260131", "2026-01-31T12:00"],
        ),
        (
            Format::Uri,
            vec!["https://a.example/x"],
            vec!["a.example", "/x", ""],
        ),
        (
            Format::Email,
            vec!["a@b.example"],
            vec!["a", "@b", "a@", "a b@c"],
        ),
    ] {
        for text in good {
            assert!(judge(&unlimited(format), json!(text)).is_ok(), "{text}");
        }
        for text in bad {
            assert!(judge(&unlimited(format), json!(text)).is_err(), "{text}");
        }
    }
}

#[test]
fn a_secret_is_never_shown() {
    let secret = text(Format::Secret);
    assert_eq!(
        judge(&secret, json!(1234)).unwrap_err(),
        "`f` must be text (secret), not a number"
    );
    assert_eq!(
        judge(&secret, json!("hunter2")).unwrap_err(),
        "`f` must have at most 4 characters, not 7"
    );
    assert_eq!(
        fault(
            "secrets.create",
            &[],
            json!({"name": "n", "values": {"lower": "hunter2"}})
        ),
        "`values.lower` has a key that does not match `^[A-Z_][A-Z0-9_]*$`"
    );
}

#[test]
fn a_union_tells_the_fault_of_the_member_that_was_meant() {
    static NUMBER: Shape = Shape {
        kind: Kind::Boolean,
        nullable: false,
    };
    static MEMBERS: &[Shape] = &[
        NUMBER,
        Shape {
            kind: Kind::List(
                &NUMBER,
                Range {
                    min: None,
                    max: None,
                    exclusive: false,
                },
            ),
            nullable: true,
        },
    ];
    let union = Shape {
        kind: Kind::Union(MEMBERS),
        nullable: false,
    };
    assert_eq!(judge(&union, json!([true])), Ok(json!([true])));
    assert_eq!(judge(&union, json!(null)), Ok(json!(null)));
    assert_eq!(
        judge(&union, json!([true, 1])).unwrap_err(),
        "`f[1]` must be true or false, not `1`"
    );
    assert_eq!(
        judge(&union, json!("x")).unwrap_err(),
        format!("`f` must be {}, not `x`", shape_text(&union))
    );
}

#[test]
fn an_object_of_a_union_is_told_by_its_telling_field() {
    let steps = |step: Value| {
        let fields = json!({"baselineSnapshotId": ID, "steps": [step]});
        fault("processes.save_snapshot", &[ID, "current_process"], fields)
    };
    assert_eq!(
        steps(json!({"nodeType": "tsk"})),
        "`steps[0].nodeType` must be one of `event`, `task`, `gateway`, not `tsk` (did you mean `task`?)"
    );
    assert_eq!(
        steps(json!({"id": "a"})),
        "`steps[0].nodeType` is missing (it is one of `event`, `task`, `gateway`)"
    );
    assert_eq!(
        steps(json!({"nodeType": "task"})),
        "`steps[0].id` is missing"
    );
    let misspelt = steps(json!({"nodeType": "task", "titel": "x"}));
    assert_eq!(
        misspelt,
        "`steps[0].titel` is unknown (did you mean `title`?)"
    );
    assert_eq!(
        steps(json!(7)),
        "`steps[0]` must be a map (EventStep), or a map (TaskStep), or a map (GatewayStep), not `7`"
    );
}

#[test]
fn paths_cannot_climb() {
    for climbing in [
        "..",
        ".",
        "a/../b",
        "../a",
        "a/..",
        "./a",
        "%2e%2e",
        "%2E%2E/x",
        "a/%2e./b",
        ".%2e",
        "%252e%252e",
        "..\\a",
        "a\\..\\b",
        "..%2fx",
        "..%5Cx",
        "%2e",
        "%25252525252541",
    ] {
        assert_eq!(
            fault("files.read", &[climbing], json!({})),
            format!("`path` must not hold `.` or `..` segments: `{climbing}`")
        );
        let id = fault("sandboxes.list_files", &[climbing], json!({}));
        assert!(id.contains("must not hold `.` or `..`"), "{id}");
    }
    for fine in [
        "a.txt", "..a", "a..", "...", "a/b.c/d", "100%25", "50%", "%zz", "ä ö", "/a/", "a b",
    ] {
        assert!(call("files.read", &[fine], json!({})).is_ok(), "{fine}");
    }
}

#[test]
fn paths_hold_no_empty_segment() {
    for empty in ["", " ", "/", "//", "\t"] {
        assert_eq!(fault("files.read", &[empty], json!({})), "`path` is empty");
    }
    assert_eq!(fault("jobs.get", &[""], json!({})), "`run_id` is empty");
    assert_eq!(
        fault("files.read", &["a//b"], json!({})),
        "`path` must not hold empty segments: `a//b`"
    );
}

#[test]
fn a_path_takes_as_many_ids_as_it_has() {
    assert_eq!(fault("jobs.get", &[], json!({})), "`run_id` is missing");
    assert_eq!(
        fault("jobs.get", &[ID, "x"], json!({})),
        "`x` is one id too many (its path takes `run_id`)"
    );
    assert_eq!(
        fault("jobs.list", &[ID], json!({})),
        format!("`{ID}` is one id too many (its path takes nothing)")
    );
}

#[test]
fn an_open_body_takes_what_the_catalog_does_not_know() {
    let message =
        json!({"jsonrpc": "2.0", "method": "tools/list", "id": null, "extra": {"a": [1]}});
    assert_eq!(call("mcp.send", &[], message.clone()).unwrap(), message);
    assert_eq!(
        fault("mcp.send", &[], json!({"jsonrpc": "2.0"})),
        "`method` is missing"
    );
}

#[test]
fn answers_are_judged_by_their_outline() {
    let verdict = |name, answer| check_answer(by_name(name).expect(name), &answer);
    assert!(verdict("jobs.list", json!({"data": [], "new": 1})).is_ok());
    assert_eq!(
        verdict("jobs.list", json!({"data": {}}))
            .unwrap_err()
            .to_string(),
        "`data` is no list"
    );
    assert_eq!(
        verdict("jobs.list", json!([])).unwrap_err().to_string(),
        "`data` is missing"
    );
    assert!(verdict("secrets.list", json!([])).is_ok());
    assert_eq!(
        verdict("secrets.list", json!({})).unwrap_err().to_string(),
        "is no list"
    );
    assert!(verdict("jobs.get", json!({"run": {"status": "new state"}})).is_ok());
    assert!(verdict("jobs.get", json!({"run": null})).is_ok());
    assert_eq!(
        verdict("jobs.get", json!({})).unwrap_err().to_string(),
        "`run` is missing"
    );
}
