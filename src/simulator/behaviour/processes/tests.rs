#![expect(
    clippy::too_many_lines,
    reason = "each test tells one story, from its start to its end"
)]

use serde_json::{Value, json};

use crate::simulator::Deprecated;
use crate::simulator::behaviour::exam::{NOBODY, call, refuses};
use crate::simulator::trial::{Trial, text};

const CURRENT: &str = "current_process";
const PROPOSAL: &str = "transformation_proposal";

async fn process(trial: &Trial, name: &str) -> String {
    trial.find("processes.list", name).await
}

async fn read(trial: &Trial, id: &str) -> Value {
    call(trial, "processes.get", &[id], json!({})).await
}

/// The snapshots of one kind: status and id.
async fn snapshots(trial: &Trial, id: &str, kind: &str) -> Vec<(String, String)> {
    let answer = call(trial, "processes.list_snapshots", &[id, kind], json!({})).await;
    let rows = answer["snapshots"].as_array().unwrap();
    rows.iter()
        .map(|row| (text(&row["status"]), text(&row["id"])))
        .collect()
}

async fn live(trial: &Trial, id: &str, kind: &str) -> String {
    let all = snapshots(trial, id, kind).await;
    let mut live = all
        .into_iter()
        .filter(|(status, _)| status == "live")
        .map(|(_, id)| id);
    let one = live.next().unwrap();
    assert_eq!(live.next(), None, "one live snapshot a kind");
    one
}

#[tokio::test]
async fn the_list_filters_searches_and_pages() {
    let trial = Trial::company().await;
    let names = async |fields: Value| {
        let answer = call(&trial, "processes.list", &[], fields).await;
        let rows = answer["processes"].as_array().unwrap().clone();
        rows.iter()
            .map(|row| text(&row["name"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(json!({})).await.len(), 3);
    assert_eq!(
        names(json!({ "search": "INVOICE" })).await,
        ["Invoice approval"]
    );
    assert_eq!(
        names(json!({ "status": "draft" })).await,
        ["Supplier onboarding"]
    );
    assert_eq!(names(json!({ "version": 1 })).await, ["Goods receipt"]);
    let page = call(
        &trial,
        "processes.list",
        &[],
        json!({ "limit": 1, "offset": 2 }),
    )
    .await;
    assert_eq!(
        (page["processes"].as_array().unwrap().len(), &page["total"]),
        (1, &json!(3))
    );
    refuses(
        &trial,
        (400, "processes.list"),
        &[],
        json!({ "status": "fine" }),
    )
    .await;
}

#[tokio::test]
async fn captures_come_full_or_lite() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let full = read(&trial, &id).await;
    assert_eq!(
        full["captures"][0]["transcript"].as_array().map(Vec::len),
        Some(4)
    );
    assert_eq!(full["captures"][0]["transcriptQuestionCount"], 2);
    let lite = call(
        &trial,
        "processes.get",
        &[&id],
        json!({ "captures": "lite" }),
    )
    .await;
    assert_eq!(lite["captures"][0]["transcript"], Value::Null);
    assert_eq!(lite["captures"][0]["hasTranscript"], true);
    refuses(&trial, (404, "processes.get"), &[NOBODY], json!({})).await;
}

#[tokio::test]
async fn a_generation_takes_its_stages_and_ends_live() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let before = live(&trial, &id, CURRENT).await;
    call(
        &trial,
        "processes.generate_snapshot",
        &[&id, CURRENT],
        json!({}),
    )
    .await;
    trial.pass(6);
    let busy = read(&trial, &id).await;
    assert_eq!(busy["process"]["status"], "generating-current-process");
    let steps = &busy["process"]["generation_progress"]["steps"];
    assert_eq!(
        (steps[0]["status"].as_str(), steps[1]["status"].as_str()),
        (Some("complete"), Some("in_progress"))
    );
    assert_eq!(snapshots(&trial, &id, CURRENT).await[0].0, "generating");
    for kind in [CURRENT, PROPOSAL] {
        refuses(
            &trial,
            (409, "processes.generate_snapshot"),
            &[&id, kind],
            json!({}),
        )
        .await;
    }
    refuses(
        &trial,
        (409, "processes.promote_snapshot"),
        &[&id, CURRENT, &before],
        json!({}),
    )
    .await;
    // The other kind.
    refuses(
        &trial,
        (409, "processes.stop_snapshot"),
        &[&id, PROPOSAL],
        json!({}),
    )
    .await;
    trial.pass(15);
    let done = read(&trial, &id).await;
    assert_eq!(done["process"]["status"], "review");
    assert_eq!(done["process"]["generation_progress"], Value::Null);
    assert_ne!(live(&trial, &id, CURRENT).await, before);
    assert!(
        snapshots(&trial, &id, CURRENT)
            .await
            .contains(&("historic".into(), before))
    );
}

#[tokio::test]
async fn a_stopped_generation_leaves_nothing_behind() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    call(
        &trial,
        "processes.generate_snapshot",
        &[&id, PROPOSAL],
        json!({ "transformation_aggressiveness": "none" }),
    )
    .await;
    trial.pass(6);
    assert_eq!(
        read(&trial, &id).await["process"]["status"],
        "generating-transformation-proposal"
    );
    call(
        &trial,
        "processes.stop_snapshot",
        &[&id, PROPOSAL],
        json!({}),
    )
    .await;
    assert_eq!(read(&trial, &id).await["process"]["status"], "review");
    trial.pass(60);
    assert_eq!(snapshots(&trial, &id, PROPOSAL).await.len(), 1);
    refuses(
        &trial,
        (409, "processes.stop_snapshot"),
        &[&id, PROPOSAL],
        json!({}),
    )
    .await;
}

