//! A small landscape for the first organization: two areas, the processes of its teams, loose captures.

use uuid::Uuid;

use super::labels::find_or_add;
use super::nodes;
use super::rows::{Link, LooseCapture, NodeKind};
use crate::simulator::behaviour::processes::{Line, Source};
use crate::simulator::world::World;

/// Lays out the landscape of the first organization, if there is one.
pub(in crate::simulator::behaviour) fn seed(world: &mut World) {
    let Some(organization) = world.organizations.rows.iter().next().map(|one| one.id) else {
        return;
    };
    let finance = nodes::add(world, organization, None, "Finance", NodeKind::Area);
    nodes::add(world, organization, None, "Supply", NodeKind::Area);
    let kind = NodeKind::Proposal {
        summary: Some("Pay what was approved, once a week".into()),
    };
    let payment = nodes::add(world, organization, Some(finance), "Payment run", kind);
    find_or_add(world, organization, "Month end", None);
    let label_id = find_or_add(world, organization, "High volume", Some(120));
    // The first of today's processes is placed; further ones are left to be sorted.
    let first = world
        .processes
        .rows
        .iter_mut()
        .find(|process| process.version == 2);
    if let Some(process) = first {
        let source = "human".into();
        process
            .labels
            .push(crate::simulator::behaviour::processes::Label { label_id, source });
        let (id, team, name) = (process.id, process.team_id, process.name.clone());
        let kind = NodeKind::Process { process: id, team };
        let node = nodes::add(world, organization, Some(finance), &name, kind);
        link(world, organization, [node, payment]);
    }
    capture(world, organization);
}

fn link(world: &mut World, organization_id: Uuid, [source_node_id, target_node_id]: [Uuid; 2]) {
    let (id, now) = (world.dice.id(), world.now);
    world.landscape.links.add(Link {
        id,
        organization_id,
        source_node_id,
        target_node_id,
        kind: "hands_off_to".into(),
        state: "suggested".into(),
        confidence: Some(0.8),
        rationale: Some("approved invoices are paid".into()),
        created_at: now,
        updated_at: now,
    });
}

fn capture(world: &mut World, organization_id: Uuid) {
    let line = |source, speaker: &str, message: &str| Line {
        source,
        speaker: speaker.into(),
        message: message.into(),
    };
    let capture = LooseCapture {
        id: world.dice.id(),
        organization_id,
        team_id: world.teams.teams.iter().next().map(|team| team.id),
        kind: "interview".into(),
        title: "Credit notes".into(),
        transcript: vec![
            line(
                Source::Ai,
                "Interviewer",
                "When do you issue a credit note?",
            ),
            line(
                Source::User,
                "Clerk",
                "When a customer returns goods or was charged too much.",
            ),
        ],
        node_id: None,
        created_at: world.now,
    };
    world.landscape.captures.add(capture);
}
