//! Calls of endpoints: conventions, unwrapping, pages, batches, finding.

use serde_json::{Value, json};

use super::Fake;

const ID: &str = "11111111-1111-4111-8111-111111111111";

fn id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn job(status: &str) -> Value {
    json!({"run": {"id": ID, "status": status}, "pending_human_request": null})
}

#[test]
fn an_answer_is_unwrapped_and_what_stands_beside_it_comes_along() {
    let ran = Fake::api(|_, _, _| job("running")).run(&format!(
        r#"let job = duvo::jobs::get("{ID}"); [job.status, "pending_human_request" in job]"#
    ));
    assert_eq!(ran.value(), json!(["running", true]));
    assert_eq!(ran.calls(), [json!(["jobs.get", [ID], {}])]);
}

#[test]
fn a_thing_stands_for_its_id_in_paths_fields_and_lists() {
    let ran = Fake::api(|_, _, _| json!({"run": {}, "reprocessedCount": 1, "skippedCount": 0}))
        .run(&format!(
            r#"
        let thing = #{{ id: "{ID}", name: "x" }};
        duvo::jobs::get(thing);
        duvo::jobs::start(#{{ agent_id: thing, message: "go" }});
        duvo::jobs::start(thing);
        duvo::jobs::start(thing, #{{ message: "go" }});
        duvo::cases::reprocess(thing, [thing]).count
        "#
        ));
    assert_eq!(ran.value(), json!(1));
    assert_eq!(
        ran.calls(),
        [
            json!(["jobs.get", [ID], {}]),
            json!(["jobs.start", [], {"agent_id": ID, "message": "go"}]),
            json!(["jobs.start", [], {"agent_id": ID}]),
            json!(["jobs.start", [], {"agent_id": ID, "message": "go"}]),
            json!(["cases.reprocess", [ID], {"case_ids": [ID]}]),
        ]
    );
}

fn cases(fields: &serde_json::Map<String, Value>, total: usize) -> Value {
    let start = usize::try_from(fields["offset"].as_u64().unwrap()).unwrap();
    let limit = usize::try_from(fields["limit"].as_u64().unwrap()).unwrap();
    let end = total.min(start + limit);
    let rows: Vec<_> = (start..end)
        .map(|number| json!({"id": id(number), "n": number}))
        .collect();
    json!({"cases": rows, "total": total, "limit": limit, "offset": start})
}

#[test]
fn a_list_follows_its_pages_up_to_the_limit() {
    let host = || Fake::api(|_, _, fields| cases(fields, 250));
    let ran = host().run(&format!(
        r#"duvo::cases::list("{ID}", #{{ status: "failed" }}).len"#
    ));
    assert_eq!(ran.value(), json!(250));
    assert_eq!(
        ran.calls(),
        [0, 100, 200].map(|offset| json!(["cases.list", [ID], {"status": "failed", "limit": 100, "offset": offset}]))
    );
    let ran = host().run(&format!(
        r#"duvo::cases::list("{ID}", #{{ limit: 120, offset: 30 }}).map(|c| c.n)"#
    ));
    assert_eq!(ran.value(), json!((30..150).collect::<Vec<_>>()));
    assert_eq!(
        ran.calls(),
        [(100, 30), (20, 130)]
            .map(|(limit, offset)| json!(["cases.list", [ID], {"limit": limit, "offset": offset}]))
    );
    let ran = host().run(&format!(r#"duvo::cases::list("{ID}", #{{ limit: 0 }})"#));
    assert_eq!((ran.value(), ran.calls().len()), (json!([]), 0));
}

#[test]
fn a_list_that_grows_while_it_is_read_repeats_nothing() {
    let ran = Fake::api(|_, _, fields| {
        let start = fields["offset"].as_u64().unwrap();
        let first = start.saturating_sub(3);
        let rows: Vec<_> = (first..(start + 100).min(150))
            .map(|number| json!({"id": id(usize::try_from(number).unwrap())}))
            .collect();
        json!({"cases": rows, "total": 150})
    })
    .run(&format!(r#"duvo::cases::list("{ID}").len"#));
    assert_eq!(ran.value(), json!(150));
}

#[test]
fn each_fetches_only_what_the_loop_needs_and_page_is_raw() {
    let host = || Fake::api(|_, _, fields| cases(fields, 1000));
    let ran = host().run(&format!(
        r#"let n = 0; for c in duvo::cases::each("{ID}") {{ n += 1; if n == 150 {{ break; }} }} n"#
    ));
    assert_eq!((ran.value(), ran.calls().len()), (json!(150), 2));
    let ran = host().run(&format!(
        r#"duvo::cases::page("{ID}", #{{ limit: 7, offset: 5 }}).total"#
    ));
    assert_eq!((ran.value(), ran.calls().len()), (json!(1000), 1));
}

#[test]
fn an_error_inside_each_is_raised_at_the_loop() {
    use crate::report::{Failure, FailureKind};
    use crate::script::Answer;
    use crate::script::Effect;
    let host = Fake::new(|_, effect| match effect {
        Effect::Call(call) if call.fields["offset"] == 0 => Ok(Answer::Json(
            cases(&call.fields, 1000).to_string().into_bytes(),
        )),
        _ => Err(Failure::new(FailureKind::Unavailable, "down").into()),
    });
    let ran = host.run(&format!(
        "let n = 0;\ntry {{\n  for c in duvo::cases::each(\"{ID}\") {{ n += 1; }}\n}} catch (e) {{ [n, e.kind, e.line] }}"
    ));
    assert_eq!(ran.value(), json!(null));
    let host = Fake::new(|_, _| Err(Failure::new(FailureKind::Unavailable, "down").into()));
    let ran = host.run(&format!(
        "let n = 0;\nfor c in duvo::cases::each(\"{ID}\") {{ n += 1; }}"
    ));
    assert!(
        ran.problem().contains("main.rhai:2:10"),
        "{}",
        ran.problem()
    );
}

#[test]
fn messages_before_a_cursor_come_oldest_first_as_a_list_and_newest_first_one_by_one() {
    let host = || {
        Fake::api(|_, _, fields| {
            let end = fields.get("before").map_or(7, |id| {
                id.as_str()
                    .unwrap()
                    .rsplit('-')
                    .next()
                    .unwrap()
                    .parse::<usize>()
                    .unwrap()
            });
            let start = end.saturating_sub(3);
            let rows: Vec<_> = (start..end).map(|n| json!({"id": id(n), "n": n})).collect();
            json!({"data": rows, "total": 7, "has_more": start > 0})
        })
    };
    let ran = host().run(&format!(
        r#"duvo::dashboards::list_messages("{ID}").map(|m| m.n)"#
    ));
    assert_eq!(ran.value(), json!([0, 1, 2, 3, 4, 5, 6]));
    assert_eq!(ran.calls().len(), 3);
    let ran = host().run(&format!(
        r#"let all = []; for m in duvo::dashboards::each_messages("{ID}", #{{ limit: 5 }}) {{ all.push(m.n); }} all"#
    ));
    assert_eq!(ran.value(), json!([6, 5, 4, 3, 2]));
}

#[test]
fn a_long_batch_is_cut_and_an_empty_one_not_sent() {
    let host = || {
        Fake::api(|_, _, fields| {
            let count = fields["case_ids"].as_array().unwrap().len();
            json!({"updatedCount": count, "skippedCount": 0, "interruptedRunIds": [ID]})
        })
    };
    let ids: Vec<String> = (0..250).map(id).collect();
    let ran = host().run(&format!(
        r#"duvo::cases::update_status("{ID}", {}, #{{ status: "pending" }})"#,
        json!(ids)
    ));
    assert_eq!(
        ran.value(),
        json!({"count": 250, "updatedCount": 250, "skippedCount": 0, "interruptedRunIds": [ID, ID, ID]})
    );
    assert_eq!(ran.calls().len(), 3);
    let ran = host().run(&format!(
        r#"duvo::cases::update_status("{ID}", [], #{{ status: "pending" }})"#
    ));
    assert_eq!(
        ran.value(),
        json!({"count": 0, "updatedCount": 0, "skippedCount": 0, "interruptedRunIds": []})
    );
    assert_eq!(ran.calls().len(), 0);
}

#[test]
fn created_cases_of_all_batches_come_back_as_one_list() {
    let ran = Fake::api(|_, _, fields| json!({"added_cases": fields["cases"]})).run(&format!(
        r#"
        let cases = [];
        for n in 0..205 {{ cases.push(#{{ title: `case ${{n}}` }}); }}
        let made = duvo::cases::create("{ID}", cases);
        [made.len, made[204].title, duvo::cases::create("{ID}", []).len]
        "#
    ));
    assert_eq!(ran.value(), json!([205, "case 204", 0]));
    assert_eq!(ran.calls().len(), 3);
}

fn queues() -> Fake {
    Fake::api(|_, _, _| {
        json!({"queues": [
            {"id": id(1), "name": "Invoices"},
            {"id": id(2), "name": "invoices"},
            {"id": id(3), "name": "Purchase orders"},
            {"id": id(4), "name": "Purchase returns"},
        ], "total": 4})
    })
}

#[test]
fn finds_by_id_name_and_part_of_a_name() {
    let found = |text: &str| {
        queues()
            .run(&format!(r#"duvo::queues::find("{text}").id"#))
            .value()
    };
    assert_eq!(found(&id(3)), json!(id(3)));
    assert_eq!(found("invoices"), json!(id(2)));
    assert_eq!(found("PURCHASE ORDERS"), json!(id(3)));
    assert_eq!(found("returns"), json!(id(4)));
    let problem = |text: &str| {
        queues()
            .run(&format!(r#"duvo::queues::find("{text}")"#))
            .problem()
    };
    let text = problem("purchase");
    assert!(
        text.contains("`purchase` may mean 2 of them: `Purchase orders`"),
        "{text}"
    );
    let text = problem("Invoises");
    assert!(
        text.contains("none has the name `Invoises`") && text.contains("did you mean `"),
        "{text}"
    );
}

#[test]
fn every_operation_can_be_called_by_its_id() {
    let ran = Fake::api(|_, _, _| job("running")).run(&format!(
        r#"[duvo::call("getRun", #{{ run_id: "{ID}" }}).status, duvo::call("jobs.get", #{{ run_id: "{ID}" }}).status]"#
    ));
    assert_eq!(ran.value(), json!(["running", "running"]));
    let text = Fake::silent().run(r#"duvo::call("getRum")"#).problem();
    assert!(text.contains("did you mean `getRun`?"), "{text}");
    let text = Fake::silent().run(r#"duvo::call("getRun")"#).problem();
    assert!(text.contains("`run_id` is missing"), "{text}");
}

#[test]
fn a_request_stays_below_the_api() {
    use crate::script::Effect;
    let ran = Fake::silent()
        .run(r#"duvo::request("post", "/v2/new", #{ query: #{ a: [1, 2] }, body: #{ b: 1 } })"#);
    ran.value();
    let effects = ran.host.effects.lock().unwrap();
    let Effect::Request(request) = &effects[0].1 else {
        panic!()
    };
    assert_eq!(request.query, [("a".to_owned(), "1,2".to_owned())]);
    assert_eq!(request.body, Some(json!({"b": 1})));
    for path in [
        "https://evil.example/v2/",
        "/v3/x",
        "//evil.example/v2/",
        "/v2/../x",
        "/v2/a\\b",
    ] {
        let text = Fake::silent()
            .run(&format!("duvo::request(\"GET\", `{path}`)"))
            .problem();
        assert!(text.contains("is no path below `/v2/`"), "{text}");
    }
}