#[tokio::test]
async fn without_captures_a_generation_fails_with_a_reason() {
    let trial = Trial::company().await;
    let id = process(&trial, "Supplier onboarding").await;
    let refused = trial
        .refused("processes.generate_snapshot", &[&id, PROPOSAL], json!({}))
        .await;
    assert_eq!(refused.0, 400, "there is no current process");
    call(
        &trial,
        "processes.generate_snapshot",
        &[&id, CURRENT],
        json!({}),
    )
    .await;
    trial.pass(60);
    let failed = read(&trial, &id).await;
    assert_eq!(failed["process"]["status"], "generation_failed");
    assert!(failed["process"]["generation_error"].is_string());
    assert!(snapshots(&trial, &id, CURRENT).await.is_empty());
}

#[tokio::test]
async fn the_wishes_for_a_proposal_show_in_it() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let automated = async |wish: &str| {
        let fields =
            json!({ "transformation_aggressiveness": wish, "custom_guidance": "keep the mailbox" });
        call(
            &trial,
            "processes.generate_snapshot",
            &[&id, PROPOSAL],
            fields,
        )
        .await;
        trial.pass(60);
        let snapshot = live(&trial, &id, PROPOSAL).await;
        let shown = call(
            &trial,
            "processes.get_snapshot",
            &[&id, PROPOSAL, &snapshot],
            json!({}),
        )
        .await;
        let data = &shown["snapshot"]["data"];
        assert!(text(&data["summary"]).contains("keep the mailbox"));
        data["steps"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|step| step["nodeSubtype"] == "service")
            .count()
    };
    assert_eq!(
        (
            automated("none").await,
            automated("conservative").await,
            automated("aggressive").await
        ),
        (0, 2, 3)
    );
    let with_body = json!({ "custom_guidance": "x" });
    refuses(
        &trial,
        (400, "processes.generate_snapshot"),
        &[&id, CURRENT],
        with_body,
    )
    .await;
    let lost = json!({ "source_snapshot_id": NOBODY });
    refuses(
        &trial,
        (404, "processes.generate_snapshot"),
        &[&id, PROPOSAL],
        lost,
    )
    .await;
    refuses(
        &trial,
        (400, "processes.generate_snapshot"),
        &[&id, "draft"],
        json!({}),
    )
    .await;
}

