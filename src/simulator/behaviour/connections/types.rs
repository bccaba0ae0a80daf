//! The connection types: those that the catalog allows as `integration_slug`, and custom servers.

use serde_json::{Value, json};
use uuid::Uuid;

use super::life::paged;
use super::rows::Kind;
use crate::catalog::Kind as ShapeKind;
use crate::simulator::behaviour::Outcome;
use crate::simulator::request::Request;
use crate::simulator::world::World;

/// Types that need no connection.
pub(super) const BUILT_IN: [&str; 6] = [
    "browser-agent",
    "exa",
    "human-in-the-loop",
    "case-queue-producer",
    "case-queue-consumer",
    "handover",
];

/// Fills in the built-in connection types: those that the catalog allows.
pub(crate) fn add_kinds(world: &mut World) {
    let probe = crate::catalog::by_name("connections.probe").and_then(|entry| entry.body.as_ref());
    let field = probe.and_then(|body| {
        body.fields
            .iter()
            .find(|field| field.name == "integration_slug")
    });
    let Some(ShapeKind::Choice(slugs)) = field.map(|field| field.shape.kind) else {
        return;
    };
    for slug in slugs.iter().map(|slug| slug.trim_matches('"')) {
        world.connections.kinds.add(Kind {
            id: Uuid::new_v5(&Uuid::NAMESPACE_URL, slug.as_bytes()),
            slug: slug.into(),
            name: titled(slug),
            is_custom: false,
            team_id: None,
            server_url: None,
            auth_method: None,
            created_at: world.now,
        });
    }
}

/// `case-queue-consumer` is shown as `Case Queue Consumer`.
pub(super) fn titled(slug: &str) -> String {
    let words = slug.split(['-', '_']).map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters).collect()
        })
    });
    words.collect::<Vec<String>>().join(" ")
}

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let wanted = request.asked("type");
    let kinds = world.connections.kinds.iter().filter(|kind| {
        kind.team_id.is_none_or(|owner| owner == team)
            && wanted.is_none_or(|wanted| kind.slug == wanted)
    });
    paged(request, kinds.map(|kind| kind_view(kind, team)).collect())
}

pub(super) fn kind_view(kind: &Kind, team: Uuid) -> Value {
    let provider = match (kind.is_custom, BUILT_IN.contains(&kind.slug.as_str())) {
        (true, _) => "user",
        (_, true) => "system",
        _ => "native",
    };
    let mut view = json!({
        "id": kind.id,
        "name": kind.name,
        "type": kind.slug,
        "provider": provider,
        "user_id": null,
        "team_id": team,
        "auth_method": kind.auth_method,
        "created_at": kind.created_at,
        "updated_at": kind.created_at,
    });
    if let Some(url) = &kind.server_url {
        view["server_url"] = url.clone().into();
        view["custom_integration_id"] = kind.id.to_string().into();
    }
    view
}
