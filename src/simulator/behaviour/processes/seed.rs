//! What a scenario's processes are at the start: those with an interview are worked out, and one of
//! version 1 stands beside them, which nothing in a scenario file can declare.

use uuid::Uuid;

use super::generation;
use super::rows::{
    Boldness, Capture, CaptureStatus, Kind, Line, Source, Status, Task, add_process,
};
use super::views::is_usable;
use crate::simulator::world::World;

/// Works out the processes of a scenario; one of version 1 is for the first team of an organization.
pub(in crate::simulator::behaviour) fn seed(world: &mut World) {
    let has_captures = |id: Uuid| world.processes.captures_of(id).any(is_usable);
    for process in world.processes.rows.ids(|process| has_captures(process.id)) {
        generated(world, process, Kind::CurrentProcess);
        generated(world, process, Kind::TransformationProposal);
    }
    let teams = &world.teams.teams;
    let with_organization = teams.ids(|team| team.organization_id.is_some());
    let Some(team) = with_organization.first().copied() else {
        return;
    };
    let old = add_process(world, team, "Goods receipt");
    add_document(world, old, "Goods receipt.pdf");
    if let Some(process) = world.processes.rows.get_mut(old) {
        (process.version, process.status) = (1, Status::Complete);
    }
}

/// Generates a snapshot at once.
fn generated(world: &mut World, process: Uuid, kind: Kind) {
    let current = world.processes.live(process, Kind::CurrentProcess);
    let source = current.map(|one| one.id);
    let snapshot = generation::add_blank(world, process, kind, [source, None]);
    let task = match kind {
        Kind::CurrentProcess => Task::Current { snapshot },
        Kind::TransformationProposal => Task::Proposal {
            snapshot,
            boldness: Boldness::default(),
            guidance: None,
        },
    };
    generation::finish(world, process, task);
}

/// Adds a finished interview, said by interviewer and user in turns.
pub(crate) fn add_interview(world: &mut World, process: Uuid, talk: &[String]) {
    let person = world.teams.name_of(world.me).unwrap_or("User").to_owned();
    let speakers = [(Source::Ai, "Interviewer"), (Source::User, &person)];
    let lines = talk.iter().zip(speakers.into_iter().cycle());
    let transcript = lines.map(|(message, (source, speaker))| Line {
        source,
        speaker: speaker.into(),
        message: message.clone(),
    });
    let capture = blank(world, process, "interview");
    let transcript = transcript.collect();
    world.processes.captures.add(Capture {
        transcript,
        ..capture
    });
    if let Some(process) = world.processes.rows.get_mut(process) {
        process.status = Status::Collecting;
    }
}

fn add_document(world: &mut World, process: Uuid, name: &str) {
    let capture = blank(world, process, "document");
    world.processes.captures.add(Capture {
        file_name: Some(name.into()),
        ..capture
    });
}

fn blank(world: &mut World, process_id: Uuid, kind: &str) -> Capture {
    Capture {
        id: world.dice.id(),
        process_id,
        user_id: world.me,
        kind: kind.into(),
        file_name: None,
        transcript: Vec::new(),
        video_transcript: None,
        status: CaptureStatus::Complete,
        created_at: world.now,
        updated_at: world.now,
        import: None,
    }
}