#[tokio::test]
async fn snapshots_are_saved_promoted_and_archived() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let first = live(&trial, &id, CURRENT).await;
    let shown = call(
        &trial,
        "processes.get_snapshot",
        &[&id, CURRENT, &first],
        json!({}),
    )
    .await;
    let edit = json!({
        "steps": shown["snapshot"]["data"]["steps"],
        "baselineSnapshotId": first,
        "summary": "Edited",
        "swot": null,
    });
    let saved = call(
        &trial,
        "processes.save_snapshot",
        &[&id, CURRENT],
        edit.clone(),
    )
    .await;
    let second = text(&saved["snapshot"]["id"]);
    assert_eq!(saved["snapshot"]["creator_type"], "human");
    assert_eq!(saved["snapshot"]["parent_id"], first.as_str());
    assert_eq!(live(&trial, &id, CURRENT).await, second);

    let save = async |change: &dyn Fn(&mut Value)| {
        let mut fields = edit.clone();
        fields["baselineSnapshotId"] = second.as_str().into();
        change(&mut fields);
        trial
            .refused("processes.save_snapshot", &[&id, CURRENT], fields)
            .await
            .0
    };
    assert_eq!(
        save(&|fields| fields["baselineSnapshotId"] = first.as_str().into()).await,
        409,
        "stale"
    );
    assert_eq!(
        save(&|fields| fields["baselineSnapshotId"] = NOBODY.into()).await,
        404
    );
    assert_eq!(
        save(&|fields| fields["projectedImpact"] = "much".into()).await,
        400
    );
    assert_eq!(save(&|fields| fields["steps"] = json!([])).await, 400);
    assert_eq!(
        save(&|fields| fields["steps"][0]["targetSteps"][0]["stepId"] = "nowhere".into()).await,
        400
    );

    refuses(
        &trial,
        (409, "processes.promote_snapshot"),
        &[&id, CURRENT, &second],
        json!({}),
    )
    .await;
    let back = call(
        &trial,
        "processes.promote_snapshot",
        &[&id, CURRENT, &first],
        json!({}),
    )
    .await;
    assert_eq!(back["snapshot"]["status"], "live");
    call(
        &trial,
        "processes.promote_snapshot",
        &[&id, CURRENT, &second],
        json!({}),
    )
    .await;
    call(
        &trial,
        "processes.revert_snapshot",
        &[&id, CURRENT, &second],
        json!({}),
    )
    .await;
    assert_eq!(
        live(&trial, &id, CURRENT).await,
        first,
        "the newest historic one takes over"
    );
    refuses(
        &trial,
        (404, "processes.get_snapshot"),
        &[&id, CURRENT, &second],
        json!({}),
    )
    .await;
    // The other kind.
    refuses(
        &trial,
        (404, "processes.get_snapshot"),
        &[&id, PROPOSAL, &first],
        json!({}),
    )
    .await;
    let refused = trial
        .refused(
            "processes.revert_snapshot",
            &[&id, CURRENT, &first],
            json!({}),
        )
        .await;
    assert_eq!(refused.0, 409, "a proposal was made from it");
}

#[tokio::test]
async fn follow_up_and_automation_take_time() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let snapshot = live(&trial, &id, CURRENT).await;
    let fields = json!({ "type": CURRENT, "current_process_id": snapshot });
    call(&trial, "processes.postprocess", &[&id], fields.clone()).await;
    assert_eq!(read(&trial, &id).await["process"]["status"], "generating");
    // Busy; there is no 409 here.
    refuses(&trial, (400, "processes.postprocess"), &[&id], fields).await;
    trial.pass(30);
    assert_eq!(read(&trial, &id).await["process"]["status"], "review");
    refuses(
        &trial,
        (400, "processes.postprocess"),
        &[&id],
        json!({ "type": CURRENT }),
    )
    .await;
    let lost = json!({ "type": PROPOSAL, "transformation_proposal_id": NOBODY });
    refuses(&trial, (404, "processes.postprocess"), &[&id], lost).await;

    let run = call(&trial, "processes.build_automation", &[&id], json!({})).await;
    assert_eq!(run["automation_run"]["status"], "generating");
    let names = async || {
        call(&trial, "assignments.list", &[], json!({ "limit": 100 }))
            .await
            .to_string()
    };
    assert!(!names().await.contains("Invoice approval"));
    trial.pass(30);
    assert!(names().await.contains("Invoice approval"));
    assert_eq!(read(&trial, &id).await["process"]["status"], "complete");
    let empty = process(&trial, "Supplier onboarding").await;
    refuses(
        &trial,
        (400, "processes.build_automation"),
        &[&empty],
        json!({}),
    )
    .await;
}

