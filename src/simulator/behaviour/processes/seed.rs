//! Three processes for the first team: one worked out, one empty, one of version 1.

use uuid::Uuid;

use super::generation;
use super::rows::{
    Boldness, Capture, CaptureStatus, Kind, Line, Source, Status, Task, add_process,
};
use crate::simulator::world::World;

/// Adds the processes of the first team, if its organization has them to show.
pub(in crate::simulator::behaviour) fn seed(world: &mut World) {
    let Some(team) = world
        .teams
        .teams
        .iter()
        .find(|team| team.organization_id.is_some())
    else {
        return;
    };
    let team = team.id;
    let invoices = add_process(world, team, "Invoice approval");
    interview(world, invoices);
    document(world, invoices, "Approval limits.pdf");
    generated(world, invoices, Kind::CurrentProcess);
    generated(world, invoices, Kind::TransformationProposal);
    add_process(world, team, "Supplier onboarding");
    let old = add_process(world, team, "Goods receipt");
    document(world, old, "Goods receipt.pdf");
    if let Some(process) = world.processes.rows.get_mut(old) {
        (process.version, process.status) = (1, Status::Complete);
    }
}

/// Generates a snapshot at once.
fn generated(world: &mut World, process: Uuid, kind: Kind) {
    let source = world
        .processes
        .live(process, Kind::CurrentProcess)
        .map(|one| one.id);
    let snapshot = generation::add_blank(world, process, kind, [source, None]);
    let task = match kind {
        Kind::CurrentProcess => Task::Current { snapshot },
        Kind::TransformationProposal => Task::Proposal {
            snapshot,
            boldness: Boldness::Aggressive,
            guidance: None,
        },
    };
    generation::finish(world, process, task);
}

fn interview(world: &mut World, process: Uuid) {
    let person = world.teams.name_of(world.me).unwrap_or("Clerk").to_owned();
    let line = |source, speaker: &str, message: &str| Line {
        source,
        speaker: speaker.into(),
        message: message.into(),
    };
    let transcript = vec![
        line(
            Source::Ai,
            "Interviewer",
            "What happens when an invoice arrives?",
        ),
        line(
            Source::User,
            &person,
            "I compare it with the order, line by line.",
        ),
        line(Source::Ai, "Interviewer", "Who approves it?"),
        line(
            Source::User,
            &person,
            "Above 1,000 EUR my manager does; small ones I post myself.",
        ),
    ];
    add(world, process, "interview", None, transcript);
}

fn document(world: &mut World, process: Uuid, name: &str) {
    add(world, process, "document", Some(name.into()), Vec::new());
}

fn add(
    world: &mut World,
    process_id: Uuid,
    kind: &str,
    file_name: Option<String>,
    transcript: Vec<Line>,
) {
    let id = world.dice.id();
    world.processes.captures.add(Capture {
        id,
        process_id,
        user_id: world.me,
        kind: kind.into(),
        file_name,
        transcript,
        video_transcript: None,
        status: CaptureStatus::Complete,
        created_at: world.now,
        updated_at: world.now,
        import: None,
    });
}