#[tokio::test]
async fn summaries_are_of_finished_processes() {
    let trial = Trial::company().await;
    let all = call(&trial, "processes.list_summaries", &[], json!({})).await;
    assert_eq!(all["total"], 1);
    let one = &all["processes"][0];
    assert_eq!(one["roles"], json!(["Clerk", "Manager"]));
    assert_eq!(one["proposal"]["steps"].as_array().map(Vec::len), Some(7));
    let short = call(
        &trial,
        "processes.list_summaries",
        &[],
        json!({ "detail": "summary" }),
    )
    .await;
    assert_eq!(short["processes"][0]["proposal"]["steps"], json!([]));
    refuses(
        &trial,
        (400, "processes.list_summaries"),
        &[],
        json!({ "limit": 11 }),
    )
    .await;
}

#[tokio::test]
async fn an_import_answers_the_capture_that_a_proposal_asks_for() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let proposal = live(&trial, &id, PROPOSAL).await;
    let open = async || {
        call(
            &trial,
            "processes.list_capture_requests",
            &[&id, &proposal],
            json!({}),
        )
        .await
    };
    let request = text(&open().await["requests"][0]["id"]);
    let assign = async |request: &str, user: Value| {
        trial
            .send(
                "processes.assign_capture_request",
                &[&id, &proposal, request],
                json!({ "user_id": user }),
            )
            .await
            .status
    };
    assert_eq!(assign(&request, trial.me.as_str().into()).await, 200);
    assert_eq!(
        open().await["requests"][0]["requested_user_id"],
        trial.me.as_str()
    );
    assert_eq!(assign(&request, Value::Null).await, 200);
    assert_eq!(assign(&request, NOBODY.into()).await, 404);
    assert_eq!(assign(NOBODY, Value::Null).await, 404);
    refuses(
        &trial,
        (404, "processes.list_capture_requests"),
        &[&id, NOBODY],
        json!({}),
    )
    .await;

    let names = json!({ "file_name": "board.svg", "content_type": "image/svg+xml" });
    let mut wanted = names.clone();
    wanted["extra_capture_request_id"] = request.as_str().into();
    let address = call(
        &trial,
        "processes.create_import_url",
        &[&id],
        wanted.clone(),
    )
    .await;
    let capture = text(&address["capture_id"]);
    let complete = async |fields: &Value| {
        trial
            .send(
                "processes.complete_import",
                &[&id, &capture],
                fields.clone(),
            )
            .await
    };
    assert_eq!(complete(&names).await.status, 400, "nothing is uploaded");
    let target = text(&address["signed_url"]).replace(trial.simulator.url(), "");
    let put = async |media: &str, bytes: &'static str| {
        trial
            .raw(
                "PUT",
                &target,
                &[("content-type", media), ("authorization", "none")],
                bytes,
            )
            .await
            .status
    };
    assert_eq!(put("image/png", "<svg/>").await, 400, "another media type");
    assert_eq!(put("image/svg+xml", "no diagram").await, 200);
    assert_eq!(complete(&names).await.status, 400, "no SVG");
    assert_eq!(put("image/svg+xml", "<svg/>").await, 200);
    let other = json!({ "file_name": "other.svg", "content_type": "image/svg+xml" });
    assert_eq!(complete(&other).await.status, 400);
    let done = call(
        &trial,
        "processes.complete_import",
        &[&id, &capture],
        names.clone(),
    )
    .await;
    assert_eq!(
        (
            &done["capture"]["status"],
            &done["capture"]["documentFileName"]
        ),
        (&json!("complete"), &json!("board.svg"))
    );
    assert_eq!(complete(&names).await.status, 400, "twice");
    assert_eq!(open().await["requests"][0]["status"], "captured");
    // Answered already.
    refuses(&trial, (400, "processes.create_import_url"), &[&id], wanted).await;

    call(
        &trial,
        "processes.generate_snapshot",
        &[&id, PROPOSAL],
        json!({}),
    )
    .await;
    trial.pass(60);
    assert_eq!(open().await["requests"][0]["status"], "resolved");
    let next = live(&trial, &id, PROPOSAL).await;
    let asked = call(
        &trial,
        "processes.list_capture_requests",
        &[&id, &next],
        json!({}),
    )
    .await;
    assert_eq!(asked["total"], 0, "the gap is closed");
    assert_eq!(assign(&request, Value::Null).await, 400, "resolved");
}

#[tokio::test]
async fn imports_are_refused_when_wrong_or_too_large() {
    let trial = Trial::company().await;
    let id = process(&trial, "Supplier onboarding").await;
    let refused = async |name: &str, media: &str| {
        let fields = json!({ "file_name": name, "content_type": media });
        trial
            .refused("processes.create_import_url", &[&id], fields)
            .await
            .0
    };
    assert_eq!(refused("board.png", "image/svg+xml").await, 400);
    assert_eq!(refused("board.exe", "image/png").await, 400);
    let mut lost = json!({ "file_name": "a.png", "content_type": "image/png", "extra_capture_request_id": NOBODY });
    refuses(
        &trial,
        (404, "processes.create_import_url"),
        &[&id],
        lost.clone(),
    )
    .await;
    lost.as_object_mut()
        .unwrap()
        .remove("extra_capture_request_id");
    let address = call(&trial, "processes.create_import_url", &[&id], lost.clone()).await;
    let target = text(&address["signed_url"]).replace(trial.simulator.url(), "");
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.resize(21 * 1024 * 1024, 0);
    assert_eq!(
        trial
            .raw("PUT", &target, &[("content-type", "image/png")], bytes)
            .await
            .status,
        200
    );
    let capture = text(&address["capture_id"]);
    refuses(
        &trial,
        (413, "processes.complete_import"),
        &[&id, &capture],
        lost.clone(),
    )
    .await;
    refuses(
        &trial,
        (404, "processes.complete_import"),
        &[&id, NOBODY],
        lost.clone(),
    )
    .await;
    assert_eq!(
        trial
            .raw(
                "PUT",
                &target,
                &[("content-type", "image/png")],
                &b"\x89PNG\r\n\x1a\n"[..]
            )
            .await
            .status,
        200
    );
    call(&trial, "processes.complete_import", &[&id, &capture], lost).await;
    assert_eq!(read(&trial, &id).await["process"]["status"], "collecting");
}

#[tokio::test]
async fn a_new_invite_link_replaces_the_old_one() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let one = call(&trial, "processes.create_invite_link", &[&id], json!({})).await;
    let other = call(&trial, "processes.create_invite_link", &[&id], json!({})).await;
    assert_ne!(one["invite_link"]["url"], other["invite_link"]["url"]);
    let works = |link: &Value| {
        let token = text(&link["invite_link"]["url"])
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned();
        trial.simulator.state()["processes"]
            .to_string()
            .contains(&token)
    };
    assert!(works(&other) && !works(&one));
    refuses(
        &trial,
        (404, "processes.create_invite_link"),
        &[NOBODY],
        json!({}),
    )
    .await;
}

#[tokio::test]
async fn a_chat_proposes_a_patch_that_is_accepted_or_declined() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let baseline = live(&trial, &id, CURRENT).await;
    let message = |chat: &Value, content: &str| json!({ "conversation_id": chat, "snapshot_kind": CURRENT, "baseline_snapshot_id": baseline, "content": content });
    let sent = call(
        &trial,
        "processes.send_chat_message",
        &[&id],
        message(&Value::Null, "Mention the weekly payment run too"),
    )
    .await;
    let chat = sent["conversation"]["id"].clone();
    assert_eq!(sent["conversation"]["status"], "running");
    let again = message(&chat, "And something else as well");
    // In a turn.
    refuses(
        &trial,
        (409, "processes.send_chat_message"),
        &[&id],
        again.clone(),
    )
    .await;
    trial.pass(10);
    let shown = async || {
        call(
            &trial,
            "processes.list_chat_messages",
            &[&id, chat.as_str().unwrap()],
            json!({}),
        )
        .await
    };
    let state = shown().await;
    assert_eq!(state["conversation"]["status"], "waiting_for_patch");
    // Waits for a decision.
    refuses(
        &trial,
        (409, "processes.send_chat_message"),
        &[&id],
        again.clone(),
    )
    .await;
    let patch = text(&state["messages"][1]["id"]);
    let draft = text(&state["messages"][1]["body"]["draft_snapshot_id"]);
    assert!(
        snapshots(&trial, &id, CURRENT)
            .await
            .contains(&("draft".into(), draft.clone()))
    );
    refuses(
        &trial,
        (409, "processes.revert_snapshot"),
        &[&id, CURRENT, &draft],
        json!({}),
    )
    .await;

    let decide = async |message: &str, word: &str| {
        trial
            .send(
                "processes.decide_chat_patch",
                &[&id, message],
                json!({ "decision": word }),
            )
            .await
            .status
    };
    assert_eq!(decide(&patch, "maybe").await, 400);
    assert_eq!(decide(NOBODY, "accept").await, 404);
    assert_eq!(
        decide(&text(&sent["message"]["id"]), "accept").await,
        400,
        "no patch"
    );
    let decided = call(
        &trial,
        "processes.decide_chat_patch",
        &[&id, &patch],
        json!({ "decision": "accept" }),
    )
    .await;
    assert_eq!(decided["message"]["body"]["snapshot_id"], draft.as_str());
    assert_eq!(decided["conversation"]["status"], "open");
    assert_eq!(decide(&patch, "decline").await, 409, "decided");
    assert_eq!(live(&trial, &id, CURRENT).await, draft);
    let new = call(
        &trial,
        "processes.get_snapshot",
        &[&id, CURRENT, &draft],
        json!({}),
    )
    .await;
    assert!(text(&new["snapshot"]["data"]["summary"]).ends_with("weekly payment run too"));

    call(&trial, "processes.send_chat_message", &[&id], again).await;
    trial.pass(10);
    let patch = text(&shown().await["messages"][3]["id"]);
    call(
        &trial,
        "processes.decide_chat_patch",
        &[&id, &patch],
        json!({ "decision": "decline" }),
    )
    .await;
    assert_eq!(live(&trial, &id, CURRENT).await, draft);
    assert!(
        !snapshots(&trial, &id, CURRENT)
            .await
            .iter()
            .any(|(status, _)| status == "draft")
    );
}

#[tokio::test]
async fn a_chat_answers_questions_and_asks_its_own() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let baseline = live(&trial, &id, PROPOSAL).await;
    let base = json!({ "conversation_id": null, "snapshot_kind": PROPOSAL, "baseline_snapshot_id": baseline });
    let with = |name: &str, value: Value, chat: &Value| {
        let mut fields = base.clone();
        fields["conversation_id"] = chat.clone();
        fields[name] = value;
        fields
    };
    let sent = call(
        &trial,
        "processes.send_chat_message",
        &[&id],
        with("content", "Why so many steps?".into(), &Value::Null),
    )
    .await;
    let chat = sent["conversation"]["id"].clone();
    trial.pass(10);
    let shown = async || {
        call(
            &trial,
            "processes.list_chat_messages",
            &[&id, chat.as_str().unwrap()],
            json!({}),
        )
        .await
    };
    assert_eq!(shown().await["conversation"]["status"], "open");
    assert_eq!(shown().await["messages"][1]["kind"], "text");
    let answers = json!({ "Which part do you mean?": "The summary" });
    let refused = async |fields: Value| {
        trial
            .refused("processes.send_chat_message", &[&id], fields)
            .await
            .0
    };
    assert_eq!(
        refused(with("answers", answers.clone(), &chat)).await,
        409,
        "nothing was asked"
    );
    assert_eq!(refused(base.clone()).await, 400, "neither text nor answers");
    assert_eq!(
        refused(with("answers", answers.clone(), &Value::Null)).await,
        400,
        "no conversation"
    );
    assert_eq!(
        refused(with("content", "x".into(), &NOBODY.into())).await,
        404
    );

    call(
        &trial,
        "processes.send_chat_message",
        &[&id],
        with("content", "Shorter please".into(), &chat),
    )
    .await;
    trial.pass(10);
    assert_eq!(shown().await["conversation"]["status"], "waiting_for_hitl");
    assert_eq!(
        refused(with("content", "The summary of it".into(), &chat)).await,
        409
    );
    assert_eq!(
        refused(with("answers", json!({ "What?": "x" }), &chat)).await,
        400
    );
    call(
        &trial,
        "processes.send_chat_message",
        &[&id],
        with("answers", answers, &chat),
    )
    .await;
    trial.pass(10);
    assert_eq!(shown().await["conversation"]["status"], "waiting_for_patch");

    let list = async |kind: &str| {
        call(
            &trial,
            "processes.list_conversations",
            &[&id],
            json!({ "snapshot_kind": kind }),
        )
        .await
    };
    assert_eq!(
        list(PROPOSAL).await["conversations"][0]["title"],
        "Why so many steps?"
    );
    assert_eq!(list(CURRENT).await["conversations"], json!([]));
    refuses(
        &trial,
        (400, "processes.list_conversations"),
        &[&id],
        json!({}),
    )
    .await;
    refuses(
        &trial,
        (404, "processes.list_chat_messages"),
        &[&id, NOBODY],
        json!({}),
    )
    .await;
}

#[tokio::test]
async fn a_process_of_version_1_has_calls_of_its_own() {
    let trial = Trial::company().await;
    let (old, new) = (
        process(&trial, "Goods receipt").await,
        process(&trial, "Invoice approval").await,
    );
    let shown = call(&trial, "processes.get_legacy", &[&old], json!({})).await;
    assert_eq!(
        (&shown["version"], &shown["status"]),
        (&json!(1), &json!("complete"))
    );
    let (status, envelope) = trial
        .refused("processes.get_legacy", &[&new], json!({}))
        .await;
    assert_eq!(
        (status, envelope.as_object().unwrap().len()),
        (404, 1),
        "`error` alone"
    );
    refuses(&trial, (404, "processes.get"), &[&old], json!({})).await;
}

#[tokio::test]
async fn labels_are_put_on_processes_and_taken_off() {
    let trial = Trial::company().await;
    let id = process(&trial, "Supplier onboarding").await;
    let available =
        async || call(&trial, "processes.list_available_labels", &[&id], json!({})).await;
    let known = available().await["data"][0]["id"].clone();
    let both = json!({ "labelIds": [known], "labels": [{ "value": "Pilot" }] });
    let borne = call(&trial, "processes.assign_labels", &[&id], both).await;
    assert_eq!(borne["labels"].as_array().map(Vec::len), Some(2));
    assert_eq!(borne["labels"][1]["colorHue"], 215);
    let same = call(
        &trial,
        "processes.assign_labels",
        &[&id],
        json!({ "labels": [{ "value": "pilot" }] }),
    )
    .await;
    assert_eq!(
        same["labels"].as_array().map(Vec::len),
        Some(2),
        "found by its text"
    );
    assert_eq!(available().await["total"], 1);
    let left = call(
        &trial,
        "processes.unlink_labels",
        &[&id],
        json!({ "labelIds": [known] }),
    )
    .await;
    assert_eq!(left["labels"][0]["value"], "Pilot");
    assert_eq!(
        call(&trial, "processes.list_labels", &[&id], json!({})).await["labels"],
        left["labels"]
    );
    let refused = async |verb: &str, fields: Value| trial.refused(verb, &[&id], fields).await.0;
    assert_eq!(refused("processes.assign_labels", json!({})).await, 400);
    assert_eq!(
        refused("processes.assign_labels", json!({ "labelIds": [NOBODY] })).await,
        404
    );
    assert_eq!(
        refused("processes.unlink_labels", json!({ "labelIds": [NOBODY] })).await,
        404
    );
    refuses(&trial, (404, "processes.list_labels"), &[NOBODY], json!({})).await;
}

#[tokio::test]
async fn the_calls_of_the_guide_work_in_their_own_shapes() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let first = live(&trial, &id, CURRENT).await;
    call(&trial, "processes.generate_current", &[&id], json!({})).await;
    refuses(
        &trial,
        (409, "processes.generate_proposal"),
        &[&id],
        json!({}),
    )
    .await;
    trial.pass(60);
    let old = call(&trial, "processes.get_current", &[&id, &first], json!({})).await;
    assert_eq!(old["snapshot"]["parent_current_process_id"], Value::Null);
    call(
        &trial,
        "processes.promote_current",
        &[&id, &first],
        json!({}),
    )
    .await;
    assert_eq!(live(&trial, &id, CURRENT).await, first);

    let both = json!({ "current_process_id": first, "regenerate_from": first });
    refuses(&trial, (400, "processes.generate_proposal"), &[&id], both).await;
    call(
        &trial,
        "processes.generate_proposal",
        &[&id],
        json!({ "current_process_id": first }),
    )
    .await;
    call(&trial, "processes.stop_proposal", &[&id], json!({})).await;
    refuses(&trial, (409, "processes.stop_proposal"), &[&id], json!({})).await;
    call(&trial, "processes.generate_proposal", &[&id], json!({})).await;
    trial.pass(60);
    let all = snapshots(&trial, &id, PROPOSAL).await;
    let (new, old) = (all[0].1.clone(), all[1].1.clone());
    let shown = call(&trial, "processes.get_proposal", &[&id, &new], json!({})).await;
    assert_eq!(
        shown["snapshot"]["clarity_current_process_id"],
        first.as_str()
    );
    call(
        &trial,
        "processes.promote_proposal",
        &[&id, &old],
        json!({}),
    )
    .await;
    call(&trial, "processes.revert_proposal", &[&id, &old], json!({})).await;
    assert_eq!(live(&trial, &id, PROPOSAL).await, new);
    refuses(
        &trial,
        (404, "processes.get_proposal"),
        &[&id, &old],
        json!({}),
    )
    .await;
    let spare = snapshots(&trial, &id, CURRENT)
        .await
        .into_iter()
        .find(|(status, _)| status == "historic")
        .unwrap()
        .1;
    call(
        &trial,
        "processes.revert_current",
        &[&id, &spare],
        json!({}),
    )
    .await;
    refuses(
        &trial,
        (404, "processes.revert_current"),
        &[&id, &spare],
        json!({}),
    )
    .await;
}

#[tokio::test]
async fn the_calls_of_the_guide_can_be_gone() {
    let trial = Trial::with(|settings| settings.deprecated = Deprecated::Gone).await;
    let id = process(&trial, "Invoice approval").await;
    let first = live(&trial, &id, CURRENT).await;
    let section = crate::catalog::section("processes").unwrap();
    let old: Vec<_> = section
        .endpoints
        .iter()
        .filter(|endpoint| !endpoint.in_spec)
        .collect();
    assert_eq!(old.len(), 9);
    for endpoint in old {
        let path = [id.as_str(), first.as_str()];
        let path = &path[..endpoint.params.len()];
        refuses(&trial, (404, endpoint.name), path, json!({})).await;
    }
}
